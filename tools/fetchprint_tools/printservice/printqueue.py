"""The queue: the only place where jobs, devices and the printer change state."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from fetchprint_tools.codes import JobState, PrinterState, Status
from fetchprint_tools.message import Attribute
from fetchprint_tools.printservice import events
from fetchprint_tools.printservice.authority import Authority
from fetchprint_tools.printservice.changes import Changes
from fetchprint_tools.printservice.clock import Clock, Moment
from fetchprint_tools.printservice.database import Database
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.devices import Devices
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.limits import DEVICE_SILENCE, INCOMING_TIMEOUT, MAX_ACTIVE_JOBS
from fetchprint_tools.printservice.log import Log
from fetchprint_tools.printservice.offers import Offers
from fetchprint_tools.printservice.plan import prints
from fetchprint_tools.printservice.presence import Presence
from fetchprint_tools.printservice.refusal import LASTING, Refusal, refusal_reasons
from fetchprint_tools.printservice.registration import Registration
from fetchprint_tools.printservice.spool import Spool
from fetchprint_tools.printservice.store import JobStore
from fetchprint_tools.printservice.subscription import Subscriptions


class Queue:
    """One Infrastructure Printer. Everything runs on the event loop's thread."""

    def __init__(
        self,
        name: str,
        uri: str,
        data: Path,
        log: Log,
        silence: float = DEVICE_SILENCE,
        require_registration: bool = False,
    ) -> None:
        """``data`` is where everything is kept. Raises ``UserError`` when it cannot be used."""
        self.name = name
        self.uri = uri
        self.log = log
        self.spool = Spool(data)
        self.database = Database(data)
        self.uuid = self.database.printer_uuid
        self._clock = Clock()
        self.jobs = JobStore(self.database, self.spool, self._clock)
        self.devices = Devices(self.database, silence)
        self.subscriptions = Subscriptions()
        self.changes = Changes()
        self.registration = Registration(self, require_registration)
        self.authority = Authority(data / "ca", name)
        self.offers = Offers(self)
        self.presence = Presence(self)
        self.state_changed = self.now()
        self.config_changed = self.now()

    # -- time and state --

    def now(self) -> Moment:
        """This instant."""
        return self._clock.now()

    @property
    def device(self) -> OutputDevice | None:
        """The device that speaks for the queue: the one heard last."""
        return self.devices.latest()

    @property
    def state(self) -> PrinterState:
        """printer-state: stopped while all devices are, processing while any prints."""
        states = {device.state for device in self.devices.present}
        if states <= {PrinterState.STOPPED}:
            return PrinterState.STOPPED
        if PrinterState.PROCESSING in states or any(
            job.state == JobState.PROCESSING for job in self.jobs.active()
        ):
            return PrinterState.PROCESSING
        return PrinterState.IDLE

    @property
    def state_reasons(self) -> list[str]:
        """printer-state-reasons of all devices that are there, ``none`` if there are none."""
        there = self.devices.present
        speaking = there or [device for device in (self.device,) if device is not None]
        reasons = [reason for device in speaking for reason in device.state_reasons]
        if not there:
            reasons.append("offline-report")
        if any(device.identify is not None for device in speaking):
            reasons.append("identify-printer-requested")
        return list(dict.fromkeys(reasons)) or ["none"]

    @property
    def state_message(self) -> str:
        """printer-state-message, for people."""
        there = self.devices.present
        if not there:
            return "the output device is silent" if self.devices else "no output device has connected yet"
        said = [message for device in there for message in device.strings("printer-state-message")]
        return next((message for message in said if message), "")

    # -- jobs --

    def create_job(self, name: str, user: str, template: Iterable[Attribute], fidelity: bool = False) -> Job:
        """A job without documents yet."""
        if self.jobs.count_active() >= MAX_ACTIVE_JOBS:
            raise Refusal(Status.BUSY, f"{MAX_ACTIVE_JOBS} jobs wait already")
        with self.database.transaction():
            job = self.jobs.create(name, user, template, fidelity)
            self._emit("job-created", job)
        return job

    def add_document(
        self, job: Job, path: Path | None, format: str, octets: int, name: str, uri: str = ""
    ) -> Document:
        """The next document of ``job``: a file that was received, or a reference."""
        document = Document(len(job.documents) + 1, path, format, octets, self.now(), name, uri)
        with self.jobs.edit(job):
            job.documents.append(document)
            job.touched = time.monotonic()
            self.jobs.save_document(job, document)
        return document

    def close_job(self, job: Job) -> None:
        """No more documents follow: devices may fetch it."""
        with self.jobs.edit(job):
            job.incoming = False
            if not job.documents:
                self.end(job, JobState.ABORTED, ["aborted-by-system"], "the job has no document")
                return
            self.change(job, JobState.PENDING, ["job-fetchable"])
            self.offer_again(job)
            self._emit("document-fetchable", job)

    def offer_again(self, job: Job) -> None:
        """Devices may take it from now on."""
        self._emit("job-fetchable", job)
        self.database.after(self.offers.wake)

    def cancel(self, job: Job) -> None:
        """Cancel-Job: at once while no device holds it or the one that does is silent, else when that
        has stopped."""
        if job.ended or (job.canceling and job.stranded is None):
            raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is {job.state.keyword} already")
        if job.device is None or job.stranded is not None:
            self.end(job, JobState.CANCELED, ["job-canceled-by-user"])
        else:
            reasons = ["processing-to-stop-point", "job-canceled-by-user"]
            self.change(job, JobState.PROCESSING_STOPPED, reasons)

    def acknowledge(self, job: Job, device: OutputDevice) -> None:
        """Acknowledge-Job, Accept-Print-Job: from now on the job belongs to ``device`` alone."""
        if not job.fetchable_by(device.uuid):
            raise Refusal(Status.NOT_FETCHABLE, self.why_not_fetchable(job))
        with self.jobs.edit(job):
            job.device = device.uuid
            job.bound = False
            job.processing = self.now()
            self.change(job, JobState.PROCESSING, [])

    def refuse(self, job: Job, device: OutputDevice, code: int, message: str) -> None:
        """Acknowledge-Job with fetch-status-code, Reject-Print-Job. After a server error (0x05xx), which
        passes, the job is offered again to everybody; otherwise to the other devices, and when none is left
        that could print it, it is aborted."""
        if not job.fetchable_by(device.uuid):
            raise Refusal(Status.NOT_FETCHABLE, self.why_not_fetchable(job))
        passing = code >= Status.INTERNAL_ERROR and code not in LASTING
        with self.jobs.edit(job):
            job.bound = False
            if passing:
                job.not_now[device.uuid] = time.monotonic()
            else:
                job.offered_to = None
                job.refused_by.add(device.uuid)
                if not any(self._may_print(other, job) for other in self.devices):
                    reasons = refusal_reasons(code)
                    self.end(job, JobState.ABORTED, reasons, message or "refused by the output device")
                    return
            self.change(job, JobState.PENDING, job.reasons, message)
            self.offer_again(job)

    def _may_print(self, device: OutputDevice, job: Job) -> bool:
        return device.uuid not in job.refused_by and (not device.formats or prints(device, job))

    def why_not_fetchable(self, job: Job) -> str:
        """For status-message."""
        if job.ended:
            return f"job {job.id} is {job.state.keyword}"
        if job.device is not None:
            return f"job {job.id} was acknowledged already"
        if job.incoming:
            return f"job {job.id} is still coming in"
        if job.bound:
            return f"job {job.id} is being offered to a device"
        return f"job {job.id} was refused by this device"

    def forgotten(self, job: Job) -> None:
        """Its device does not list it any more (Update-Active-Jobs)."""
        self.change(job, JobState.PROCESSING_STOPPED, job.reasons, "the output device does not know the job")

    def change(self, job: Job, state: JobState, reasons: Iterable[str], message: str = "") -> None:
        """A new state that is not an end, or new reasons; nothing happens when all is as it was."""
        reasons = list(dict.fromkeys(reason for reason in reasons if reason != "none"))
        if (job.state, job.reasons, job.message) == (state, reasons, message):
            return
        with self.jobs.edit(job):
            job.state, job.reasons, job.message = state, reasons, message
            if state == JobState.PROCESSING and job.processing is None:
                job.processing = self.now()
            self.database.after(lambda: self.log.job(job))
            self._emit("job-state-changed", job)

    def end(self, job: Job, state: JobState, reasons: Iterable[str], message: str = "") -> None:
        """Canceled, aborted or completed, for good."""
        if job.ended:
            raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is {job.state.keyword} already")
        passing = ("none", "processing-to-stop-point", "job-fetchable", "job-incoming", "job-printing")
        with self.jobs.edit(job):
            job.state, job.message = state, message
            job.reasons = list(dict.fromkeys(reason for reason in reasons if reason not in passing))
            if state == JobState.COMPLETED and not job.reasons:
                job.reasons = ["job-completed-successfully"]
            if state == JobState.ABORTED and not job.reasons:
                job.reasons = ["aborted-by-system"]
            job.completed = self.now()
            job.incoming = job.bound = False
            job.stranded = None
            for document in job.documents:
                if not document.state.ended:
                    document.state, document.completed = state, job.completed
            self.database.after(lambda: self.log.job(job))
            self._emit("job-completed", job)
            self.database.after(self.offers.wake)

    def progress(self, job: Job) -> None:
        """Its counts have changed."""
        with self.jobs.edit(job):
            self._emit("job-progress", job)

    def document_changed(self, job: Job, document: Document) -> None:
        """The state of one of its documents has changed."""
        with self.jobs.edit(job):
            self.jobs.save_document(job, document)
            self._emit("document-state-changed", job)

    def sweep(self) -> None:
        """Once a second: what time alone changes."""
        latest = time.monotonic() - INCOMING_TIMEOUT
        for job in self.jobs.active():
            if job.incoming and job.touched < latest:
                self.close_job(job)  # the client has given up (RFC 8011 5.4.31)
        self.offers.sweep()
        self.presence.sweep()
        self.registration.sweep()

    def close(self) -> None:
        """The service stops: answer who waits, and let go of the database."""
        self.subscriptions.close()
        self.offers.close()

    # -- events --

    def printer_event(self, event: str) -> None:
        """Tell subscribers of a change of the printer."""
        self.state_changed = self.now()
        self.database.after(lambda: self._keep(event, lambda: events.printer_facts(self)))

    def _emit(self, event: str, job: Job) -> None:
        # Nobody is told of what is not stored yet; it is told as it was at this moment.
        facts = events.job_facts(job)
        self.database.after(lambda: self._keep(event, lambda: facts))

    def _keep(self, event: str, facts: Callable[[], list[Attribute]]) -> None:
        self.changes.tell()
        for subscription, name in self.subscriptions.interested(event):
            self.subscriptions.keep(
                subscription, events.notification(self, subscription, name, event, facts())
            )
