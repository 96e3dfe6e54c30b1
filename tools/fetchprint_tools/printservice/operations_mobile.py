"""The 2010 profile (docs/mobile-operations.md): a device asks for a job, answers it, and reports."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice import embedded
from fetchprint_tools.printservice.delivery import open_document
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.exchange import Answer, Exchange
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.jobreport import take_report
from fetchprint_tools.printservice.limits import MAX_FETCH_WAIT
from fetchprint_tools.printservice.mobile_exchange import (
    describe,
    device_of,
    job_of,
    not_found,
    not_possible,
)
from fetchprint_tools.printservice.mobile_printer import report_printer
from fetchprint_tools.printservice.plan import Plan, for_device
from fetchprint_tools.printservice.refusal import Refusal, refusal_reasons
from fetchprint_tools.printservice.syntax import integer, keywords, malformed, text, uuid
from fetchprint_tools.render import RenderError

_COUNTS = ("job-impressions-completed", "job-media-sheets-completed", "job-k-octets-processed")


async def fetch_print_job(exchange: Exchange) -> Answer:
    """Fetch-Print-Job: held until there is a job for this device; with job-uuid that one again."""
    operation = exchange.operation
    device = device_of(exchange)
    wait = integer(operation, "fetch-wait", 0, MAX_FETCH_WAIT) if "fetch-wait" in operation else 0
    if not device.formats:
        raise Refusal(Status.NOT_POSSIBLE, "send Report-Printer with the capabilities first")
    if "job-uuid" in operation:
        return await _again(exchange, device)
    for mine in exchange.queue.jobs.of_device(device.uuid):
        return not_possible(mine, f"job {mine.id} has not ended")
    until = time.monotonic() + wait
    offers = exchange.queue.offers
    while job := await offers.wait(device, max(0.0, until - time.monotonic()), exchange.connected):
        plan = for_device(device, job.documents[0])
        assert plan is not None  # or it would not be offered
        try:
            return await _send(exchange, job, device, plan)
        except RenderError as error:
            _spoilt(exchange, job, error)
    answer = Answer(operation=[Attribute("embedded-message", tags.KEYWORD, embedded.NONE)])
    if exchange.connected():  # or nobody hears it, and it is said once
        answer.operation += exchange.queue.presence.asked_to_identify(device)
    return answer


async def _again(exchange: Exchange, device: OutputDevice) -> Answer:
    """The same job once more, offered or accepted, whatever the device's state (section 2.2)."""
    job = job_of(exchange, device)
    if job is None or job.ended or len(job.documents) != 1:
        raise not_found()
    plan = for_device(device, job.documents[0])
    if job.device is None:
        if plan is None or not job.fetchable_by(device.uuid):
            raise not_found()
        exchange.queue.offers.bind(job, device)
    elif plan is None:
        return not_possible(job, f"the device has accepted job {job.id} and can no longer print it")
    try:
        return await _send(exchange, job, device, plan)
    except RenderError as error:
        _spoilt(exchange, job, error)
        raise not_found() from error


def _spoilt(exchange: Exchange, job: Job, error: RenderError) -> None:
    """Nothing can be made of the document."""
    if not job.ended:
        reasons = refusal_reasons(Status.DOCUMENT_FORMAT_ERROR)
        exchange.queue.end(job, JobState.ABORTED, reasons, str(error))


async def _send(exchange: Exchange, job: Job, device: OutputDevice, plan: Plan) -> Answer:
    """The offer: the embedded request, and behind it the document. Raises ``RenderError``."""
    document = job.documents[0]
    head = embedded.print_request(exchange, job, document, plan).encode()
    stream = None
    if not document.uri:
        stream = await open_document(exchange.queue, job, document, device, plan)
    answer = Answer(document=_behind(head, stream))
    answer.operation += [
        Attribute("embedded-message", tags.KEYWORD, embedded.announced(document)),
        Attribute("job-uuid", tags.URI, job.uuid),
    ]
    return answer


async def _behind(head: bytes, document: AsyncGenerator[bytes] | None) -> AsyncGenerator[bytes]:
    if document is None:
        yield head
        return
    async with aclosing(document):
        yield head
        async for piece in document:
            yield piece


async def accept_print_job(exchange: Exchange) -> Answer:
    """Accept-Print-Job: from now on the job is this device's, until it has ended."""
    device = device_of(exchange)
    uuid(exchange.operation, "job-uuid")
    response = await embedded.read_response(exchange)
    job = job_of(exchange, device)
    if job is None:
        raise not_found()
    embedded.check_kind(exchange, job.documents[0])
    embedded.check_acceptance(exchange, response, job)
    if job.ended:
        return not_possible(job, f"job {job.id} is {job.state.keyword}")
    if job.device is None:
        if not job.fetchable_by(device.uuid):
            raise not_found()
        exchange.queue.acknowledge(job, device)
    return describe(Answer(), job)


async def reject_print_job(exchange: Exchange) -> Answer:
    """Reject-Print-Job: it is offered to others, or ends when all have refused it."""
    device = device_of(exchange)
    uuid(exchange.operation, "job-uuid")
    response = await embedded.read_response(exchange)
    job = job_of(exchange, device)
    embedded.check_rejection(response, job)
    if job is None or job.ended:
        return Answer()  # it is not offered to this device any more
    embedded.check_kind(exchange, job.documents[0])
    if job.device is not None:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is accepted: end it with Report-Print-Job")
    if job.fetchable_by(device.uuid):
        message = str(response.groups[0].get("status-message", ""))
        exchange.queue.refuse(job, device, response.code, message)
    return Answer()


async def report_print_job(exchange: Exchange) -> Answer:
    """Report-Print-Job: what the device believes, then what the service does (section 5)."""
    device = device_of(exchange)
    uuid(exchange.operation, "job-uuid")
    group = exchange.message.find(tags.JOB)
    if group is None:
        raise malformed("there is no job group")
    state = JobState(integer(group, "job-state", JobState.PENDING, JobState.COMPLETED, tags.ENUM))
    if state == JobState.PENDING_HELD:
        raise malformed("a device holds no jobs: job-state must not be pending-held", group["job-state"])
    reasons = keywords(group, "job-state-reasons") or ["none"]
    message = text(group, "job-state-message") if "job-state-message" in group else ""
    for name in _COUNTS:
        if name in group:
            integer(group, name)
    job = job_of(exchange, device)
    if job is None:
        raise not_found()
    if job.ended:
        if state != job.state:
            return not_possible(job, f"job {job.id} is {job.state.keyword}")
        return describe(Answer(), job)
    _take(exchange, job, device, state, reasons, message, group)
    return describe(Answer(), job)


def _take(
    exchange: Exchange,
    job: Job,
    device: OutputDevice,
    state: JobState,
    reasons: list[str],
    message: str,
    group: Group,
) -> None:
    """Rules 2 and 3: of a job that is only offered nothing but its end counts."""
    queue = exchange.queue
    if job.device is not None:
        believed = None if state == JobState.PENDING else state
        take_report(queue, job, believed, reasons, message, group)
    elif state.ended:
        with queue.jobs.edit(job):
            job.device = device.uuid  # it had the job before, and the service has forgotten that
            take_report(queue, job, state, reasons, message, group)


HANDLERS = {
    Operation.FETCH_PRINT_JOB: fetch_print_job,
    Operation.ACCEPT_PRINT_JOB: accept_print_job,
    Operation.REJECT_PRINT_JOB: reject_print_job,
    Operation.REPORT_PRINT_JOB: report_print_job,
    Operation.REPORT_PRINTER: report_printer,
}
"""The operations of the profile."""
