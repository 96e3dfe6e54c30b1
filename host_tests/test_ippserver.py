"""The packaged ippserver as the other tests use it: it answers, survives being killed, leaves nothing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from PIL import Image

from fetchprint_tools import processes
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippserver import IppServer
from support import wait_until

pytestmark = [pytest.mark.system, pytest.mark.usefixtures("ippsample_programs")]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "page.pdf"
    Image.new("L", (400, 300), 128).save(path)
    return path


def print_job(server: IppServer, document: Path) -> str:
    done = server.workspace.ipptool(
        server.uri, "print-job.test", document=document, define={"filetype": "application/pdf"}
    )
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


def test_the_infra_queue_takes_a_job(ippserver: IppServer, document: Path) -> None:
    said = print_job(ippserver, document)
    assert "status-code = successful-ok (successful-ok)" in said
    assert "job-state (enum) = pending" in said
    assert "Print-Job successful-ok" in ippserver.log


def test_it_comes_back_on_the_same_port_after_a_crash(ippserver: IppServer, document: Path) -> None:
    uri, first = ippserver.uri, ippserver.pid
    ippserver.kill()
    assert ippserver.pid is None
    ippserver.restart()
    assert ippserver.uri == uri
    assert ippserver.pid != first
    print_job(ippserver, document)


def test_nothing_is_left_even_when_the_test_fails() -> None:
    with pytest.raises(ZeroDivisionError), IppServer() as server:
        pid, folder = server.pid, server.workspace.path
        assert pid is not None
        assert folder.exists()
        _ = 1 / 0
    wait_until(lambda: not processes.group_alive(pid), 5, "the server's processes to end")
    assert not folder.exists()


def test_a_server_that_cannot_start_is_shown_with_its_own_words() -> None:
    server = IppServer()
    with socket.socket() as holder, server.workspace:
        holder.bind(("127.0.0.1", server.port))
        with pytest.raises(UserError, match="Address already in use"):
            server.start()
        assert server.pid is None


def test_authentication_wants_the_password() -> None:
    with IppServer(test_password="geheim") as server:
        stranger = server.workspace.ipptool(server.uri, "get-jobs.test")
        known = server.workspace.ipptool(server.uri.replace("//", "//root:geheim@"), "get-jobs.test")
    assert stranger.returncode != 0
    assert known.returncode == 0, known.stdout.decode()


def test_the_converter_renders_and_refuses(ippserver: IppServer, document: Path, tmp_path: Path) -> None:
    raster = ippserver.workspace.ipptransform(document, document_format="application/pdf")
    assert raster.startswith(b"RaS2PwgRaster\0")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"not a document")
    with pytest.raises(UserError, match="no page"):
        ippserver.workspace.ipptransform(broken, document_format="application/pdf")
