"""Devices of both profiles on one queue."""

from __future__ import annotations

import http.client
import struct
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import decode
from mobile_listing import examples, octets
from service_device import Device
from service_kit import Printer, Service
from service_mobile import ESCPOS, PWG, MobileDevice

pytestmark = pytest.mark.slow


def test_an_offered_job_is_nobody_elses(service: Service, device: MobileDevice, printer: Printer) -> None:
    infra = Device(service.uri)
    infra.declare(formats=(ESCPOS,))
    number = printer.print(b"paper", ESCPOS)
    assert infra.fetchable() == [number]
    offer = device.fetch()
    assert infra.fetchable() == []
    assert infra.fetch(number).code == infra.acknowledge(number) == Status.NOT_FETCHABLE
    device.reject(offer, 0x0507)
    assert infra.fetchable() == [number]
    assert infra.acknowledge(number) == Status.OK
    device.report(3)
    assert device.fetch().job is None
    assert device.accept(offer).code == Status.NOT_FOUND
    assert infra.job_status(number, 9) == Status.OK
    infra.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def test_each_gets_what_it_can_print(service: Service, device: MobileDevice, printer: Printer) -> None:
    infra = Device(service.uri)
    infra.declare(formats=(PWG,))
    mine = printer.print(b"paper", ESCPOS)
    theirs = printer.print(b"text", "text/plain")
    assert infra.fetchable() == [theirs]
    assert infra.fetch(mine).code == Status.NOT_FETCHABLE
    assert device.fetch().id == mine
    infra.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def test_no_job_goes_to_two_devices(tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        mobile = [MobileDevice(service.uri) for _ in range(8)]
        infra = [Device(service.uri) for _ in range(8)]
        for one in mobile:
            one.declare()
        for other in infra:
            other.declare(formats=(ESCPOS,))
        printer = Printer(service.uri)
        jobs = {printer.print(b"paper", ESCPOS) for _ in range(40)}
        start = threading.Barrier(16)

        def take_mobile(device: MobileDevice) -> list[int]:
            start.wait(10)
            taken = []
            while (offer := device.fetch(1)).job is not None:
                assert offer.document == b"paper"
                if device.accept(offer).code == Status.OK:
                    assert device.report_job(offer.uuid, 9, job_impressions_completed=1).code == Status.OK
                    taken.append(offer.id)
            return taken

        def take_infra(device: Device) -> list[int]:
            start.wait(10)
            taken = []
            while offered := device.fetchable():
                for job in offered:
                    if device.acknowledge(job) == Status.OK:
                        assert device.job_status(job, 9, impressions=1) == Status.OK
                        taken.append(job)
            return taken

        with ThreadPoolExecutor(16) as pool:
            runs = [pool.submit(take_mobile, one) for one in mobile]
            runs += [pool.submit(take_infra, other) for other in infra]
            books = Counter(job for run in runs for job in run.result(60))
        assert books == dict.fromkeys(jobs, 1)
        assert all(printer.state(job) == JobState.COMPLETED for job in jobs)


def test_the_service_understands_the_examples_of_the_definition(tmp_path: Path) -> None:
    """Each request of docs/mobile-operations.md, octet for octet, to a queue that has no such job."""
    expected = {
        "report-printer-request": Status.OK,
        "fetch-print-job-request": Status.NOT_POSSIBLE,  # the example reports its state only
        "accept-print-job-request": Status.NOT_FOUND,
        "reject-print-job-request": Status.OK,  # it is not offered: already
        "report-print-job-request": Status.NOT_FOUND,
        "register-printer-request": Status.NOT_AUTHORIZED,
    }
    found = examples()
    assert set(expected) == {name for name in found if name.endswith("-request")}
    with Service(tmp_path, "--printer", "till") as service:
        for name, status in expected.items():
            data = octets(found[name])
            connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
            connection.request("POST", "/ipp/print/till", data, {"Content-Type": "application/ipp"})
            answer = connection.getresponse()
            reply, length = decode(body := answer.read())
            connection.close()
            assert answer.status == 200 and length == len(body)
            assert (reply.code, reply.request_id) == (status, int.from_bytes(data[4:8], "big")), name


def raw(name: str, tag: int, value: bytes) -> bytes:
    return bytes([tag]) + struct.pack(">H", len(name)) + name.encode() + struct.pack(">H", len(value)) + value


@pytest.mark.parametrize(
    ("operation", "name", "tag", "value"),
    [
        (Operation.PRINT_URI, "document-uri", tags.URI, b"https://files.example/" + b"x" * 1002),
        (Operation.PRINT_JOB, "job-name", tags.NAME, b"x" * 256),
        (Operation.PRINT_JOB, "document-name", tags.NAME, b"x" * 256),
        (Operation.PRINT_JOB, "requesting-user-name", tags.NAME, b"x" * 256),
        (Operation.PRINT_JOB, "copies", tags.KEYWORD, b"x" * 256),
    ],
)
def test_no_job_comes_in_that_could_not_go_out(
    service: Service,
    device: MobileDevice,
    printer: Printer,
    operation: int,
    name: str,
    tag: int,
    value: bytes,
) -> None:
    """The decoder reads values that are longer than RFC 8011 lets anybody send."""
    device.declare(schemes=("https",))
    message = printer.client.message(operation)
    message.groups[0].add("document-format", tags.MIME_MEDIA_TYPE, ESCPOS)
    job = b"\x02" if name == "copies" else b""
    data = message.encode()[:-1] + job + raw(name, tag, value) + b"\x03paper"
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.request("POST", "/ipp/print/infra", data, {"Content-Type": "application/ipp"})
    reply, _ = decode(connection.getresponse().read())
    connection.close()
    assert reply.code == Status.REQUEST_VALUE_TOO_LONG
    assert name in reply.get(tags.OPERATION, "status-message")
    assert device.fetch().job is None
