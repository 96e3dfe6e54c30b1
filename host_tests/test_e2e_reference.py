"""Print-URI: the printer itself fetches the document, from where its operator lets it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from e2e import PWG, RUNTIMES, Emulate, assert_printed
from e2e_service import configured, dots, raster, state
from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation
from fetchprint_tools.message import Attribute
from service_kit import Printer, Service
from tls_kit import make

pytestmark = [pytest.mark.slow, pytest.mark.system]


class Files:
    """An HTTP server with some documents; ``asked`` lists the requests with their headers."""

    def __init__(self, certificate: Path | None = None) -> None:
        """``certificate``: of the server and its key, in one file; then it speaks TLS."""
        asked = self.asked = []  # type: list[tuple[str, dict[str, str]]]
        page = raster(dots(7))
        replies: dict[str, tuple[int, dict[str, str], bytes]] = {
            "/page.pwg": (200, {}, page),
            "/cut.pwg": (200, {"Content-Length": str(len(page) + 5)}, page),
            "/moved.pwg": (302, {"Location": "/page.pwg"}, b""),
        }

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.path, dict(self.headers)))
                status, fields, data = replies.get(self.path, (404, {}, b"no such file"))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **fields}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing on stderr."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def files() -> Iterator[Files]:
    running = Files()
    yield running
    running.close()


def print_uri(client: Printer, uri: str) -> int:
    """Print-URI; the job-id."""
    mime = Attribute("document-format", tags.MIME_MEDIA_TYPE, PWG)
    reply = client.ask(Operation.PRINT_URI, Attribute("document-uri", tags.URI, uri), mime)
    assert reply.code < 0x100, reply
    return int(reply.get(tags.JOB, "job-id"))


def printer(folder: Path, uri: str, rules: dict[str, Any], jobs: int, runtime: str) -> Emulate:
    services = [{"uri": uri, "profile": "mobile"}]
    return configured(folder, "--jobs", str(jobs), services=services, runtime=runtime, references=rules)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_documents_come_from_where_the_operator_allows(runtime: str, files: Files, tmp_path: Path) -> None:
    place = f"127.0.0.1:{files.port}"
    rules = {"schemes": ["http"], "hosts": [place], "private": True}
    with Service(tmp_path / "service") as service:
        client = Printer(service.uri)
        with printer(tmp_path, service.uri, rules, 4, runtime) as run:
            run.ready()
            good = print_uri(client, f"http://{place}/page.pwg")
            run.wait("job-end", job=good, state="completed")
            assert_printed(run, good, [dots(7)])
            bad = [print_uri(client, f"http://{place}/{name}.pwg") for name in ("cut", "moved", "absent")]
            for job in bad:
                ended = run.wait("job-end", job=job, state="aborted")
                assert "document-access-error" in ended["reasons"], ended
            assert run.ended() == 0
        state(client, good, JobState.COMPLETED)
        for job in bad:
            state(client, job, JobState.ABORTED)
    path, headers = files.asked[0]
    assert path == "/page.pwg" and headers["Host"] == place
    assert not {"Authorization", "Cookie", "Referer"} & set(headers)
    assert [path for path, _ in files.asked].count("/page.pwg") == 1  # the redirect was not followed


def test_nothing_private_is_asked_for_a_stranger(files: Files, tmp_path: Path) -> None:
    listed = [f"localhost:{files.port}", f"127.0.0.1:{files.port}", f"2130706433:{files.port}"]
    rules = {"schemes": ["http"], "hosts": listed}
    with Service(tmp_path / "service") as service:
        client = Printer(service.uri)
        with printer(tmp_path, service.uri, rules, len(listed), "micropython") as run:
            run.ready()
            texts = set()
            for host in listed:
                job = print_uri(client, f"http://{host}/page.pwg")
                ended = run.wait("job-end", job=job, state="aborted")
                texts.add(ended["message"])
                state(client, job, JobState.ABORTED)
            assert run.ended() == 0
            assert len(texts) == 1 and "cannot be reached" in texts.pop()
    assert not files.asked


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_documents_over_tls(runtime: str, tmp_path: Path) -> None:
    """From a server that is verified; one that is not, or speaks in clear, gets not even the request."""
    ca = make(ca=True, subject="of files")
    (tmp_path / "ca.der").write_bytes(ca.der)
    running = []
    for name, issuer in (("right", ca), ("wrong", make(ca=True, subject="of others"))):
        path = tmp_path / f"{name}.pem"
        path.write_bytes(make(issuer, names=("127.0.0.1",)).pem)
        running.append(Files(path))
    running.append(Files())
    places = [f"127.0.0.1:{one.port}" for one in running]
    rules = {
        "schemes": ["https"],
        "hosts": places,
        "private": True,
        "tls": {"ca": str(tmp_path / "ca.der")},
    }
    with Service(tmp_path / "service") as service:
        client = Printer(service.uri)
        with printer(tmp_path, service.uri, rules, 3, runtime) as run:
            run.ready()
            good, stranger, plain = (print_uri(client, f"https://{place}/page.pwg") for place in places)
            run.wait("job-end", job=good, state="completed")
            assert_printed(run, good, [dots(7)])
            for job in (stranger, plain):
                ended = run.wait("job-end", job=job, state="aborted")
                assert "document-access-error" in ended["reasons"], ended
                assert "cannot be reached" in ended["message"]
            assert run.ended() == 0
            said = json.dumps(run.events)
            assert "unknown CA: 127.0.0.1's certificate" in said and "does not speak TLS" in said
    asked = [[path for path, _ in one.asked] for one in running]
    for one in running:
        one.close()
    assert asked == [["/page.pwg"], [], []]
    assert not {"Authorization", "Cookie", "Referer"} & set(running[0].asked[0][1])
