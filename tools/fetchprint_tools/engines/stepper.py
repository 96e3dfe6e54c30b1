"""A paper feed's stepper motor: what it does when it is led too fast, or left alone at speed."""

from __future__ import annotations

from collections.abc import Callable

PULL_IN = 300.0
"""Lines a second at which it starts and stops at once."""
MAXIMUM = 700.0
"""Lines a second that it reaches at all."""
ACCELERATION = 9000.0
"""Lines a second, a second: the most by which it gains or loses speed."""

_ORDER = {(0, 0): 0, (0, 1): 1, (1, 1): 2, (1, 0): 3}
"""The directions of the two windings in the order of full steps forward."""
_AT_REST_US = 20_000
"""A rotor that has had no step for this long has come to rest, somehow."""


class Stepper:
    """``steps`` a line. A step that the rotor cannot follow is missed: ``moved`` tells of those that count.

    ``warn`` is told what went wrong.
    """

    def __init__(self, steps: int, warn: Callable[[str], None]) -> None:
        self.steps = steps
        self.missed = 0
        self.fastest = 0.0
        """The highest speed so far, in lines a second."""
        self.on = False
        self._warn = warn
        self._phase = 0
        self._rate = 0.0
        self._at = 0

    def switch(self, on: bool, now: int) -> None:
        """The windings are switched on or off."""
        if self.on and not on:
            self._come_to_rest(now, "was switched off")
        self.on = on

    def turn(self, a: int, b: int, now: int) -> int:
        """The windings' directions change at ``now`` (microseconds); by how many steps the paper moves."""
        phase = _ORDER[bool(a), bool(b)]
        by = (phase - self._phase) % 4
        self._phase = phase
        if by == 0:
            return 0
        if not self.on or by == 2:
            return 0
        return self._follow(now) if by == 1 else -1

    def rest(self, now: int) -> None:
        """Time has passed; a motor that ran too fast to stop at once has slipped."""
        if self._rate and now - self._at > _AT_REST_US:
            self._come_to_rest(now, "was left alone")

    def _follow(self, now: int) -> int:
        apart = max(1, now - self._at)
        rate = 1_000_000 / (apart * self.steps)
        before, self._at = self._rate, now
        if rate > PULL_IN and (
            rate > MAXIMUM or rate > max(PULL_IN, before) + ACCELERATION * apart / 1_000_000 + 1
        ):
            self._rate = 0.0
            self.missed += 1
            self._warn(f"motor: missed a step from {before:.0f} to {rate:.0f} lines/s")
            return 0
        if before > PULL_IN and rate < before - ACCELERATION / (before * self.steps) - 1:
            self._rate = 0.0
            self.missed += 1
            self._warn(f"motor: slipped when it was slowed from {before:.0f} to {rate:.0f} lines/s")
            return 0
        self._rate = rate
        self.fastest = max(self.fastest, rate)
        return 1

    def _come_to_rest(self, now: int, how: str) -> None:
        if self._rate > PULL_IN:
            self.missed += 1
            self._warn(f"motor: slipped, it {how} at {self._rate:.0f} lines/s")
        self._rate = 0.0
