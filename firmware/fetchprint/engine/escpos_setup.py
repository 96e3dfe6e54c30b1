"""The settings of the ESC/POS driver, and the driver made from them. Needed at start-up only."""

from fetchprint.engine.escpos import CUT_JOB, CUT_NONE, CUT_PAGE, EscPos
from fetchprint.engine.escpos_link import BAUD, LINES_PER_SECOND
from fetchprint.port.native import micropython

const = micropython.const

_TX = const(2048)  # two raster bands

_CUTS = ("page", "job", "none")
_FLOWS = ("auto", "cts", "xonxoff", "pace")

SETTINGS = {
    "device": str,
    "width": 576,
    "dpi": 203,
    "buffer": 4096,
    "status": True,
    "flow": _FLOWS,
    "speed": LINES_PER_SECOND,
    "baud": BAUD,
    "cut": _CUTS,
    "guard": True,
    "drawer": False,
}
"""See ``config.check``: ``device`` is what the port's ``open_device`` takes, the others are as in
``EscPos``; ``flow`` "auto" is "cts", or "pace" where ``status`` is false."""


def make(settings, port):
    """The driver. ``settings`` has every key of SETTINGS."""
    return EscPos(
        port.open_device(settings["device"]),
        bytearray(_TX),
        width=settings["width"],
        dpi=settings["dpi"],
        buffer=settings["buffer"],
        status=settings["status"],
        flow=_FLOWS.index(settings["flow"]) - 1,
        speed=settings["speed"],
        baud=settings["baud"],
        cut=(CUT_PAGE, CUT_JOB, CUT_NONE)[_CUTS.index(settings["cut"])],
        guard=settings["guard"],
        drawer=settings["drawer"],
    )
