"""The service's side of the 2010 profile (docs/mobile-operations.md): what becomes of a job."""

from __future__ import annotations

import http.client

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from service_kit import Printer, Service
from service_mobile import ESCPOS, MobileDevice, job_of, leave
from support import wait_until

OTHER = "urn:uuid:00000000-0000-4000-8000-000000000000"


def test_a_cancel_while_it_is_offered(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    assert printer.cancel(number) == Status.OK
    told = device.accept(offer)
    assert (told.code, job_of(told)[0]) == (Status.NOT_POSSIBLE, 7)
    told = device.report_job(offer.uuid, 3)
    assert (told.code, job_of(told)[0]) == (Status.NOT_POSSIBLE, 7)
    assert device.report_job(offer.uuid, 7).code == Status.OK


def test_a_cancel_while_it_prints(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    device.accept(offer)
    printer.cancel(number)
    told = device.report_job(offer.uuid, 5, "job-printing", job_impressions_completed=3)
    assert job_of(told) == (6, "processing-to-stop-point", "job-canceled-by-user")
    assert printer.job(number).get("job-impressions-completed") == 3
    assert job_of(device.report_job(offer.uuid, 7)) == (7, "job-canceled-by-user")


def test_paper_that_was_printed_is_printed(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    device.accept(offer)
    printer.cancel(number)
    assert job_of(device.report_job(offer.uuid, 9, job_impressions_completed=1))[0] == 9
    assert printer.state(number) == JobState.COMPLETED


def test_a_report_of_a_job_that_is_only_offered(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    for state in (3, 5, 6):
        assert job_of(device.report_job(offer.uuid, state, job_impressions_completed=7)) == (
            3,
            "job-fetchable",
        )
    assert printer.job(number).get("job-impressions-completed") == 0
    # Its end is another matter: the device had it before, and this service has forgotten that.
    assert job_of(device.report_job(offer.uuid, 9, job_impressions_completed=1))[0] == 9
    assert printer.job(number).get("output-device-uuid-assigned") == device.uuid
    assert device.report_job(offer.uuid, 9).code == Status.OK


def test_a_device_learns_of_no_job_of_others(
    service: Service, device: MobileDevice, printer: Printer
) -> None:
    other = MobileDevice(service.uri)
    other.declare()
    printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    unknown = other.report_job(OTHER, 3)
    for _ in range(2):
        assert other.fetch().job is None
        assert other.fetch(job=offer.uuid).reply.code == Status.NOT_FOUND
        assert other.accept(offer).code == Status.NOT_FOUND
        foreign = other.report_job(offer.uuid, 9)
        assert foreign.code == unknown.code == Status.NOT_FOUND
        assert foreign.groups == unknown.groups
        assert other.reject(offer, 0x040A).code == Status.OK
        device.accept(offer)
    assert job_of(device.report_job(offer.uuid, 3))[0] == 5
    leave(other)


def test_a_device_that_has_lost_its_memory_is_told_of_its_job(device: MobileDevice, printer: Printer) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    assert device.declare().find(tags.JOB) is None  # only offered
    device.accept(offer)
    told = device.declare()
    assert job_of(told) == (5, "none") and told.get(tags.JOB, "job-uuid") == offer.uuid
    assert job_of(device.report_job(offer.uuid, 8, "aborted-by-system"))[0] == 8
    assert printer.state(number) == JobState.ABORTED
    assert device.report(3).find(tags.JOB) is None


def test_a_good_bye(device: MobileDevice, printer: Printer, service: Service) -> None:
    number = printer.print(b"paper", ESCPOS)
    offer = device.fetch()
    device.accept(offer)
    assert device.report(5, "shutdown").code == Status.OK
    wait_until(lambda: printer.state(number) == JobState.PROCESSING_STOPPED, 10, "the good-bye")
    assert "printer-stopped" in printer.job(number).values("job-state-reasons")
    assert job_of(device.declare()) == (5, "none")


def test_an_unknown_queue(service: Service, device: MobileDevice) -> None:
    lost = MobileDevice(service.uri.replace("/infra", "/elsewhere"), identity=device.uuid)
    assert lost.declare().code == lost.fetch().reply.code == Status.NOT_FOUND


@pytest.mark.parametrize(
    ("at", "octets", "status"),
    [
        (0, b"\x09\x00", Status.VERSION_NOT_SUPPORTED),
        (2, b"\x6f\x07", Status.OPERATION_NOT_SUPPORTED),
        (4, b"\0\0\0\0", Status.BAD_REQUEST),
        (32, b"utf-9", Status.CHARSET_NOT_SUPPORTED),
    ],
)
def test_what_each_operation_may_be_answered(
    service: Service, device: MobileDevice, at: int, octets: bytes, status: int
) -> None:
    data = device.message(Operation.FETCH_PRINT_JOB).encode()
    data = data[:at] + octets + data[at + len(octets) :]
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.request("POST", "/ipp/print/infra", data, {"Content-Type": "application/ipp"})
    assert int.from_bytes(connection.getresponse().read()[2:4], "big") == status
    connection.close()
