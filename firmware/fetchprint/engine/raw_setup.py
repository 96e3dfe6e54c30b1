"""The settings of the raw driver, and the driver made from them. Needed at start-up only."""

from fetchprint.engine import base
from fetchprint.engine.raw import Raw

SETTINGS = {
    "device": str,
    "formats": "application/octet-stream",
    "make_and_model": "Generic raw",
    "device_id": "MFG:Generic;MDL:Raw;",
}
"""See ``config.check``: ``device`` is what the port's ``open_device`` takes, ``formats`` the MIME types
that the engine understands, the preferred one first, with commas between."""


def make(settings, port):
    """The driver. ``settings`` has every key of SETTINGS."""
    formats = tuple([each.strip().encode() for each in settings["formats"].split(",") if each.strip()])
    for each in formats:
        if each.count(b"/") != 1:
            raise base.EngineLocalError("engine.formats: %s is no MIME type" % each.decode())
    if not formats:
        raise base.EngineLocalError("engine.formats: name at least one MIME type")
    return Raw(
        port.open_device(settings["device"]),
        formats,
        settings["make_and_model"].encode(),
        settings["device_id"].encode(),
    )
