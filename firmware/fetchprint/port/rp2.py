"""The port for the RP2040 and RP2350 boards with Wi-Fi."""

import sys

import machine

from fetchprint.port import board

_CTRL = 0x40058000  # of the watchdog (RP2040 datasheet 4.7.6; RP2350 datasheet 12.9.7)
_CTRL_2350 = 0x400D8000


class Port(board.Port):
    """See ``board.Port``."""

    tls_in_heap = True

    def _writer(self, uart, size):
        return uart.write

    def _disarm(self):
        # machine.WDT cannot be stopped, and the board would be reset under its user's hands.
        machine.mem32[_CTRL_2350 if "RP2350" in sys.implementation._machine else _CTRL] = 0
