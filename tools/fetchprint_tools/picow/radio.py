"""The wire to the emulated radio, a transfer at a time.

rp2040py clocks each bit of this wire through a PIO program, its pins and their listeners, which takes
a minute for the radio's firmware alone. What MicroPython's driver starts is always one whole transfer
(cyw43_bus_pio_spi.c: DMA brings the words, the state machine is switched on, both are waited for). So
when that state machine is switched on, the words go to the radio at once, the answer into memory, and
the board's clock goes on by what the transfer lasts.
"""

from __future__ import annotations

from typing import Any

from rp2040py.external.cyw43 import bus as gspi
from rp2040py.peripherals.dma import BUSY, INCR_READ, IRQ_QUIET, RPDMAChannel
from rp2040py.peripherals.peripheral import ATOMIC_NORMAL, atomic_update
from rp2040py.peripherals.pio_registers import CTRL, FDEBUG

_DATA, _CLOCK = 24, 29
"""The radio's GPIOs on a Pico W."""
_OUT_BASE_MASK = 0x1F
_SIDESET_SHIFT = 10
_TXSTALL_SHIFT = 24
_CYCLES = 2
"""Instructions of the program for one bit."""
_CYCLE_NANOS = 8
_RAM, _RAM_END = 0x20000000, 0x20042000


class Shortcut:
    """In the place of the PIO block whose registers it passes on, but for the transfers to ``bus``."""

    def __init__(self, mcu: Any, number: int, bus: gspi.GSPIBus) -> None:
        self._mcu = mcu
        self._pio = mcu.pio[number]
        self._number = number
        self._bus = bus
        self._done = 0
        self._read = self._pio.read_uint32

    def read_uint32(self, offset: int) -> int:
        value: int = self._read(offset)
        return value | self._done if offset == FDEBUG else value

    def write_uint32_atomic(self, offset: int, value: int, atomic_type: int) -> None:
        if offset == CTRL:
            wanted = value
            if atomic_type != ATOMIC_NORMAL:
                wanted = atomic_update(self._read(CTRL), atomic_type, value)
            for machine in self._pio.machines:
                bit = 1 << machine.index
                if wanted & bit and not machine.enabled and self._is_radio(machine):
                    self._pio.write_uint32_atomic(CTRL, wanted & ~bit, ATOMIC_NORMAL)
                    self._transfer(machine)
                    return
        self._pio.write_uint32_atomic(offset, value, atomic_type)

    @staticmethod
    def _is_radio(machine: Any) -> bool:
        pins = machine.pin_ctrl
        return (pins & _OUT_BASE_MASK, pins >> _SIDESET_SHIFT & _OUT_BASE_MASK) == (_DATA, _CLOCK)

    def _transfer(self, machine: Any) -> None:
        mcu = self._mcu
        index = machine.index
        to_radio, from_radio = 8 * self._number + index, 8 * self._number + 4 + index
        sent = bytearray()
        while not machine.tx_fifo.empty:
            sent += machine.tx_fifo.pull().to_bytes(4, "big")
        received = None
        for channel in mcu.dma.channels:
            if channel.active and channel.treq == to_radio:
                sent += self._take(channel)
                _finish(channel)
            elif channel.active and channel.treq == from_radio:
                received = channel
        mcu.dma.set_dreq(to_radio)
        answer = self._exchange(bytes(sent))
        octets = len(sent)
        if received is not None:
            size = 4 * received._trans_count
            octets += size
            self._put(received._write_addr, answer[:size].ljust(size, b"\0"))
            _finish(received)
        self._done |= 1 << (_TXSTALL_SHIFT + index)
        mcu.clock.tick(8 * octets * _CYCLES * _CYCLE_NANOS * machine.div_fp / 256)

    def _take(self, channel: RPDMAChannel) -> bytes:
        """What it still has to bring, as it lies in memory: the words are turned round on their way,
        and go out most significant bit first."""
        assert channel._ctrl & INCR_READ
        start, size = channel._read_addr, 4 * channel._trans_count
        if start >= _RAM and start + size <= _RAM_END:
            return bytes(self._mcu.sram[start - _RAM : start - _RAM + size])
        read = self._mcu.read_uint32
        return b"".join(read(at).to_bytes(4, "little") for at in range(start, start + size, 4))

    def _put(self, start: int, data: bytes) -> None:
        assert start >= _RAM and start + len(data) <= _RAM_END
        self._mcu.sram[start - _RAM : start - _RAM + len(data)] = data

    def _exchange(self, sent: bytes) -> bytes:
        """One transfer, octets in the order of the wire; see the bus for what they mean."""
        bus = self._bus
        words = [bus._word(int.from_bytes(sent[at : at + 4], "big")) for at in range(0, len(sent), 4)]
        command = gspi._decode_header(words[0])
        if command.write:
            value = gspi._words_to_value(words[1:], command.size)
            bus.write_register(command.function, command.address, command.size, value)
            return b""
        bus._start_response(command)
        answer, bus._response_bytes = bus._response_bytes, b""
        return answer


def _finish(channel: RPDMAChannel) -> None:
    """As after its last word."""
    channel.transfer_alarm.cancel()
    channel._trans_count = 0
    channel._ctrl &= ~BUSY
    if not channel._ctrl & IRQ_QUIET:
        channel.dma.int_raw |= 1 << channel.index
        channel.dma.check_interrupts()


class _Idle(dict[int, Any]):
    """The PIO blocks by number. The emulation asks each of them after every instruction whether it
    runs; here there is none to ask, which saves it an eighth of its time."""

    def __init__(self, blocks: Any) -> None:
        super().__init__()
        self._blocks = tuple(blocks)

    def __missing__(self, number: int) -> Any:
        return self._blocks[number]


def shorten(mcu: Any, bus: gspi.GSPIBus) -> None:
    """Let the transfers of ``mcu`` to ``bus`` go the short way. No other PIO program runs then."""
    for number, block in enumerate((0x50200, 0x50300)):
        mcu.peripherals[block] = Shortcut(mcu, number, bus)
    mcu.pio = _Idle(mcu.pio)
