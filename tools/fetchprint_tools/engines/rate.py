"""A serial line's speed: how many bytes it could have carried by now."""

from __future__ import annotations

_BITS = 10
"""Of a byte on the line: start, eight, stop."""

_SHIFT = 16.0
"""Bytes that may come at once after a pause: what a UART holds."""


class LineRate:
    """``baud`` in bits a second, None for a line that is never waited for. ``now`` is in seconds on any
    clock that does not go back. An idle line saves nothing up but the UART's own buffer."""

    def __init__(self, baud: int | None) -> None:
        if baud is not None and baud < 1:
            raise ValueError(f"the speed of a line must be at least 1 baud, not {baud}")
        self.baud = baud
        self._credit = _SHIFT
        self._clock: float | None = None

    def reach(self, now: float, count: int, waiting: bool) -> int:
        """How many of ``count`` bytes can be carried by ``now``; ``waiting``: they have been there since
        the last call, so that the whole time since then counts."""
        if self.baud is None:
            return count
        if self._clock is not None:
            self._credit += max(0.0, now - self._clock) * self.baud / _BITS
            if not waiting:
                self._credit = min(self._credit, _SHIFT)
        self._clock = now
        return min(count, int(self._credit))

    def carry(self, count: int) -> None:
        """``count`` bytes have been carried."""
        if self.baud is not None:
            self._credit -= count

    def wait(self) -> float:
        """Seconds until there can be a handful of bytes more."""
        return 0.0 if self.baud is None else max(0.001, (_SHIFT - self._credit) * _BITS / self.baud)
