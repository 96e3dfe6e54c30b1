"""Time, chance and faults: everything else in the simulation asks here."""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable
from itertools import count

BEFORE = "before"
MIDDLE = "in the middle of"
AFTER = "after"
WHEN = (BEFORE, MIDDLE, AFTER)


class PowerCut(BaseException):
    """The device has lost power. No handler of the firmware catches it."""


class Failed(Exception):
    """The firmware broke a promise; the text says which."""


class World:
    """``now`` in milliseconds. ``cuts``: when power fails at which operation of the device, by its number
    from 1. The same seed and the same cuts give the same run."""

    def __init__(self, seed: int = 0, cuts: dict[int, str] | None = None, tracing: bool = False) -> None:
        self.now = 0
        self.random = random.Random(seed)
        self.cuts = cuts or {}
        self.operations = 0
        self.kinds: Counter[str] = Counter()
        self.tracing = tracing
        self.trace: list[str] = []
        self.actions: dict[int, Callable[[], None]] = {}
        """What else happens just before which operation."""
        self.happened: Counter[str] = Counter()
        """Faults that took place, by name."""
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()

    # -- time --

    def after(self, ms: int, action: Callable[[], None]) -> None:
        """Call ``action`` in ``ms`` milliseconds."""
        heapq.heappush(self._events, (self.now + ms, next(self._order), action))

    def sleep(self, ms: int) -> None:
        """Let time pass until something has happened, at most ``ms``."""
        until = self.now + ms
        if self._events and self._events[0][0] <= until:
            due = max(self.now, self._events[0][0])
            self.now = due
            while self._events and self._events[0][0] <= due:
                heapq.heappop(self._events)[2]()
        else:
            self.now = until

    def sleep_whole(self, ms: int) -> None:
        """Let all of ``ms`` pass."""
        until = self.now + ms
        while self.now < until:
            self.sleep(until - self.now)

    # -- faults --

    def operation(self, kind: str, what: str, act: Callable[[], None], half: Callable[[], None]) -> None:
        """Something of the device that a power cut may precede, hit or follow: ``act``; ``half`` is what of
        it has happened when power fails in the middle. Raises ``PowerCut``."""
        self.operations += 1
        self.kinds[kind] += 1
        action = self.actions.pop(self.operations, None)
        if action is not None:
            action()
        when = self.cuts.get(self.operations)
        if self.tracing:
            self.note(kind, what)
        if when is None:
            act()
            return
        if when == MIDDLE:
            half()
        elif when == AFTER:
            act()
        self.fault("power", f"cut {when} operation {self.operations}: {kind} {what}")
        raise PowerCut

    def fault(self, name: str, what: str) -> None:
        """Note that a fault takes place."""
        self.happened[name] += 1
        self.note(f"FAULT {name}", what)

    def note(self, who: str, what: str) -> None:
        """A line of the trace."""
        if self.tracing:
            self.trace.append(f"{self.now / 1000:10.3f}  {who:<9} {what}")
