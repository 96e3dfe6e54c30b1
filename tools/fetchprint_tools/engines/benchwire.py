"""The engine's end of the bench wire: frames of ``fetchprint/port/bench.py`` become calls on a device.

The wire's own description stands there. An emulated engine on a bus is a ``Device`` plus what
``Bench`` gives: the side of ``EmulatedEngine`` that the tap and the supervisor see.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from fetchprint_tools.engines.paper import Paper
from fetchprint_tools.engines.steps import DATA

VERSION = 1
IDLE = re.compile(rb"(?:\x00|H.|N.[oia][^\x00]*\x00|T....|R.|A.)*", re.DOTALL)
"""What a driver does while nothing is printed: it names its pins, looks at inputs, and time passes."""

_MAX_WARNINGS = 1000
_ROOM = 64 * 1024
_FIXED = {ord("H"): 2, ord("T"): 5, ord("P"): 3, ord("U"): 6, ord("R"): 2, ord("A"): 2}
_OUTPUT, _INPUT, _ANALOGUE = b"oia"


class Device(Protocol):
    """What hangs on the bus. Pins go by the names that the driver gives them."""

    def elapse(self, us: int) -> None:
        """This much time passes."""

    def shift(self, data: bytes) -> bytes:
        """Octets clocked in; as many that come out meanwhile."""

    def set(self, pin: str, level: int) -> None:
        """An output of the driver's is 0 or 1 from now on."""

    def pulse(self, pin: str, us: int) -> None:
        """An output of the driver's is 1 for this long, then 0; the time passes meanwhile."""

    def level(self, pin: str) -> int:
        """An input of the driver's is read."""

    def analogue(self, pin: str) -> int:
        """An analogue input of the driver's is read, 0 to 65535."""


class BenchError(Exception):
    """What came over the wire is no frame: the two ends do not speak the same version."""


class Frames:
    """Takes octets as they come, in any pieces, and carries out each frame on ``device``.

    ``take`` gives the answers. A frame that makes no sense raises ``BenchError`` with its offset in
    the stream; everything up to the next run of zeros is then passed over.
    """

    def __init__(self, device: Device) -> None:
        self.device = device
        self._buffer = bytearray()
        self._answers = bytearray()
        self._pins: dict[int, tuple[int, str]] = {}
        self._at = 0
        self._lost = False

    def take(self) -> bytes:
        """The answers so far; each is given once."""
        answers = bytes(self._answers)
        self._answers.clear()
        return answers

    def feed(self, data: bytes) -> None:
        self._buffer += data
        at = 0
        try:
            while at < len(self._buffer):
                size = self._one(at)
                if not size:
                    break
                at += size
        except BenchError:
            self._lost = True
            at = len(self._buffer)
            raise
        finally:
            del self._buffer[:at]
            self._at += at

    def _one(self, at: int) -> int:
        """Carry out the frame at ``at``; its length, 0 while it is not there as a whole."""
        buffer = self._buffer
        kind = buffer[at]
        if self._lost:
            hello = buffer.find(b"\x00H", at)
            if hello < 0:
                return max(0, len(buffer) - 1 - at)
            self._lost = False
            return hello - at or 1
        if kind == 0:
            return 1
        if kind == ord("N"):
            end = buffer.find(b"\0", at + 3)
            if end < 0:
                return 0
            self._pins[buffer[at + 1]] = (buffer[at + 2], buffer[at + 3 : end].decode("ascii", "replace"))
            return end + 1 - at
        if kind in b"WX":
            size = int.from_bytes(buffer[at + 1 : at + 3], "big") + 3 if len(buffer) >= at + 3 else 0
            if not size or len(buffer) < at + size:
                return 0
            answer = self.device.shift(bytes(buffer[at + 3 : at + size]))
            if kind == ord("X"):
                self._answers += answer
            return size
        if kind not in _FIXED:
            raise BenchError(f"offset {self._at + at}: 0x{kind:02x} begins no frame")
        size = _FIXED[kind]
        if len(buffer) < at + size:
            return 0
        self._fixed(chr(kind), bytes(buffer[at + 1 : at + size]), at)
        return size

    def _fixed(self, kind: str, data: bytes, at: int) -> None:
        device = self.device
        if kind != "T" and not data[0]:
            return  # the zeros of a firmware that starts anew, behind a frame that was torn
        match kind:
            case "H":
                if data[0] != VERSION:
                    raise BenchError(f"version {data[0]} of the bench wire, not {VERSION}")
                self._pins.clear()
                self._answers.clear()
            case "T":
                device.elapse(int.from_bytes(data, "big"))
            case "P":
                device.set(self._pin(data[0], _OUTPUT, at), data[1])
            case "U":
                device.pulse(self._pin(data[0], _OUTPUT, at), int.from_bytes(data[1:], "big"))
            case "R":
                self._answers.append(device.level(self._pin(data[0], _INPUT, at)))
            case _:
                self._answers += device.analogue(self._pin(data[0], _ANALOGUE, at)).to_bytes(2, "big")

    def _pin(self, number: int, kind: int, at: int) -> str:
        known, name = self._pins.get(number, (0, ""))
        if known != kind:
            raise BenchError(f"offset {self._at + at}: pin {number} was not named as {chr(kind)!r}")
        return name


class Bench:
    """An emulated engine on a bus, as the supervisor wants it; see ``EmulatedEngine``.

    A subclass is the ``Device`` too. It has no receive buffer: what comes is carried out at once, at the
    time that the frames say, and the wall clock means nothing to it.
    """

    def __init__(self, width: int, paper: Paper) -> None:
        self.width = width
        self.paper = paper
        self.warnings: list[str] = []
        self.warning_count = 0
        self.blocked = DATA
        self.room = _ROOM
        self.waiting = 0
        self.dropped = 0
        self.idle = IDLE
        self._frames = Frames(self)  # type: ignore[arg-type]

    def receive(self, data: bytes, now: float) -> None:
        try:
            self._frames.feed(data)
        except BenchError as error:
            self.warn(f"bench wire: {error}")

    def transmit(self) -> bytes:
        return self._frames.take()

    def mark(self, action: Callable[[], None]) -> None:
        action()

    def advance(self, now: float) -> None:
        return

    def wait(self) -> float | None:
        return None

    def finish(self) -> None:
        return

    def warn(self, text: str) -> None:
        """Something that should not happen."""
        self.warning_count += 1
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append(text)
