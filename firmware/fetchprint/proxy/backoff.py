"""How long to stay away after a failure."""

from fetchprint import ticks
from fetchprint.port.native import micropython

const = micropython.const

_FIRST_MS = const(500)
_LONGEST_MS = const(120000)  # a service that is down for hours is asked every two minutes
_LONGEST_ASKED_S = const(3600)  # a Retry-After beyond this is not obeyed


class Backoff:
    """Doubling waits with jitter, so that many devices do not come back in step."""

    def __init__(self, random):
        """``random``: the port's source of random bytes, ``random(n)``."""
        self._random = random
        self._delay = 0
        self._until = 0
        self._waiting = False

    def failed(self, now: int, retry_after: int = 0) -> int:
        """Note a failure; ``retry_after`` seconds is what the service asked for, 0 for nothing.
        Returns the milliseconds until ``ready``: half fixed, half by chance."""
        self._delay = min(max(self._delay * 2, _FIRST_MS), _LONGEST_MS)
        chance = self._random(2)
        half = self._delay >> 1
        ms = half + half * (chance[0] << 8 | chance[1]) // 65536
        if retry_after:
            ms = max(ms, min(retry_after, _LONGEST_ASKED_S) * 1000)
        self._until = ticks.add(now, ms)
        self._waiting = True
        return ms

    def ready(self, now: int) -> bool:
        """Whether the wait is over."""
        if self._waiting and ticks.diff(now, self._until) >= 0:
            self._waiting = False
        return not self._waiting

    def succeeded(self):
        """The service answers again."""
        self._delay = 0
        self._waiting = False
