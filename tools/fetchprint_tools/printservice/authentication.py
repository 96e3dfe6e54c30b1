"""Whether a request comes from the device that it names (docs/mobile-operations.md section 7.1)."""

from __future__ import annotations

from fetchprint_tools.codes import Operation, Status
from fetchprint_tools.printservice.credentials import presented
from fetchprint_tools.printservice.exchange import Exchange
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.tls import OWN

REGISTERING = (Operation.REGISTER_PRINTER, Operation.REGISTER_OUTPUT_DEVICE)
"""What a device asks that has no credentials yet."""

_OF_DEVICES = frozenset(
    (
        Operation.FETCH_PRINT_JOB,
        Operation.ACCEPT_PRINT_JOB,
        Operation.REJECT_PRINT_JOB,
        Operation.REPORT_PRINT_JOB,
        Operation.REPORT_PRINTER,
        Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES,
        Operation.GET_OUTPUT_DEVICE_ATTRIBUTES,
        Operation.DEREGISTER_OUTPUT_DEVICE,
        Operation.ACKNOWLEDGE_IDENTIFY_PRINTER,
        Operation.UPDATE_ACTIVE_JOBS,
        Operation.FETCH_JOB,
        Operation.ACKNOWLEDGE_JOB,
        Operation.UPDATE_JOB_STATUS,
        Operation.FETCH_DOCUMENT,
        Operation.ACKNOWLEDGE_DOCUMENT,
        Operation.UPDATE_DOCUMENT_STATUS,
    )
)


class Unauthenticated(Exception):
    """HTTP 401: credentials are missing or wrong."""


class Uncertified(Exception):
    """HTTP 403: there is no client certificate, and there must be one."""


def authenticate(exchange: Exchange, authorization: str | None, certified: str | None = None) -> None:
    """Note who asks. Raises ``Unauthenticated``, ``Uncertified``, or ``Refusal`` for who uses another's name.

    ``certified``: whose client certificate was verified. A device that is registered is always asked for its
    credentials or its certificate, others where registration is required. Clients, who name no device, are
    not: who may print is not this service's business.
    """
    registration = exchange.queue.registration
    exchange.secret = presented(authorization)
    owner = registration.credentials.owner(exchange.secret)
    exchange.identity = None if owner is None else owner.uuid
    if certified is not None:
        if exchange.claimed not in (None, certified) or exchange.identity not in (None, certified):
            raise Refusal(Status.NOT_AUTHORIZED, "the certificate is that of another device")
        owner = exchange.queue.devices.find(certified)
        if registration.certificates == OWN and (owner is None or not owner.secrets):
            owner = None  # forgotten: its certificate is still good, but for nothing here
        else:
            exchange.identity = certified
    operation = Operation(exchange.message.code)
    if operation in REGISTERING:
        return
    claimed = exchange.claimed
    if claimed is None and operation not in _OF_DEVICES:
        return
    if registration.certificates is not None:
        if certified is None:
            raise Uncertified
        if exchange.identity == certified:
            return
    device = exchange.queue.devices.find(claimed)
    if not registration.required and (device is None or not device.secrets):
        return
    if owner is None:
        raise Unauthenticated
    if claimed is not None and claimed != owner.uuid:
        raise Refusal(Status.NOT_AUTHORIZED, "the credentials are those of another device")
