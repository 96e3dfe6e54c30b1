"""The service's side of the 2010 profile (docs/mobile-operations.md): jobs on their way."""

from __future__ import annotations

import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Group
from service_device import Device
from service_kit import Printer, Service, integer, read_pwg
from service_mobile import ESCPOS, PWG, MobileDevice, job_of, leave
from support import wait_until

PAPER = bytes(range(256)) * 300


def test_a_job_from_its_offer_to_its_end(device: MobileDevice, printer: Printer) -> None:
    name = Attribute("job-name", tags.NAME, "Receipt 4711")
    number = printer.print(PAPER, ESCPOS, name, job=[integer("copies", 1)])
    offer = device.fetch()
    assert offer.reply.code == Status.OK
    assert list(offer.reply.groups[0].attributes)[2:] == ["embedded-message", "job-uuid"]
    assert offer.reply.get(tags.OPERATION, "embedded-message") == "print-job-request"
    job = offer.job
    assert job is not None and (job.code, job.version) == (Operation.PRINT_JOB, 0x0200)
    assert job.get(tags.OPERATION, "printer-uri") == device.client.uri
    assert job.get(tags.OPERATION, "job-id") == number
    assert job.get(tags.OPERATION, "job-uuid") == printer.job(number).get("job-uuid") == offer.uuid
    assert job.get(tags.OPERATION, "requesting-user-name") == "tester"
    assert job.get(tags.OPERATION, "job-name") == "Receipt 4711"
    assert job.get(tags.OPERATION, "document-format") == ESCPOS
    assert job.get(tags.OPERATION, "job-k-octets") == 75
    assert job.find(tags.JOB) == Group(tags.JOB, [integer("copies", 1)])
    assert offer.document == PAPER
    assert printer.state(number) == JobState.PENDING
    assert job_of(device.accept(offer)) == (5, "none")
    assert printer.job(number).get("output-device-uuid-assigned") == device.uuid
    report = device.report_job(offer.uuid, 5, "job-printing", job_impressions_completed=1)
    assert (report.code, job_of(report)) == (Status.OK, (5, "job-printing"))
    assert job_of(device.report_job(offer.uuid, 6, "printer-stopped")) == (6, "printer-stopped")
    # Counts never go back; 3 is a question.
    assert job_of(device.report_job(offer.uuid, 3, job_impressions_completed=0)) == (6, "printer-stopped")
    assert printer.job(number).get("job-impressions-completed") == 1
    assert job_of(device.report_job(offer.uuid, 5)) == (5, "none")
    end = device.report_job(
        offer.uuid, 9, job_impressions_completed=2, job_media_sheets_completed=2, job_k_octets_processed=75
    )
    assert job_of(end) == (9, "job-completed-successfully")
    found = printer.job(number)
    assert (found.get("job-impressions-completed"), found.get("job-k-octets-processed")) == (2, 75)
    # Repeated: answered alike. Another end: told the truth, nothing is changed.
    assert device.report_job(offer.uuid, 9).code == Status.OK
    other = device.report_job(offer.uuid, 8)
    assert (other.code, job_of(other)[0]) == (Status.NOT_POSSIBLE, 9)
    late = device.accept(offer)
    assert (late.code, job_of(late)[0]) == (Status.NOT_POSSIBLE, 9)
    assert device.fetch(job=offer.uuid).reply.code == Status.NOT_FOUND


def test_a_request_is_held_until_there_is_a_job(device: MobileDevice, printer: Printer) -> None:
    begun = time.monotonic()
    assert device.fetch(1).job is None
    assert 0.9 < time.monotonic() - begun < 8
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(device.fetch, 30)
        number = printer.print(b"paper", ESCPOS)
        assert held.result(10).id == number


def test_a_newer_request_ends_the_older(device: MobileDevice) -> None:
    with ThreadPoolExecutor(2) as pool:
        older = pool.submit(device.fetch, 60)
        newer = pool.submit(device.fetch, 60)
        wait_until(lambda: older.done() or newer.done(), 10, "one to be answered")
        assert device.fetch().job is None
        assert older.result(10).job is None and newer.result(10).job is None


def test_only_an_idle_device_is_offered_a_job(device: MobileDevice, printer: Printer) -> None:
    for state in (4, 5):
        device.report(state, "media-empty")
        number = printer.print(b"paper", ESCPOS)
        assert device.fetch().job is None
        with ThreadPoolExecutor(1) as pool:
            held = pool.submit(device.fetch, 30)
            device.report(3)
            offer = held.result(10)
        assert offer.id == number
        # Offered already, it can be had again in any state, but only by its name.
        device.report(state)
        assert device.fetch().job is None
        assert device.fetch(job=offer.uuid).document == b"paper"
        device.accept(offer)
        assert device.fetch(job=offer.uuid).document == b"paper"
        device.report_job(offer.uuid, 8)


def test_an_accepted_job_is_in_the_way_of_the_next(device: MobileDevice, printer: Printer) -> None:
    first = printer.print(b"first", ESCPOS)
    printer.print(b"second", ESCPOS)
    offer = device.fetch()
    assert offer.id == first and device.fetch().id == first  # a lost answer costs nothing
    device.accept(offer)
    refused = device.fetch()
    assert (refused.reply.code, job_of(refused.reply)[0]) == (Status.NOT_POSSIBLE, 5)
    assert refused.reply.get(tags.JOB, "job-uuid") == offer.uuid
    device.report_job(offer.uuid, 9)
    assert device.fetch().document == b"second"


def test_capabilities_come_before_jobs(service: Service, device: MobileDevice) -> None:
    new = MobileDevice(service.uri)
    assert new.fetch().reply.code == Status.NOT_FOUND
    assert new.report(3).code == Status.OK
    refused = new.fetch().reply
    assert refused.code == Status.NOT_POSSIBLE and refused.find(tags.JOB) is None
    new.declare()
    assert new.fetch().reply.code == Status.OK
    leave(new)


def test_a_device_is_offered_what_it_can_print(
    device: MobileDevice, printer: Printer, service: Service
) -> None:
    raster = MobileDevice(service.uri, (PWG,))
    raster.declare()
    number = printer.print(b"hello", "text/plain")
    assert device.fetch().job is None
    offer = raster.fetch()
    assert offer.job is not None and offer.job.get(tags.OPERATION, "document-format") == PWG
    assert offer.job.get(tags.OPERATION, "job-k-octets") is None
    assert len(read_pwg(offer.document)) == 1
    raster.accept(offer)
    assert job_of(raster.report_job(offer.uuid, 9))[0] == 9
    assert printer.state(number) == JobState.COMPLETED
    leave(raster)


def test_what_the_service_has_done_is_left_out(
    service: Service, printer: Printer, device: MobileDevice
) -> None:
    raster = MobileDevice(service.uri, (PWG,))
    raster.declare()
    wishes = [
        Attribute("media", tags.KEYWORD, "custom_72x100mm_72x100mm"),
        Attribute("print-scaling", tags.KEYWORD, "fit"),
        integer("job-priority", 1),
        integer("copies", 1),
    ]
    printer.print(b"hello", "text/plain", job=wishes)
    offer = raster.fetch()
    assert offer.job is not None
    assert offer.job.find(tags.JOB) == Group(tags.JOB, [integer("copies", 1)])
    leave(raster)


def test_a_document_of_which_nothing_can_be_made(
    service: Service, printer: Printer, device: MobileDevice
) -> None:
    raster = MobileDevice(service.uri, (PWG,))
    raster.declare()
    broken = printer.print(b"%PDF-1.7 and no more", "application/pdf")
    whole = printer.print(b"hello", "text/plain")
    assert raster.fetch().id == whole
    assert printer.state(broken) == JobState.ABORTED
    assert "document-format-error" in printer.job(broken).values("job-state-reasons")
    leave(raster)


def test_compression_as_declared(service: Service, printer: Printer, device: MobileDevice) -> None:
    packing = MobileDevice(service.uri)
    group = packing.capabilities(packing.state())
    printer.print(b"paper", ESCPOS)
    for declared in (("gzip",), ("gzip", "none"), ("compress", "gzip")):  # the preferred first
        group.attributes["compression-supported"] = Attribute(
            "compression-supported", tags.KEYWORD, *declared
        )
        packing.ask(Operation.REPORT_PRINTER, group=group)
        _reply, data = packing.client.request(packing.message(Operation.FETCH_PRINT_JOB))
        assert b"compression\x00\x04gzip" in data
        assert gzip.decompress(data[data.index(b"\x1f\x8b") :]) == b"paper"
    group.attributes["compression-supported"] = Attribute(
        "compression-supported", tags.KEYWORD, "none", "gzip"
    )
    packing.ask(Operation.REPORT_PRINTER, group=group)
    offer = packing.fetch()
    assert offer.document == b"paper" and offer.job is not None
    assert offer.job.get(tags.OPERATION, "compression") is None
    leave(packing)


def test_by_reference(service: Service, printer: Printer, device: MobileDevice) -> None:
    uri = Attribute("document-uri", tags.URI, "https://files.example/receipts/4711.bin")
    mime = Attribute("document-format", tags.MIME_MEDIA_TYPE, ESCPOS)
    refused = printer.ask(Operation.PRINT_URI, uri, mime)
    assert refused.code == Status.URI_SCHEME_NOT_SUPPORTED
    device.declare(schemes=("https",))
    number = printer.ask(Operation.PRINT_URI, uri, mime).get(tags.JOB, "job-id")
    offer = device.fetch()
    assert offer.reply.get(tags.OPERATION, "embedded-message") == "print-uri-request"
    assert offer.job is not None and offer.job.code == Operation.PRINT_URI and offer.document == b""
    assert offer.job.get(tags.OPERATION, "document-uri") == uri.value
    assert (
        device.answer(Operation.ACCEPT_PRINT_JOB, offer.uuid, device.acceptance(offer).encode()).code
        == Status.BAD_REQUEST
    )  # a print-job-response to a Print-URI
    assert device.accept(offer).code == Status.OK
    assert device.report_job(offer.uuid, 9).code == Status.OK
    assert printer.state(number) == JobState.COMPLETED
    created = printer.ask(Operation.CREATE_JOB).get(tags.JOB, "job-id")
    last = Attribute("last-document", tags.BOOLEAN, True)
    assert printer.ask(Operation.SEND_URI, integer("job-id", created), uri, mime, last).code == Status.OK
    assert device.fetch().id == created


def test_jobs_of_several_documents(service: Service, printer: Printer, device: MobileDevice) -> None:
    assert printer.printer().get("multiple-document-jobs-supported") is False
    number = printer.ask(Operation.CREATE_JOB).get(tags.JOB, "job-id")
    kind = Attribute("document-format", tags.MIME_MEDIA_TYPE, ESCPOS)
    more = Attribute("last-document", tags.BOOLEAN, False)

    def send_one() -> int:
        return printer.ask(Operation.SEND_DOCUMENT, integer("job-id", number), kind, more, data=b"paper").code

    assert send_one() == Status.OK
    assert send_one() == Status.MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED
    infra = Device(service.uri)
    infra.declare(formats=(ESCPOS,))
    assert send_one() == Status.OK
    assert printer.ask(Operation.CLOSE_JOB, integer("job-id", number)).code == Status.OK
    assert device.fetch().job is None
    assert infra.fetchable() == [number]
    infra.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def test_somebody_looks_for_the_device(device: MobileDevice, printer: Printer) -> None:
    flash = Attribute("identify-actions", tags.KEYWORD, "flash")
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(device.fetch, 30)
        wait_until(lambda: printer.printer().get("printer-state") == 3, 5, "the device to be there")
        assert printer.ask(Operation.IDENTIFY_PRINTER, flash).code == Status.OK
        answer = held.result(10).reply
    assert answer.get(tags.OPERATION, "embedded-message") == "none"
    assert answer.values(tags.OPERATION, "identify-actions") == ["flash"]
    assert device.fetch().reply.get(tags.OPERATION, "identify-actions") is None  # said once
    printer.ask(Operation.IDENTIFY_PRINTER, flash)
    assert device.report(3).values(tags.OPERATION, "identify-actions") == ["flash"]
    assert device.report(3).get(tags.OPERATION, "identify-actions") is None


@pytest.mark.slow
def test_too_many_held_requests(tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        devices = [MobileDevice(service.uri) for _ in range(65)]
        for device in devices:
            device.declare()
        with ThreadPoolExecutor(65) as pool:
            held = [pool.submit(device.fetch, 60) for device in devices]
            wait_until(lambda: any(one.done() for one in held), 20, "one to be refused")
            assert [one.result().reply.code for one in held if one.done()] == [Status.BUSY]
            printer = Printer(service.uri)
            for _ in range(64):
                printer.print(b"paper", ESCPOS)
            offers = [one.result(30) for one in held]
            assert len({offer.uuid for offer in offers if offer.job}) == 64
