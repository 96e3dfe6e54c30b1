"""The print engine at the other end: it takes octets, prints them as fast as its paper moves, and has its
own power. What it has taken it prints, whatever becomes of the device."""

from __future__ import annotations

from typing import Any

from fetchprint_tools.simulate.jobs import TOKENS
from fetchprint_tools.simulate.world import World

ROOM = 128
_RATE = 4
_STEP_MS = 10
"""Octets printed at each step of the motor, and its time."""


class Printer:
    """``paper``: everything printed, from the first octet on. ``empty``: no paper; ``broken``: it says that
    it cannot go on with this job. ``settings``: those of the driver in the firmware's configuration;
    ``raster``: documents are printed line by line; ``confirms``: what the driver reports printed is on paper,
    whatever happens."""

    confirms = True

    def __init__(self, world: World, raster: bool) -> None:
        self.raster = raster
        self.settings: dict[str, Any] = {
            "driver": "fetchprint_tools.simulate.seam",
            "device": "raster" if raster else "pass",
        }
        self.paper = bytearray()
        self.queue = bytearray()
        self.empty = False
        self.broken = False
        self._world = world
        self._moving = False

    @property
    def pages(self) -> int:
        """Pages printed since power-on."""
        return self.paper.count(b"\f")

    def whole(self, name: bytes) -> bytes:
        """A page on paper; see ``jobs.token``."""
        return name * TOKENS + b"\f"

    def turn(self) -> None:
        """It moves by itself."""

    def wait(self, ms: int) -> int:
        """How long nothing happens here, at most ``ms``."""
        return ms

    def unplugged(self) -> None:
        """What it has taken it prints, whatever becomes of the device."""

    @property
    def still(self) -> bool:
        """Nothing is left to print."""
        return not self.queue

    def take(self, data: bytes) -> None:
        """Octets for the queue; there must be room."""
        self.queue += data
        self._start()

    def set_paper(self, there: bool) -> None:
        """Someone puts paper in, or it runs out."""
        self._world.fault("engine", "paper is in" if there else "out of paper")
        self.empty = not there
        self._start()

    def set_broken(self) -> None:
        """It cannot go on with the job that it has."""
        self._world.fault("engine", "breaks off")
        self.broken = True

    def _start(self) -> None:
        if self.queue and not self._moving and not self.empty:
            self._moving = True
            self._world.after(_STEP_MS, self._print)

    def _print(self) -> None:
        self._moving = False
        if not self.empty:
            self.paper += self.queue[:_RATE]
            del self.queue[:_RATE]
            self._start()
