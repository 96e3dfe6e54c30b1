"""The framed link over SPI as a Stream: the host clocks, so it also clocks when the engine has something.

Each transfer is of ``CHUNK`` octets. Between frames either side sends zeros, which the readers
of frames pass over. An input ``ready`` says that the engine has something to say; where it is
not wired, each turn of the loop clocks one transfer.
"""

from fetchprint.engine.link_frames import copy
from fetchprint.port.native import micropython, ptr8

const = micropython.const

CHUNK = 256
"""Octets of a transfer: a frame in a slot of the default size."""
_WAITING = const(512)  # octets kept that came in while frames went out


@micropython.viper
def _pad(dst: ptr8, at: int, end: int):
    """Zeros."""
    while at < end:
        dst[at] = 0
        at += 1


@micropython.viper
def _silent(buf: ptr8, n: int) -> int:
    """Whether there is nothing but zeros."""
    i = 0
    while i < n:
        if int(buf[i]):
            return 0
        i += 1
    return 1


class SPIStream:
    """``bus`` as docs/architecture.md has it. ``ready``: whether that input is wired."""

    def __init__(self, bus, ready: bool):
        self.bus = bus
        self._ready = bus.input("ready") if ready else None
        self._fresh = False  # a transfer may be made although nobody says that it is due
        self._torn = False  # a frame goes on in the next transfer: zeros would spoil it
        self._tx = bytearray(CHUNK)
        self._rx = bytearray(CHUNK)
        self._in = bytearray(_WAITING)
        self._in_at = self._in_end = 0

    def poll(self, now: int):
        """Once in each poll of the driver."""
        self.bus.poll(now)
        self._fresh = True

    def readinto(self, buf, off: int, n: int):
        """See Stream in docs/architecture.md."""
        if self._in_at == self._in_end:
            ready = self._fresh if self._ready is None else self._ready.value()
            if not ready or self._torn:
                return None
            _pad(self._tx, 0, CHUNK)
            self._transfer()
        n = min(n, self._in_end - self._in_at)
        if not n:
            return None
        copy(buf, off, self._in, self._in_at, n)
        self._in_at += n
        return n

    def write(self, buf, off: int, n: int):
        if self._in_at == self._in_end:
            self._in_at = self._in_end = 0
        if self._in_end + CHUNK > _WAITING:
            return None  # what came in is read first
        self._torn = n > CHUNK
        n = min(n, CHUNK)
        copy(self._tx, 0, buf, off, n)
        _pad(self._tx, n, CHUNK)
        self._transfer()
        return n

    def _transfer(self):
        self._fresh = False
        if self._in_at == self._in_end:
            self._in_at = self._in_end = 0
        self.bus.exchange(self._tx, self._rx, 0, CHUNK)
        if not _silent(self._rx, CHUNK):
            copy(self._in, self._in_end, self._rx, 0, CHUNK)
            self._in_end += CHUNK

    def close(self):
        self.bus.close()
