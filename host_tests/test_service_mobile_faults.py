"""The 2010 profile at the service: malformed requests, acceptances and rejections."""

from __future__ import annotations

import time
from typing import Any

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Group
from service_kit import Printer, Service, integer
from service_mobile import ESCPOS, PWG, MobileDevice, change, leave

OTHER = "urn:uuid:00000000-0000-4000-8000-000000000000"


BAD: list[tuple[Operation, list[Attribute], Group | None]] = [
    (Operation.FETCH_PRINT_JOB, [integer("fetch-wait", 301)], None),
    (Operation.FETCH_PRINT_JOB, [integer("fetch-wait", -1)], None),
    (Operation.FETCH_PRINT_JOB, [Attribute("fetch-wait", tags.KEYWORD, "long")], None),
    (Operation.FETCH_PRINT_JOB, [Attribute("fetch-wait", tags.INTEGER, 1, 2)], None),
    (Operation.FETCH_PRINT_JOB, [Attribute("job-uuid", tags.URI, "urn:uuid:1")], None),
    (Operation.FETCH_PRINT_JOB, [Attribute("job-uuid", tags.KEYWORD, OTHER)], None),
    (Operation.FETCH_PRINT_JOB, [Attribute("x", tags.TEXT, *["y" * 1000] * 66)], None),
    (Operation.ACCEPT_PRINT_JOB, [], None),
    (Operation.ACCEPT_PRINT_JOB, [Attribute("job-uuid", tags.URI, OTHER)], None),
    (Operation.REJECT_PRINT_JOB, [Attribute("job-uuid", tags.URI, OTHER)], None),
    (Operation.REPORT_PRINT_JOB, [Attribute("job-uuid", tags.URI, OTHER)], None),
    (Operation.REPORT_PRINTER, [], None),
]


@pytest.mark.parametrize(("operation", "attributes", "group"), BAD)
def test_a_malformed_request(
    device: MobileDevice, operation: Operation, attributes: list[Attribute], group: Group | None
) -> None:
    reply = device.ask(operation, *attributes, group=group)
    assert reply.code == Status.BAD_REQUEST, reply
    assert reply.get(tags.OPERATION, "status-message")


@pytest.mark.parametrize("uuid", ["urn:uuid:1", OTHER.upper(), OTHER + "0", "mailto:me"])
def test_a_malformed_printer_uuid(device: MobileDevice, service: Service, uuid: str) -> None:
    other = MobileDevice(service.uri, identity=uuid)
    assert other.fetch().reply.code == Status.BAD_REQUEST
    assert other.declare().code == Status.BAD_REQUEST


def test_no_printer_uuid_and_no_printer_uri(device: MobileDevice) -> None:
    bare = device.client.message(Operation.FETCH_PRINT_JOB)
    assert device.client.request(bare)[0].code == Status.BAD_REQUEST
    at_job = device.client.message(Operation.FETCH_PRINT_JOB, target="job-uri")
    at_job.groups[0].add("printer-uuid", tags.URI, device.uuid)
    assert device.client.request(at_job)[0].code == Status.BAD_REQUEST


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        [integer("job-state", 5)],
        [Attribute("job-state", tags.ENUM, 2)],
        [Attribute("job-state", tags.ENUM, 4)],
        [Attribute("job-state", tags.ENUM, 10)],
    ],
)
def test_a_report_with_a_wrong_job_state(device: MobileDevice, wrong: list[Attribute]) -> None:
    group = change(device.job_group(5), "job-state", *wrong)
    name = Attribute("job-uuid", tags.URI, OTHER)
    assert device.ask(Operation.REPORT_PRINT_JOB, name, group=group).code == Status.BAD_REQUEST


def test_a_report_with_other_wrong_values(device: MobileDevice) -> None:
    name = Attribute("job-uuid", tags.URI, OTHER)
    for group in (
        change(device.job_group(5), "job-state-reasons"),
        change(device.job_group(5), "job-state-reasons", Attribute("job-state-reasons", tags.NAME, "x")),
        device.job_group(5, job_impressions_completed=-1),
    ):
        assert device.ask(Operation.REPORT_PRINT_JOB, name, group=group).code == Status.BAD_REQUEST
    long = device.job_group(5)
    long.add("job-state-message", tags.TEXT, "x" * 256)
    assert device.ask(Operation.REPORT_PRINT_JOB, name, group=long).code == Status.BAD_REQUEST


def test_incomplete_capabilities(device: MobileDevice, service: Service) -> None:
    names = set(device.capabilities(device.state()).attributes)
    for name in names:
        group = change(device.capabilities(device.state()), name)
        assert device.ask(Operation.REPORT_PRINTER, group=group).code == Status.BAD_REQUEST, name
    raster = MobileDevice(service.uri, (PWG,))
    for name in ("pwg-raster-document-type-supported", "pwg-raster-document-resolution-supported"):
        group = change(raster.capabilities(raster.state()), name)
        assert raster.ask(Operation.REPORT_PRINTER, group=group).code == Status.BAD_REQUEST, name
    for state in (2, 6):
        assert device.report(state).code == Status.BAD_REQUEST
    long = device.state()
    long.add("printer-state-message", tags.TEXT, "x" * 1023)
    assert device.ask(Operation.REPORT_PRINTER, group=long).code == Status.OK


def test_what_a_report_may_not_say_is_named(device: MobileDevice, printer: Printer) -> None:
    group = device.capabilities(device.state())
    group.add("operations-supported", tags.ENUM, 2)
    group.add("printer-location", tags.TEXT, "Till 3")
    reply = device.ask(Operation.REPORT_PRINTER, group=group)
    assert reply.code == Status.OK_IGNORED_OR_SUBSTITUTED
    unsupported = reply.find(tags.UNSUPPORTED_GROUP)
    assert unsupported is not None and list(unsupported.attributes) == ["operations-supported"]
    assert printer.printer().get("printer-location") == "Till 3"
    # All that were known are replaced; a report of the state alone leaves them.
    state = device.state(5, "media-empty")
    state.add("printer-state-message", tags.TEXT, "no paper")
    assert device.ask(Operation.REPORT_PRINTER, group=state).code == Status.OK
    assert printer.printer().get("printer-location") == "Till 3"
    assert printer.printer().get("printer-state-message") == "no paper"
    assert printer.printer().values("printer-state-reasons") == ["media-empty"]
    device.declare()
    assert printer.printer().get("printer-location") == ""
    assert printer.printer().get("printer-state-message") == ""


def bad_acceptances(device: MobileDevice, offer: Any) -> dict[str, bytes]:
    """Embedded responses that take no job."""

    def message(**changes: int) -> Any:
        whole = device.acceptance(offer)
        for name, value in changes.items():
            setattr(whole, name, value)
        return whole

    def job(name: str, *wrong: Attribute) -> bytes:
        whole = device.acceptance(offer)
        change(whole.groups[1], name, *wrong)
        encoded: bytes = whole.encode()
        return encoded

    good: bytes = device.acceptance(offer).encode()
    no_charset = device.acceptance(offer)
    del no_charset.groups[0].attributes["attributes-charset"]
    return {
        "nothing": b"",
        "cut short": good[:-1],
        "more behind": good + b"\0",
        "garbage": b"\2\0\0\0\0\0\0\1\7",
        "unsuccessful": message(code=0x040A).encode(),
        "ignored what": message(code=1).encode(),
        "version": message(version=0x0900).encode(),
        "request-id": message(request_id=offer.job.request_id + 1).encode(),
        "no job group": device.response(offer).encode(),
        "job-id": job("job-id", integer("job-id", offer.id + 1)),
        "no job-id": job("job-id"),
        "job-uri": job("job-uri", Attribute("job-uri", tags.URI, f"{device.client.uri}/{offer.id + 1}")),
        "job-state": job("job-state", Attribute("job-state", tags.ENUM, 5)),
        "job-state-reasons": job("job-state-reasons"),
        "charset": no_charset.encode(),
        "too long": device.acceptance(offer).encode()[:-1]
        + b"".join(b"\x41" + (b"\0\4x%03d" % i) + b"\xff\0" + b"y" * 0xFF00 for i in range(2))
        + b"\3",
    }


def test_a_malformed_acceptance_takes_nothing(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    for name, data in bad_acceptances(device, offer).items():
        reply = device.answer(Operation.ACCEPT_PRINT_JOB, offer.uuid, data)
        assert reply.code == Status.BAD_REQUEST, name
        assert printer.state(number) == JobState.PENDING, name
    wrong = device.answer(
        Operation.ACCEPT_PRINT_JOB, offer.uuid, device.acceptance(offer).encode(), "print-job-request"
    )
    assert wrong.code == Status.BAD_REQUEST
    assert device.accept(offer).code == Status.OK
    assert device.accept(offer).code == Status.OK  # again: already
    ignored = device.acceptance(offer)
    ignored.code = 1
    ignored.groups.insert(1, Group(tags.UNSUPPORTED_GROUP, [integer("copies", 2)]))
    assert device.answer(Operation.ACCEPT_PRINT_JOB, offer.uuid, ignored.encode()).code == Status.OK


def test_every_prefix_of_an_embedded_response_is_refused(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    good = device.acceptance(offer).encode()
    for length in range(0, len(good), 7):
        reply = device.answer(Operation.ACCEPT_PRINT_JOB, offer.uuid, good[:length])
        assert reply.code == Status.BAD_REQUEST
    assert printer.state(number) == JobState.PENDING


def test_a_rejection_for_good(service: Service, device: MobileDevice, printer: Printer) -> None:
    other = MobileDevice(service.uri)
    other.declare()
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    accepted = device.answer(Operation.REJECT_PRINT_JOB, offer.uuid, device.response(offer).encode())
    assert accepted.code == Status.BAD_REQUEST  # a successful response
    assert device.answer(Operation.REJECT_PRINT_JOB, offer.uuid, b"").code == Status.BAD_REQUEST
    wrong = Attribute("document-format", tags.MIME_MEDIA_TYPE, ESCPOS)
    assert device.reject(offer, 0x040A, "not mine", [wrong]).code == Status.OK
    assert device.reject(offer, 0x040A).code == Status.OK  # already
    assert device.accept(offer).code == Status.NOT_FOUND
    assert device.report_job(offer.uuid, 3).code == Status.NOT_FOUND
    assert device.fetch().job is None
    again = other.fetch()
    assert again.id == number
    assert other.reject(again, 0x040F, "packed").code == Status.OK
    job = printer.job(number)
    assert job.get("job-state") == JobState.ABORTED
    assert "unsupported-compression" in job.values("job-state-reasons")
    assert job.get("job-state-message") == "packed"
    leave(other)


REASONS = {
    0x0400: "aborted-by-system",
    0x0408: "aborted-by-system",
    0x0409: "aborted-by-system",
    0x040A: "unsupported-document-format",
    0x040B: "unsupported-attributes-or-values",
    0x040C: "aborted-by-system",
    0x040D: "aborted-by-system",
    0x040F: "unsupported-compression",
    0x0411: "document-format-error",
    0x0412: "document-access-error",
    0x0501: "aborted-by-system",
    0x0503: "aborted-by-system",
    0x0499: "aborted-by-system",
}


@pytest.mark.parametrize("status", REASONS)
def test_when_all_have_refused_the_job_ends(device: MobileDevice, printer: Printer, status: int) -> None:
    number = printer.print(b"paper", ESCPOS)
    assert device.reject(device.fetch(), status, "no").code == Status.OK
    assert printer.state(number) == JobState.ABORTED
    assert REASONS[status] in printer.job(number).values("job-state-reasons")


@pytest.mark.parametrize("status", [0x0504, 0x0505, 0x0506, 0x0507, 0x05FF])
def test_not_now(device: MobileDevice, printer: Printer, status: int) -> None:
    number = printer.print(b"paper", ESCPOS)
    assert device.reject(device.fetch(), status, "busy").code == Status.OK
    assert printer.state(number) == JobState.PENDING
    assert device.fetch().job is None  # 5 s have not passed
    device.report(3)
    assert device.fetch().id == number


def test_not_now_keeps_the_order(service: Service, device: MobileDevice, printer: Printer) -> None:
    """What a device could not take a moment ago is not overtaken there by a later job."""
    first, second = [printer.print(b"paper", ESCPOS) for _ in range(2)]
    device.reject(device.fetch(), 0x0507)
    assert device.fetch().job is None
    other = MobileDevice(service.uri)
    other.declare()
    assert other.fetch().id == first  # others may have it at once
    assert device.fetch().id == second
    leave(other)


def test_not_now_in_order_when_the_device_is_idle_again(device: MobileDevice, printer: Printer) -> None:
    jobs = [printer.print(b"paper", ESCPOS) for _ in range(3)]
    device.reject(device.fetch(), 0x0507)
    device.report(4)
    device.report(3)
    printed = []
    for _ in jobs:
        offer = device.fetch()
        device.accept(offer)
        device.report_job(offer.uuid, 9)
        printed.append(offer.id)
    assert printed == jobs


def test_not_now_passes_by_itself(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    device.reject(device.fetch(), 0x0507)
    begun = time.monotonic()
    assert device.fetch(20).id == number
    assert 4 < time.monotonic() - begun < 15


def test_an_accepted_job_cannot_be_rejected(device: MobileDevice, printer: Printer) -> None:
    printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    device.accept(offer)
    assert device.reject(offer, 0x0507).code == Status.NOT_POSSIBLE
