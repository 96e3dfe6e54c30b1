"""The device's side of the print service (PWG 5100.18), driven by a device that does what a test says."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute
from service_device import Device, declared
from service_kit import Printer, Service, integer

PCL = "application/vnd.epson.escpos"
PAPER = b"\x1b@hello\n"


@pytest.fixture
def device(service: Service) -> Iterator[Device]:
    with declared(service.uri, ("image/pwg-raster", PCL)) as one:
        yield one


def test_a_job_from_start_to_end(printer: Printer, device: Device) -> None:
    job = printer.print(PAPER, PCL)
    assert printer.state(job) == JobState.PENDING
    assert printer.job(job).values("job-state-reasons") == ["job-fetchable"]
    assert device.fetchable() == [job]
    fetched = device.fetch(job)
    assert fetched.get(tags.JOB, "number-of-documents") == 1
    assert device.acknowledge(job) == Status.OK
    assert device.fetchable() == []
    assert printer.state(job) == JobState.PROCESSING
    reply, data = device.document(job, formats=("image/pwg-raster", PCL))
    assert reply.code == Status.OK
    assert reply.get(tags.DOCUMENT, "document-format") == PCL
    assert reply.get(tags.OPERATION, "compression") == "none"
    assert data == PAPER
    assert device.acknowledge_document(job) == Status.OK
    assert device.job_status(job, 5, "job-printing") == Status.OK
    assert printer.job(job).values("job-state-reasons") == ["job-printing"]
    assert device.document_status(job, 9, 1) == Status.OK
    assert device.job_status(job, 9, impressions=1) == Status.OK
    ended = printer.job(job)
    assert ended.get("job-state") == JobState.COMPLETED
    assert ended.get("job-impressions-completed") == 1
    assert ended.values("job-state-reasons") == ["job-completed-successfully"]
    assert device.job_status(job, 9) == Status.NOT_POSSIBLE
    assert device.job_status(job, 8) == Status.NOT_POSSIBLE


def test_only_the_device_that_acknowledged_gets_the_job(
    service: Service, printer: Printer, device: Device
) -> None:
    other = Device(service.uri)
    other.declare(formats=(PCL,))
    job = printer.print(PAPER, PCL)
    assert device.fetchable() == other.fetchable() == [job]
    assert other.document(job, formats=(PCL,))[0].code == Status.NOT_FETCHABLE
    assert device.acknowledge(job) == Status.OK
    assert other.fetch(job).code == Status.NOT_FETCHABLE
    assert other.acknowledge(job) == Status.NOT_FETCHABLE
    assert device.acknowledge(job) == Status.NOT_FETCHABLE
    assert other.document(job, formats=(PCL,))[0].code == Status.NOT_FETCHABLE
    assert other.job_status(job, 9) == Status.NOT_POSSIBLE
    assert other.active((job, 5)) == (Status.OK_IGNORED_OR_SUBSTITUTED, {}, [job])
    assert device.fetch(job).code == Status.OK
    other.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def test_cancel_before_and_while_printing(printer: Printer, device: Device) -> None:
    waiting = printer.print(PAPER, PCL)
    assert printer.cancel(waiting) == Status.OK
    assert printer.state(waiting) == JobState.CANCELED
    assert device.fetchable() == []
    assert device.fetch(waiting).code == Status.NOT_FETCHABLE
    assert device.acknowledge(waiting) == Status.NOT_FETCHABLE
    printing = printer.print(PAPER, PCL)
    device.acknowledge(printing)
    assert printer.cancel(printing) == Status.OK
    assert not printer.state(printing).ended
    assert "processing-to-stop-point" in printer.job(printing).values("job-state-reasons")
    assert printer.cancel(printing) == Status.NOT_POSSIBLE
    assert device.job_status(printing, 5, "job-printing") == Status.OK
    assert "processing-to-stop-point" in printer.job(printing).values("job-state-reasons")
    assert device.active((printing, 5))[1] == {printing: JobState.PROCESSING_STOPPED}
    assert device.job_status(printing, 7, "job-canceled-by-user") == Status.OK
    assert printer.state(printing) == JobState.CANCELED
    assert printer.job(printing).values("job-state-reasons") == ["job-canceled-by-user"]


def test_refused_jobs_are_aborted_or_offered_again(
    service: Service, printer: Printer, device: Device
) -> None:
    job = printer.print(PAPER, PCL)
    assert device.acknowledge(job, refusal=Status.BUSY) == Status.OK
    assert device.fetchable() == [job]
    other = Device(service.uri)
    other.declare(formats=(PCL,))
    assert device.acknowledge(job, refusal=Status.DOCUMENT_FORMAT_ERROR) == Status.OK
    assert device.fetchable() == []
    assert other.fetchable() == [job]
    assert other.acknowledge(job, refusal=Status.DOCUMENT_FORMAT_ERROR) == Status.OK
    assert printer.state(job) == JobState.ABORTED
    assert "document-format-error" in printer.job(job).values("job-state-reasons")
    assert other.acknowledge(job, refusal=Status.DOCUMENT_FORMAT_ERROR) == Status.NOT_FETCHABLE
    other.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def test_a_refused_document_aborts_the_job(printer: Printer, device: Device) -> None:
    job = printer.print(PAPER, PCL)
    device.acknowledge(job)
    assert device.acknowledge_document(job, refusal=Status.DOCUMENT_FORMAT_ERROR) == Status.OK
    assert printer.state(job) == JobState.ABORTED
    assert "document-format-error" in printer.job(job).values("job-state-reasons")


def test_update_active_jobs_tells_the_truth_both_ways(printer: Printer, device: Device) -> None:
    assert device.active() == (Status.OK, {}, [])
    mine, left_out, done = (printer.print(PAPER, PCL) for _ in range(3))
    for job in (mine, left_out, done):
        device.acknowledge(job)
    device.job_status(done, 9)
    code, differing, foreign = device.active((mine, 5), (done, 5), (99999, 5))
    assert code == Status.OK_IGNORED_OR_SUBSTITUTED
    assert differing == {done: JobState.COMPLETED, left_out: JobState.PROCESSING_STOPPED}
    assert foreign == [99999]
    assert printer.state(left_out) == JobState.PROCESSING_STOPPED
    assert device.active((mine, 5), (left_out, 5)) == (Status.OK, {}, [])
    assert printer.state(left_out) == JobState.PROCESSING
    assert device.active((mine, 9), (left_out, 5))[1] == {mine: JobState.PROCESSING}
    uneven = device.ask(Operation.UPDATE_ACTIVE_JOBS, integer("job-ids", mine))
    assert uneven.code == Status.BAD_REQUEST


def test_unknown_devices_and_jobs_are_told_so(service: Service, printer: Printer, device: Device) -> None:
    stranger = Device(service.uri)
    job = printer.print(PAPER, PCL)
    assert stranger.acknowledge(job) == Status.NOT_FOUND
    assert stranger.active()[0] == Status.NOT_FOUND
    assert stranger.ask(Operation.DEREGISTER_OUTPUT_DEVICE).code == Status.NOT_FOUND
    which = Attribute("which-jobs", tags.KEYWORD, "fetchable")
    assert stranger.ask(Operation.GET_JOBS, which).code == Status.NOT_FOUND
    assert device.acknowledge(99999) == Status.NOT_FOUND
    device.acknowledge(job)
    assert device.document(job, number=2)[0].code == Status.NOT_FOUND


def test_several_documents(printer: Printer, device: Device) -> None:
    created = printer.ask(Operation.CREATE_JOB, Attribute("job-name", tags.NAME, "two"))
    job = created.get(tags.JOB, "job-id")
    assert device.fetchable() == []
    for number, last in ((1, False), (2, True)):
        sent = printer.ask(
            Operation.SEND_DOCUMENT,
            integer("job-id", job),
            Attribute("last-document", tags.BOOLEAN, last),
            Attribute("document-format", tags.MIME_MEDIA_TYPE, PCL),
            data=b"document %d" % number,
        )
        assert sent.code == Status.OK
    assert device.fetchable() == [job]
    listed = device.ask(Operation.GET_DOCUMENTS, integer("job-id", job))
    assert [group.get("document-number") for group in listed.groups_of(tags.DOCUMENT)] == [1, 2]
    device.acknowledge(job)
    assert device.document(job, 1, (PCL,))[1] == b"document 1"
    assert device.document(job, 2, (PCL,))[1] == b"document 2"
    assert device.job_status(job, 9) == Status.OK


def test_packed_documents(printer: Printer, device: Device) -> None:
    text = b"a line of text\n" * 50000
    packed = Attribute("compression", tags.KEYWORD, "gzip")
    job = printer.print(gzip.compress(text), PCL, packed)
    assert printer.job(job).get("job-k-octets") == len(text) // 1024 + 1
    device.acknowledge(job)
    reply, data = device.document(job, formats=(PCL,), packing="gzip")
    assert reply.get(tags.OPERATION, "compression") == "gzip"
    assert len(data) < len(text) // 10
    assert gzip.decompress(data) == text
    refused = printer.ask(
        Operation.PRINT_JOB,
        Attribute("document-format", tags.MIME_MEDIA_TYPE, PCL),
        packed,
        data=gzip.compress(text)[:-9],
    )
    assert refused.code == Status.COMPRESSION_ERROR


def test_the_queue_follows_its_device(printer: Printer, device: Device) -> None:
    assert printer.printer().get("printer-state") == 3
    assert printer.printer().values("media-supported") == ["custom_72x100mm_72x100mm"]
    assert PCL in printer.printer().values("document-format-supported")
    assert device.report(5, "media-empty-error") == Status.OK
    assert printer.printer().get("printer-state") == 5
    assert printer.printer().values("printer-state-reasons") == ["media-empty-error"]
    assert printer.printer().get("printer-is-accepting-jobs") is True
    assert printer.printer().values("media-supported") == ["custom_72x100mm_72x100mm"]
    device.report(3)
    assert printer.printer().values("printer-state-reasons") == ["none"]
    own = device.ask(Operation.GET_OUTPUT_DEVICE_ATTRIBUTES)
    assert own.get(tags.PRINTER, "printer-state") == 3
    device.ask(Operation.DEREGISTER_OUTPUT_DEVICE)
    assert printer.printer().values("printer-state-reasons") == ["offline-report"]
    assert printer.printer().get("printer-is-accepting-jobs") is True


def test_a_device_that_leaves_ends_its_jobs(printer: Printer, device: Device) -> None:
    held, waiting = printer.print(PAPER, PCL), printer.print(PAPER, PCL)
    device.acknowledge(held)
    assert device.ask(Operation.DEREGISTER_OUTPUT_DEVICE).code == Status.OK
    assert printer.state(held) == JobState.ABORTED
    assert printer.state(waiting) == JobState.PENDING


def test_register_output_device(service: Service) -> None:
    device = Device(service.uri)
    system = service.uri.rpartition("/ipp/print/")[0] + "/ipp/system"
    message = device.client.message(Operation.REGISTER_OUTPUT_DEVICE, target="system-uri")
    message.groups[0].attributes["system-uri"] = Attribute("system-uri", tags.URI, system)
    message.groups[0].add("output-device-uuid", tags.URI, device.uuid)
    message.groups[0].add("printer-service-type", tags.KEYWORD, "print")
    for _ in range(2):
        reply, _data = device.client.request(message)
        assert reply.code == Status.OK
        xri = reply.get(tags.PRINTER, "printer-xri-supported")
        assert xri.get("xri-uri") == service.uri
    assert device.fetchable() == []
    device.ask(Operation.DEREGISTER_OUTPUT_DEVICE)
