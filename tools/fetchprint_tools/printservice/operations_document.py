"""The device's side of INFRA: documents."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Status
from fetchprint_tools.message import Attribute
from fetchprint_tools.printservice.delivery import open_document
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.exchange import Answer, Exchange, select
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.jobattributes import DOCUMENT_GROUPS, document_attributes
from fetchprint_tools.printservice.operations_device import fetch_status, owned_job
from fetchprint_tools.printservice.plan import choose
from fetchprint_tools.printservice.refusal import Refusal, refusal_reasons
from fetchprint_tools.render import RenderError


def _document(exchange: Exchange, job: Job) -> Document:
    number: int = exchange.one(exchange.operation, "document-number", int)
    if not 1 <= number <= len(job.documents):
        raise Refusal(Status.NOT_FOUND, f"job {job.id} has no document {number}")
    return job.documents[number - 1]


async def get_documents(exchange: Exchange) -> Answer:
    """Get-Documents (PWG 5100.5)."""
    job = exchange.job()
    wanted = exchange.requested(("document-number",))
    limit = exchange.one(exchange.operation, "limit", int, needed=False)
    answer = Answer()
    for document in job.documents[:limit]:
        answer.group(
            tags.DOCUMENT, select(document_attributes(exchange, job, document), wanted, DOCUMENT_GROUPS)
        )
    return answer


async def get_document_attributes(exchange: Exchange) -> Answer:
    """Get-Document-Attributes (PWG 5100.5)."""
    job = exchange.job()
    found = document_attributes(exchange, job, _document(exchange, job))
    answer = Answer()
    answer.group(tags.DOCUMENT, select(found, exchange.requested(), DOCUMENT_GROUPS))
    return answer


async def fetch_document(exchange: Exchange) -> Answer:
    """Fetch-Document: as it is when the device takes its format, else rendered while it is sent."""
    queue = exchange.queue
    device = queue.presence.known(exchange.device_uuid())
    job = exchange.job()
    if job.device != device.uuid or job.ended:
        raise Refusal(Status.NOT_FETCHABLE, f"job {job.id} is not this device's: acknowledge it first")
    document = _document(exchange, job)
    if document.uri:
        return _referred(exchange, job, document, device)
    accepted = [str(mime) for mime in exchange.operation.values("document-format-accepted")] or device.formats
    packings = [str(one) for one in exchange.operation.values("compression-accepted")] or ["none"]
    plan = choose(document.format, accepted, packings)
    if plan is None:
        message = f"the device takes no {document.format}, and it cannot be made into what it takes"
        queue.end(job, JobState.ABORTED, refusal_reasons(Status.DOCUMENT_FORMAT_NOT_SUPPORTED), message)
        raise Refusal(Status.DOCUMENT_FORMAT_NOT_SUPPORTED, message)
    try:
        stream = await open_document(queue, job, document, device, plan)
    except RenderError as error:
        queue.end(job, JobState.ABORTED, refusal_reasons(Status.DOCUMENT_FORMAT_ERROR), str(error))
        raise Refusal(Status.DOCUMENT_FORMAT_ERROR, str(error)) from error
    with queue.jobs.edit(job):
        document.state = JobState.PROCESSING
        queue.document_changed(job, document)
    answer = Answer(document=stream)
    answer.operation.append(Attribute("compression", tags.KEYWORD, plan.compression))
    found = document_attributes(exchange, job, document)
    kept = [one for one in found if one.name != "document-format"]
    answer.group(tags.DOCUMENT, [Attribute("document-format", tags.MIME_MEDIA_TYPE, plan.format), *kept])
    return answer


def _referred(exchange: Exchange, job: Job, document: Document, device: OutputDevice) -> Answer:
    """By reference: the device is told document-uri and fetches it itself."""
    if document.scheme not in device.schemes:
        raise Refusal(Status.NOT_FETCHABLE, f"the device does not fetch documents by {document.scheme}")
    answer = Answer()
    found = document_attributes(exchange, job, document)
    answer.group(tags.DOCUMENT, found)
    return answer


async def acknowledge_document(exchange: Exchange) -> Answer:
    """Acknowledge-Document: it arrived whole, or the device cannot use it and the job is over."""
    queue = exchange.queue
    job = owned_job(exchange, queue.presence.known(exchange.device_uuid()))
    document = _document(exchange, job)
    code = fetch_status(exchange)
    if not code:
        with queue.jobs.edit(job):
            document.fetched = True
            queue.document_changed(job, document)
        return Answer()
    if job.ended:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is {job.state.keyword} already")
    message = (
        exchange.text("fetch-status-message")
        or f"document {document.number} was refused by the output device"
    )
    with queue.jobs.edit(job):
        document.state, document.completed = JobState.ABORTED, queue.now()
        document.reasons = refusal_reasons(code)
        queue.document_changed(job, document)
        queue.end(job, JobState.ABORTED, document.reasons, message)
    return Answer()


async def update_document_status(exchange: Exchange) -> Answer:
    """Update-Document-Status."""
    queue = exchange.queue
    job = owned_job(exchange, queue.presence.known(exchange.device_uuid()))
    document = _document(exchange, job)
    if document.state.ended:
        raise Refusal(Status.NOT_POSSIBLE, f"document {document.number} is {document.state.keyword} already")
    group = exchange.message.find(tags.DOCUMENT)
    state = exchange.one(group, "output-device-document-state", int, needed=False)
    if state is not None and state not in tuple(JobState):
        assert group is not None  # or it would have no state
        wrong = group["output-device-document-state"]
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "not a document-state", [wrong])
    printed = exchange.one(group, "impressions-completed", int, needed=False)
    with queue.jobs.edit(job):
        if group is not None:
            reasons = [str(reason) for reason in group.values("output-device-document-state-reasons")]
            document.reasons = [reason for reason in reasons if reason != "none"]
            document.impressions_completed = max(document.impressions_completed, printed or 0)
        if state is not None:
            document.state = JobState(state)
            if document.state.ended:
                document.completed = queue.now()
        queue.document_changed(job, document)
    return Answer()
