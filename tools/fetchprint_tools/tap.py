"""The tap on the wire between firmware and engine: which bytes and which paper belong to which job.

The firmware writes ``engine-begin`` before the first byte of a job and ``engine-end`` after
the engine has confirmed the last, both on its stdout, while the bytes take the wire. So
the events that wait are read after the bytes and taken into account before the bytes are.
Outside jobs the firmware only asks how the engine is (the engine's ``idle`` tells what that looks
like); such requests in front of a job's first byte may have been written before ``engine-begin``
and are not counted to the job.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from fetchprint_tools.engines.emulated import EmulatedEngine
from fetchprint_tools.engines.paper import NullPaper
from fetchprint_tools.engines.rate import LineRate
from fetchprint_tools.engines.steps import DATA
from fetchprint_tools.engines.wire import Pty, SerialLine
from fetchprint_tools.event_reader import Event
from fetchprint_tools.job_output import STRAY, Job, JobOutput, StrayPaper

_RELAY_QUEUE = 4096
"""Bytes on their way to a real device after which the firmware has to wait."""


class Tap:
    """Carries bytes from ``wire`` to ``printer`` and back, and files them under ``out``.

    ``flow``: with ``cts`` the firmware waits while the engine has no room, with ``none`` the
    engine drops what does not fit, which it may have warned of by XOFF. ``baud`` limits what comes from
    the firmware, None for as fast as it is written. With ``device`` the bytes go there too and the replies
    come from there; ``printer`` then only draws. ``on_page(job, number, file)`` is told of
    pages, job None standing for none; ``on_first(job, now)`` of the first byte of a job's own.
    ``folders`` by service: where below ``out`` its jobs are filed, if not there.
    ``OSError`` from any method names a file of ``out``.
    """

    def __init__(
        self,
        printer: EmulatedEngine,
        wire: Pty,
        out: Path,
        *,
        flow: str = "cts",
        baud: int | None = None,
        device: SerialLine | None = None,
        on_page: Callable[[Job | None, int, Path], None],
        on_first: Callable[[Job, float], None],
        folders: Mapping[str, str] | None = None,
    ) -> None:
        self.printer = printer
        self.wire = wire
        self.device = device
        self._out = out
        self._folders = folders or {}
        self._flow = flow
        self._rate = LineRate(baud)
        self._behind = False
        self._on_page = on_page
        self._on_first = on_first
        self._job: JobOutput | None = None
        self._open: list[JobOutput] = []
        """Jobs whose last page may still be in the engine."""
        self._queue: deque[bytes | Callable[[], None]] = deque()
        self._broken = False
        self._stray = StrayPaper(out / STRAY, printer.width, lambda number, path: on_page(None, number, path))
        printer.paper = self._stray

    def limit(self, now: float) -> int:
        """Bytes that may be taken from the wire now."""
        limit = self._room()
        reach = self._rate.reach(now, limit, self._behind)
        self._behind = reach < limit
        return reach

    def wait(self) -> float | None:
        """Seconds until the line can have carried more; None: it is not what is waited for."""
        return self._rate.wait() if self._behind else None

    def _room(self) -> int:
        if self.device is not None:
            return _RELAY_QUEUE if self.device.queued < _RELAY_QUEUE else 0
        if self._flow != "cts":
            return 64 * 1024
        return 0 if self._queue else self.printer.room

    def read(self, now: float) -> bytes:
        """What waits on the wire, as far as it may be taken."""
        limit = self.limit(now)
        data = self.wire.read(limit) if limit else b""
        self._rate.carry(len(data))
        self._behind = len(data) == limit and self._behind
        return data

    def carry(self, data: bytes, events: list[Event], handle: Callable[[Event], None], now: float) -> None:
        """File ``data`` by the ``events`` read after it, pass it on, and ``handle`` each event."""
        place = self._place(data, events)
        for index, event in enumerate(events):
            if index == place:
                self._pass(data, self._job, now)
            self._follow(event, now)
            handle(event)
        if place >= len(events):
            self._pass(data, self._job, now)

    def _place(self, data: bytes, events: list[Event]) -> int:
        """The index of the event before which ``data`` came."""
        kinds = [event.get("event") for event in events]
        begin = kinds.index("engine-begin") if "engine-begin" in kinds else len(kinds)
        if self._job is None:
            # Before the first event after engine-begin: whatever ends the job comes later.
            return begin + 1 if begin < len(kinds) else 0
        if "engine-end" not in kinds:
            return 0
        end = kinds.index("engine-end")
        if self.printer.idle.fullmatch(data):
            return end + 1
        if end < begin < len(kinds) and self._idle:
            return begin + 1
        return 0

    @property
    def _idle(self) -> bool:
        """Whether the engine has done all it was given, and so has nothing left of an ended job."""
        return not self._queue and not self.printer.waiting and self.printer.blocked == DATA

    def _pass(self, data: bytes, job: JobOutput | None, now: float) -> None:
        if not data:
            return
        if job is not None and not self._broken:
            polls = None if job.octets else self.printer.idle.match(data)
            before = job.octets
            job.record(data[polls.end() :] if polls else data)
            if not before and job.octets:
                self._on_first(job.job, now)
        if self.device is not None:
            self.device.write(data)
        self._queue.append(data)
        self._feed(now)

    def _follow(self, event: Event, now: float) -> None:
        kind = event.get("event")
        if kind == "engine-begin":
            self._end(now)
            self._begin({key: event[key] for key in ("service", "job-id") if key in event}, now)
        elif kind == "engine-end":
            self._end(now)

    def _begin(self, which: Job, now: float) -> None:
        if self._broken:
            return
        out = self._out / self._folders.get(which.get("service", ""), ".")
        job = self._job = JobOutput(out, which, self.printer.width, self._on_page)
        self._open.append(job)
        self._queue.append(lambda: self._load(job))
        self._feed(now)

    def _end(self, now: float) -> None:
        job, self._job = self._job, None
        if job is None:
            return
        if not self._idle and self.device is None:
            # Cancelled, and what was still on its way belongs to it too.
            self._pass(self.wire.read(), job, now)
        job.close_wire()
        self._queue.append(lambda: self._unload(job))
        self._feed(now)

    def _load(self, job: JobOutput) -> None:
        if job in self._open:
            self.printer.paper.finish()
            self.printer.paper = job.paper

    def _unload(self, job: JobOutput) -> None:
        if job in self._open:
            job.paper.finish()
            self._open.remove(job)
            self.printer.paper = self._stray

    def _feed(self, now: float) -> None:
        """Give the engine what it has room for, everything when nothing stops the wire."""
        while self._queue:
            item = self._queue[0]
            if callable(item):
                self.printer.mark(item)
                self._queue.popleft()
                continue
            room = len(item) if self._flow != "cts" and self.device is None else self.printer.room
            if room <= 0:
                break
            self.printer.receive(item[:room], now)
            if room < len(item):
                self._queue[0] = item[room:]
            else:
                self._queue.popleft()
            self.printer.advance(now)
        self._advance(now)

    def _advance(self, now: float) -> None:
        """Let time pass for the engine and send what it says."""
        self.printer.advance(now)
        replies = self.printer.transmit()
        if replies and self.device is None:
            self.wire.write(replies)

    def work(self, now: float) -> None:
        """One turn without new bytes: feed what waits, relay what a real device says."""
        self._feed(now)
        if self.device is not None:
            self.wire.write(self.device.read())

    def give_up(self) -> None:
        """Nothing more can be filed: remove what is not whole; the engine goes on without paper."""
        self._broken = True
        self._stray.discard()
        for job in self._open:
            job.discard()
        self._open.clear()
        self._job = None
        self.printer.paper = NullPaper()

    def finish(self) -> None:
        """The end of the run: what is on the paper becomes pages."""
        while self._queue:
            item = self._queue.popleft()
            if callable(item):
                self.printer.mark(item)
        self.printer.finish()
        if self._broken:
            return
        for job in tuple(self._open):
            # The firmware ended in the middle of this one.
            job.close_wire()
            job.paper.finish()
            self._open.remove(job)
        self._stray.finish()
