"""The settings of the thermal head's driver, and the driver made from them. Needed at start-up only."""

from fetchprint.engine import base
from fetchprint.engine.thermal import Thermal
from fetchprint.engine.thermal_head import Head
from fetchprint.engine.thermal_heat import Heat
from fetchprint.engine.thermal_motor import Motor

SETTINGS = {
    "device": str,
    "port": ("spi",),
    "width": 576,
    "dpi": 203,
    "hz": 10000000,
    "queue": 64,
    "burst": 60,
    "energy": 260,
    "resistance": 650,
    "volts": 30000,
    "dots": 192,
    "steps": 2,
    "start": 240,
    "speed": 600,
    "ramp": 24,
    "feed": 120,
}
"""See ``config.check``. The defaults are those of an 80 mm head for 24 V; a 58 mm head for two battery cells
has ``width`` 384, ``resistance`` 176, ``volts`` 9000, ``dots`` 64. ``device`` is what the port's ``open_bus``
takes (on a board it names the pins, see ``port/board_bus.py``), ``hz`` the SPI's clock, ``queue`` the lines
held, ``burst`` the milliseconds for which the paper moves and the rest of the firmware waits; ``energy`` in
uJ a dot, ``resistance`` in ohms, ``volts`` the supply in mV that reads as full scale, ``dots`` how many it
can heat at once; ``steps`` of the motor a line, ``start`` and ``speed`` in lines a second, ``ramp`` and
``feed`` (to the tear bar) in lines."""


def make(settings, port):
    """The driver. ``settings`` has every key of SETTINGS."""
    width = settings["width"]
    if width % 8 or not 0 < width < 8192:
        raise base.EngineLocalError("a head of %d dots: give a multiple of 8 below 8192" % width)
    if settings["dots"] < 8 or settings["queue"] < 2:
        raise base.EngineLocalError("engine: dots must be 8 or more, queue 2 or more")
    return engine(settings, port.open_bus(settings["device"], settings["hz"]))


def engine(settings, bus) -> Thermal:
    """The driver on a bus that is there."""
    heat = Heat(settings["energy"], settings["resistance"], settings["volts"])
    motor = Motor(settings["steps"], settings["start"], settings["speed"], settings["ramp"])
    head = Head(bus, heat, motor, settings["width"], settings["queue"], settings["dots"], settings["burst"])
    return Thermal(bus, head, width=settings["width"], dpi=settings["dpi"], feed=settings["feed"])
