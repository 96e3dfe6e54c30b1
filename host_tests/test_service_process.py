"""Starting and stopping ``fetchprint serve``."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from fetchprint.ipp import tags
from fetchprint_tools import processes
from fetchprint_tools.codes import JobState, Operation
from service_device import Device
from service_kit import Printer, Service
from support import wait_until

pytestmark = pytest.mark.slow


def serve(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """``fetchprint serve`` that is expected to give up."""
    command = [sys.executable, "-m", "fetchprint_tools", "serve", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def test_a_port_in_use(tmp_path: Path) -> None:
    with Service(tmp_path / "one") as running:
        done = serve("--port", str(running.port), "--data", tmp_path / "two")
    assert done.returncode == 1
    assert f"127.0.0.1 port {running.port}" in done.stderr and "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_data_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = serve("--port", "0", "--data", tmp_path / "file" / "data")
    assert done.returncode == 1
    assert str(tmp_path / "file") in done.stderr and "--data" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["a b", "", "../x"])
def test_a_name_that_cannot_be(tmp_path: Path, name: str) -> None:
    done = serve("--port", "0", "--data", tmp_path, "--printer", name)
    assert done.returncode == 2 and "--printer" in done.stderr


def test_another_name(tmp_path: Path) -> None:
    with Service(tmp_path, "--printer", "kitchen") as running:
        assert running.uri.endswith("/ipp/print/kitchen")
        assert Printer(running.uri).printer().get("printer-name") == "kitchen"
        assert Printer(running.uri.removesuffix("/kitchen")).printer().get("printer-name") == "kitchen"


def test_the_end_does_not_wait_for_held_requests(tmp_path: Path) -> None:
    with Service(tmp_path) as running:
        device = Device(running.uri)
        device.declare()
        device.subscribe("job-fetchable")
        answers: list[int] = []
        thread = threading.Thread(target=lambda: answers.append(len(device.events(wait=True))))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
        begin = time.monotonic()
        assert running.close() == 0
        assert time.monotonic() - begin < 3
        thread.join(5)
        assert answers == [0]


def test_the_end_does_not_wait_for_a_device_that_stands_still(tmp_path: Path) -> None:
    """A rendering that nobody reads any more must not keep the process."""
    noise = [Image.effect_noise((600, 800), 100) for _ in range(12)]
    document = tmp_path / "noise.pdf"
    noise[0].save(document, save_all=True, append_images=noise[1:], resolution=200)
    with Service(tmp_path / "data") as running:
        device = Device(running.uri)
        device.declare(dpi=600)
        job = Printer(running.uri).print(document.read_bytes(), "application/pdf")
        assert device.acknowledge(job) == 0
        message = device.client.message(Operation.FETCH_DOCUMENT)
        message.groups[0].add("output-device-uuid", tags.URI, device.uuid)
        message.groups[0].add("job-id", tags.INTEGER, job)
        message.groups[0].add("document-number", tags.INTEGER, 1)
        with device.client.open(message) as reply:
            assert reply.message.code == 0 and reply.read(4) == b"RaS2"
            begin = time.monotonic()
            assert running.close() == 0
            assert time.monotonic() - begin < 3


def test_a_large_upload_needs_little_memory(tmp_path: Path) -> None:
    octets = 150 * 1024 * 1024
    with Service(tmp_path) as running:
        Printer(running.uri).print(b"text", "text/plain")
        before = psutil.Process(running.process.pid).memory_info().rss
        device = Device(running.uri)
        device.declare(formats=("application/x-large",))
        piece = bytes(range(256)) * 256
        job = Printer(running.uri).print((piece for _ in range(octets // len(piece))), "application/x-large")
        device.acknowledge(job)
        message = device.client.message(Operation.FETCH_DOCUMENT)
        message.groups[0].add("output-device-uuid", tags.URI, device.uuid)
        message.groups[0].add("job-id", tags.INTEGER, job)
        message.groups[0].add("document-number", tags.INTEGER, 1)
        taken = 0
        with device.client.open(message) as reply:
            while data := reply.read():
                taken += len(data)
        assert taken == octets
        assert psutil.Process(running.process.pid).memory_info().rss - before < 20 * 1024 * 1024


def test_lines_for_people(tmp_path: Path, free_port: int) -> None:
    log = tmp_path / "log"
    command = [
        sys.executable,
        "-m",
        "fetchprint_tools",
        "serve",
        "--port",
        str(free_port),
        "--data",
        tmp_path,
    ]
    with log.open("wb") as stderr:
        process = processes.spawn(command, stderr=stderr)
    try:
        uri = f"ipp://127.0.0.1:{free_port}/ipp/print/infra"
        wait_until(lambda: f"listening on {uri}\n" in log.read_text(), 20, "the service to listen")
        printer = Printer(uri)
        job = printer.print(b"text", "text/plain")
        printer.cancel(job)
        assert printer.state(job) == JobState.CANCELED
        assert f"job {job}: pending (job-fetchable)\njob {job}: canceled" in log.read_text()
    finally:
        assert processes.end(process) == 0
    assert log.read_text().endswith("stopping\n")
