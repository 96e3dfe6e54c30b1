"""A device of the 2010 profile that a test moves step by step (docs/mobile-operations.md)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fetchprint.ipp import tags
from fetchprint.ipp.decoder import END, NEED_DATA, Decoder
from fetchprint.service.mobile_offer import Offer as FirmwareOffer
from fetchprint_tools.client import IppClient
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Group, Message, Resolution, decode
from service_device import Device
from service_kit import Printer, integer, media_col

ESCPOS = "application/vnd.epson.escpos"
PWG = "image/pwg-raster"


@dataclass
class Offer:
    """What a Fetch-Print-Job brought: ``job`` is the embedded request."""

    reply: Message
    job: Message | None
    document: bytes

    @property
    def uuid(self) -> str:
        """job-uuid of the outer message."""
        return str(self.reply.get(tags.OPERATION, "job-uuid"))

    @property
    def id(self) -> int:
        """job-id of the embedded request."""
        assert self.job is not None
        number: int = self.job.get(tags.OPERATION, "job-id")
        return number


def job_of(reply: Message) -> tuple[Any, ...]:
    """job-state and job-state-reasons of the job group."""
    group = reply.find(tags.JOB)
    assert group is not None, reply
    assert list(group.attributes) == ["job-uuid", "job-id", "job-state", "job-state-reasons"]
    return group.get("job-state"), *group.values("job-state-reasons")


class MobileDevice:
    """The device's side, one call a request."""

    def __init__(self, uri: str, formats: tuple[str, ...] = (ESCPOS,), identity: str = "") -> None:
        self.client = IppClient(uri)
        self.uuid = identity or uuid.uuid4().urn
        self.formats = formats

    def message(self, operation: int, *attributes: Attribute) -> Message:
        """A request as section 1.2 wants it."""
        message = self.client.message(operation, user="device")
        message.groups[0].add("printer-uuid", tags.URI, self.uuid)
        for attribute in attributes:
            message.groups[0].put(attribute)
        return message

    def ask(
        self, operation: int, *attributes: Attribute, group: Group | None = None, data: bytes | None = None
    ) -> Message:
        """One request; the reply's message."""
        message = self.message(operation, *attributes)
        if group is not None:
            message.groups.append(group)
        reply, rest = self.client.request(message, data)
        assert rest == b""
        return reply

    # -- Report-Printer --

    def state(self, state: int = 3, *reasons: str) -> Group:
        """The printer group of a report of the state alone."""
        group = Group(tags.PRINTER)
        group.add("printer-state", tags.ENUM, state)
        group.add("printer-state-reasons", tags.KEYWORD, *(reasons or ("none",)))
        return group

    def capabilities(self, group: Group, schemes: tuple[str, ...] = ()) -> Group:
        """``group`` with all that the device is."""
        group.add("document-format-supported", tags.MIME_MEDIA_TYPE, *self.formats)
        group.add("compression-supported", tags.KEYWORD, "none")
        group.add("printer-resolution-supported", tags.RESOLUTION, Resolution(203, 203))
        group.add("media-supported", tags.KEYWORD, "custom_72x100mm_72x100mm")
        column = media_col("custom_72x100mm_72x100mm", 7200, 10000)
        group.add("media-col-default", tags.BEGIN_COLLECTION, column)
        if PWG in self.formats:
            group.add("pwg-raster-document-type-supported", tags.KEYWORD, "sgray_8")
            group.add("pwg-raster-document-resolution-supported", tags.RESOLUTION, Resolution(203, 203))
        if schemes:
            group.add("reference-uri-schemes-supported", tags.URI_SCHEME, *schemes)
        return group

    def declare(self, state: int = 3, *reasons: str, schemes: tuple[str, ...] = ()) -> Message:
        """Report-Printer with the capabilities."""
        group = self.capabilities(self.state(state, *reasons), schemes)
        return self.ask(Operation.REPORT_PRINTER, group=group)

    def report(self, state: int, *reasons: str) -> Message:
        """Report-Printer with the state alone."""
        return self.ask(Operation.REPORT_PRINTER, group=self.state(state, *reasons))

    # -- Register-Printer --

    def register(self, code: str = "", pem: str = "") -> Message:
        """Register-Printer; its credentials and identity are used from then on."""
        more = [Attribute("registration-code", tags.TEXT, code)] if code else []
        if pem:
            more.append(Attribute("printer-x509-request", tags.TEXT, *pem.splitlines()))
        group = Group(tags.PRINTER)
        group.add("printer-info", tags.TEXT, "Till 3")
        reply = self.ask(Operation.REGISTER_PRINTER, *more, group=group)
        if reply.code == Status.OK:
            self.uuid = reply.get(tags.OPERATION, "printer-uuid")
            self.client.authorization = reply.get(tags.OPERATION, "http-credentials")
        return reply

    # -- jobs --

    def fetch(self, wait: int | None = None, job: str = "") -> Offer:
        """Fetch-Print-Job; the messages are read by the host's decoder and by the firmware's."""
        more = [] if wait is None else [integer("fetch-wait", wait)]
        if job:
            more.append(Attribute("job-uuid", tags.URI, job))
        reply, data = self.client.request(self.message(Operation.FETCH_PRINT_JOB, *more))
        if reply.get(tags.OPERATION, "embedded-message", "none") == "none":
            assert data == b""
            return Offer(reply, None, b"")
        inner, length = decode(data)
        offer = Offer(reply, inner, data[length:])
        judged = firmware_offer(reply.encode() + data[:length])
        assert judged.judge([one.encode() for one in self.formats], (b"https", b"http")) < 0x100
        assert (judged.job_id, bytes(judged.uuid)) == (offer.id, offer.uuid.encode())
        return offer

    def response(self, offer: Offer, status: int = 0, request_id: int = 0) -> Message:
        """An embedded response without job group."""
        assert offer.job is not None
        return Message.response(status, request_id or offer.job.request_id)

    def acceptance(self, offer: Offer) -> Message:
        """The embedded response that takes the job."""
        message = self.response(offer)
        group = message.add_group(tags.JOB)
        group.add("job-uri", tags.URI, f"{self.client.uri}/{offer.id}")
        group.add("job-id", tags.INTEGER, offer.id)
        group.add("job-state", tags.ENUM, 3)
        group.add("job-state-reasons", tags.KEYWORD, "none")
        return message

    def answer(
        self, operation: Operation, job: str, data: bytes, kind: str = "print-job-response"
    ) -> Message:
        """Accept- or Reject-Print-Job with ``data`` behind the message."""
        return self.ask(
            operation,
            Attribute("job-uuid", tags.URI, job),
            Attribute("embedded-message", tags.KEYWORD, kind),
            data=data,
        )

    def accept(self, offer: Offer) -> Message:
        """Accept-Print-Job."""
        kind = f"print-{'uri' if offer.job is not None and offer.job.code == 3 else 'job'}-response"
        return self.answer(Operation.ACCEPT_PRINT_JOB, offer.uuid, self.acceptance(offer).encode(), kind)

    def reject(self, offer: Offer, status: int, why: str = "", wrong: Iterable[Attribute] = ()) -> Message:
        """Reject-Print-Job."""
        message = self.response(offer, status)
        if why:
            message.groups[0].add("status-message", tags.TEXT, why)
        if wrong:
            message.groups.append(Group(tags.UNSUPPORTED_GROUP, wrong))
        kind = f"print-{'uri' if offer.job is not None and offer.job.code == 3 else 'job'}-response"
        return self.answer(Operation.REJECT_PRINT_JOB, offer.uuid, message.encode(), kind)

    def job_group(self, state: int, *reasons: str, **counts: int) -> Group:
        """The job group of a report; ``counts`` are names with _ for -."""
        group = Group(tags.JOB)
        group.add("job-state", tags.ENUM, state)
        group.add("job-state-reasons", tags.KEYWORD, *(reasons or ("none",)))
        for name, value in counts.items():
            group.put(integer(name.replace("_", "-"), value))
        return group

    def report_job(self, job: str, state: int, *reasons: str, **counts: int) -> Message:
        """Report-Print-Job."""
        name = Attribute("job-uuid", tags.URI, job)
        return self.ask(Operation.REPORT_PRINT_JOB, name, group=self.job_group(state, *reasons, **counts))


def firmware_offer(data: bytes) -> FirmwareOffer:
    """What the firmware makes of an outer message and the one inside it, octet by octet."""
    offer = FirmwareOffer()
    decoder = Decoder(1023)
    for at in range(len(data)):
        decoder.feed(data, at, 1)
        while (event := decoder.next()) != NEED_DATA:
            offer.on_event(decoder, event)
            if event == END:
                if offer.follows:
                    decoder.reset()
                break
    return offer


@contextmanager
def alone(uri: str) -> Iterator[MobileDevice]:
    """A device that is known, idle and the only one; at the end no job waits and it is unknown again."""
    device = MobileDevice(uri)
    assert device.declare().code == Status.OK
    yield device
    printer = Printer(uri)
    for group in printer.ask(Operation.GET_JOBS).groups_of(tags.JOB):
        number = group.get("job-id")
        printer.cancel(number)
        job = printer.job(number)
        if not JobState(job.get("job-state")).ended:
            holder = MobileDevice(uri, identity=job.get("output-device-uuid-assigned"))
            holder.report_job(job.get("job-uuid"), 7)
    leave(device)


def leave(device: MobileDevice) -> None:
    """It is removed: by the one operation that does, whatever the profile."""
    gone = Device(device.client.uri)
    gone.uuid = device.uuid
    assert gone.ask(Operation.DEREGISTER_OUTPUT_DEVICE).code == Status.OK


def change(group: Group, name: str, *attributes: Attribute) -> Group:
    """``group`` with another attribute of that name, or none."""
    del group.attributes[name]
    for attribute in attributes:
        group.put(attribute)
    return group
