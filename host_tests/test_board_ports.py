"""The ports for RP2 and ESP32 in MicroPython's unix port, with stand-ins for their hardware."""

from __future__ import annotations

import calendar
import contextlib
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from fetchprint_tools import micropython

PROGRAM = Path(__file__).with_name("board_ports.py")


def echo(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, contextlib.suppress(ConnectionError):
            while data := connection.recv(1024):
                connection.sendall(data)


def names(server: socket.socket) -> None:
    """A DNS server: one name has an address behind an alias, the others meet what DNS can do to them."""
    while True:
        try:
            question, client = server.recvfrom(512)
        except OSError:
            return
        head, rest = question[:2], question[12:]
        name = rest.split(b"\0")[0]
        alias = b"\xc0\x0c\0\5\0\1\0\0\0\x3c\0\4\1x\xc0\x0c"
        address = b"\1x\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + bytes((127, 0, 0, 1))
        counts = b"\0\1\0\2\0\0\0\0"
        if b"good" in name:
            server.sendto(b"no" + question[2:], client)  # not its answer
            server.sendto(head + b"\x81\x80" + counts + rest + alias + address, client)
        elif b"missing" in name:
            server.sendto(head + b"\x81\x83" + b"\0\1\0\0\0\0\0\0" + rest, client)
        elif b"short" in name:
            server.sendto(head + b"\x81\x80" + counts + rest + alias[:7], client)


def clock(server: socket.socket) -> None:
    """A time server after others that are not to be believed: one that was not asked, one that does not know
    the time, one that wants to be left alone, one that is cut short."""
    while True:
        try:
            question, client = server.recvfrom(512)
        except OSError:
            return
        assert len(question) == 48 and question[0] == 0x23
        at = struct.pack(">II", NOON + 2208988800, 0)
        good = b"\x24\x02" + bytes(22) + question[40:] + bytes(8) + at
        for answer in (
            good[:24] + b"somebody" + good[32:],
            b"\xe4" + good[1:],
            b"\x24\x00" + good[2:],
            b"\x23" + good[1:],
            good[:-1],
            good,
        ):
            server.sendto(answer, client)


NOON = calendar.timegm((2026, 12, 24, 12, 0, 0))


@pytest.mark.parametrize("port", ["rp2", "esp32"])
def test_a_port(port: str) -> None:
    dns, ntp, silent = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(3))
    with socket.create_server(("127.0.0.1", 0)) as server, dns, ntp, silent:
        numbers = []
        for one in (server, dns, ntp, silent):
            if one is not server:
                one.bind(("127.0.0.1", 0))
            numbers.append(str(one.getsockname()[1]))
        threading.Thread(target=names, args=(dns,), daemon=True).start()
        threading.Thread(target=clock, args=(ntp,), daemon=True).start()
        threading.Thread(target=echo, args=(server,), daemon=True).start()
        args = [port, "127.0.0.1", *numbers]
        done = subprocess.run(
            micropython.command(PROGRAM, args, heap="256k"),
            env=micropython.environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            stdin=subprocess.DEVNULL,
        )
        server.shutdown(socket.SHUT_RDWR)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line.split(": ", 1) for line in done.stdout.splitlines() if not line.startswith("{")]
    events = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert '"cause": "WDT"' in events[0]
    assert [event for event in events if '"state": "up"' in event] and '"state": "lost"' in done.stdout
    found = {name: value for name, value in said if name != "refused"}
    wanted = {
        "power-save": "1",
        "before the network": "None",
        "watchdog before the second turn": "0",
        "steady after": "True",
        "light": "1",
        "slot before": "['back', 'resets', 'slot']",
        "echo": "True",
        "slot after": "{'slot': 'b'}",
        "not allowed": "the address of x.example is not allowed",
        "fills the buffer": "True None",
        "waits for room": "True",
        "goes on": "10",
        "hears": "1 18",
        "store": "b'1' None",
        "fed by the loop alone": "True",
        "good.example": "connected",
        "missing.example": "DNS knows no missing.example (code 3) 0",
        "short.example": "the DNS answer about short.example is cut short 0",
        "silent.example": "DNS is silent about silent.example 5",
        "fed meanwhile": "True",
        "joins again": "True",
        "time": "20261224120000 None",
        "time by another count": "20261224120000",
        "given up": "1 None",
        "not at once": "None",
        "again later": "True",
        "flickers": "2 1",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert [value for name, value in said if name == "refused"] and len(
        [1 for n, _ in said if n == "refused"]
    ) == 3
    assert found["flow"].startswith("3 ")
    released = "True {1074102272: 0} 8000" if port == "rp2" else "True {} 2147483647"
    assert found["released"] == released
