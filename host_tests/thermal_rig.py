"""The thermal driver, the document pipe and the emulated mechanism on one bench with a virtual clock."""

from __future__ import annotations

from collections.abc import Callable

from document_samples import Source

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base, thermal_setup
from fetchprint.port.bench import Bus
from fetchprint_tools.engines.paper import MemoryPaper
from fetchprint_tools.engines.thermal import ThermalMechanism

RASTER = b"image/pwg-raster"
NARROW = {"width": 384, "resistance": 176, "volts": 9000, "dots": 64}
"""A 58 mm head for two battery cells."""


class Rig:
    """Everything on one clock; ``turn`` moves all of it on. Also the port and the stream of the bus."""

    def __init__(self, **settings: int) -> None:
        whole = {**thermal_setup.SETTINGS, "device": "", **settings}
        self.width = int(whole["width"])
        self.paper = MemoryPaper(self.width)
        self.mechanism = ThermalMechanism(whole, self.paper)
        self.milliseconds = 0
        self._answers = b""
        self.driver = thermal_setup.engine(whole, Bus(self, self, whole["hz"]))
        self.pipe = Pipe(self.driver)

    # the stream

    def write(self, buf: bytes, off: int, n: int) -> int:
        self.mechanism.receive(bytes(buf[off : off + n]), 0.0)
        self._answers += self.mechanism.transmit()
        return n

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        piece, self._answers = self._answers[:n], self._answers[n:]
        buf[off : off + len(piece)] = piece
        return len(piece) or None

    # the port

    def now(self) -> int:
        return ticks.add(0, self.milliseconds)

    def wait(self, ms: int) -> None:
        raise AssertionError("the mechanism answers at once")

    # a test's

    def turn(self, milliseconds: int = 1) -> None:
        self.milliseconds += milliseconds
        self.driver.poll(self.now())

    def until(self, condition: Callable[[], object], seconds: float = 60, step: int = 1) -> None:
        end = self.milliseconds + seconds * 1000
        while not condition():
            assert self.milliseconds < end, "in vain"
            self.turn(step)

    def ready(self) -> Rig:
        self.until(lambda: not self.driver.reasons & base.STOPS)
        return self

    def start(self, data: bytes, piece: int = 1460) -> None:
        self.pipe.start(Source(data, piece), RASTER)

    def poll(self) -> bool:
        return bool(self.pipe.poll(self.now()))

    def print(self, data: bytes, step: int = 1) -> None:
        self.start(data)
        self.until(self.poll, 600, step)
