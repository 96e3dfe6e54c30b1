"""The wires from the emulated board's SPI, pins and analogue inputs to an engine on a bus.

Time is the board's: what its program did and when is what the engine gets. Octets leave the SPI at
once, so that only the time between the calls of the program is that of the transfers.
"""

from __future__ import annotations

from typing import Any

from rp2040py.gpio_pin import GPIOPinState
from rp2040py.peripherals.spi import RPSPI

from fetchprint_tools.engines.benchwire import VERSION, Device
from fetchprint_tools.picow.device import PicoW

INPUTS = ("no_paper", "head_up")
ANALOGUE = ("temperature", "supply")
_FIRST_ADC = 26
"""GPIO of the first analogue input."""
_SPI = ("sck", "mosi", "miso")
_LONGEST_US = 10_000_000


def pins(path: str) -> tuple[int, dict[str, int]]:
    """The number of the SPI and the GPIO of each of the engine's pins, of a ``device`` as
    ``port/board_bus.py`` takes it."""
    first, *parts = path.split(",")
    places = {name: int(place) for name, place in (part.split("=") for part in parts)}
    return int(first[3:]), {name: place for name, place in places.items() if name not in _SPI}


class Wires:
    """Joins ``engine`` to the pins of ``board`` that ``path``, a ``device``, names."""

    def __init__(self, board: PicoW, path: str, engine: Device) -> None:
        number, places = pins(path)
        self._board = board
        self._engine = engine
        self._us = int(board.seconds * 1e6)
        self._octets = bytearray()
        self._inputs = {name: board.mcu.gpio[places[name]] for name in INPUTS}
        self._channels = {places[name] - _FIRST_ADC: name for name in ANALOGUE}
        self._adc = board.mcu.adc
        self._spi: RPSPI = board.mcu.spi[number]
        self._spi.on_transmit = self._clocked
        self._convert = self._adc.on_adc_read
        self._adc.on_adc_read = self._sample
        for name, place in places.items():
            if name not in INPUTS and name not in ANALOGUE:
                self._watch(name, board.mcu.gpio[place])
        self.refresh()

    def refresh(self) -> None:
        """Let the engine's time be the board's, and the board see the engine's switches."""
        self._pass()
        for name, pin in self._inputs.items():
            pin.set_input_value(bool(self._engine.level(name)))

    def _watch(self, name: str, pin: Any) -> None:
        def changed(new: GPIOPinState, old: GPIOPinState) -> None:
            if (new == GPIOPinState.HIGH) != (old == GPIOPinState.HIGH):
                self._pass()
                self._engine.set(name, int(new == GPIOPinState.HIGH))

        pin.add_listener(changed)

    def _clocked(self, value: int) -> None:
        self._octets.append(value)
        self._spi.complete_transmit(0)

    def _sample(self, channel: int) -> None:
        if channel in self._channels:
            self._adc.channel_values[channel] = self._engine.analogue(self._channels[channel]) >> 4
        self._convert(channel)

    def _pass(self) -> None:
        now = int(self._board.seconds * 1e6)
        if now > self._us:
            self._engine.elapse(now - self._us)
            self._us = now
        if self._octets:
            self._engine.shift(bytes(self._octets))
            self._octets.clear()


class BenchEnd:
    """An engine at the other end of the bench wire (``fetchprint/port/bench.py``), for ``Wires``.

    What happens is written as frames to ``out``. What is asked is answered with what was heard last:
    ``ask`` sends the questions, ``hear`` takes the answers.
    """

    def __init__(self, names: dict[str, int]) -> None:
        self.out = bytearray(bytes(64) + b"H" + bytes((VERSION,)))
        self._number = {name: at for at, name in enumerate(names, 1)}
        self._heard = dict.fromkeys(names, 0)
        self._coming = bytearray()
        self._open = False
        for name, at in self._number.items():
            kind = b"i" if name in INPUTS else b"a" if name in ANALOGUE else b"o"
            self.out += b"N" + bytes((at,)) + kind + name.encode() + b"\0"

    def ask(self) -> None:
        """Ask for all inputs, unless the last answer has not come."""
        if not self._open:
            self._open = True
            for name in INPUTS:
                self.out += b"R" + bytes((self._number[name],))
            for name in ANALOGUE:
                self.out += b"A" + bytes((self._number[name],))

    def hear(self, data: bytes) -> bool:
        """Take ``data`` from the wire; whether an answer is whole now."""
        self._coming += data
        size = len(INPUTS) + 2 * len(ANALOGUE)
        if len(self._coming) < size:
            return False
        for at, name in enumerate(INPUTS):
            self._heard[name] = self._coming[at]
        for at, name in enumerate(ANALOGUE):
            place = len(INPUTS) + 2 * at
            self._heard[name] = int.from_bytes(self._coming[place : place + 2], "big")
        del self._coming[:size]
        self._open = False
        return True

    # -- Device -----------------------------------------------------------------------------------

    def elapse(self, us: int) -> None:
        while us:
            some = min(us, _LONGEST_US)
            self.out += b"T" + some.to_bytes(4, "big")
            us -= some

    def shift(self, data: bytes) -> bytes:
        self.out += b"W" + len(data).to_bytes(2, "big") + data
        return bytes(len(data))

    def set(self, pin: str, level: int) -> None:
        self.out += b"P" + bytes((self._number[pin], level))

    def pulse(self, pin: str, us: int) -> None:
        self.set(pin, 1)
        self.elapse(us)
        self.set(pin, 0)

    def level(self, pin: str) -> int:
        return self._heard[pin]

    def analogue(self, pin: str) -> int:
        return self._heard[pin]
