"""A Source whose first octets can be looked at before anyone takes them."""

from fetchprint.port.native import micropython

const = micropython.const

GZIP = b"\x1f\x8b"
"""How a gzip document begins (RFC 1952 section 2.3.1)."""

ROOM = const(8)
"""Octets that can be looked at."""


class Peek:
    """``start`` with a Source, ``look`` until it is True; then ``head[:n]`` are its first octets, and the
    Peek is a Source that begins with them."""

    def __init__(self):
        self.head = bytearray(ROOM)
        self.n = 0
        self._source = None
        self.buf = self.head
        self.pos = self.end = 0

    def start(self, source):
        """Begin with ``source``, of which nothing has been taken."""
        self._source = source
        self.buf = self.head
        self.n = self.pos = self.end = 0

    def look(self, now: int):
        """True once there are ROOM octets, or all that the source has; None for not now."""
        source = self._source
        while self.n < ROOM:
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return None
                if n == 0:
                    break
            self.head[self.n] = source.buf[source.pos]
            self.n += 1
            source.pos += 1
        self.end = self.n
        return True

    def begins(self, octets) -> bool:
        """Whether the source begins with ``octets``."""
        if self.n < len(octets):
            return False
        for i in range(len(octets)):
            if self.head[i] != octets[i]:
                return False
        return True

    def fill(self, now: int):
        """See Source. From the second time on, the octets stay where the source has them."""
        source = self._source
        if self.buf is not self.head:
            source.pos = source.end
        if source.pos == source.end:
            n = source.fill(now)
            if not n:
                return n
        self.buf = source.buf
        self.pos = source.pos
        self.end = source.end
        return self.end - self.pos
