"""What the simulated services of both profiles have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Status
from fetchprint_tools.message import Attribute, Group, Message
from fetchprint_tools.simulate.httpd import Connection, Server
from fetchprint_tools.simulate.jobs import Job, Numbers, Report
from fetchprint_tools.simulate.network import Network

_DOWN_MS = 1500


class Service:
    """One print service. ``jobs`` by id. A profile gives ``handlers``: operation to method."""

    name = ""
    reveals = True
    """A device is told which jobs it has, should it not know."""
    handlers: ClassVar[dict[int, Callable[..., None]]] = {}

    def __init__(self, network: Network, host: str, numbers: Numbers) -> None:
        self.world = network.world
        self.host = host
        self.server = Server(network, host, self._handle)
        self.jobs: dict[int, Job] = {}
        self.devices: set[str] = set()
        self.told: list[tuple[int, str]] = []
        """Each printer-state with its message, as the device told them."""
        self.format = "image/pwg-raster" if numbers.raster else "application/octet-stream"
        self._numbers = numbers
        self._next_id = 1
        self._held: list[Callable[[], bool]] = []

    # -- from outside --

    def submit(self, pages: int, documents: int = 1) -> Job:
        """A client's job."""
        job = self._numbers.make(self._next_id, pages, documents)
        self._next_id += 1
        self.jobs[job.id] = job
        self.world.note(self.host, f"job {job.id} ({job.serial}) submitted, {documents} x {pages} pages")
        self.happened("job-fetchable", job)
        return job

    def cancel(self, job: Job) -> None:
        """A client cancels."""
        if job.ended or job.lost or job.cancel:
            return
        self.world.note(self.host, f"job {job.serial} canceled by its user")
        if job.device:
            job.cancel = True
            job.state = JobState.PROCESSING_STOPPED
            job.reasons = ("processing-to-stop-point", "job-canceled-by-user")
        else:
            self.end(job, JobState.CANCELED, ("job-canceled-by-user",))
        self.happened("job-completed", job)

    def reoffer(self, job: Job) -> None:
        """A service that offers what it has been told the end of: restored from a backup, say."""
        self.world.fault("duplicate", f"{self.host} offers job {job.serial} again")
        job.state = JobState.PENDING
        job.reasons = ("none",)
        job.device = ""
        job.ended = job.cancel = False
        job.reoffered = True
        self.happened("job-fetchable", job)

    def restart(self, remembers: bool) -> None:
        """Down for a while; afterwards it knows its jobs, or nothing at all."""
        self.world.fault("restart" if remembers else "amnesia", f"{self.host} goes down")
        self.server.stop()
        self._held.clear()
        self.forget_sessions()
        if not remembers:
            for job in self.jobs.values():
                job.lost = True
            self.jobs = {}
            self._next_id = 1
            self.devices.clear()
        self.world.after(_DOWN_MS, self._up)

    def _up(self) -> None:
        self.world.note(self.host, "is up again")
        self.server.up = True

    # -- what a profile does --

    def forget_sessions(self) -> None:
        """What no service of this profile keeps over a restart."""

    def happened(self, event: str, job: Job | None = None) -> None:
        """Who waits may have something to hear."""
        self.world.after(1, self._wake)

    def _wake(self) -> None:
        self._held = [again for again in self._held if not again()]

    def hold(self, again: Callable[[], bool], ms: int, timeout: Callable[[], None]) -> None:
        """Ask ``again`` whenever something happens until it answers True; ``timeout`` after ``ms``."""
        self._held.append(again)

        def late() -> None:
            if again in self._held:
                self._held.remove(again)
                timeout()

        self.world.after(ms, late)

    # -- for the handlers --

    def _handle(self, connection: Connection, message: Message, behind: bytes) -> None:
        handler = self.handlers[message.code]
        self.world.note(self.host, f"request {self.server.requests}: {handler.__name__.lstrip('_')}")
        handler(self, connection, message, behind)

    def end(self, job: Job, state: int, reasons: tuple[str, ...]) -> None:
        """It is over."""
        job.ended = True
        job.state = state
        job.reasons = reasons

    def find_uuid(self, name: Any) -> Job | None:
        return next((job for job in self.jobs.values() if job.uuid == name), None)


def answer(code: int = Status.OK) -> Message:
    """The beginning of a reply."""
    return Message.response(code, 1)


def job_group(message: Message, job: Job, *names: str) -> Group:
    """The job as the service sees it."""
    group = message.add_group(tags.JOB)
    known = {
        "job-id": (tags.INTEGER, job.id),
        "job-uuid": (tags.URI, job.uuid),
        "job-state": (tags.ENUM, job.state),
        "number-of-documents": (tags.INTEGER, len(job.documents)),
    }
    for name in names:
        if name == "job-state-reasons":
            group.put(Attribute(name, tags.KEYWORD, *job.reasons))
        else:
            tag, value = known[name]
            group.add(name, tag, value)
    return group


def report_of(message: Message, prefix: str) -> Report:
    """What a device says of a job; ``prefix`` of the names of its state."""
    group = message.find(tags.JOB) or Group(tags.JOB)
    return Report(
        group.get(prefix + "job-state", 0),
        group.get("job-impressions-completed", 0),
        tuple(group.values(prefix + "job-state-reasons")),
        str(group.get(prefix + "job-state-message", "")),
    )


def printer_state(message: Message) -> tuple[int, str]:
    """What a device says of itself."""
    group = message.find(tags.PRINTER) or Group(tags.PRINTER)
    return group.get("printer-state", 0), str(group.get("printer-state-message", ""))
