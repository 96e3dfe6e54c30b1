"""Registration: Register-Printer of the 2010 profile (docs/mobile-operations.md section 7) and
Register-Output-Device of INFRA (PWG 5100.22)."""

from __future__ import annotations

import asyncio

from cryptography import x509

from fetchprint.ipp import tags
from fetchprint_tools.codes import Operation, Status
from fetchprint_tools.errors import UserError
from fetchprint_tools.message import Attribute, Collection, Group
from fetchprint_tools.printservice.authentication import Unauthenticated
from fetchprint_tools.printservice.authority import BadRequest, KeyNotSupported, read_request
from fetchprint_tools.printservice.declared import split_declared
from fetchprint_tools.printservice.device import INFRA, MOBILE, OutputDevice
from fetchprint_tools.printservice.exchange import Answer, Exchange
from fetchprint_tools.printservice.limits import CODE_LEAST, CODE_MOST, PEM_LINES
from fetchprint_tools.printservice.mobile_exchange import claimed_uuid
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.syntax import malformed, text

_CODE = "registration-code"
_CREDENTIALS = "http-credentials"


async def register_printer(exchange: Exchange) -> Answer:
    """Register-Printer: an identity and credentials for a code, or new credentials for those in use."""
    proposed = claimed_uuid(exchange)
    request = _request(exchange, "printer-x509-request")
    given = exchange.message.find(tags.PRINTER) or Group(tags.PRINTER)
    device, credentials = await _register(exchange, proposed, MOBILE)
    if not device.formats:  # a new one: for the person who looks at the queue
        exchange.queue.presence.update(device, split_declared(given)[0])
    answer = Answer()
    answer.operation = [
        Attribute("printer-uuid", tags.URI, device.uuid),
        Attribute(_CREDENTIALS, tags.TEXT, credentials),
        *await _certificate(exchange, request, device, "printer-x509-certificate"),
    ]
    return answer


async def register_output_device(exchange: Exchange) -> Answer:
    """Register-Output-Device: the printer that the device belongs to. Where registration is required, and
    for credentials and a certificate anywhere, a code must come along: as registration-code, or as the
    password of HTTP Basic, which any INFRA client can send."""
    queue = exchange.queue
    uuid = exchange.device_uuid()
    if exchange.text("printer-service-type", "print") != "print":
        wrong = exchange.operation["printer-service-type"]
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "only print services are offered", [wrong])
    request = _request(exchange, "output-device-x509-request")
    answer = Answer()
    known = queue.devices.find(uuid)
    plain = not queue.registration.required and (known is None or not known.secrets)
    if plain and request is None and _CODE not in exchange.operation:
        queue.presence.admit(uuid, INFRA)
    elif not exchange.secret and _CODE not in exchange.operation:
        raise Unauthenticated
    else:
        device, credentials = await _register(exchange, uuid, INFRA)
        answer.operation = [
            Attribute(_CREDENTIALS, tags.TEXT, credentials),
            *await _certificate(exchange, request, device, "output-device-x509-certificate"),
        ]
    xri = Collection()
    xri.add("xri-uri", tags.URI, f"{exchange.base}/ipp/print/{queue.name}")
    xri.add("xri-authentication", tags.KEYWORD, "basic" if queue.registration.required else "none")
    xri.add("xri-security", tags.KEYWORD, "tls" if exchange.base.startswith("ipps:") else "none")
    group = answer.group(tags.PRINTER)
    group.add("printer-id", tags.INTEGER, 1)
    group.add("printer-uuid", tags.URI, queue.uuid)
    group.add("printer-xri-supported", tags.BEGIN_COLLECTION, xri)
    group.add("printer-state", tags.ENUM, queue.state)
    group.add("printer-state-reasons", tags.KEYWORD, *queue.state_reasons)
    group.add("printer-is-accepting-jobs", tags.BOOLEAN, True)
    return answer


async def _register(exchange: Exchange, proposed: str, profile: str) -> tuple[OutputDevice, str]:
    """The device and its new credentials, by the credentials it has or by a code."""
    registration = exchange.queue.registration
    if _CODE in exchange.operation:
        code = text(exchange.operation, _CODE, CODE_MOST, CODE_LEAST)
    elif exchange.identity is not None:
        if exchange.identity != proposed:
            raise Refusal(Status.NOT_AUTHORIZED, "the credentials are those of another device")
        device = exchange.queue.presence.known(proposed)
        return device, registration.credentials.issue(device, keep=exchange.secret)
    elif profile == INFRA and exchange.secret:
        code = exchange.secret
    else:
        raise Refusal(Status.NOT_AUTHENTICATED, "send a registration-code, or credentials to renew")
    return await registration.register(code, proposed, profile, fixed=profile == INFRA)


def _request(exchange: Exchange, name: str) -> x509.CertificateSigningRequest | None:
    """The certificate request, in lines of PEM. Raises ``Refusal``."""
    if name not in exchange.operation:
        return None
    attribute = exchange.operation[name]
    if len(attribute.values) > PEM_LINES or any(tag != tags.TEXT for tag in attribute.tags):
        raise malformed(f"{name} must be at most {PEM_LINES} texts")
    try:
        return read_request("\n".join(attribute.values) + "\n")
    except BadRequest as error:
        raise malformed(str(error)) from error
    except KeyNotSupported as error:
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, str(error), [attribute]) from error


async def _certificate(
    exchange: Exchange, request: x509.CertificateSigningRequest | None, device: OutputDevice, name: str
) -> list[Attribute]:
    if request is None:
        return []
    try:
        pem = await asyncio.to_thread(exchange.queue.authority.issue, request, device.uuid)
    except UserError as error:
        exchange.queue.log.say("refusal", str(error))
        raise Refusal(Status.INTERNAL_ERROR, "no certificate can be issued") from error
    return [Attribute(name, tags.TEXT, *pem.splitlines())]


HANDLERS = {
    Operation.REGISTER_PRINTER: register_printer,
    Operation.REGISTER_OUTPUT_DEVICE: register_output_device,
}
"""The operations by which a device becomes known."""
