"""Milliseconds that wrap.

The period keeps every value a small int on 32-bit MicroPython (31 bits with sign),
so that comparing times never allocates. Spans up to half the period (74 hours)
can be compared.
"""

PERIOD = 1 << 29
_HALF = PERIOD >> 1
_MASK = PERIOD - 1
_OLD = 600000


def add(t: int, ms: int) -> int:
    """The time ``ms`` milliseconds (-74 h to 74 h) after ``t``."""
    return (t + ms) & _MASK


def diff(later: int, earlier: int) -> int:
    """Milliseconds from ``earlier`` to ``later``; negative when ``later`` comes first."""
    return ((later - earlier + _HALF) & _MASK) - _HALF


def past(now: int, then: int) -> int:
    """``then``, or ten minutes ago when that was longer ago: asked for now and then, a moment in the past
    does not become one in the future after 74 hours."""
    return then if 0 <= diff(now, then) < _OLD else add(now, -_OLD)
