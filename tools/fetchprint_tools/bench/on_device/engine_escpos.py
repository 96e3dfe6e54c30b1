"""ESC/POS for ``bench_engine``: every request is answered at once."""

# mypy: ignore-errors
# (MicroPython runs it)

from fetchprint.engine.escpos import CUT_NONE, EscPos


class Sink:
    """A Stream that takes everything and answers GS r and DLE EOT."""

    def __init__(self):
        self.octets = 0
        self._answers = bytearray(64)
        self._n = 0

    def write(self, buf, off, n):
        self.octets += n
        last = off + n
        if n == 3 and buf[off] == 0x10:
            self._answers[self._n] = 0x12
            self._n += 1
        elif buf[last - 3] == 0x1D and buf[last - 2] == 0x72:
            self._answers[self._n] = 0
            self._n += 1
        return n

    def readinto(self, buf, off, n):
        if not self._n:
            return None
        n = self._n
        for i in range(n):
            buf[off + i] = self._answers[i]
        self._n = 0
        return n


def rig():
    sink = Sink()
    return EscPos(sink, bytearray(4096), cut=CUT_NONE), sink
