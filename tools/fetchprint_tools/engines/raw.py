"""An emulated engine for the raw driver: takes bytes at a pace, keeps none, says nothing.

What each job sent is in its ``engine.bin``, as with every engine; there is no paper to look at.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable

from fetchprint_tools.engines.motor import Motor
from fetchprint_tools.engines.paper import NullPaper, Paper
from fetchprint_tools.engines.steps import DATA, PAPER, STOPPED

LINE = 72
"""Bytes that count as one dot line for the speed: those of an 80 mm head."""


class RawEngine:
    """The engine; ``now`` is in seconds on any clock that does not go back.

    ``buffer_size`` in bytes. ``speed``: lines of 72 bytes a second, None for as fast as bytes come.
    """

    width = 8
    idle = re.compile(b"")  # nothing comes between jobs

    def __init__(self, buffer_size: int = 4096, speed: float | None = None) -> None:
        if buffer_size < 1:
            raise ValueError("the buffer must hold at least one byte")
        self.paper: Paper = NullPaper()
        self.warnings: list[str] = []
        self.warning_count = 0
        self.blocked = DATA
        self.dropped = 0
        self.received = 0
        self.taken = 0
        """Bytes that were processed."""
        self.stopped = False
        self.powered = True
        self._size = buffer_size
        self._waiting = 0
        self._marks: deque[tuple[int, Callable[[], None]]] = deque()
        self._motor = Motor(None if speed is None else speed * LINE)

    @property
    def room(self) -> int:
        """Bytes that fit into the buffer now; 0 without power."""
        return self._size - self._waiting if self.powered else 0

    @property
    def waiting(self) -> int:
        """Bytes in the buffer."""
        return self._waiting

    def receive(self, data: bytes, now: float) -> None:
        self._motor.tick(now, self.blocked == PAPER)
        fits = min(len(data), self.room)
        self.received += len(data)
        self.dropped += len(data) - fits
        self._waiting += fits

    def transmit(self) -> bytes:
        """Nothing: such an engine has no language for it."""
        return b""

    def mark(self, action: Callable[[], None]) -> None:
        """Call ``action`` when everything received until now has been processed."""
        self._marks.append((self.taken + self._waiting, action))

    def advance(self, now: float) -> None:
        self._motor.tick(now, self.blocked == PAPER)
        if self.powered and not self.stopped:
            count = self._motor.reach(self._waiting)
            self._motor.move(count)
            self._waiting -= count
            self.taken += count
        self._call()
        stopped = self.stopped or not self.powered
        self.blocked = STOPPED if stopped else PAPER if self._waiting else DATA
        if self.blocked != PAPER:
            self._motor.rest()

    def wait(self) -> float | None:
        """Seconds until ``advance`` has something to do by itself; None: not before something comes."""
        return self._motor.wait() if self.blocked == PAPER else None

    def finish(self) -> None:
        """The end of the run: what is not yet processed is dropped, all marks are called."""
        self._call(math.inf)

    def _call(self, until: float | None = None) -> None:
        while self._marks and self._marks[0][0] <= (self.taken if until is None else until):
            self._marks.popleft()[1]()

    def off_line(self, off: bool = True) -> None:
        """It takes nothing out of its buffer: what stopped it, nobody is told."""
        self.stopped = off

    def power(self, on: bool) -> None:
        """Without power the buffer is lost."""
        if self.powered and not on:
            self.taken += self._waiting
            self._waiting = 0
        self.powered = on
