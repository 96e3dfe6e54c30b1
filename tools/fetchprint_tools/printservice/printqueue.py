"""The queue: the only place where jobs, devices and the printer change state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from fetchprint_tools.codes import JobState, PrinterState, Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice import events
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.job import Document, Job, Moment
from fetchprint_tools.printservice.limits import INCOMING_TIMEOUT, MAX_ACTIVE_JOBS, MAX_DEVICES
from fetchprint_tools.printservice.log import Log
from fetchprint_tools.printservice.refusal import Refusal, refusal_reasons
from fetchprint_tools.printservice.spool import Spool
from fetchprint_tools.printservice.store import JobStore
from fetchprint_tools.printservice.subscription import Subscriptions

_STATE_ATTRIBUTES = frozenset(
    (
        "printer-state",
        "printer-state-reasons",
        "printer-state-message",
        "printer-alert",
        "printer-is-accepting-jobs",
    )
)


class Queue:
    """One Infrastructure Printer. Everything runs on the event loop's thread."""

    def __init__(self, name: str, uri: str, spool: Spool, log: Log) -> None:
        self.name = name
        self.uri = uri
        self.spool = spool
        self.log = log
        self.jobs = JobStore(spool)
        self.devices: dict[str, OutputDevice] = {}
        self.subscriptions = Subscriptions()
        self._started = time.monotonic()
        self.state_changed = self.now()
        self.config_changed = self.now()

    # -- time and state --

    def now(self) -> Moment:
        """This instant."""
        return Moment(int(time.monotonic() - self._started) + 1, datetime.now(UTC))

    @property
    def device(self) -> OutputDevice | None:
        """The device that speaks for the queue: the one heard last."""
        return max(self.devices.values(), key=lambda one: one.heard, default=None)

    @property
    def state(self) -> PrinterState:
        """printer-state: the device's."""
        device = self.device
        if device is None or device.silent:
            return PrinterState.STOPPED
        if device.state == PrinterState.IDLE and any(
            job.state == JobState.PROCESSING for job in self.jobs.active()
        ):
            return PrinterState.PROCESSING
        return device.state

    @property
    def state_reasons(self) -> list[str]:
        """printer-state-reasons, ``none`` if there are none."""
        device = self.device
        reasons = [] if device is None else device.state_reasons
        if device is None or device.silent:
            reasons = [*reasons, "offline-report"]
        if device is not None and device.identify is not None:
            reasons = [*reasons, "identify-printer-requested"]
        return reasons or ["none"]

    @property
    def state_message(self) -> str:
        """printer-state-message, for people."""
        device = self.device
        if device is None:
            return "no output device has connected yet"
        if device.silent:
            return "the output device is silent"
        return next(iter(device.strings("printer-state-message")), "")

    # -- devices --

    def known(self, uuid: str) -> OutputDevice:
        """The device with this uuid, which has just been heard. Raises ``Refusal``."""
        device = self.devices.get(uuid)
        if device is None:
            raise Refusal(Status.NOT_FOUND, f"no output device {uuid} is registered here")
        device.heard = time.monotonic()
        return device

    def update_device(self, uuid: str, group: Group) -> None:
        """Update-Output-Device-Attributes; the first of a device makes it known."""
        device = self.devices.get(uuid)
        if device is None:
            if len(self.devices) >= MAX_DEVICES:
                raise Refusal(Status.NOT_POSSIBLE, f"there are {MAX_DEVICES} output devices already")
            device = self.devices[uuid] = OutputDevice(uuid)
            self.log.say(
                "device", f"device {uuid} connected", **{"output-device-uuid": uuid, "state": "connected"}
            )
        device.heard = time.monotonic()
        changed = device.update(group)
        if changed & _STATE_ATTRIBUTES:
            reasons = self.state_reasons
            self.log.say(
                "printer-state",
                f"printer: {self.state.name.lower()} ({', '.join(reasons)})",
                **{"printer-state": self.state.name.lower(), "printer-state-reasons": reasons},
            )
            self.printer_event("printer-state-changed")
        if changed - _STATE_ATTRIBUTES:
            self.config_changed = self.now()
            self.printer_event("printer-config-changed")

    def remove_device(self, uuid: str) -> None:
        """Deregister-Output-Device: what it still held can never end, so it ends now."""
        self.known(uuid)
        for job in self.jobs.active():
            if job.device == uuid:
                if job.canceling:
                    self.end(job, JobState.CANCELED, job.reasons)
                else:
                    self.end(job, JobState.ABORTED, ["aborted-by-system"], "the output device has left")
        del self.devices[uuid]
        self.log.say("device", f"device {uuid} left", **{"output-device-uuid": uuid, "state": "left"})
        self.printer_event("printer-state-changed")

    def identify(self, actions: list[str], message: str) -> None:
        """Identify-Printer: the devices are told by an event and ask what to do."""
        if not self.devices:
            raise Refusal(Status.NOT_POSSIBLE, "no output device is connected that could identify itself")
        for device in self.devices.values():
            device.identify = (actions, message)
        self.printer_event("printer-state-changed")

    # -- jobs --

    def create_job(self, name: str, user: str, template: Iterable[Attribute]) -> Job:
        """A job without documents yet."""
        if self.jobs.count_active() >= MAX_ACTIVE_JOBS:
            raise Refusal(Status.BUSY, f"{MAX_ACTIVE_JOBS} jobs wait already")
        try:
            number = self.spool.new_job_id()
        except OSError as error:
            raise Refusal(Status.TEMPORARY_ERROR, f"the job cannot be stored: {error.strerror}") from error
        job = Job(number, name or f"job {number}", user, self.now(), list(template))
        job.reasons = ["job-incoming"]
        job.touched = time.monotonic()
        self.jobs.add(job)
        self._emit("job-created", job)
        return job

    def add_document(self, job: Job, path: Path, format: str, octets: int, name: str) -> Document:
        """The next document of ``job``."""
        document = Document(len(job.documents) + 1, path, format, octets, self.now(), name)
        job.documents.append(document)
        job.touched = time.monotonic()
        return document

    def close_job(self, job: Job) -> None:
        """No more documents follow: devices may fetch it."""
        job.incoming = False
        if not job.documents:
            self.end(job, JobState.ABORTED, ["aborted-by-system"], "the job has no document")
            return
        self.change(job, JobState.PENDING, ["job-fetchable"])
        self._emit("job-fetchable", job)
        self._emit("document-fetchable", job)

    def cancel(self, job: Job) -> None:
        """Cancel-Job: at once while no device holds it, else when the device has stopped."""
        if job.ended or job.canceling:
            raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is {job.state.keyword} already")
        if job.device is None:
            self.end(job, JobState.CANCELED, ["job-canceled-by-user"])
        else:
            reasons = ["processing-to-stop-point", "job-canceled-by-user"]
            self.change(job, JobState.PROCESSING_STOPPED, reasons)

    def acknowledge(self, job: Job, device: OutputDevice) -> None:
        """Acknowledge-Job: from now on the job belongs to ``device`` alone."""
        if not job.fetchable_by(device.uuid):
            raise Refusal(Status.NOT_FETCHABLE, self.why_not_fetchable(job))
        job.device = device.uuid
        job.processing = self.now()
        self.change(job, JobState.PROCESSING, ["job-incoming"] if job.incoming else [])

    def refuse(self, job: Job, device: OutputDevice, code: int, message: str) -> None:
        """Acknowledge-Job with fetch-status-code. After a server error (0x05xx), which passes, the job is
        offered again to everybody; otherwise to the other devices, and when all refused it is aborted."""
        if not job.fetchable_by(device.uuid):
            raise Refusal(Status.NOT_FETCHABLE, self.why_not_fetchable(job))
        if code >= Status.INTERNAL_ERROR:
            self.change(job, JobState.PENDING, job.reasons, message)
            self._emit("job-fetchable", job)
            return
        job.refused_by.add(device.uuid)
        if all(uuid in job.refused_by for uuid in self.devices):
            self.end(job, JobState.ABORTED, refusal_reasons(code), message or "refused by the output device")
        else:
            self.change(job, JobState.PENDING, job.reasons, message)
            self._emit("job-fetchable", job)

    def why_not_fetchable(self, job: Job) -> str:
        """For status-message."""
        if job.ended:
            return f"job {job.id} is {job.state.keyword}"
        if job.device is not None:
            return f"job {job.id} was acknowledged already"
        return (
            f"job {job.id} is still coming in" if job.incoming else f"job {job.id} was refused by this device"
        )

    def forgotten(self, job: Job) -> None:
        """Its device does not list it any more (Update-Active-Jobs)."""
        self.change(job, JobState.PROCESSING_STOPPED, job.reasons, "the output device does not know the job")

    def change(self, job: Job, state: JobState, reasons: Iterable[str], message: str = "") -> None:
        """A new state that is not an end, or new reasons; nothing happens when all is as it was."""
        reasons = list(dict.fromkeys(reason for reason in reasons if reason != "none"))
        if (job.state, job.reasons, job.message) == (state, reasons, message):
            return
        job.state, job.reasons, job.message = state, reasons, message
        if state == JobState.PROCESSING and job.processing is None:
            job.processing = self.now()
        self.jobs.saved(job)
        self.log.job(job)
        self._emit("job-state-changed", job)

    def end(self, job: Job, state: JobState, reasons: Iterable[str], message: str = "") -> None:
        """Canceled, aborted or completed, for good."""
        if job.ended:
            raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is {job.state.keyword} already")
        passing = ("none", "processing-to-stop-point", "job-fetchable", "job-incoming", "job-printing")
        job.state, job.message = state, message
        job.reasons = list(dict.fromkeys(reason for reason in reasons if reason not in passing))
        if state == JobState.COMPLETED and not job.reasons:
            job.reasons = ["job-completed-successfully"]
        if state == JobState.ABORTED and not job.reasons:
            job.reasons = ["aborted-by-system"]
        job.completed = self.now()
        for document in job.documents:
            if not document.state.ended:
                document.state, document.completed = state, job.completed
        self.jobs.saved(job)
        self.log.job(job)
        self._emit("job-completed", job)

    def progress(self, job: Job) -> None:
        """Counts have changed."""
        self._emit("job-progress", job)

    def document_changed(self, job: Job) -> None:
        """The state of one of its documents has changed."""
        self._emit("document-state-changed", job)

    def sweep(self) -> None:
        """Once a second: a client that never sent the rest of its job has given up (RFC 8011 5.4.31)."""
        latest = time.monotonic() - INCOMING_TIMEOUT
        for job in self.jobs.active():
            if job.incoming and job.touched < latest:
                self.close_job(job)

    # -- events --

    def printer_event(self, event: str) -> None:
        """Tell subscribers of a change of the printer."""
        self.state_changed = self.now()
        self._keep(event, lambda: events.printer_facts(self))

    def _emit(self, event: str, job: Job) -> None:
        self._keep(event, lambda: events.job_facts(job))

    def _keep(self, event: str, facts: Callable[[], list[Attribute]]) -> None:
        for subscription, name in self.subscriptions.interested(event):
            self.subscriptions.keep(
                subscription, events.notification(self, subscription, name, event, facts())
            )
