"""A simulated service of the 2010 profile (docs/mobile-operations.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Message, decode
from fetchprint_tools.simulate.httpd import Connection
from fetchprint_tools.simulate.jobs import Job
from fetchprint_tools.simulate.service import Service, answer, job_group, printer_state, report_of

_JOB = ("job-uuid", "job-id", "job-state", "job-state-reasons")


class Mobile(Service):
    """One queue, whose jobs have one document each."""

    name = "mobile"

    def forget_sessions(self) -> None:
        for job in self.jobs.values():
            job.offered = ""

    # -- helpers --

    def _mine(self, device: str, message: Message) -> Job | None:
        job = self.find_uuid(message.get(tags.OPERATION, "job-uuid"))
        return job if job is not None and device in (job.device or job.offered,) else None

    def _active(self, device: str) -> Job | None:
        return next((job for job in self.jobs.values() if job.device == device and not job.ended), None)

    def _offer(self, connection: Connection, job: Job, device: str) -> None:
        if not job.device:
            job.offered = device
        reply = answer()
        reply.groups[0].add("embedded-message", tags.KEYWORD, "print-job-request")
        reply.groups[0].add("job-uuid", tags.URI, job.uuid)
        inside = Message.request(Operation.PRINT_JOB, job.id, f"ipp://{self.host}/ipp/print/sim")
        group = inside.groups[0]
        group.add("job-id", tags.INTEGER, job.id)
        group.add("job-uuid", tags.URI, job.uuid)
        group.add("requesting-user-name", tags.NAME, "anna")
        group.add("document-format", tags.MIME_MEDIA_TYPE, self.format)
        connection.reply(reply, inside.encode() + job.documents[0])

    def _about(self, connection: Connection, job: Job | None, code: int = Status.OK) -> None:
        reply = answer(code)
        if job is not None:
            job_group(reply, job, *_JOB)
        connection.reply(reply)

    # -- operations --

    def _fetch_print_job(self, connection: Connection, message: Message, _: bytes) -> None:
        device = message.get(tags.OPERATION, "printer-uuid")
        if device not in self.devices:
            self._about(connection, None, Status.NOT_POSSIBLE)
        elif "job-uuid" in message.groups[0]:
            job = self._mine(device, message)
            if job is None or job.ended:
                self._about(connection, None, Status.NOT_FOUND)
            else:
                self._offer(connection, job, device)
        else:
            self._wait(connection, message, device)

    def _wait(self, connection: Connection, message: Message, device: str) -> None:
        active = self._active(device)
        if active is not None:
            self._about(connection, active, Status.NOT_POSSIBLE)
            return
        request = connection.request_id

        def again() -> bool:
            if not connection.alive or connection.request_id != request:
                return True
            if self.told and self.told[-1][0] != 3:
                return False  # a printer that is stopped or busy is offered nothing
            for job in sorted(self.jobs.values(), key=lambda job: job.id):
                if not job.device and not job.ended and self.world.now >= job.not_before:
                    self._offer(connection, job, device)
                    return True
            return False

        def none() -> None:
            reply = answer()
            reply.groups[0].add("embedded-message", tags.KEYWORD, "none")
            connection.reply(reply)

        seconds = message.get(tags.OPERATION, "fetch-wait", 0)
        if not again():
            self.hold(again, seconds * 1000, none) if seconds else none()

    def _accept_print_job(self, connection: Connection, message: Message, behind: bytes) -> None:
        device = message.get(tags.OPERATION, "printer-uuid")
        job = self._mine(device, message)
        inside, _ = decode(behind)
        if job is None:
            self._about(connection, None, Status.NOT_FOUND)
        elif job.ended or inside.request_id != job.id:
            self._about(connection, job, Status.NOT_POSSIBLE)
        else:
            if not job.device:
                job.device = device
                job.state = JobState.PROCESSING
            self._about(connection, job)

    def _reject_print_job(self, connection: Connection, message: Message, behind: bytes) -> None:
        device = message.get(tags.OPERATION, "printer-uuid")
        job = self._mine(device, message)
        if job is not None and job.device and not job.ended:
            self._about(connection, None, Status.NOT_POSSIBLE)
            return
        inside, _ = decode(behind)
        if job is not None and not job.ended:
            job.offered = ""
            if inside.code >= Status.INTERNAL_ERROR:
                job.not_before = self.world.now + 1000
                self.world.after(1001, self._wake)
            else:
                self.end(job, JobState.ABORTED, ("aborted-by-system",))
        self._about(connection, None)

    def _report_print_job(self, connection: Connection, message: Message, _: bytes) -> None:
        device = message.get(tags.OPERATION, "printer-uuid")
        job = self._mine(device, message)
        report = report_of(message, "")
        if job is None:
            self._about(connection, None, Status.NOT_FOUND)
            return
        if report.state != JobState.PENDING:
            job.take(report)
        if job.ended:
            same = report.state == job.state
            self._about(connection, job, Status.OK if same else Status.NOT_POSSIBLE)
            return
        if report.state >= JobState.CANCELED:
            job.device = device
            self.end(job, report.state, report.reasons)
            self.happened("", job)
        elif job.device and report.state != JobState.PENDING and not job.cancel:
            job.state = report.state
        self._about(connection, job)

    def _report_printer(self, connection: Connection, message: Message, _: bytes) -> None:
        device = message.get(tags.OPERATION, "printer-uuid")
        group = message.find(tags.PRINTER)
        if group is not None and "document-format-supported" in group:
            self.devices.add(device)
        self.told.append(printer_state(message))
        self.happened("")
        self._about(connection, self._active(device))

    handlers: ClassVar[dict[int, Callable[..., None]]] = {
        Operation.FETCH_PRINT_JOB: _fetch_print_job,
        Operation.ACCEPT_PRINT_JOB: _accept_print_job,
        Operation.REJECT_PRINT_JOB: _reject_print_job,
        Operation.REPORT_PRINT_JOB: _report_print_job,
        Operation.REPORT_PRINTER: _report_printer,
    }
