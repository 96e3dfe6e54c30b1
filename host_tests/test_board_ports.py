"""The ports for RP2 and ESP32 in MicroPython's unix port, with stand-ins for their hardware."""

from __future__ import annotations

import socket
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
        with connection:
            while data := connection.recv(1024):
                connection.sendall(data)


@pytest.mark.parametrize("port", ["rp2", "esp32"])
def test_a_port(port: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=echo, args=(server,), daemon=True).start()
        args = [port, "127.0.0.1", str(server.getsockname()[1])]
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
        "joins again": "True",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert [value for name, value in said if name == "refused"] and len(
        [1 for n, _ in said if n == "refused"]
    ) == 3
    assert found["flow"].startswith("3 ")
    released = "True {1074102272: 0} 8000" if port == "rp2" else "True {} 2147483647"
    assert found["released"] == released
