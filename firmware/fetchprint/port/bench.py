"""A bus on the bench: SPI, pins and analogue inputs of an emulated engine at the other end of a tty.

The same interface as on a board (see Bus in docs/architecture.md), carried by the *bench wire*.
Everything that the firmware does there is a frame, numbers being big-endian:

    0                    nothing; a run of zeros longer than any frame ends a torn one
    H version            first of all: the names of pins are forgotten. Version 1
    N pin kind name\\0    pin ``pin`` is called ``name``; kind o, i or a: output, input, analogue
    T us(4)              this much time passes
    W n(2) octets        SPI: octets out
    X n(2) octets        SPI: octets out, and as many come back
    P pin level          an output is set to 0 or 1
    U pin us(4)          an output is 1 for this long, then 0; the time passes meanwhile
    R pin                an input is read: one octet comes back, 0 or 1
    A pin                an analogue input is read: two octets come back, 0 to 65535

Nothing else comes back. Time on the bench is that of the frames: what takes time on a real bus is a
``T`` here, so that the engine knows to the microsecond when each thing happened, however fast or slow
the computers are. It is never behind the real time, which it catches up with in ``Bus.poll``.
"""

from fetchprint import ticks
from fetchprint.port.native import micropython, ptr8

const = micropython.const

VERSION = const(1)
FRAME_MAX = const(512)
"""Octets of one W or X frame; longer transfers are several."""
_TX = const(768)
_ROOM = const(32)  # for a frame without data
_ANSWER_MS = const(5000)  # for what is asked: a bench that is silent for longer is gone
_LONGEST_MS = const(60000)  # between two polls: whoever slept longer was not running
_UNTOLD_US = const(10000000)  # the engine hears of the time at least so often, well within its wrapping
_ZEROS = bytes(64)


@micropython.viper
def _copy(dst: ptr8, at: int, src: ptr8, off: int, n: int):
    i = 0
    while i < n:
        dst[at + i] = src[off + i]
        i += 1


class Bus:
    """``stream`` leads to the bench; ``port`` has its clock and its wait. Raises OSError once the
    bench is gone or silent."""

    def __init__(self, port, stream, hz: int):
        """``hz``: the clock of the SPI, which says how long a transfer takes."""
        if hz < 10000:
            raise ValueError("an SPI clock of %d Hz: give 10000 or more" % hz)
        self._port = port
        self._stream = stream
        self._khz = hz // 1000
        self._tx = bytearray(_TX)
        self._in = bytearray(FRAME_MAX)  # Streams read at offset 0 without allocating
        self._value = bytearray(2)
        self._n = 0
        self._pins = 0
        self._us = 0  # time on the bench
        self._told = 0  # as far as the engine knows it
        self._began = self._us  # at the last poll
        self._polled = None  # the real time then
        for _ in range(FRAME_MAX // len(_ZEROS) + 1):
            self._put(_ZEROS, 0, len(_ZEROS))
        self._frame(0x48, VERSION, 0, 0)

    def poll(self, now: int):
        """Once in each poll of a driver: nothing waits in here afterwards, and time has caught up."""
        if self._polled is not None:
            slept = min(ticks.diff(now, self._polled), _LONGEST_MS)
            behind = slept * 1000 - ticks.diff(self._us, self._began)
            if behind > 0:
                self._pass(behind)
        self._polled = now
        self._began = self._us
        if ticks.diff(self._us, self._told) > _UNTOLD_US:
            self._frame(0, 0, 0, 0)
        self._flush()

    def write(self, buf, off: int, n: int):
        """Clock out ``n`` octets of ``buf`` from ``off``."""
        self._transfer(0x57, buf, off, n)

    def exchange(self, tx, rx, off: int, n: int):
        """Clock out ``n`` octets of ``tx`` from ``off``; as many come in to ``rx``, at the same place."""
        while n > 0:
            piece = min(n, FRAME_MAX)
            self._transfer(0x58, tx, off, piece)
            self._answer(rx, off, piece)
            off += piece
            n -= piece

    def output(self, name: str, value: int = 0):
        """The output pin ``name``, set to ``value``."""
        pin = Output(self, self._named(0x6F, name))
        pin.set(value)
        return pin

    def input(self, name: str):
        """The input pin ``name``."""
        return Input(self, self._named(0x69, name))

    def analogue(self, name: str):
        """The analogue input ``name``."""
        return Analogue(self, self._named(0x61, name))

    def ticks_us(self) -> int:
        """Microseconds, wrapping as milliseconds do: compare with ``fetchprint.ticks``."""
        return self._us

    def wait_until(self, us: int):
        """Wait until ``ticks_us`` has reached ``us``; for times too short to return to the loop."""
        left = ticks.diff(us, self._us)
        if left > 0:
            self._pass(left)

    def close(self):
        """Leave the bench."""
        self._stream.close()

    # for the pins

    def read(self, kind: int, pin: int) -> int:
        """The value of an input (``kind`` 0x52) or analogue input (0x41)."""
        self._frame(kind, pin, 0, 0)
        if kind == 0x52:
            self._answer(self._value, 0, 1)
            return self._value[0]
        self._answer(self._value, 0, 2)
        return self._value[0] << 8 | self._value[1]

    def set(self, pin: int, value: int):
        """Set an output."""
        self._frame(0x50, pin, 1, 1 if value else 0)

    def pulse(self, pin: int, us: int):
        """A pulse of an output."""
        self._frame(0x55, pin, 4, us)
        self._pass(us)
        self._told = self._us

    # frames

    def _named(self, kind, name):
        self._pins += 1
        self._frame(0x4E, self._pins, 1, kind)
        octets = name.encode() + b"\0"
        self._put(octets, 0, len(octets))
        return self._pins

    def _pass(self, us):
        self._us = ticks.add(self._us, us)

    def _transfer(self, kind, buf, off, n):
        while n > 0:
            piece = min(n, FRAME_MAX)
            self._frame(kind, piece >> 8, 1, piece & 0xFF)
            self._put(buf, off, piece)
            self._pass(piece * 8000 // self._khz)
            off += piece
            n -= piece

    def _frame(self, kind, first, size, value):
        """Append a frame: two octets, then ``value`` in ``size`` octets; before it the time that passed."""
        if self._n > _TX - _ROOM:
            self._flush()
        if self._told != self._us:
            us = ticks.diff(self._us, self._told)
            self._told = self._us
            self._octet(0x54)
            self._number(4, us)
        self._octet(kind)
        self._octet(first)
        self._number(size, value)

    def _number(self, size, value):
        while size:
            size -= 1
            self._octet(value >> (8 * size) & 0xFF)

    def _octet(self, value):
        self._tx[self._n] = value
        self._n += 1

    def _put(self, buf, off, n):
        if self._n + n > _TX:
            self._flush()
        _copy(self._tx, self._n, buf, off, n)
        self._n += n

    def _flush(self):
        at = 0
        deadline = None
        while at < self._n:
            n = self._stream.write(self._tx, at, self._n - at)
            if n is None:
                deadline = self._wait(deadline)
            else:
                at += n
        self._n = 0

    def _answer(self, dst, at, n):
        """``n`` octets of answer into ``dst`` at ``at``."""
        self._flush()
        deadline = None
        n += at
        while at < n:
            got = self._stream.readinto(self._in, 0, n - at)
            if got is None:
                deadline = self._wait(deadline)
            elif got == 0:
                raise OSError("the bench has hung up")
            else:
                _copy(dst, at, self._in, 0, got)
                at += got

    def _wait(self, deadline):
        now = self._port.now()
        if deadline is None:
            deadline = ticks.add(now, _ANSWER_MS)
        elif ticks.diff(now, deadline) > 0:
            raise OSError("the bench is silent")
        self._port.wait(_ANSWER_MS)
        return deadline


class Output:
    """An output pin; made by ``Bus.output``."""

    def __init__(self, bus, number):
        self._bus = bus
        self._number = number

    def set(self, value: int):
        """Low for 0, else high."""
        self._bus.set(self._number, value)

    def pulse(self, us: int):
        """High for ``us`` microseconds, then low, whatever happens."""
        self._bus.pulse(self._number, us)


class Input:
    """An input pin; made by ``Bus.input``."""

    def __init__(self, bus, number):
        self._bus = bus
        self._number = number

    def value(self) -> int:
        """0 or 1."""
        return self._bus.read(0x52, self._number)


class Analogue:
    """An analogue input; made by ``Bus.analogue``."""

    def __init__(self, bus, number):
        self._bus = bus
        self._number = number

    def read(self) -> int:
        """0 to 65535 for 0 V to the converter's full scale."""
        return self._bus.read(0x41, self._number)
