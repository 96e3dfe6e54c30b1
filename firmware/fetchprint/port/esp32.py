"""The port for the ESP32 family."""

import machine

from fetchprint.port import board

_NEVER_MS = 0x7FFFFFFF  # 24 days: the task watchdog cannot be stopped, but set anew


class _Writer:
    """machine.UART of this chip waits in ``write`` until everything is in its buffer, for ever where
    the engine holds CTS. So no more is written than surely has room: ``size`` bytes after the
    line was seen idle."""

    def __init__(self, uart, size):
        self._uart = uart
        self._size = size
        self._given = 0

    def write(self, buf, off, n):
        if self._given and self._uart.txdone():
            self._given = 0
        room = self._size - self._given
        if n > room:
            n = room
        if n:
            self._given += self._uart.write(buf, off, n)
        return n


class Port(board.Port):
    """See ``board.Port``."""

    def _writer(self, uart, size):
        return _Writer(uart, size).write

    def _disarm(self):
        machine.WDT(timeout=_NEVER_MS)
