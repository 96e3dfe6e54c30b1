"""Serial lines: a pty whose other end the firmware opens, and a tty that exists already."""

from __future__ import annotations

import os
import termios
import tty
from pathlib import Path

from fetchprint_tools.errors import UserError

_READ = 64 * 1024


class LineDown(Exception):
    """The other end of a serial line is gone."""


class SerialLine:
    """A non-blocking descriptor with a queue of what is still to be written.

    ``read`` never gives more than it is asked for: what is left stays with the kernel, which
    stops the writer when its own buffer is full, as RTS/CTS stops a UART.
    """

    def __init__(self, descriptor: int, name: str) -> None:
        self.name = name
        self._descriptor = descriptor
        self._queue = bytearray()
        os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        return self._descriptor

    @property
    def queued(self) -> int:
        """Bytes written here that the other side has not taken."""
        return len(self._queue)

    def read(self, limit: int = _READ) -> bytes:
        """Up to ``limit`` bytes, none when nothing waits; LineDown when the other side hung up."""
        try:
            data = os.read(self._descriptor, limit)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise LineDown(f"{self.name} failed: {error.strerror}") from error
        if not data:
            raise LineDown(f"{self.name} hung up")
        return data

    def write(self, data: bytes) -> None:
        self._queue += data
        self.flush()

    def flush(self) -> None:
        """Write what the other side takes now."""
        while self._queue:
            try:
                count = os.write(self._descriptor, self._queue)
            except BlockingIOError:
                return
            except OSError as error:
                raise LineDown(f"{self.name} failed: {error.strerror}") from error
            del self._queue[:count]

    def close(self) -> None:
        os.close(self._descriptor)


class Pty(SerialLine):
    """The engine's end of a new pty in raw mode; ``device`` is the path for the firmware."""

    def __init__(self) -> None:
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        # Kept open, so that the line stays up (and raw) while the firmware is not on it.
        self._theirs = theirs
        self.device = os.ttyname(theirs)
        super().__init__(ours, self.device)

    def close(self) -> None:
        os.close(self._theirs)
        super().close()


def open_tty(path: Path) -> SerialLine:
    """The existing tty or pty at ``path``, set to raw mode."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as error:
        raise UserError(f"cannot open the device: {error.strerror}", where=str(path)) from error
    if not os.isatty(descriptor):
        os.close(descriptor)
        raise UserError("this is no serial device", where=str(path), hint="give a tty or pty")
    try:
        tty.setraw(descriptor)
    except termios.error as error:
        os.close(descriptor)
        raise UserError(f"cannot set the device to raw mode: {error}", where=str(path)) from error
    return SerialLine(descriptor, str(path))
