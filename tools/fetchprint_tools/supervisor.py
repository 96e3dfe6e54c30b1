"""Runs the firmware with an emulated engine: one loop over wire, events, commands and time."""

from __future__ import annotations

import select
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fetchprint_tools import engine_control
from fetchprint_tools.engines.emulated import EmulatedEngine
from fetchprint_tools.engines.wire import LineDown, Pty, SerialLine
from fetchprint_tools.errors import UserError
from fetchprint_tools.event_reader import OTHER, Event, EventReader
from fetchprint_tools.firmware_process import STOP_SECONDS, FirmwareProcess, LinePipe
from fetchprint_tools.job_output import Job, cannot_write
from fetchprint_tools.signals import Signals
from fetchprint_tools.tap import Tap

_TOLD_WARNINGS = 20
"""Engine warnings shown one by one; a torn raster can give thousands."""


class Supervisor:
    """One run. ``report(event)`` gets the firmware's events and three of ours: ``page`` (service, job-id,
    page, file), ``engine`` (message) and ``first-byte`` (service, job-id, monotonic: the clock's seconds
    when the first byte of the job had come over the wire). ``show(text)`` gets everything else that a
    person should see.

    ``jobs``: end after so many job-end events; ``timeout``: seconds after which to give up.
    ``control``: a descriptor from which commands for the engine are read. ``folders``: see ``Tap``.
    """

    def __init__(
        self,
        firmware: FirmwareProcess,
        printer: EmulatedEngine,
        wire: Pty,
        out: Path,
        *,
        report: Callable[[Event], None],
        show: Callable[[str], None],
        jobs: int | None = None,
        timeout: float | None = None,
        flow: str = "cts",
        baud: int | None = None,
        device: SerialLine | None = None,
        control: int | None = None,
        folders: Mapping[str, str] | None = None,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self._stop_seconds = stop_seconds
        self._firmware = firmware
        self._events = EventReader(firmware.out)
        self._printer = printer
        self._wire = wire
        self._device = device
        self._tap = Tap(
            printer,
            wire,
            out,
            flow=flow,
            baud=baud,
            device=device,
            on_page=self._on_page,
            on_first=self._on_first,
            folders=folders,
        )
        self._out = out
        self._listener = report
        self._show = show
        self._jobs = jobs
        self._ended = 0
        self._control = LinePipe(control, shared=True) if control is not None else None
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._timeout = timeout
        self._stop_by: float | None = None
        self._failure: UserError | None = None
        self._signals = Signals()
        self._killed = False
        self._told = 0

    def run(self) -> int:
        """The exit status; UserError for a run that failed. The firmware has ended in any case."""
        with self._signals:
            try:
                while not self._turn():
                    pass
                self._finish()
            finally:
                self._firmware.kill()
        if self._failure is not None:
            raise self._failure
        if self._signals.caught and self._jobs is not None and self._ended < self._jobs:
            return 128 + self._signals.caught
        return 0

    # -- the loop ---------------------------------------------------------------------------------

    def _turn(self) -> bool:
        """Wait for something and deal with it; True when the firmware has ended."""
        ended = self._firmware.status() is not None
        ready, writable = self._wait(0.0 if ended else None)
        now = time.monotonic()
        if self._signals in ready:
            self._signals.clear()
            self._stop()
        if self._control is not None and self._control in ready:
            self._obey(self._control.lines())
        moved = self._exchange(writable, now)
        for line in self._firmware.err.lines():
            self._show(line)
        self._tell_warnings()
        self._check_deadlines(now)
        return ended and not moved

    def _wait(self, longest: float | None) -> tuple[list[Any], list[SerialLine]]:
        """What can be read and what can be written, after waiting for anything at all."""
        now = time.monotonic()
        waits = [longest, self._printer.wait(), self._tap.wait()]
        waits += [deadline - now for deadline in (self._deadline, self._stop_by) if deadline is not None]
        pipes = (self._firmware.out, self._firmware.err)
        readers: list[Any] = [self._signals, *(pipe for pipe in pipes if pipe.open)]
        writers: list[SerialLine] = []
        if len(readers) == 1:
            # Both pipes are closed: the firmware is about to end, and nothing would tell.
            waits.append(0.01)
        if self._tap.limit(now):
            readers.append(self._wire)
        if self._wire.queued:
            writers.append(self._wire)
        if self._control is not None and self._control.open:
            readers.append(self._control)
        if self._device is not None:
            readers.append(self._device)
            if self._device.queued:
                writers.append(self._device)
        known = [wait for wait in waits if wait is not None]
        ready, writable, _ = select.select(readers, writers, [], max(0.0, min(known)) if known else None)
        return ready, writable

    def _exchange(self, writable: list[SerialLine], now: float) -> bool:
        """Bytes from the wire, then the events that were written before them; whether there were any."""
        try:
            for line in writable:
                line.flush()
            data = self._tap.read(now)
            events = self._events.take()
            self._tap.carry(data, events, self._handle, now)
            self._tap.work(now)
        except LineDown as error:
            self._fail(UserError(str(error), hint="look at its cable and power"))
            self._tap.device = self._device = None
        except OSError as error:
            self._tap.give_up()
            self._fail(cannot_write(error, self._out))
        else:
            return bool(data or events)
        return True

    def _handle(self, event: Event) -> None:
        if event["event"] == OTHER:
            self._show(event["message"])
            return
        self._report(event)
        if event["event"] == "job-end":
            self._ended += 1
            if self._ended == self._jobs:
                self._stop()

    def _report(self, event: Event) -> None:
        try:
            self._listener(event)
        except BrokenPipeError:
            self._listener = lambda _event: None
            self._fail(UserError("nobody reads the events any more"))

    def _on_page(self, job: Job | None, number: int, path: Path) -> None:
        if job:
            self._report({"event": "page", **job, "page": number, "file": str(path)})
        else:
            self._report({"event": "engine", "message": f"printed outside any job: {path}"})

    def _on_first(self, job: Job, now: float) -> None:
        self._report({"event": "first-byte", **job, "monotonic": round(now, 6)})

    def _obey(self, lines: list[str]) -> None:
        for line in filter(None, map(str.strip, lines)):
            if line == "stop":
                self._stop()
                continue
            if self._device is not None:
                self._show(f"command {line!r} is for the emulated engine, and --device is another")
                continue
            try:
                message = engine_control.apply(self._printer, line)
            except engine_control.ControlError as error:
                self._show(f"command {error}")
            else:
                self._report({"event": "engine", "message": message})

    def _tell_warnings(self) -> None:
        for warning in self._printer.warnings[self._told : _TOLD_WARNINGS]:
            self._told += 1
            self._report({"event": "engine", "message": warning})

    # -- the end ----------------------------------------------------------------------------------

    def _stop(self) -> None:
        if self._stop_by is None:
            self._stop_by = time.monotonic() + self._stop_seconds
            self._firmware.ask_to_stop()

    def _fail(self, failure: UserError) -> None:
        if self._failure is None:
            self._failure = failure
        self._stop()

    def _check_deadlines(self, now: float) -> None:
        if self._deadline is not None and now >= self._deadline:
            self._deadline = None
            if self._stop_by is None and self._jobs is not None:
                self._fail(
                    UserError(
                        f"{self._ended} of {self._jobs} jobs have ended within {self._timeout:g} s",
                        where=self._events.history(),
                        hint="see what the service says about them, or give more time with --timeout",
                    )
                )
            self._stop()
        if self._stop_by is not None and now >= self._stop_by:
            self._stop_by = now + self._stop_seconds
            if self._firmware.status() is None:
                self._show(f"the firmware did not stop within {self._stop_seconds:g} s and was killed")
                self._firmware.end_now()
                self._killed = True

    def _finish(self) -> None:
        """The firmware has ended: judge how, and file what is left."""
        status = self._firmware.status()
        try:
            self._tap.finish()
        except OSError as error:
            self._tap.give_up()
            self._failure = self._failure or cannot_write(error, self._out)
        self._tell_warnings()
        if self._printer.warning_count > self._told:
            more = self._printer.warning_count - self._told
            self._report({"event": "engine", "message": f"{more} more warnings"})
        if self._printer.dropped:
            message = f"dropped {self._printer.dropped} bytes that its buffer had no room for"
            self._report({"event": "engine", "message": message})
        if status and not self._killed and self._failure is None:
            how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
            self._failure = UserError(f"the firmware ended {how}", where=self._events.history())
        elif self._stop_by is None and self._jobs is not None and self._ended < self._jobs:
            what = f"the firmware stopped when {self._ended} of {self._jobs} jobs had ended"
            self._failure = self._failure or UserError(what, where=self._events.history())
