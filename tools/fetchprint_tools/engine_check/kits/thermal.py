"""A bare thermal head: wires instead of a stream, and no buffer at all."""

from __future__ import annotations

from fetchprint_tools.engine_check.adapter import Adapter, of_ours

ADAPTER = Adapter(
    make=of_ours("thermal"),
    speed=600.0,
    slow=250.0,  # the driver's own speed: the slowest is where its motor starts
    baud=None,
    flow=False,
    without={
        "lost-bytes": "the wires of a head carry no frames of which one could be lost",
        "full-buffer": "the head has no buffer",
        "unsolicited": "a head says nothing",
    },
)
