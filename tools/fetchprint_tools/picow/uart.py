"""The emulated UART, with what rp2040py's own leaves out: a line that takes its time.

rp2040py 0.3.6 takes bytes instantly and holds the transmit interrupt raised for ever, which hangs
MicroPython's ``machine.UART``. Here bytes leave one by one at the baud rate, the FIFO fills up,
its interrupt comes when it has run half empty (PrimeCell UART PL011, ARM DDI 0183), and RTS and CTS work.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rp2040py.peripherals import uart as base

_FIFO = 32
_TX_LEVEL = 16
"""UARTIFLS as it is after reset: half."""
_BITS = 10
"""On the line for one byte: start, eight, stop."""
_RTSEN, _CTSEN = 1 << 14, 1 << 15
_BUSY = 1 << 3


class LineUart(base.RPUART):
    """Made of an emulated RPUART by ``mend``."""

    transmit: Callable[[int], None]
    ready: Callable[[], bool]

    def begin(self, transmit: Callable[[int], None], ready: Callable[[], bool]) -> None:
        self.transmit = transmit
        self.ready = ready
        self.sent: deque[int] = deque()
        self.coming: deque[int] = deque()
        self.overruns = 0
        self._tx_alarm = self.rp2040.clock.create_alarm(self._shift_out)
        self._rx_alarm = self.rp2040.clock.create_alarm(self._shift_in)
        self._shifting = self._receiving = False

    def reset(self) -> None:
        super().reset()
        self.sent.clear()

    @property
    def _byte_nanos(self) -> float:
        divider = self.baud_divider
        return 1e9 * _BITS / self.baud_rate if divider else 1e6

    # -- to the engine ----------------------------------------------------------------------------

    def _shift_out(self) -> None:
        self._shifting = False
        if not self.sent:
            return
        if self._ctrl_register & _CTSEN and not self.ready():
            self._tx_start()  # look again a byte later
            return
        self.transmit(self.sent.popleft())
        if len(self.sent) == _TX_LEVEL or (not self.fifos_enabled and not self.sent):
            self._interrupt_status |= base.UARTTXINTR
            self.check_interrupts()
        if self.sent:
            self._tx_start()

    def _tx_start(self) -> None:
        if not self._shifting:
            self._shifting = True
            self._tx_alarm.schedule(self._byte_nanos)

    # -- from the engine --------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Bytes that the engine says; they come one by one."""
        self.coming.extend(data)
        self._rx_start()

    def _rx_start(self) -> None:
        if self.coming and not self._receiving:
            self._receiving = True
            self._rx_alarm.schedule(self._byte_nanos)

    def _shift_in(self) -> None:
        self._receiving = False
        if not self.coming:
            return
        if self.rx_fifo.full:
            if self._ctrl_register & _RTSEN:
                self._rx_start()
                return
            self.overruns += 1
            self.coming.popleft()
        elif self.enabled and self.rx_enabled:
            self.feed_byte(self.coming.popleft())
        else:
            self.coming.popleft()  # nobody listens
        self._rx_start()

    # -- registers --------------------------------------------------------------------------------

    def check_interrupts(self) -> None:
        self.rp2040.set_interrupt(self.irq, bool(self._interrupt_status & self._interrupt_mask))

    @property
    def flags(self) -> int:
        full = base.RXFF if self.rx_fifo.full else 0
        empty = base.RXFE if self.rx_fifo.empty else 0
        if not self.sent:
            return full | empty | base.TXFE
        return full | empty | _BUSY | (_TXFF if len(self.sent) >= self._depth else 0)

    @property
    def _depth(self) -> int:
        return _FIFO if self.fifos_enabled else 1

    def write_uint32(self, offset: int, value: int) -> None:
        if offset != base.UARTDR:
            super().write_uint32(offset, value)
            return
        if len(self.sent) < self._depth and self.enabled and self.tx_enabled:
            self.sent.append(value & 0xFF)
            self._tx_start()


_TXFF = 1 << 5


def mend(uart: base.RPUART, transmit: Callable[[int], None], ready: Callable[[], bool]) -> LineUart:
    """Give ``uart`` a line: ``transmit(byte)`` gets what leaves, ``ready()`` is the engine's CTS."""
    uart.__class__ = LineUart
    assert isinstance(uart, LineUart)
    uart.begin(transmit, ready)
    return uart
