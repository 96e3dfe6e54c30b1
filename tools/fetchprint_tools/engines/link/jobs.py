"""Jobs and pages of a controller on the framed link: frames out of a ring, lines to the mechanism.

Written to become C, as ``controller`` says.
"""

from __future__ import annotations

from typing import Protocol

from fetchprint_tools.engines.link import frames

SPOILED = 1
UNKNOWN_TYPE = 2
OUT_OF_ORDER = 3
"""Why a job was given up."""

RECORD = 4
"""Octets that a stored frame takes beside its payload: kind, number, length (2)."""


class Mechanism(Protocol):
    """What the controller drives. Each call answers at once."""

    def reasons(self) -> int:
        """What is wrong or worth telling, a bit each (table in docs/link-protocol.md)."""

    def line(self, dots: bytes) -> bool:
        """Print one line, 1 = black, the first dot in the highest bit. False: not now."""

    def end_page(self) -> bool:
        """Bring the page out; True once it lies there. False: not now."""

    def drop_page(self) -> None:
        """Bring out what was printed of a page that has no end, as soon as possible."""

    def language(self, octets: bytes) -> int:
        """Take octets in the engine's own language: how many; 0 for not now."""

    def identify(self) -> None:
        """Make the printer noticed."""


class Ring:
    """Frames that wait: octets in one array, round and round."""

    def __init__(self, size: int) -> None:
        self.stored = 0
        self._octets = bytearray(size)
        self._first = 0

    @property
    def room(self) -> int:
        return len(self._octets) - self.stored

    def put(self, octet: int) -> None:
        self._octets[(self._first + self.stored) % len(self._octets)] = octet
        self.stored += 1

    def get(self, at: int) -> int:
        """Octet ``at`` of those stored."""
        return self._octets[(self._first + at) % len(self._octets)]

    def drop(self, count: int) -> None:
        """Forget the first ``count`` octets."""
        self._first = (self._first + count) % len(self._octets)
        self.stored -= count


class Jobs:
    """``execute`` deals with the first frame of ``ring``, on a mechanism whose lines have ``width`` dots.

    For the status: ``job`` is open or was last (``in_job``), ``moved`` tells of paper in it, ``error`` why it
    was given up. ``pages`` came out whole since power-on.
    """

    def __init__(self, mechanism: Mechanism, ring: Ring, width: int) -> None:
        self.job = 0
        self.in_job = False
        self.in_page = False
        self.moved = False
        self.error = 0
        self.pages = 0
        self._mechanism = mechanism
        self._ring = ring
        self._width = width
        self._executed = 0  # octets of the first frame's payload that have been dealt with
        self._lines_left = 0
        self._stride = 0
        self._line = b""

    def stop(self) -> None:
        """Forget what waits; a page that has begun comes out."""
        if self.in_page:
            self._mechanism.drop_page()
        self.in_page = False
        self._executed = 0
        self._ring.drop(self._ring.stored)

    def end(self, job: int) -> None:
        """Stop, and have no job open: ``job`` was the last one."""
        self.stop()
        if job != self.job:
            self.job = job
            self.moved = False
        self.in_job = False
        self.error = 0

    def execute(self, kind: int, length: int) -> bool:
        """Deal with the first frame; False while it waits for the mechanism, True at its end or an error."""
        if not self._execute(kind, length):
            return False
        self._executed = 0
        return True

    def _execute(self, kind: int, length: int) -> bool:
        if kind == frames.LINES:
            return self._print(length)
        if kind == frames.PAGE_END:
            return self._end_page()
        if kind == frames.LANGUAGE:
            return self._language(length)
        if kind == frames.PAGE_BEGIN and length >= 6:
            self._begin_page(self._payload(0, 6))
        elif kind == frames.JOB_BEGIN and length >= 2:
            if self.in_job:
                self.error = OUT_OF_ORDER
            self.job = int.from_bytes(self._payload(0, 2), "big")
            self.in_job = True
            self.moved = False
        elif kind == frames.JOB_END:
            if self.in_page or not self.in_job:
                self.error = OUT_OF_ORDER
            self.in_job = False
        elif kind == frames.IDENTIFY:
            self._mechanism.identify()
        elif kind in (frames.PAGE_BEGIN, frames.JOB_BEGIN):
            self.error = OUT_OF_ORDER
        elif kind < frames.OPTIONAL:
            self.error = UNKNOWN_TYPE
        return True

    def _payload(self, start: int, end: int) -> bytes:
        return bytes(self._ring.get(RECORD + at) for at in range(start, end))

    def _begin_page(self, payload: bytes) -> None:
        width = int.from_bytes(payload[0:2], "big")
        self._lines_left = int.from_bytes(payload[2:6], "big")
        if not self.in_job or self.in_page or not 0 < width <= self._width:
            self.error = OUT_OF_ORDER
            return
        self._stride = (width + 7) // 8
        self._line = b""
        self.in_page = True

    def _print(self, length: int) -> bool:
        while True:
            if self.in_page and len(self._line) == self._stride:
                if not self._mechanism.line(self._line):
                    return False
                self.moved = True
                self._line = b""
                self._lines_left -= 1
            if self._executed == length:
                return True
            if not self.in_page or self._lines_left == 0:
                self.error = OUT_OF_ORDER
                return True
            end = min(length, self._executed + self._stride - len(self._line))
            self._line += self._payload(self._executed, end)
            self._executed = end

    def _end_page(self) -> bool:
        if not self.in_page or self._line:
            self.error = OUT_OF_ORDER
            return True
        if not self._mechanism.end_page():
            return False
        self.in_page = False
        self.pages += 1
        return True

    def _language(self, length: int) -> bool:
        if not self.in_job or self.in_page:
            self.error = OUT_OF_ORDER
        elif self._executed < length:
            taken = self._mechanism.language(self._payload(self._executed, length))
            self.moved = self.moved or taken > 0
            self._executed += taken
        return self._executed == length or self.error != 0
