"""The framed link over SPI: the host clocks, a READY line says when the engine has something to say."""

from __future__ import annotations

from fetchprint_tools.engine_check.adapter import Adapter
from fetchprint_tools.engine_check.kits.link import engine
from fetchprint_tools.engines.link.controller import SMALLEST

ADAPTER = Adapter(
    make=engine,
    driver="link",
    settings={"port": "spi"},
    small_buffer=SMALLEST,
    baud=None,
    flow=False,
    without={"lost-bytes": "what is carried here is the bench's frames, not the octets on the bus"},
)
