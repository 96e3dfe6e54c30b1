"""XON and XOFF (ASCII DC1 and DC3) from the engine: a Stream over a Stream that obeys them.

An engine says XOFF while its buffer still has room for what is on its way: a hundred octets or
so. A port takes far more than that at once and cannot give it back, so no octet is handed to
it before the line has had the time to send those before it.
"""

from fetchprint import ticks
from fetchprint.port.native import micropython

const = micropython.const

_XON = const(0x11)
_XOFF = const(0x13)
_AHEAD = const(64)  # octets that may be under way when XOFF comes
_BITS = const(10)  # of an octet: start, eight, stop
_LONGEST_MS = const(100)  # of time that has passed unused; more would overflow a small int at 1 Mbaud


class XonXoff:
    """``readinto`` gives what the engine says without XON and XOFF, ``write`` obeys them, ``urgent`` does
    not: for octets that an engine takes at any time. ``held``: XOFF came last.

    ``poll`` tells it the time.
    """

    def __init__(self, port, baud: int):
        """``port``: the Stream of a line of ``baud`` bits a second."""
        self.held = False
        self._port = port
        self._baud = baud
        self._credit = 0  # octets that the line has had time for, times 1000 * _BITS
        self._now = -1

    def poll(self, now: int):
        """The time in ms, before ``write``."""
        if self._now >= 0:
            passed = min(ticks.diff(now, self._now), _LONGEST_MS)
            self._credit = min(self._credit + passed * self._baud, _AHEAD * 1000 * _BITS)
        self._now = now

    def readinto(self, buf, off: int, n: int):
        """As a Stream; None also when there was nothing but XON and XOFF."""
        got = self._port.readinto(buf, off, n)
        if not got:
            return got
        kept = off
        for i in range(off, off + got):
            octet = buf[i]
            if octet == _XON or octet == _XOFF:
                self.held = octet == _XOFF
            else:
                buf[kept] = octet
                kept += 1
        return kept - off or None

    def write(self, buf, off: int, n: int):
        """As a Stream; None while the engine has said XOFF and while the line is behind."""
        n = min(n, self._credit // (1000 * _BITS))
        if self.held or n <= 0:  # urgent octets may have taken more than there was
            return None
        return self.urgent(buf, off, n)

    def urgent(self, buf, off: int, n: int):
        """Like ``write``, whatever the engine has said."""
        count = self._port.write(buf, off, n)
        if count:
            self._credit -= count * 1000 * _BITS
        return count
