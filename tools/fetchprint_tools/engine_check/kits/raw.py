"""Raw: nothing is known of the engine but that it takes octets."""

from __future__ import annotations

from fetchprint_tools.engine_check.adapter import Adapter, of_ours

_SILENT = "the engine says nothing, so nothing can be known of it"

ADAPTER = Adapter(
    make=of_ours("raw"),
    settings={"formats": "application/pdf"},
    mime="application/pdf",
    document=bytes(range(256)) * 20,
    without={
        "paper-out": _SILENT,
        "cover-open": _SILENT,
        "lost-bytes": "a lost octet is not noticed by anybody",
        "power-loss": _SILENT,
        "unsolicited": "what the engine says means nothing",
    },
)
