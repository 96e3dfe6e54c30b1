"""``fetchprint doctor``: for each of its lines a board that is ill in just that."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tls_kit
from board_console import NAME, BoardConsole, boards
from fetchprint_tools.boards import connection, contents, data, doctor, settings
from support import unused_port

pytestmark = pytest.mark.slow
DAY = 86400


@pytest.fixture(autouse=True)
def board_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> data.Board:
    folder = boards(tmp_path)
    monkeypatch.setattr(data, "folder", lambda: folder)
    return data.load(NAME)


def examined(port: str | None) -> dict[str, list[doctor.Finding]]:
    """What the doctor says, by what it is about."""
    found: dict[str, list[doctor.Finding]] = {}
    well = doctor.examine(port, lambda finding: found.setdefault(finding.what, []).append(finding))
    everything = [finding for findings in found.values() for finding in findings]
    assert well == all(finding.good is not False for finding in everything)
    for finding in everything:
        assert (finding.good is False) == bool(finding.hint), (
            f"what to do is said when it is wrong: {finding}"
        )
    return found


def wrong(found: dict[str, list[doctor.Finding]], what: str, detail: str, hint: str) -> None:
    (finding,) = found[what]
    assert finding.good is False, finding
    assert detail in finding.detail and hint in finding.hint, finding


def config(*uris: str, **more: Any) -> bytes:
    engine = {"driver": "escpos", "device": "uart1,baudrate=115200,tx=8,rx=9"}
    services = [{"uri": uri, **more} if uri.startswith("ipps") else {"uri": uri} for uri in uris]
    return json.dumps({"services": services, "engine": engine, "state": "/state"}).encode()


def test_no_cable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection.list_ports, "comports", list)
    wrong(examined(None), "cable", "no board was found", "data cable")


def test_a_port_that_is_not_ours_to_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    wrong(examined(str(port)), "port", "cannot open", "join its group (sudo usermod -a -G")


def test_nobody_at_the_other_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_ANSWER_SECONDS", 1)
    ours, theirs = os.openpty()
    wrong(examined(os.ttyname(theirs)), "board", "does not answer", "is MicroPython on it")
    os.close(ours)
    os.close(theirs)


def test_a_bare_board(tmp_path: Path) -> None:
    with BoardConsole(tmp_path) as board:
        found = examined(board.device)
    wrong(found, "board", "MicroPython 1.27.0", "fetchprint deploy brings it")
    wrong(found, "configuration", "there is none", "fetchprint deploy --service")
    wrong(found, "Wi-Fi", "none is set", "fetchprint provision --ssid")
    assert found["room in flash"][0].good and "engine" not in found and "service" not in found


def test_a_board_with_another_board_s_files_no_room_and_an_old_micropython(tmp_path: Path) -> None:
    files = {
        "board.json": b'{"board": "NOBODYS"}',
        "config.json": b'{"services": 1}',
        "wifi.json": b'{"ssid": "net", "password": "12345678"}',
        "junk": bytes(960_000),
    }
    with BoardConsole(tmp_path, files, status=-3) as board:
        found = examined(board.device)
        wrong(found, "board", "MicroPython", "'NOBODYS', which is unknown here")
        wrong(found, "room in flash", "octets", "remove files")
        wrong(found, "configuration", "'engine' is missing", "fetchprint deploy --config")
        wrong(found, "Wi-Fi", "net was not joined", "the password is wrong")
        board.state(status=-2, release="1.19.1")
        found = examined(board.device)
        wrong(found, "board", "MicroPython 1.19.1", "too old")
        wrong(found, "Wi-Fi", "net was not joined", "no such network in reach")


@pytest.fixture
def junk() -> Iterator[int]:
    """A port at which something answers that is no service."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    near, _ = server.accept()
                except OSError:
                    return
                with near:
                    near.recv(100)
                    near.sendall(b"220 mail.example ESMTP\r\n")

        threading.Thread(target=answer, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.timeout(240)
def test_each_service_and_the_way_to_it(tmp_path: Path, junk: int, board_data: data.Board) -> None:
    ca = tls_kit.make(ca=True, names=(), subject="a CA")
    pair = tls_kit.make(ca)
    uri = "ipps://127.0.0.1:{}/ipp/print/x"
    made = settings.make(board_data, None, "ipp://h/ipp/print/x", "escpos", None)
    made["services"] = [{"uri": uri.format(1), "tls": {"ca": "/ca.der"}}]
    files = contents.whole(board_data, made)  # it runs, until the doctor interrupts it
    files |= {"wifi.json": b'{"ssid": "net", "password": "12345678"}', "ca.der": ca.der}
    silent = f"ipp://127.0.0.1:{unused_port()}/ipp/print/x"
    with (
        tls_kit.Answering(tmp_path, pair, reply=b"HTTP/1.1 400 Bad\r\n\r\n") as service,
        tls_kit.Answering(tmp_path, pair, plain=True) as plain,
    ):
        secure = uri.format(service.port)
        uris = [secure, f"http://127.0.0.1:{plain.port}/x"]
        files["config.json"] = config(*uris, tls={"ca": "/ca.der"})
        with BoardConsole(tmp_path, files, network=True, engine="12") as board:
            found = examined(board.device)
            assert [one for findings in found.values() for one in findings if not one.good] == []
            assert "answers 'HTTP/1.1 400'" in found["TLS"][0].detail
            assert "answers 12 to DLE EOT" in found["engine"][0].detail
            assert found["clock"][0].detail == "as this computer's"
            starts = len(board.starts)
        other = tls_kit.make(ca=True, names=(), subject="a CA")
        uris = [secure, "ipp://nowhere.invalid/ipp/print/x", silent, f"ipp://127.0.0.1:{junk}/ipp/print/x"]
        files |= {"config.json": config(*uris, tls={"ca": "/ca.der"}), "ca.der": other.der}
        files |= {"boot.json": b'{"slot": "a", "resets": 5}', "main.py": b""}
        with BoardConsole(tmp_path, files, heap="600k", network=True, engine="1a", clock=100 * DAY) as board:
            found = examined(board.device)
    assert starts == 2, "a soft reset, and at the end it goes on"
    wrong(found, "free heap at the prompt", "of 900000 octets expected", "boot.py")
    wrong(found, "configuration", "5 resets came before a service answered", "fetchprint monitor")
    wrong(found, "engine", "off-line", "close its cover")
    wrong(found, "clock", "100 days ahead", "cut the board's power")
    wrong(found, "TLS", "unknown CA", "give the CA of this service")
    (name,) = (finding for finding in found["DNS"] if not finding.good)
    assert "nowhere.invalid" in name.detail and "is the name right" in name.hint
    refused, mail = (finding for finding in found["service"] if not finding.good)
    assert silent in refused.detail and "is the service running" in refused.hint
    assert "220 mail" in mail.detail and "is it another program?" in mail.hint


def test_an_engine_that_is_silent(tmp_path: Path) -> None:
    with BoardConsole(tmp_path, {"config.json": config("ipp://h/ipp/print/x")}) as board:
        wrong(examined(board.device), "engine", "no answer to DLE EOT", "are TX and RX crossed")
