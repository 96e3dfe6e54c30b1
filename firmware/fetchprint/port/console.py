"""Standard input on MicroPython, where whoever started the firmware asks it to stop."""

import select
import sys

from fetchprint.port import common

_IN = select.POLLIN


class InputStream(common.Stream):
    """Standard input, to be read only; made by ``Port.open_stdin``. Closing leaves it open."""

    def __init__(self, port):
        self._file = sys.stdin.buffer
        self._ready = select.poll()
        self._ready.register(self._file, _IN)
        common.Stream.__init__(self, port, self._file)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. One byte a call: a pipe's descriptor blocks here."""
        if self._file is None:
            raise OSError("stream is closed")
        for _ in self._ready.ipoll(0):
            self.want &= ~_IN
            return self._file.readinto(buf if not off else memoryview(buf)[off:], 1)
        self.want |= _IN
        return None

    def close(self) -> None:
        if self._file is not None:
            self.forget()
            self._file = None
