"""The framed link's driver at work: lines a second with an engine that answers at once, and its heap.

What is measured is the driver alone: lines into frames, CRC, window, status. The engine here checks
nothing and prints nothing.
"""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import gc
import sys

from fetchprint import ticks
from fetchprint.engine import link_frames as frames
from fetchprint.engine import link_setup
from fetchprint.engine.link import FramedLink
from fetchprint.engine.link_spi import CHUNK, SPIStream

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

WIDTH = 576
STRIDE = WIDTH // 8
HEIGHT = 400
WINDOW = 2048
SLOT = 256
_STATUS = 21
_NOTHING = bytes(_STATUS + frames.OVERHEAD)
_CAPS = b"\1\1\0\7\0\1\0\xf6\x02\x40\0\xcb"


class Engine:
    """A Stream that takes each frame as it is written, whole or in two pieces."""

    def __init__(self):
        self.octets = 0
        self._say = bytearray(_STATUS + frames.OVERHEAD)
        self._left = 0
        self._hello = False
        self._due = False
        self._next = 0

    def write(self, buf, off, n):
        self.octets += n
        if self._left:
            self._left -= n
        elif buf[off] == frames.SYNC:
            kind = buf[off + 1]
            if kind >= frames.JOB_BEGIN:
                self._next = buf[off + 2] + 1 & 0xFF
            self._hello = kind == frames.HELLO
            self._due = True
            size = (buf[off + 3] << 8 | buf[off + 4]) + frames.OVERHEAD
            self._left = size - n if size > n else 0
        return n

    def readinto(self, buf, off, n):
        if not self._due:
            return None
        self._due = False
        say = self._say
        at = frames.HEAD
        if self._hello:
            self._hello = False
            say[at : at + len(_CAPS)] = _CAPS
            size = frames.close(say, 0, frames.CAPABILITIES, 0, len(_CAPS))
        else:
            say[at + 1] = 1
            say[at + 2] = 0
            say[at + 3] = 7
            say[at + 4] = say[at + 6] = self._next
            for i in range(7, _STATUS):
                say[at + i] = 0
            say[at + 14] = 0xFF  # credit
            size = frames.close(say, 0, frames.STATUS, 0, _STATUS)
        buf[: len(say)] = say
        return size


class Bus:
    """SPI with the engine as slave; READY is always wired."""

    def __init__(self, engine):
        self._engine = engine

    def poll(self, now):
        """Nothing to do."""

    def input(self, name):
        return self

    def value(self):
        return self._engine._due

    def exchange(self, tx, rx, off, n):
        if self._engine.readinto(rx, 0, n) is None:
            rx[: len(_NOTHING)] = _NOTHING
        self._engine.write(tx, 0, n)


def measure(ms: str):
    """For each port, pages of 576 dots for at least ``ms`` milliseconds; then the heap of one page."""
    port = Port()
    for name in ("uart", "spi"):
        engine = Engine()
        stream = engine if name == "uart" else SPIStream(Bus(engine), True)
        driver = FramedLink(stream, bytearray(WINDOW), SLOT, 7)
        while not driver.session.told:
            driver.poll(port.now())
        link_setup.describe(driver, driver.session.told)
        line = bytearray(range(STRIDE))
        while driver.begin_job() is None:
            driver.poll(port.now())
        page(port, driver, line)
        engine.octets = 0
        pages = 0
        start = port.now()
        while ticks.diff(port.now(), start) < int(ms):
            page(port, driver, line)
            pages += 1
        took = ticks.diff(port.now(), start)
        octets = engine.octets
        taken = None
        if hasattr(gc, "mem_alloc"):
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
            page(port, driver, line)
            taken = gc.mem_alloc() - before
            gc.enable()
        yield {
            "port": name,
            "lines": pages * HEIGHT,
            "ms": took,
            "octets": octets,
            "page-octets": pages * HEIGHT * STRIDE,
            "bytes-a-page": taken,
            "transfer": CHUNK,
        }


def page(port, driver, line):
    """One page, line by line as ``document.pipe`` does it, with the driver's turn where it waits."""
    while driver.begin_page(WIDTH, HEIGHT) is None:
        driver.poll(port.now())
    for _ in range(HEIGHT):
        while driver.line(line, 0, STRIDE) is None:
            driver.poll(port.now())
    while driver.end_page() is None:
        driver.poll(port.now())
