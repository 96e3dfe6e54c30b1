"""What a person gets wrong: each ends with a message that says what, where and what to do."""

from __future__ import annotations

import http.server
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from e2e import EACH, RUNTIMES, Emulate, pdf, rendered, submit
from fetchprint_tools.ippserver import IppServer
from support import absent

pytestmark = pytest.mark.system


def gives_up(uri: str, folder: Path, *options: str, **more: str) -> tuple[int, str]:
    """Run until it ends by itself; the exit status and what it said."""
    with Emulate(uri, folder, "--jobs", "1", *options, **more) as printer:
        status = printer.ended()
        said = "\n".join([*printer.said, *(str(event.get("message", "")) for event in printer.events)])
    assert "Traceback" not in said
    return status, said


@pytest.mark.parametrize(
    ("uri", "what"),
    [
        ("printer", "no scheme"),
        ("ftp://127.0.0.1/ipp/print", "ftp is no scheme"),
        ("ipp:///ipp/print", "names no host"),
        ("ipp://127.0.0.1:99999/ipp/print", "not valid"),
        ("ipp://127.0.0.1/a b", "space"),
    ],
)
def test_wrong_uri(uri: str, what: str, tmp_path: Path) -> None:
    status, said = gives_up(uri, tmp_path)
    assert status == 2 and what in said and uri in said


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_no_server(runtime: str, transport: str, free_port: int, tmp_path: Path) -> None:
    uri = f"ipp://127.0.0.1:{free_port}/ipp/print/infra"
    status, said = gives_up(uri, tmp_path, "--timeout", "2", runtime=runtime, transport=transport)
    assert status == 1
    # the unix port knows the number of the error, not its name
    assert re.search(r"[Cc]onnection refused|ECONNREFUSED|\b111\b", said)
    assert uri in said and "next attempt" in said and "0 of 1 jobs" in said


class Pages(http.server.BaseHTTPRequestHandler):
    """A web server, which answers every request with a page."""

    protocol_version = "HTTP/1.1"
    page = b"<html><body>It works!</body></html>"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(self.page)))
        self.end_headers()
        self.wfile.write(self.page)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_not_ipp(runtime: str, transport: str, tmp_path: Path) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            uri = f"ipp://127.0.0.1:{server.server_address[1]}/ipp/print"
            status, said = gives_up(uri, tmp_path, "--timeout", "2", runtime=runtime, transport=transport)
        finally:
            server.shutdown()
            thread.join(5)
    assert status == 1
    assert "not IPP: Content-Type text/html" in said and "next attempt" in said


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_unknown_queue(runtime: str, transport: str, ippserver: IppServer, tmp_path: Path) -> None:
    uri = ippserver.uri.replace("/infra", "/nonesuch")
    status, said = gives_up(uri, tmp_path, "--timeout", "2", runtime=runtime, transport=transport)
    assert status == 1
    assert "no such print queue" in said and uri in said


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("text", "what"),
    [
        (None, "No such file"),
        ("{", "not valid JSON"),
        ('{"services": []}', "services"),
        ('{"engine": {"width": "wide"}}', "width"),
    ],
)
def test_unreadable_config(runtime: str, text: str | None, what: str, tmp_path: Path) -> None:
    config = tmp_path / "printer.json"
    if text is not None:
        config.write_text(text)
    uri = "ipp://127.0.0.1:9/ipp/print/infra"
    status, said = gives_up(uri, tmp_path, "--config", str(config), runtime=runtime)
    assert status == 2 and what in said and str(config) in said


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of ``size`` at ``folder``."""
    if os.geteuid() != 0:
        absent("only root can mount a small disk")
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        absent(f"a tmpfs cannot be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_full_disk(runtime: str, ippserver: IppServer, tmp_path: Path) -> None:
    document = pdf(tmp_path / "document.pdf", "too much")
    with small_disk(tmp_path / "out", "32k"):
        job = submit(ippserver, document)
        status, said = gives_up(ippserver.uri, tmp_path, runtime=runtime)
        assert status == 1
        assert "No space left on device" in said and "--out" in said and f"job-{job}" in said
        assert not list((tmp_path / "out").glob("*/page-*.png"))
    # the printer is as it was: with room again it prints what comes next
    following = submit(ippserver, document)
    with Emulate(ippserver.uri, tmp_path, "--timeout", "30", runtime=runtime, server=ippserver) as printer:
        assert printer.wait("job-end", job=following)["state"] == "completed"
        assert len(printer.pages(following)) == len(rendered(ippserver, document))
