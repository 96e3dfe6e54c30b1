"""The print service judged by real clients: ipptool's own test files and lp."""

from __future__ import annotations

import http.client
import os
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Message, decode
from service_device import Device
from service_kit import Printer, Service, integer
from support import wait_until

SUITES = Path("/usr/share/cups/ipptool")

CANCEL = """{
    NAME "Cancel-Job $job-id"
    OPERATION Cancel-Job
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR integer job-id $job-id
    ATTR name requesting-user-name $user
    STATUS successful-ok
}
"""
"""Like cancel-job.test of ippsample, which Debian's stable cups does not have."""


@pytest.fixture
def printing(service: Service) -> Iterator[Device]:
    """A device that prints whatever comes."""
    device = Device(service.uri)
    device.declare()
    stop = threading.Event()
    thread = threading.Thread(target=device.print_all, args=(stop,))
    thread.start()
    yield device
    stop.set()
    thread.join(10)
    device.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("A note.\n")
    return path


def ipptool(uri: str, test: Path, *options: str) -> str:
    """What ipptool says; it must be content."""
    done = subprocess.run(
        ["ipptool", "-t", "-T", "20", *options, uri, str(test)], capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0 and "[FAIL]" not in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "name",
    [
        "get-printer-attributes",
        "print-job",
        "print-job-gzip",
        "print-job-deflate",
        "get-jobs",
        "validate-job",
    ],
)
def test_ipptool_operations(
    require: Callable[..., None], service: Service, printing: Device, document: Path, name: str
) -> None:
    require("ipptool")
    assert "[PASS]" in ipptool(service.uri, SUITES / f"{name}.test", "-f", str(document))


@pytest.mark.parametrize("chunking", ["-C", "-L"])
def test_ipptool_ipp_1_1(
    require: Callable[..., None], service: Service, printing: Device, document: Path, chunking: str
) -> None:
    require("ipptool")
    said = ipptool(service.uri, SUITES / "ipp-1.1.test", chunking, "-f", str(document))
    assert said.count("[PASS]") > 20


def test_ipptool_cancel_job(
    require: Callable[..., None], service: Service, printer: Printer, document: Path, tmp_path: Path
) -> None:
    require("ipptool")
    job = printer.print(b"text", "text/plain")
    test = tmp_path / "cancel-job.test"
    test.write_text(CANCEL)
    ipptool(service.uri, test, "-d", f"job-id={job}")
    assert printer.state(job) == JobState.CANCELED


def test_lp_prints(require: Callable[..., None], service: Service, printing: Device, document: Path) -> None:
    require("lp", "lpstat")
    server = f"127.0.0.1:{service.port}"
    before = {line["job-id"] for line in service.said("job-state")}
    environment = {**os.environ, "LC_ALL": "C"}
    sent = subprocess.run(
        ["lp", "-h", server, "-d", "infra", "-t", "by lp", document],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment,
    )
    assert sent.returncode == 0, sent.stderr
    assert sent.stdout.startswith("request id is infra-")
    job = int(sent.stdout.split()[3].removeprefix("infra-"))
    assert job not in before
    wait_until(
        lambda: Printer(service.uri).state(job) == JobState.COMPLETED,
        20,
        "the job that lp sent to be completed",
    )
    listed = subprocess.run(
        ["lpstat", "-h", server, "-d", "-p", "-W", "all", "-o"],
        capture_output=True,
        text=True,
        timeout=30,
        env=environment,
    )
    assert listed.returncode == 0, listed.stderr
    assert "system default destination: infra" in listed.stdout
    assert f"infra-{job} " in listed.stdout


def test_bodies_after_100_continue(service: Service) -> None:
    """As CUPS sends them: the head first, the body when the service says 100 Continue."""
    message = service.client.message(Operation.PRINT_JOB)
    body = message.encode() + b"text"
    with socket.create_connection(("127.0.0.1", service.port), 5) as connection:
        connection.sendall(
            b"POST /ipp/print/infra HTTP/1.1\r\nHost: x\r\nContent-Type: application/ipp\r\n"
            b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")


def http_status(service: Service, body: bytes) -> int:
    """The HTTP status for a body that is not even the beginning of IPP."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request("POST", "/ipp/print/infra", body, {"Content-Type": "application/ipp"})
        return connection.getresponse().status
    finally:
        connection.close()


def raw(service: Service, body: bytes, path: str = "/ipp/print/infra") -> Message:
    """The reply to octets that no proper client would send."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/ipp"})
        response = connection.getresponse()
        assert response.status == 200
        return decode(response.read())[0]
    finally:
        connection.close()


def test_malformed_requests(service: Service) -> None:
    good = service.client.message(Operation.GET_PRINTER_ATTRIBUTES).encode()
    assert raw(service, good).code == Status.OK
    assert raw(service, good[:-1]).code == Status.BAD_REQUEST
    assert raw(service, good[:20]).code == Status.BAD_REQUEST
    for nothing in (b"", good[:7]):
        assert http_status(service, nothing) == 400
    assert raw(service, b"GET / HTTP/1.1\r\n\r\n" * 10).code in (
        Status.BAD_REQUEST,
        Status.VERSION_NOT_SUPPORTED,
    )
    unknown = good[:2] + b"\x00\x66" + good[4:]
    assert raw(service, unknown).code == Status.OPERATION_NOT_SUPPORTED
    assert raw(service, b"\x03\x00" + good[2:]).code == Status.VERSION_NOT_SUPPORTED
    newer = raw(service, b"\x02\x02" + good[2:4] + struct.pack(">I", 0x12345678) + good[8:])
    assert (newer.version, newer.request_id, newer.code) == (0x0202, 0x12345678, Status.OK)
    assert raw(service, b"\x01\x01" + good[2:]).version == 0x0101
    foreign = good.replace(b"utf-8", b"utf-9")
    assert raw(service, foreign).code == Status.CHARSET_NOT_SUPPORTED


def test_refusals(printer: Printer, service: Service) -> None:
    strange = Attribute("document-format", tags.MIME_MEDIA_TYPE, "application/x-strange")
    refused = printer.ask(Operation.PRINT_JOB, strange, data=b"x")
    assert refused.code == Status.DOCUMENT_FORMAT_NOT_SUPPORTED
    assert refused.get(tags.UNSUPPORTED_GROUP, "document-format") == "application/x-strange"
    assert printer.ask(Operation.VALIDATE_JOB, strange).code == Status.DOCUMENT_FORMAT_NOT_SUPPORTED
    assert printer.ask(Operation.PRINT_JOB, data=b"\0\1\2\3").code == Status.DOCUMENT_FORMAT_NOT_SUPPORTED
    assert printer.ask(Operation.PRINT_JOB).code == Status.BAD_REQUEST
    packed = Attribute("compression", tags.KEYWORD, "zip")
    assert printer.ask(Operation.VALIDATE_JOB, packed).code == Status.COMPRESSION_NOT_SUPPORTED
    assert printer.ask(Operation.GET_JOB_ATTRIBUTES, integer("job-id", 99999)).code == Status.NOT_FOUND
    assert printer.ask(Operation.GET_JOBS, integer("limit", 0)).code == Status.BAD_REQUEST
    odd = Attribute("which-jobs", tags.KEYWORD, "odd")
    assert printer.ask(Operation.GET_JOBS, odd).code == Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
    nowhere = Printer(service.uri + "x")
    assert nowhere.ask(Operation.GET_PRINTER_ATTRIBUTES).code == Status.NOT_FOUND
    assert printer.ask(Operation.IDENTIFY_PRINTER).code == Status.NOT_POSSIBLE


def test_what_cannot_be_honoured_is_said(printer: Printer) -> None:
    wishes = [integer("copies", 7), Attribute("sides", tags.KEYWORD, "one-sided"), integer("x-odd", 1)]
    plain = Attribute("document-format", tags.MIME_MEDIA_TYPE, "text/plain")
    taken = printer.ask(Operation.PRINT_JOB, plain, data=b"text", job=wishes)
    assert taken.code == Status.OK_IGNORED_OR_SUBSTITUTED
    assert taken.values(tags.UNSUPPORTED_GROUP, "copies") == [7]
    assert taken.get(tags.UNSUPPORTED_GROUP, "x-odd").tag == tags.UNSUPPORTED
    job = printer.job(taken.get(tags.JOB, "job-id"))
    assert "copies" not in job and job.get("sides") == "one-sided"
    strict = Attribute("ipp-attribute-fidelity", tags.BOOLEAN, True)
    refused = printer.ask(Operation.PRINT_JOB, plain, strict, data=b"text", job=wishes)
    assert refused.code == Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED


def test_requested_attributes_and_limits(printer: Printer) -> None:
    for _ in range(3):
        printer.print(b"text", "text/plain")
    some = printer.ask(Operation.GET_JOBS, integer("limit", 2)).groups_of(tags.JOB)
    assert [[attribute.name for attribute in group] for group in some] == [["job-id", "job-uri"]] * 2
    assert {attribute.name for attribute in printer.printer("printer-state")} == {"printer-state"}
    assert "media-col-database" not in printer.printer()
    assert "media-col-database" in printer.printer("all", "media-col-database")
    assert not any(name.name == "printer-state" for name in printer.printer("job-template"))
    mine = Attribute("my-jobs", tags.BOOLEAN, True)
    assert not printer.ask(Operation.GET_JOBS, mine, user="nobody-else").groups_of(tags.JOB)


def test_a_cut_short_upload_leaves_nothing(service: Service, printer: Printer) -> None:
    before = len(printer.ask(Operation.GET_JOBS).groups_of(tags.JOB))
    stored = set((service.data / "spool").iterdir())
    head = service.client.message(Operation.PRINT_JOB).encode()
    with socket.create_connection(("127.0.0.1", service.port), 5) as connection:
        connection.sendall(
            b"POST /ipp/print/infra HTTP/1.1\r\nHost: x\r\nContent-Type: application/ipp\r\n"
            b"Content-Length: 100000\r\n\r\n" + head + b"text" * 1000
        )
        wait_until(lambda: set((service.data / "spool").iterdir()) - stored, 5, "the upload to begin")
    wait_until(lambda: set((service.data / "spool").iterdir()) == stored, 5, "the partial upload to go")
    assert len(printer.ask(Operation.GET_JOBS).groups_of(tags.JOB)) == before


def test_a_browser_is_told_what_this_is(service: Service) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/html")
    assert "Print a file" in answer.read().decode()
    connection.request("GET", "/nowhere")
    page = connection.getresponse().read().decode()
    connection.close()
    assert "/ipp/print/infra" in page
