"""A message inside a message (docs/mobile-operations.md section 1.3): the Print-Job or Print-URI Request
that goes out in a Fetch-Print-Job Response, and the Response to it that a device embeds in its requests."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fetchprint.ipp import tags
from fetchprint.ipp.errors import DecodeError
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Message, MessageReader
from fetchprint_tools.printservice.exchange import Exchange, shortened
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.limits import MAX_MESSAGE
from fetchprint_tools.printservice.plan import Plan
from fetchprint_tools.printservice.syntax import integer, keyword, keywords, malformed, text

REQUEST = "print-job-request"
URI_REQUEST = "print-uri-request"
RESPONSE = "print-job-response"
URI_RESPONSE = "print-uri-response"
NONE = "none"

# What the service has seen to when a job is offered ...
_DONE = ("job-hold-until", "job-priority", "multiple-document-handling")
# ... and what the renderer has when it made the document for the device.
_RENDERED = (
    "media",
    "media-col",
    "number-up",
    "orientation-requested",
    "print-color-mode",
    "print-content-optimize",
    "print-quality",
    "print-scaling",
    "printer-resolution",
)


def print_request(exchange: Exchange, job: Job, document: Document, plan: Plan) -> Message:
    """The Request for a device. Its request-id is the job's number, which outlives a restart."""
    operation = Operation.PRINT_URI if document.uri else Operation.PRINT_JOB
    message = Message.request(operation, job.id, str(exchange.operation["printer-uri"].value))
    group = message.groups[0]
    group.add("job-id", tags.INTEGER, job.id)
    group.add("job-uuid", tags.URI, job.uuid)
    group.add("requesting-user-name", tags.NAME, shortened(job.user))
    group.add("job-name", tags.NAME, shortened(job.name))
    if document.name:
        group.add("document-name", tags.NAME, shortened(document.name))
    if job.fidelity:
        group.add("ipp-attribute-fidelity", tags.BOOLEAN, True)
    group.add("document-format", tags.MIME_MEDIA_TYPE, plan.format)
    if plan.compression != "none":
        group.add("compression", tags.KEYWORD, plan.compression)
    if document.uri:
        group.add("document-uri", tags.URI, document.uri)
    elif not plan.rendered:
        group.add("job-k-octets", tags.INTEGER, (document.octets + 1023) // 1024)
    done = _DONE + (_RENDERED if plan.rendered else ())
    left = [attribute for attribute in job.template if attribute.name not in done]
    if left:
        template = message.add_group(tags.JOB)
        for attribute in left:
            template.put(attribute)
    return message


def announced(document: Document) -> str:
    """embedded-message for ``print_request``."""
    return URI_REQUEST if document.uri else REQUEST


async def read_response(exchange: Exchange) -> Message:
    """The Response behind the message of the request, and nothing else there. Raises ``Refusal``."""
    kind = keyword(exchange.operation, "embedded-message")
    if kind not in (RESPONSE, URI_RESPONSE):
        what = f"embedded-message must be {RESPONSE} or {URI_RESPONSE}, not {kind}"
        raise malformed(what, exchange.operation["embedded-message"])
    try:
        response = await _read(exchange.body)
    except DecodeError as error:
        raise malformed(f"the embedded response is malformed: {error}") from error
    begin = [(one.name, one.tags) for group in response.groups[:1] for one in list(group)[:2]]
    if begin != [
        ("attributes-charset", [tags.CHARSET]),
        ("attributes-natural-language", [tags.NATURAL_LANGUAGE]),
    ]:
        raise malformed("the embedded response must begin with its charset and language")
    if "status-message" in response.groups[0]:
        text(response.groups[0], "status-message")
    return response


async def _read(body: AsyncIterator[bytes]) -> Message:
    reader = MessageReader()
    octets = 0
    async for piece in body:
        octets += len(piece)
        if reader.feed(piece):  # once the message has ended it gives back what is behind it
            raise malformed("there are octets behind the embedded response")
        if octets > MAX_MESSAGE:
            raise malformed(f"the embedded response has more than {MAX_MESSAGE} octets")
    reader.close()
    return reader.message


def check_kind(exchange: Exchange, document: Document) -> None:
    """That the response is one to the request that was offered. Raises ``Refusal``."""
    kind = exchange.operation["embedded-message"]
    if kind.value != (URI_RESPONSE if document.uri else RESPONSE):
        raise malformed(f"the job was offered as {announced(document)}", kind)


def check_acceptance(exchange: Exchange, response: Message, job: Job) -> None:
    """That it is the successful response to ``print_request`` of ``job`` (section 3). Raises ``Refusal``."""
    if response.code > Status.OK_IGNORED_OR_SUBSTITUTED:
        raise malformed(f"the embedded response says 0x{response.code:04x}: reject the job with it")
    ignored = response.find(tags.UNSUPPORTED_GROUP)
    if response.code == Status.OK_IGNORED_OR_SUBSTITUTED and not ignored:
        raise malformed("the embedded response does not say which attributes were ignored")
    if response.request_id != job.id:
        raise malformed(f"the embedded response has request-id {response.request_id}, the request {job.id}")
    group = response.find(tags.JOB)
    if group is None:
        raise malformed("the embedded response has no job group")
    number = integer(group, "job-id", 1)
    if number != job.id:
        raise malformed(f"the embedded response is about job {number}, not {job.id}", group["job-id"])
    uri = f"{exchange.operation['printer-uri'].value}/{job.id}"
    if group.get("job-uri") != uri:
        wrong: list[Attribute] = [group["job-uri"]] if "job-uri" in group else []
        raise malformed(f"the job-uri of the embedded response must be {uri}", *wrong)
    integer(group, "job-state", JobState.PENDING, JobState.PENDING, tags.ENUM)
    keywords(group, "job-state-reasons")


def check_rejection(response: Message, job: Job | None) -> None:
    """That it is an unsuccessful response (section 4). Raises ``Refusal``."""
    if response.code < Status.BAD_REQUEST:
        raise malformed(f"the embedded response says 0x{response.code:04x}: accept the job with it")
    if job is not None and response.request_id not in (job.id, 1):
        raise malformed(f"the embedded response has request-id {response.request_id}, the request {job.id}")
    if response.find(tags.JOB) is not None:
        raise malformed("the embedded response of a rejection has no job group")
