"""The settings of the framed link's driver, and the driver made from them. Needed at start-up only."""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine.link import FramedLink
from fetchprint.engine.link_frames import OVERHEAD
from fetchprint.engine.link_session import CAPS_FIXED, u16
from fetchprint.port.native import micropython

const = micropython.const

SETTINGS = {
    "device": str,
    "port": ("uart", "spi"),
    "hz": 10000000,
    "ready": True,
    "window": 2048,
    "slot": 256,
    "patience": 30,
}
"""See ``config.check``. ``device`` is what the port's ``open_device`` or ``open_bus`` takes. ``hz``: the
clock of SPI; ``ready``: whether the engine's READY line is wired there. ``window``: octets of frames on
their way, in slots of ``slot`` octets, a frame each. ``patience``: seconds in which the engine has to
tell its capabilities at start-up."""

_TURN_MS = const(20)
_SHORTEST = const(32)  # octets of payload that each engine takes
_MAKE, _DEVICE_ID, _LANGUAGE, _IDENTIFY, _MEDIUM = range(1, 6)  # texts in the capabilities
_BLACK_1 = const(1)  # a bit of its raster types


def make(settings, port):
    """The driver, once its engine has told what it is. ``settings`` has every key of SETTINGS.

    Raises EngineError when the engine stays silent.
    """
    slot = settings["slot"]
    if slot < _SHORTEST + OVERHEAD or settings["window"] < slot:
        raise base.EngineLocalError("slot: a number from %d to that of window" % (_SHORTEST + OVERHEAD))
    device = settings["device"]
    if settings["port"] == "spi":
        from fetchprint.engine.link_spi import SPIStream

        stream = SPIStream(port.open_bus(device, settings["hz"]), settings["ready"])
    else:
        stream = port.open_device(device)
    driver = FramedLink(stream, bytearray(settings["window"]), slot, u16(port.random(2), 0) or 1)
    session = driver.session
    began = port.now()
    while session.told is None:
        now = port.now()
        driver.poll(now)
        if driver.fault is not None or ticks.diff(now, began) > settings["patience"] * 1000:
            raise base.EngineError(
                "the engine at %s has not told its capabilities: %s"
                % (device, driver.fault or "%d s of silence" % settings["patience"])
            )
        port.wait(_TURN_MS)
    describe(driver, session.told)
    session.told = b""
    return driver


def describe(driver, told):
    """Set the driver's capabilities from those that the engine has told; EngineError for impossible ones."""
    width = u16(told, 8)
    dpi = u16(told, 10)
    longest = u16(told, 6)
    if not told[1] & _BLACK_1:
        raise base.EngineError("the engine takes no raster of one bit a dot")
    if not width or not dpi or longest < _SHORTEST:
        raise base.EngineError(
            "impossible capabilities: %d dots, %d dpi, frames of %d octets" % (width, dpi, longest)
        )
    driver.width = width
    driver.resolution = dpi
    driver.window.room = min(driver.window.room, longest)
    driver.make_and_model = b"Engine on a framed link"
    languages = []
    actions = []
    media = []
    at = CAPS_FIXED
    while at + 2 <= len(told):
        kind = told[at]
        end = at + 2 + told[at + 1]
        text = told[at + 2 : end]
        if end > len(told):
            raise base.EngineError("the text at octet %d of the capabilities is cut short" % at)
        if kind == _MAKE:
            driver.make_and_model = text
        elif kind == _DEVICE_ID:
            driver.device_id = text
        elif kind == _LANGUAGE:
            languages.append(text)
        elif kind == _IDENTIFY:
            actions.append(text)
        elif kind == _MEDIUM:
            media.append(_medium(text))
        at = end
    driver.identify_actions = tuple(actions)
    driver.media = tuple(media) or base.rolls(width, dpi)
    driver.formats = (b"image/pwg-raster",) + tuple(languages)


def _medium(text):
    """A name and six numbers with blanks between, as ``base.Engine.media`` has them."""
    words = text.split()
    try:
        if len(words) == 7:
            return (words[0],) + tuple([int(word) for word in words[1:]])
    except ValueError:
        pass
    raise base.EngineError("%r in the capabilities is no medium" % text)
