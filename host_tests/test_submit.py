"""``fetchprint submit`` and ``IppClient``, against our service, the packaged one, and what is no service."""

from __future__ import annotations

import http.server
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from fetchprint_tools.client import BadUri, IppClient, NotIpp, Unreachable
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.message import Message
from fetchprint_tools.raster import write_pwg
from fetchprint_tools.samples import RECEIPT
from service_device import PWG, Device
from service_kit import Printer, Service

PCL = "application/vnd.epson.escpos"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def device(service: Service) -> Iterator[Device]:
    device = Device(service.uri)
    device.declare(formats=(PWG, PCL))
    yield device
    device.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def submit(*options: str | Path, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    """``fetchprint submit`` as a person runs it."""
    command = [sys.executable, "-m", "fetchprint_tools", "submit", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds)


def ended(device: Device, state: int, *options: str | Path) -> subprocess.CompletedProcess[str]:
    """``fetchprint submit --wait`` while the device takes the job and ends it with ``state``."""

    def work() -> None:
        device.subscribe("job-fetchable")
        while not (jobs := device.fetchable()):
            device.events(wait=True)
        device.acknowledge(jobs[0])
        device.document(jobs[0])
        device.job_status(jobs[0], 5, "job-printing")
        device.job_status(jobs[0], state, impressions=1)

    thread = threading.Thread(target=work)
    thread.start()
    done = submit(device.client.uri, *options, "--wait")
    thread.join(10)
    return done


def test_wait_for_completion(device: Device) -> None:
    done = ended(device, 9, RECEIPT)
    assert done.returncode == 0, done.stderr
    assert "receipt.pdf sent as application/pdf" in done.stderr
    assert done.stderr.rstrip().endswith("completed (job-completed-successfully), 1 page printed")
    assert done.stdout == ""


def test_json(device: Device, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"\x1b@hello\n")
    done = ended(device, 8, path, "--json", "--format", PCL, "--name", "a name")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["event"] == "submitted" and lines[0]["document-format"] == PCL
    assert lines[-1]["job-state"] == "aborted"
    assert Printer(device.client.uri).job(lines[0]["job-id"]).get("job-name") == "a name"


def test_the_service_s_reason_reaches_the_person(service: Service, device: Device, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 no more\n")
    done = ended(device, 8, broken)
    assert done.returncode == 1
    assert "aborted (document-format-error" in done.stderr
    assert "PDF cannot be opened" in done.stderr


def test_large_documents_are_streamed_both_ways(device: Device, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(range(256)) * 4 * 1024 * 32)
    done = submit(device.client.uri, path, "--format", PCL)
    assert done.returncode == 0, done.stderr
    job = device.fetchable()[0]
    device.acknowledge(job)
    assert device.document(job, formats=(PCL,))[1] == path.read_bytes()
    device.job_status(job, 9)


class _Web(http.server.BaseHTTPRequestHandler):
    """A web server that has never heard of IPP; it answers before it has read the body."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.close_connection = True
        if self.path.endswith("/html"):
            self._answer(200, "text/html", b"<html>hello</html>")
        elif self.path.endswith("/lies"):
            self._answer(200, "application/ipp", b"this is not IPP")
        elif self.path.endswith("/short"):
            reply = Message.response(Status.OK, 1).encode()
            self._answer(200, "application/ipp", reply[:-10])
        elif self.path.endswith("/cut"):
            self.send_response(200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(Message.response(Status.OK, 1).encode() + b"part of a document")
        elif self.path.endswith("/other"):
            self._answer(200, "application/ipp", Message.response(Status.OK, 77).encode())
        else:
            self._answer(404, "text/plain", b"no")

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Web)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"ipp://127.0.0.1:{server.server_port}/ipp/print"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "HTTP 404"),
        ("/html", "text/html, not application/ipp"),
        ("/lies", "not IPP"),
        ("/short", "not IPP"),
        ("/other", "for request 77"),
    ],
)
def test_what_is_not_ipp(web: str, path: str, reason: str) -> None:
    client = IppClient(web + path)
    with pytest.raises(NotIpp, match=reason):
        client.request(client.message(Operation.GET_JOBS))


def test_a_document_cut_short_is_noticed(web: str) -> None:
    client = IppClient(web + "/cut")
    with pytest.raises(Unreachable, match="cut short"):
        client.request(client.message(Operation.GET_JOBS))


@pytest.mark.slow
def test_errors_for_people(service: Service, web: str, tmp_path: Path, free_port: int) -> None:
    text = tmp_path / "text.txt"
    text.write_text("text\n")
    odd = tmp_path / "odd"
    odd.write_bytes(b"\0\1\2\3")
    nobody = f"ipp://127.0.0.1:{free_port}/ipp/print/infra"
    for options, expected in (
        ((service.uri, tmp_path / "absent.pdf"), ("cannot be read", "absent.pdf")),
        ((service.uri, tmp_path), ("cannot be read", str(tmp_path))),
        (("printer", text), ("not the address", "ipp://HOST:PORT")),
        (("ipp://127.0.0.1:port/x", text), ("ipp://HOST:PORT",)),
        ((nobody, text), ("no service answers", f"port {free_port}")),
        ((web, text), ("HTTP 404", "check the path")),
        ((web + "/html", text), ("text/html", "ipp://HOST:PORT")),
        ((service.uri + "x", text), ("client-error-not-found", "no such queue")),
        ((service.uri, odd), ("document-format-not-supported", "--format")),
        ((service.uri, text, "--format", "application/x-odd"), ("application/x-odd", "--format")),
    ):
        done = submit(*options)
        assert done.returncode == 1, (options, done)
        assert done.stderr.startswith("error: ") and "Traceback" not in done.stderr
        for words in expected:
            assert words in done.stderr, (options, done.stderr)


def test_addresses() -> None:
    client = IppClient("ipp://example.test/ipp/print")
    assert (client.host, client.port, client.path, client.secure) == (
        "example.test",
        631,
        "/ipp/print",
        False,
    )
    client = IppClient("ipps://[::1]:8631")
    assert (client.host, client.port, client.path, client.secure) == ("::1", 8631, "/", True)
    assert IppClient("http://h/p").port == 80 and IppClient("https://h/p").port == 443
    for wrong in ("", "lpd://h/q", "ipp:///q", "ipp://h:99999/q"):
        with pytest.raises(BadUri):
            IppClient(wrong)


def test_a_silent_service_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = IppClient(f"ipp://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.3)
        with pytest.raises(Unreachable, match="does not answer"):
            client.request(client.message(Operation.GET_JOBS))


@pytest.mark.system
def test_the_packaged_ippserver(ippserver: IppServer, tmp_path: Path) -> None:
    """Submit there and fetch the document, both with ``IppClient``."""
    raster = tmp_path / "page.pwg"
    with raster.open("wb") as out:
        write_pwg([Image.effect_noise((575, 799), 100)], out, dpi=203)
    device = Device(ippserver.uri)
    assert device.declare() in (Status.OK, Status.OK_IGNORED_OR_SUBSTITUTED)
    done = submit(ippserver.uri, raster, "--json")
    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout.splitlines()[0])["job-id"]
    assert device.acknowledge(job) == Status.OK
    reply, data = device.document(job)
    assert (reply.code, data) == (Status.OK, raster.read_bytes())
    assert device.acknowledge_document(job) == Status.OK
    printer = Printer(ippserver.uri)
    assert printer.cancel(job) == Status.OK
    assert printer.state(job) in (JobState.CANCELED, JobState.PROCESSING_STOPPED, JobState.PROCESSING)
    assert submit(ippserver.uri + "x", RECEIPT).returncode == 1
