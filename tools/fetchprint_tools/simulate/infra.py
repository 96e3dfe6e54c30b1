"""A simulated Infrastructure Printer (PWG 5100.18), with each real server's quirks."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Message
from fetchprint_tools.simulate.httpd import Connection
from fetchprint_tools.simulate.jobs import Job, Numbers
from fetchprint_tools.simulate.network import Network
from fetchprint_tools.simulate.quirks import STANDARD, Quirks
from fetchprint_tools.simulate.service import Service, answer, job_group, printer_state, report_of

_HOLD_MS = 30000


class Infra(Service):
    """``quirks`` as data; see there."""

    def __init__(self, network: Network, host: str, numbers: Numbers, quirks: Quirks = STANDARD) -> None:
        super().__init__(network, host, numbers)
        self.name = quirks.name
        self.quirks = quirks
        self.reveals = quirks.reveals != "none"
        self.server.chunked = quirks.chunked
        self.subscriptions: dict[int, list[str]] = {}
        self._subscribed = 0

    def forget_sessions(self) -> None:
        self.subscriptions.clear()
        self._subscribed = 0

    def submit(self, pages: int, documents: int = 1) -> Job:
        job = super().submit(pages, documents)
        if self.quirks.jobs_stopped:
            job.state = JobState.PROCESSING_STOPPED
        return job

    def happened(self, event: str, job: Job | None = None) -> None:
        for events in self.subscriptions.values():
            events.append(event)
        super().happened(event, job)

    # -- helpers --

    def _known(self, connection: Connection, message: Message) -> str | None:
        """The device that asks; an unknown one gets its answer here."""
        name = message.get(tags.OPERATION, "output-device-uuid")
        if name in self.devices:
            return str(name)
        connection.reply(answer(Status.OK if self.quirks.unknown_device_ok else Status.NOT_FOUND))
        return None

    def _job(self, connection: Connection, message: Message) -> Job | None:
        job = self.jobs.get(message.get(tags.OPERATION, "job-id"))
        if job is None:
            connection.reply(answer(Status.NOT_FOUND))
        return job

    def _owned(self, connection: Connection, message: Message) -> Job | None:
        device = self._known(connection, message)
        job = self._job(connection, message) if device else None
        if job is not None and job.device != device:
            connection.reply(answer(Status.NOT_POSSIBLE))
            return None
        return job

    def _listed(self, job: Job) -> bool:
        if job.ended and job.final:
            return self.quirks.ended_stay
        canceled = job.state == JobState.CANCELED and self.quirks.canceled_stay
        return not job.device and (canceled or not job.ended)

    # -- operations --

    def _update_output_device_attributes(self, connection: Connection, message: Message, _: bytes) -> None:
        self.devices.add(message.get(tags.OPERATION, "output-device-uuid"))
        self.told.append(printer_state(message))
        connection.reply(answer())

    def _update_active_jobs(self, connection: Connection, message: Message, _: bytes) -> None:
        device = self._known(connection, message)
        if device is None:
            return
        ids = message.values(tags.OPERATION, "job-ids")
        states = message.values(tags.OPERATION, "output-device-job-states")
        if not ids and self.quirks.empty_active_refused:
            connection.reply(answer(Status.BAD_REQUEST))
            return
        mine = {job.id: job for job in self.jobs.values() if job.device == device}
        reply = answer()
        shown = [
            mine[number]
            for number, state in zip(ids, states, strict=True)
            if number in mine and mine[number].state != state
        ]
        forgotten = [job for job in mine.values() if job.id not in ids]
        for job in forgotten:
            if not job.ended:
                job.state = JobState.PROCESSING_STOPPED
        if self.quirks.reveals == "forgotten":
            shown += [job for job in forgotten if not job.ended]
        elif self.quirks.reveals == "all":
            shown += forgotten
        if shown:
            group = reply.groups[0]
            group.put(Attribute("job-ids", tags.INTEGER, *[job.id for job in shown]))
            group.put(Attribute("output-device-job-states", tags.ENUM, *[job.state for job in shown]))
        foreign = [number for number in ids if number not in mine]
        if foreign:
            reply.code = Status.OK_IGNORED_OR_SUBSTITUTED
            reply.add_group(tags.UNSUPPORTED_GROUP).put(Attribute("job-ids", tags.INTEGER, *foreign))
        connection.reply(reply)

    def _create_printer_subscriptions(self, connection: Connection, message: Message, _: bytes) -> None:
        self._subscribed += 1
        self.subscriptions[self._subscribed] = []
        reply = answer()
        group = reply.add_group(tags.SUBSCRIPTION)
        group.add("notify-subscription-id", tags.INTEGER, self._subscribed)
        group.add("notify-lease-duration", tags.INTEGER, 3600)
        connection.reply(reply)

    def _renew_subscription(self, connection: Connection, message: Message, _: bytes) -> None:
        known = message.get(tags.OPERATION, "notify-subscription-id") in self.subscriptions
        connection.reply(answer(Status.OK if known else Status.NOT_FOUND))

    def _cancel_subscription(self, connection: Connection, message: Message, _: bytes) -> None:
        known = self.subscriptions.pop(message.get(tags.OPERATION, "notify-subscription-id"), None)
        connection.reply(answer(Status.OK if known is not None else Status.NOT_FOUND))

    def _get_notifications(self, connection: Connection, message: Message, _: bytes) -> None:
        number = message.get(tags.OPERATION, "notify-subscription-ids")
        if number not in self.subscriptions:
            connection.reply(answer(Status.NOT_FOUND))
            return
        asked = message.get(tags.OPERATION, "notify-sequence-numbers", 0)
        first = max(1, asked + self.quirks.sequence_off_by_one)
        request = connection.request_id

        def again() -> bool:
            events = self.subscriptions.get(number, [])
            if connection.alive and request == connection.request_id and len(events) < first:
                return False
            reply = answer()
            for sequence in range(first, len(events) + 1):
                group = reply.add_group(tags.EVENT_NOTIFICATION)
                group.add("notify-subscription-id", tags.INTEGER, number)
                group.add("notify-sequence-number", tags.INTEGER, sequence)
                group.add("notify-subscribed-event", tags.KEYWORD, events[sequence - 1])
            connection.reply(reply)
            return True

        if not again():
            self.hold(again, _HOLD_MS, lambda: connection.reply(answer()))

    def _get_jobs(self, connection: Connection, message: Message, _: bytes) -> None:
        reply = answer()
        if self._known(connection, message) is None:
            return
        for job in sorted(self.jobs.values(), key=lambda job: job.id, reverse=self.quirks.newest_first):
            if self._listed(job):
                job_group(reply, job, "job-id", "job-state", "job-state-reasons")
        connection.reply(reply)

    def _get_job_attributes(self, connection: Connection, message: Message, _: bytes) -> None:
        job = self._job(connection, message)
        if job is not None:
            reply = answer()
            names = ("job-id", "job-uuid", "job-state", "job-state-reasons", "number-of-documents")
            job_group(reply, job, *names)
            connection.reply(reply)

    def _fetch_job(self, connection: Connection, message: Message, _: bytes) -> None:
        device = self._known(connection, message)
        job = self._job(connection, message) if device else None
        if job is None:
            return
        if (job.ended and not self._listed(job)) or job.device not in ("", device):
            connection.reply(answer(self.quirks.not_fetchable))
            return
        reply = answer()
        names = ["job-id", "job-uuid"]
        if self.quirks.counts_documents:
            names += ["job-state", "job-state-reasons", "number-of-documents"]
        job_group(reply, job, *names)
        connection.reply(reply)

    def _acknowledge_job(self, connection: Connection, message: Message, _: bytes) -> None:
        device = self._known(connection, message)
        job = self._job(connection, message) if device else None
        if job is None or device is None:
            return
        if job.device == device:
            connection.reply(answer(self.quirks.acknowledged_again))
        elif job.device or job.ended:
            connection.reply(answer(self.quirks.not_fetchable))
        else:
            job.device = device
            job.state = JobState.PROCESSING
            connection.reply(answer())

    def _fetch_document(self, connection: Connection, message: Message, _: bytes) -> None:
        job = self._owned(connection, message)
        if job is None:
            return
        number = message.get(tags.OPERATION, "document-number")
        if job.ended or not 1 <= number <= len(job.documents):
            connection.reply(answer(self.quirks.not_fetchable))
            return
        reply = answer()
        group = reply.groups[0] if self.quirks.format_in_operation_group else reply.add_group(tags.DOCUMENT)
        group.add("compression", tags.KEYWORD, "none")
        group.add("document-format", tags.MIME_MEDIA_TYPE, self.format)
        connection.reply(reply, job.documents[number - 1])

    def _acknowledge_document(self, connection: Connection, message: Message, _: bytes) -> None:
        job = self._owned(connection, message)
        if job is not None:
            connection.reply(answer(self.quirks.document_again if job.ended else Status.OK))

    def _update_document_status(self, connection: Connection, message: Message, _: bytes) -> None:
        if self._owned(connection, message) is not None:
            connection.reply(answer())

    def _update_job_status(self, connection: Connection, message: Message, _: bytes) -> None:
        job = self._owned(connection, message)
        if job is None:
            return
        report = report_of(message, "output-device-")
        job.take(report)
        if job.ended:
            if not self.quirks.end_applied:
                job.reasons = report.reasons
            connection.reply(answer(Status.NOT_POSSIBLE if self.quirks.end_applied else Status.OK))
            return
        applied = self.quirks.cancel_applied or report.state != JobState.CANCELED
        if report.state >= JobState.CANCELED and applied:
            self.end(job, report.state, report.reasons)
            if not self.quirks.end_applied and report.state != JobState.CANCELED:
                job.state = JobState.PROCESSING_STOPPED
            self.happened("job-completed", job)
        elif report.state < JobState.CANCELED and not job.cancel:
            job.state = report.state
        connection.reply(answer())

    def _deregister_output_device(self, connection: Connection, message: Message, _: bytes) -> None:
        self.devices.discard(message.get(tags.OPERATION, "output-device-uuid"))
        connection.reply(answer())

    handlers: ClassVar[dict[int, Callable[..., None]]] = {
        Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES: _update_output_device_attributes,
        Operation.UPDATE_ACTIVE_JOBS: _update_active_jobs,
        Operation.CREATE_PRINTER_SUBSCRIPTIONS: _create_printer_subscriptions,
        Operation.RENEW_SUBSCRIPTION: _renew_subscription,
        Operation.CANCEL_SUBSCRIPTION: _cancel_subscription,
        Operation.GET_NOTIFICATIONS: _get_notifications,
        Operation.GET_JOBS: _get_jobs,
        Operation.GET_JOB_ATTRIBUTES: _get_job_attributes,
        Operation.FETCH_JOB: _fetch_job,
        Operation.ACKNOWLEDGE_JOB: _acknowledge_job,
        Operation.FETCH_DOCUMENT: _fetch_document,
        Operation.ACKNOWLEDGE_DOCUMENT: _acknowledge_document,
        Operation.UPDATE_DOCUMENT_STATUS: _update_document_status,
        Operation.UPDATE_JOB_STATUS: _update_job_status,
        Operation.DEREGISTER_OUTPUT_DEVICE: _deregister_output_device,
    }
