"""ESC/POS: a receipt printer that goes on after an opened cover, and answers what nobody asked."""

from __future__ import annotations

from typing import Any

from fetchprint_tools.engine_check.adapter import Adapter, of_ours


def _unsolicited(engine: Any) -> None:
    """Answers to DLE EOT as raster can provoke them, Automatic Status Back, XON and XOFF."""
    for said in (b"\x12\x12", b"\x1e", b"\x10\x00\x00\x00", b"\x13\x11", b"\x16"):
        engine.say(said)


ADAPTER = Adapter(
    make=of_ours("escpos"),
    settings={"width": 576},
    mime="application/vnd.epson.escpos",
    document=b"\x1b@A receipt\n" * 20,
    unsolicited=_unsolicited,
)
