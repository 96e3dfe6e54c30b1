"""The print engine at the other end: it takes octets, prints them as fast as its paper moves, and has its
own power. What it has taken it prints, whatever becomes of the device."""

from __future__ import annotations

from fetchprint_tools.simulate.world import World

ROOM = 128
_RATE = 4
_STEP_MS = 10
"""Octets printed at each step of the motor, and its time."""


class Printer:
    """``paper``: everything printed, from the first octet on. ``empty``: no paper; ``broken``: it says that
    it cannot go on with this job."""

    def __init__(self, world: World) -> None:
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
