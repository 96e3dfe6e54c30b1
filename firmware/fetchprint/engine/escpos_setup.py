"""The settings of the ESC/POS driver, and the driver made from them. Needed at start-up only."""

from fetchprint.engine.escpos import EscPos
from fetchprint.port.native import micropython

const = micropython.const

_TX = const(2048)  # two raster bands

SETTINGS = {"device": str, "width": 576, "dpi": 203, "buffer": 4096, "status": True}
"""See ``config.check``: ``device`` is what the port's ``open_device`` takes."""


def make(settings, port):
    """The driver. ``settings`` has every key of SETTINGS."""
    return EscPos(
        port.open_device(settings["device"]),
        bytearray(_TX),
        width=settings["width"],
        dpi=settings["dpi"],
        buffer=settings["buffer"],
        status=settings["status"],
    )
