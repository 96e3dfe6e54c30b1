"""From operation-id to its function, after the checks that every request must pass (RFC 8011 4.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

from fetchprint.ipp import tags
from fetchprint_tools.codes import Operation, Status
from fetchprint_tools.message import Attribute, Group, Message
from fetchprint_tools.printservice import operations_client as client
from fetchprint_tools.printservice import operations_device as device
from fetchprint_tools.printservice import operations_document as document
from fetchprint_tools.printservice import operations_mobile as mobile
from fetchprint_tools.printservice import operations_notify as notify
from fetchprint_tools.printservice import operations_register as register
from fetchprint_tools.printservice.exchange import Answer, Exchange, Handler, shortened
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.records import packable
from fetchprint_tools.printservice.refusal import Refusal

HANDLERS: dict[Operation, Handler] = {
    Operation.PRINT_JOB: client.print_job,
    Operation.PRINT_URI: client.print_uri,
    Operation.VALIDATE_JOB: client.validate_job,
    Operation.CREATE_JOB: client.create_job,
    Operation.SEND_DOCUMENT: client.send_document,
    Operation.SEND_URI: client.send_uri,
    Operation.CLOSE_JOB: client.close_job,
    Operation.CANCEL_JOB: client.cancel_job,
    Operation.GET_JOB_ATTRIBUTES: client.get_job_attributes,
    Operation.GET_JOBS: client.get_jobs,
    Operation.GET_PRINTER_ATTRIBUTES: client.get_printer_attributes,
    Operation.IDENTIFY_PRINTER: client.identify_printer,
    Operation.CUPS_GET_DEFAULT: client.cups_get_printers,
    Operation.CUPS_GET_PRINTERS: client.cups_get_printers,
    Operation.CREATE_PRINTER_SUBSCRIPTIONS: notify.create_printer_subscriptions,
    Operation.RENEW_SUBSCRIPTION: notify.renew_subscription,
    Operation.CANCEL_SUBSCRIPTION: notify.cancel_subscription,
    Operation.GET_NOTIFICATIONS: notify.get_notifications,
    Operation.GET_DOCUMENTS: document.get_documents,
    Operation.GET_DOCUMENT_ATTRIBUTES: document.get_document_attributes,
    Operation.FETCH_DOCUMENT: document.fetch_document,
    Operation.ACKNOWLEDGE_DOCUMENT: document.acknowledge_document,
    Operation.UPDATE_DOCUMENT_STATUS: document.update_document_status,
    Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES: device.update_output_device_attributes,
    Operation.GET_OUTPUT_DEVICE_ATTRIBUTES: device.get_output_device_attributes,
    Operation.DEREGISTER_OUTPUT_DEVICE: device.deregister_output_device,
    Operation.ACKNOWLEDGE_IDENTIFY_PRINTER: device.acknowledge_identify_printer,
    Operation.UPDATE_ACTIVE_JOBS: device.update_active_jobs,
    Operation.FETCH_JOB: device.fetch_job,
    Operation.ACKNOWLEDGE_JOB: device.acknowledge_job,
    Operation.UPDATE_JOB_STATUS: device.update_job_status,
    **mobile.HANDLERS,
    **register.HANDLERS,
}

# Operations that CUPS clients send to the server as a whole, without a target.
_WITHOUT_TARGET = (Operation.CUPS_GET_DEFAULT, Operation.CUPS_GET_PRINTERS)

_ORDER = "attributes-charset, attributes-natural-language and the target must come first, in this order"


def begin(queue: Queue, message: Message, base: str, body: AsyncIterator[bytes]) -> Exchange:
    """A request whose form is right. Raises ``Refusal``."""
    try:
        operation = Operation(message.code)
    except ValueError:
        raise Refusal(
            Status.OPERATION_NOT_SUPPORTED, f"operation 0x{message.code:04x} is not supported"
        ) from None
    if message.request_id < 1:
        raise Refusal(Status.BAD_REQUEST, "request-id must be 1 or more")
    _check_lengths(message)
    resource = _check(queue, operation, message)
    return Exchange(queue, message, base, resource, body)


async def perform(exchange: Exchange) -> Answer:
    """The answer to a whole request. Raises ``Refusal``."""
    return await HANDLERS[Operation(exchange.message.code)](exchange)


def _check_lengths(message: Message) -> None:
    """What is stored and handed on must be such that it can be sent: the decoder takes longer values than
    RFC 8011 lets a sender write."""
    for group in message.groups:
        if group.tag in (tags.OPERATION, tags.JOB):
            for attribute in group:
                if not packable(attribute):
                    raise Refusal(Status.REQUEST_VALUE_TOO_LONG, f"{attribute.name} is longer than allowed")


def _check(queue: Queue, operation: Operation, message: Message) -> str:
    """The path of the target; raises ``Refusal`` when what each request must begin with is not there."""
    if not message.groups or message.groups[0].tag != tags.OPERATION:
        raise Refusal(Status.BAD_REQUEST, "the operation attributes must come first")
    if len(message.groups_of(tags.OPERATION)) > 1:
        raise Refusal(Status.BAD_REQUEST, "there are two groups of operation attributes")
    first = list(message.groups[0])[:3]
    if (
        len(first) < 2
        or (first[0].name, first[0].tags) != ("attributes-charset", [tags.CHARSET])
        or (first[1].name, first[1].tags) != ("attributes-natural-language", [tags.NATURAL_LANGUAGE])
    ):
        raise Refusal(Status.BAD_REQUEST, _ORDER)
    charset = str(first[0].value).lower()
    if charset not in ("utf-8", "us-ascii"):
        raise Refusal(Status.CHARSET_NOT_SUPPORTED, f"charset {charset} is not supported", [first[0]])
    if operation in _WITHOUT_TARGET:
        return "/"
    names: tuple[str, ...] = ("printer-uri", "job-uri")
    if operation == Operation.REGISTER_OUTPUT_DEVICE:
        names = ("system-uri",)
    elif operation in mobile.HANDLERS or operation == Operation.REGISTER_PRINTER:
        names = ("printer-uri",)
    if len(first) < 3 or first[2].name not in names or first[2].tags != [tags.URI]:
        raise Refusal(Status.BAD_REQUEST, _ORDER)
    return _resource(queue, operation, first[2])


def _resource(queue: Queue, operation: Operation, target: Attribute) -> str:
    """The path of a printer-uri, job-uri or system-uri that exists here."""
    try:
        path = urlsplit(str(target.value)).path.rstrip("/")
    except ValueError as error:
        raise Refusal(Status.BAD_REQUEST, f"{target.name} is not a uri: {error}", [target]) from error
    if target.name == "system-uri":
        known = path in ("/ipp/system", "/ipp", "")
    elif target.name == "job-uri":
        parent, _, number = path.rpartition("/")
        known = number.isdigit() and (parent == "/jobs" or parent in printer_paths(queue.name))
    else:
        # lpstat asks for the jobs of all queues at the root.
        known = path in printer_paths(queue.name) or (operation == Operation.GET_JOBS and path == "")
    if not known:
        raise Refusal(
            Status.NOT_FOUND, f"{target.value} is not known here: the queue is {queue.uri}", [target]
        )
    return path


def printer_paths(name: str) -> tuple[str, ...]:
    """Where the queue can be found; the last is for clients that think this is CUPS."""
    return f"/ipp/print/{name}", "/ipp/print", f"/printers/{name}"


def reply(message_version: int, request_id: int, answer: Answer) -> Message:
    """The reply message. Its version is the request's own where that is one we speak."""
    version = message_version if message_version >> 8 in (1, 2) else 0x0200
    response = Message.response(answer.status, max(request_id, 1), version)
    if answer.message:
        response.groups[0].add("status-message", tags.TEXT, shortened(answer.message))
    for attribute in answer.operation:
        response.groups[0].put(attribute)
    if answer.unsupported:
        response.groups.append(Group(tags.UNSUPPORTED_GROUP, answer.unsupported))
    response.groups += answer.groups
    return response
