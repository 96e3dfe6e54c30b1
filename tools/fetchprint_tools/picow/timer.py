"""The emulated timer, which passes sooner for a program that does nothing but look at it.

MicroPython's Wi-Fi driver waits a third of a second, all told, in loops that read the timer; each
turn of them is a thousand emulated instructions. The longer such a wait has lasted, the further the
clock goes on at each look, so that no wait comes out more than 1.6 % (and 200 us) too long.
"""

from __future__ import annotations

from typing import Any

from rp2040py.peripherals import timer as base

_LOOP_NANOS = 60_000
"""Looks further apart than this are not made by a waiting loop."""
_PART = 64
_MOST_NANOS = 200_000


class HastyTimer(base.RPTimer):
    """Made of an emulated RPTimer by ``hasten``."""

    _first = _last = -1.0 * _LOOP_NANOS
    _halves = 0

    def read_uint32(self, offset: int) -> int:
        # Who wants all 64 bits (high, low, high again) keeps time and does not wait.
        if offset == base.TIMERAWH:
            self._halves = 0 if self._halves == 2 else 1
        elif offset == base.TIMERAWL:
            if self._halves != 1:
                self._looked()
            self._halves = 2 if self._halves == 1 else 0
        return super().read_uint32(offset)

    def _looked(self) -> None:
        clock = self.clock
        now = clock.nanos
        if now - self._last > _LOOP_NANOS:
            self._first = now
        else:
            clock.tick(min((now - self._first) / _PART, _MOST_NANOS))
        self._last = clock.nanos


def hasten(mcu: Any) -> None:
    """Let the timer of ``mcu`` pass sooner for who waits for it."""
    mcu.timer.__class__ = HastyTimer
