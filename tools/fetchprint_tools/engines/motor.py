"""The paper feed of an emulated engine: how many dot lines it could have moved by now."""

from __future__ import annotations

import math


class Motor:
    """``speed`` in dot lines a second, None for one that is never waited for.

    ``now`` is in seconds on any clock that does not go back. A motor that stands still saves
    up no movement: at most the line it is about to print.
    """

    def __init__(self, speed: float | None) -> None:
        if speed is not None and not speed > 0:
            raise ValueError(f"the speed must be more than 0 dot lines a second, not {speed}")
        self.speed = speed
        self._credit = math.inf if speed is None else 0.0
        self._clock: float | None = None

    def tick(self, now: float, running: bool) -> None:
        """Time has passed, during which the paper was waited for (``running``) or not."""
        if self.speed is not None and self._clock is not None:
            self._credit += max(0.0, now - self._clock) * self.speed
            if not running:
                self.rest()
        self._clock = now

    def rest(self) -> None:
        if self.speed is not None:
            self._credit = min(self._credit, 1.0)

    def reach(self, lines: int) -> int:
        """How many of ``lines`` can be moved now."""
        return lines if self._credit >= lines else int(self._credit)

    def move(self, lines: int) -> None:
        self._credit -= lines

    def wait(self) -> float | None:
        """Seconds until the next line can be moved; None when there is nothing to wait for."""
        return None if self.speed is None else max(0.0, 1.0 - self._credit) / self.speed + 0.005
