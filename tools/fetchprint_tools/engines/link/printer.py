"""An emulated printer behind the framed link: the reference controller, paper at a speed, faults."""

from __future__ import annotations

import re
from collections.abc import Callable

from fetchprint_tools.engines.link.controller import Controller, Identity
from fetchprint_tools.engines.link.faults import FAULTS, FaultWire
from fetchprint_tools.engines.motor import Motor
from fetchprint_tools.engines.paper import MemoryPaper, Paper
from fetchprint_tools.engines.steps import DATA, PAPER, STOPPED

MEDIA_EMPTY = 1 << 0
MEDIA_JAM = 1 << 1
COVER_OPEN = 1 << 2
OFFLINE = 1 << 3
MEDIA_LOW = 1 << 7
"""Bits of a STATUS's reasons (docs/link-protocol.md)."""

IDLE = re.compile(rb"(?:\xa5[\x01-\x03]\0\0\x03.{8})*", re.DOTALL)
"""Frames without a number, as they come between jobs."""

_ROOM = 4096
_MAX_WARNINGS = 1000


class LinkPrinter:
    """``width`` in dots, a multiple of 8; ``speed`` in dot lines a second, None for as fast as they come.

    ``up`` and ``down`` are the wire to and from the controller. A page that a jam has spoiled is not
    printed again: the controller gives the job up. Without power the controller forgets everything, and
    the sheet that is half out comes out when the power is back.
    """

    def __init__(
        self,
        width: int = 576,
        buffer_size: int = 4096,
        speed: float | None = None,
        *,
        dpi: int = 203,
        paper: Paper | None = None,
        languages: tuple[str, ...] = (),
        seed: int = 1,
    ) -> None:
        if width < 8 or width % 8:
            raise ValueError(f"the width must be a multiple of 8 dots, not {width}")
        self.width = width
        self.paper: Paper = MemoryPaper(width) if paper is None else paper
        self.up = FaultWire(seed)
        self.down = FaultWire(seed + 1)
        self.powered = True
        self.lines = 0
        """Dot lines fed since the printer was made."""
        self.sheets = 0
        """Pages that came out, whole or not."""
        self.identified = 0
        self.passed = bytearray()
        """What came in the printer's own language."""
        self.dropped = 0
        self.warnings: list[str] = []
        self.warning_count = 0
        self.blocked = DATA
        self.idle = IDLE
        self._identity = Identity(width, dpi, languages=languages)
        self._buffer_size = buffer_size
        self._motor = Motor(speed)
        self._reasons = 0
        self._boots = 1
        self._out_at: int | None = None
        self._jam_at: int | None = None
        self._half_out = False
        self._muted = False
        self._now = 0.0
        self._marks: list[Callable[[], None]] = []
        self._controller = Controller(self, self._identity, buffer_size, self._boots)

    # -- the wire ---------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """Bytes that the wire may deliver now: any number, the controller holds no more than it can."""
        return _ROOM

    @property
    def waiting(self) -> int:
        return self._controller.waiting

    @property
    def pages(self) -> int:
        """Pages since the power came, as the controller counts them."""
        return self._controller.pages

    def receive(self, data: bytes, now: float) -> None:
        self._arrive(self.up.carry(data, now))

    def _arrive(self, data: bytes) -> None:
        if self.powered:
            self._controller.receive(data)
        else:
            self.dropped += len(data)

    def transmit(self) -> bytes:
        said = self._controller.transmit() if self.powered else b""
        return self.down.carry(b"" if self._muted else said, self._now)

    def mark(self, action: Callable[[], None]) -> None:
        """Call ``action`` when the controller has dealt with all it holds."""
        self._marks.append(action)
        self._reach_marks()

    def _reach_marks(self) -> None:
        while self._marks and not self.waiting:
            self._marks.pop(0)()

    # -- time -------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        self._now = now
        self._motor.tick(now, self.blocked == PAPER)
        self._arrive(self.up.due(now))
        self.blocked = DATA
        if self.powered:
            self._controller.work()
        if self.blocked != PAPER:
            self._motor.rest()
        self._reach_marks()

    def wait(self) -> float | None:
        waits = [self._motor.wait() if self.blocked == PAPER else None]
        waits += [self.up.wait(self._now), self.down.wait(self._now)]
        return min((wait for wait in waits if wait is not None), default=None)

    def finish(self) -> None:
        marks, self._marks = self._marks, []
        for action in marks:
            action()

    # -- what the controller drives ---------------------------------------------------------------

    def reasons(self) -> int:
        return self._reasons

    def line(self, dots: bytes) -> bool:
        if self._reasons & ~MEDIA_LOW:
            self.blocked = STOPPED
            return False
        if self._motor.reach(1) < 1:
            self.blocked = PAPER
            return False
        self._half_out = True
        self.paper.rows(dots.ljust(self.width // 8, b"\0"))
        self._motor.move(1)
        self.lines += 1
        if self._out_at is not None and self.lines >= self._out_at:
            self.paper_out()
        if self._jam_at is not None and self.lines >= self._jam_at:
            self._jam_at = None
            self.jam()
        return True

    def end_page(self) -> bool:
        if self._reasons & ~MEDIA_LOW:
            self.blocked = STOPPED
            return False
        self.drop_page()
        return True

    def drop_page(self) -> None:
        if self._half_out:
            self._half_out = False
            self.sheets += 1
            self.paper.cut()

    def language(self, octets: bytes) -> int:
        if self._reasons & ~MEDIA_LOW:
            self.blocked = STOPPED
            return 0
        self.passed += octets
        return len(octets)

    def identify(self) -> None:
        self.identified += 1
        self.warn("identified itself")

    def warn(self, text: str) -> None:
        self.warning_count += 1
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append(text)

    # -- faults and people ------------------------------------------------------------------------

    def _set(self, bit: int, on: bool) -> None:
        self._reasons = self._reasons | bit if on else self._reasons & ~bit

    def paper_out(self, at_line: int | None = None) -> None:
        """The paper ends: now, or when ``lines`` has reached ``at_line``."""
        if at_line is not None and at_line > self.lines:
            self._out_at = at_line
            return
        self._out_at = None
        self._set(MEDIA_EMPTY, True)

    def paper_in(self) -> None:
        self._out_at = None
        self._set(MEDIA_EMPTY | MEDIA_LOW, False)

    def near_end(self, near: bool = True) -> None:
        self._set(MEDIA_LOW, near)

    def cover_open(self) -> None:
        self._set(COVER_OPEN, True)

    def cover_close(self) -> None:
        self._set(COVER_OPEN, False)

    def off_line(self, off: bool = True) -> None:
        self._set(OFFLINE, off)

    def jam(self, jammed: bool = True) -> None:
        """The paper is stuck; when somebody has taken it out the page on it is lost."""
        spoiled = bool(self._reasons & MEDIA_JAM) and not jammed
        self._set(MEDIA_JAM, jammed)
        if spoiled:
            self._controller.spoil()

    def jam_at(self, line: int) -> None:
        """The paper jams when ``lines`` has reached ``line``."""
        self._jam_at = line

    def mute(self, muted: bool = True) -> None:
        """The line from the controller to the host is cut."""
        self._muted = muted

    def power(self, on: bool) -> None:
        if on == self.powered:
            return
        self.powered = on
        self._boots += 1
        self._controller = Controller(self, self._identity, self._buffer_size, self._boots)
        self.blocked = DATA
        if on:
            self.drop_page()

    def wire_fault(self, fault: str, every: int) -> None:
        """From now on ``fault`` befalls one in ``every`` bytes, both ways; 0 ends it."""
        if fault not in FAULTS:
            raise ValueError(fault)
        self.up.set(fault, every)
        self.down.set(fault, every)
