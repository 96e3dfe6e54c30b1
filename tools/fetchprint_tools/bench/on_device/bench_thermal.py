"""A page through the thermal head's driver: the interpreter's time, the bus's time, and what it allocates.

The bus takes no time of the interpreter's to speak of, and adds up the time that its wires would take.
"""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import gc
import sys

from fetchprint import ticks
from fetchprint.engine import thermal_setup

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

HEIGHT = 1600
STRIDE = 72


class Wires:
    """A bus with a head on it that is always ready."""

    def __init__(self, khz: int) -> None:
        self.us = 0
        self.spi = 0
        self._khz = khz

    def poll(self, now: int) -> None:
        pass

    def write(self, buf, off: int, n: int) -> None:
        us = n * 8000 // self._khz
        self.spi += us
        self.us = ticks.add(self.us, us)

    def output(self, name: str, value: int = 0):
        return self

    def input(self, name: str):
        return self

    def analogue(self, name: str):
        return Steady(52400 if name == "supply" else 32768)

    def ticks_us(self) -> int:
        return self.us

    def wait_until(self, us: int) -> None:
        if ticks.diff(us, self.us) > 0:
            self.us = us

    def set(self, value: int) -> None:
        pass

    def pulse(self, us: int) -> None:
        self.us = ticks.add(self.us, us)

    def value(self) -> int:
        return 0


class Steady:
    """An analogue input."""

    def __init__(self, value: int) -> None:
        self._value = value

    def read(self) -> int:
        return self._value


def page(engine, lines) -> None:
    """One page, as the pipe gives it."""
    engine.begin_page(576, HEIGHT)
    y = 0
    while y < HEIGHT:
        if engine.line(lines[y & 15], 0, STRIDE):
            y += 1
        else:
            engine.poll(0)
    while engine.end_page() is None:
        engine.poll(0)


def measure():
    """A page of text (one dot in eight), and one all black."""
    port = Port()
    settings = dict(thermal_setup.SETTINGS)
    settings["device"] = ""
    text = []
    for y in range(16):
        line = bytearray(STRIDE)
        for i in range(y & 1, STRIDE, 2):
            line[i] = 0x18
        text.append(line)
    for what, lines in (("text", text), ("black", [b"\xff" * STRIDE] * 16)):
        bus = Wires(settings["hz"] // 1000)
        engine = thermal_setup.engine(settings, bus)
        engine.poll(0)
        engine.begin_job()
        page(engine, lines)
        taken = 0
        if sys.implementation.name == "micropython":
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
            page(engine, lines)
            taken = gc.mem_alloc() - before
            gc.enable()
        start, us, bus.spi = port.now(), bus.us, 0
        page(engine, lines)
        ms = max(1, ticks.diff(port.now(), start))
        yield {
            "page": what,
            "lines": HEIGHT,
            "interpreter-ms": ms,
            "paper-us": ticks.diff(bus.us, us),
            "spi-us": bus.spi,
            "bytes": taken,
        }
