"""The page's addresses, asked without a browser."""

from __future__ import annotations

import http.client
import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from e2e import drawing
from fetchprint_tools.codes import JobState
from fetchprint_tools.raster import write_pwg
from fetchprint_tools.raster_reader import RasterError, read_pwg
from service_device import Device
from service_kit import Printer, Service
from support import wait_until

BOUNDARY = "----a-form"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "data") as running:
        yield running


def ask(service: Service, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    """One request; status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    try:
        connection.request(
            method, path, body, {name.replace("_", "-"): text for name, text in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def state(service: Service) -> dict[str, Any]:
    status, body = ask(service, "GET", "/state")
    assert status == 200
    found: dict[str, Any] = json.loads(body)
    return found


def send(service: Service, name: str, data: bytes, field: str = "file", **headers: str) -> tuple[int, bytes]:
    """What the form sends."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
    body = head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return ask(service, "POST", "/print", body, Content_Type=kind, **headers)


def raster(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    write_pwg(list(pages), out, dpi=203)
    return out.getvalue()


def test_the_page_and_its_parts(service: Service) -> None:
    for path, text in (
        ("/", b"<!doctype html>"),
        ("/static/page.css", b"--ink"),
        ("/static/page.js", b"EventSource"),
    ):
        status, body = ask(service, "GET", path)
        assert status == 200 and text in body, path
    for path in ("/static/index.html", "/static/..%2fapp.py", "/static/none", "/jobs/1/pages/1.png"):
        assert ask(service, "GET", path)[0] == 404, path


def test_the_whole_state(service: Service) -> None:
    before = state(service)
    assert before["printer"]["state"] == "stopped" and before["devices"] == before["queue"] == []
    device = Device(service.uri)
    device.declare()
    printer = Printer(service.uri)
    first, second = (printer.print(raster(drawing(text, 300)), "image/pwg-raster") for text in "ab")
    device.acknowledge(first)
    device.job_status(first, 5, "job-printing", impressions=0)
    device.report(4, "media-low")
    now = state(service)
    (shown,) = now["devices"]
    assert shown["uuid"] == device.uuid and shown["job-id"] == first
    assert (shown["state"], shown["reasons"], shown["gone"]) == ("processing", ["media-low"], False)
    assert [job["id"] for job in now["queue"]] == [first, second]
    assert [job["state"] for job in now["queue"]] == ["processing", "pending"]
    device.job_status(first, 9, impressions=1)
    now = state(service)
    assert [job["id"] for job in now["queue"]] == [second]
    (ended,) = now["ended"]
    assert (ended["id"], ended["state"], ended["impressions-completed"]) == (first, "completed", 1)


def test_pictures_are_the_pages_that_the_device_gets(service: Service) -> None:
    device = Device(service.uri)
    device.declare()
    pages = [drawing("one", 400), drawing("two", 300).convert("1")]
    number = Printer(service.uri).print(raster(pages[0]), "image/pwg-raster")
    text = Printer(service.uri).print(b"a line\f another page", "text/plain")
    counted = wait_until(
        lambda: [job for job in state(service)["queue"] if job["pages"] is not None][1:], 20, "the pictures"
    )
    assert counted[0]["pages"] == 2 and counted[0]["id"] == text
    status, body = ask(service, "GET", f"/jobs/{number}/pages/1.png")
    assert status == 200
    with Image.open(io.BytesIO(body)) as picture:
        assert picture.tobytes() == pages[0].tobytes()
    assert ask(service, "GET", f"/jobs/{number}/pages/2.png")[0] == 404
    assert ask(service, "GET", f"/jobs/{text}/pages/2.png")[0] == 200


def test_a_document_that_cannot_be_drawn_has_no_pictures(service: Service) -> None:
    Device(service.uri).declare()
    number = Printer(service.uri).print(raster(drawing("cut", 300))[:5000], "image/pwg-raster")
    assert ask(service, "GET", f"/jobs/{number}/pages/1.png")[0] == 404
    assert state(service)["queue"][0]["pages"] == 0
    (said,) = wait_until(lambda: service.said("picture"), 5, "the log to say why")
    assert "cut short" in said["message"]


def test_a_file_from_the_form_is_printed_as_from_any_client(service: Service) -> None:
    status, body = send(service, "../näme\N{SNOWMAN}.txt", b"hello")
    assert status == 201
    (job,) = state(service)["queue"]
    assert f"Job {job['id']}" in body.decode() and job["name"] == "näme\N{SNOWMAN}.txt"
    assert job["documents"] == [{"format": "text/plain", "octets": 5}]
    assert ask(service, "POST", f"/jobs/{job['id']}/cancel")[0] == 200
    assert Printer(service.uri).state(job["id"]) == JobState.CANCELED
    status, body = ask(service, "POST", f"/jobs/{job['id']}/cancel")
    assert status == 409 and b"not-possible" in body
    assert ask(service, "POST", "/jobs/999/cancel")[0] == 409


def test_what_the_form_refuses_leaves_nothing(service: Service) -> None:
    for name, data, field, wanted in (
        ("a.txt", b"", "file", 409),  # empty
        ("a.bin", bytes(range(256)), "file", 409),  # of no known format
        ("", b"text", "file", 400),
        ("a.txt", b"text", "other", 400),
    ):
        status, body = send(service, name, data, field)
        assert status == wanted and body.endswith(b"\n"), (name, body)
    assert ask(service, "POST", "/print", b"x", Content_Type="text/plain")[0] == 415
    cut = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf'.encode()
    )
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    status, body = ask(service, "POST", "/print", cut, Content_Type=kind)
    assert status == 409 and b"cut short" in body
    assert state(service)["queue"] == []
    assert list((service.data / "spool").iterdir()) == []
    assert state(service)["ended"] == []


def test_another_sites_page_can_do_nothing(service: Service) -> None:
    assert send(service, "a.txt", b"text", Origin="http://evil.example")[0] == 403
    assert send(service, "a.txt", b"text", Origin=f"http://127.0.0.1:{service.port}")[0] == 201
    assert ask(service, "POST", "/jobs/1/cancel", Origin="null")[0] == 403
    assert Printer(service.uri).state(1) == JobState.PENDING


class Reader:
    """Reads /events like a browser."""

    def __init__(self, service: Service) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
        self.connection.request("GET", "/events")
        self.answer = self.connection.getresponse()
        self.states: list[dict[str, Any]] = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        for line in self.answer:
            if line.startswith(b"data: "):
                self.states.append(json.loads(line[6:]))

    def close(self) -> None:
        self.connection.close()
        self.thread.join(5)


def test_changes_are_told_and_nothing_else(service: Service) -> None:
    reader = Reader(service)
    wait_until(lambda: reader.states, 5, "the first state")
    device = Device(service.uri)
    device.declare()
    job = Printer(service.uri).print(raster(drawing("x", 100)), "image/pwg-raster")
    wait_until(
        lambda: reader.states[-1]["queue"] and reader.states[-1]["queue"][0]["pages"] == 1, 10, "the job"
    )
    told = len(reader.states)
    device.acknowledge(job)
    wait_until(lambda: reader.states[-1]["queue"][0]["device"] == device.uuid, 5, "the device to have it")
    device.job_status(job, 9, impressions=1)
    wait_until(lambda: reader.states[-1]["ended"], 5, "its end")
    assert told < len(reader.states) <= told + 6
    service.close()  # an open page does not hold the service up
    reader.thread.join(10)
    assert not reader.thread.is_alive()
    reader.close()


def test_the_reader_of_rasters_says_where_it_is_wrong() -> None:
    data = raster(drawing("x", 40))
    assert [page.size for page in read_pwg(io.BytesIO(data))] == [(576, 40)]
    for cut in (0, 3, 4 + 1795, len(data) - 1):
        with pytest.raises(RasterError, match="octet"):
            list(read_pwg(io.BytesIO(data[:cut])))
    wrong = bytearray(data)
    wrong[4 + 372 : 4 + 376] = b"\xff\xff\xff\xff"
    with pytest.raises(RasterError, match="octet 4: a page of 4294967295"):
        list(read_pwg(io.BytesIO(wrong)))
