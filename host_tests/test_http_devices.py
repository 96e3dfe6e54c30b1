"""The ports' ttys and standard input, on both interpreters, against real ptys and pipes."""

from __future__ import annotations

import contextlib
import os
import select
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from port_program import Program
from support import wait_until

TOTAL = 20000


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    """The master's descriptor and the slave's path; the line is cooked until somebody opens it raw."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        os.close(master)


def read_exactly(master: int, count: int) -> bytes:
    data = b""

    def more() -> bool:
        nonlocal data
        with contextlib.suppress(BlockingIOError):
            data += os.read(master, 65536)
        return len(data) >= count

    wait_until(more, 30, f"{count} bytes from the pty")
    return data


def write_all(master: int, data: bytes) -> bytes:
    """Write ``data``, reading what comes back meanwhile so that neither side fills up."""
    back = b""
    deadline = time.monotonic() + 20
    while (data or len(back) < TOTAL) and time.monotonic() < deadline:
        readable, writable, _ = select.select([master], [master] if data else [], [], 1)
        if writable:
            data = data[os.write(master, data[:1000]) :]
        if readable:
            back += os.read(master, 65536)
    return back


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_tty_carries_every_byte_and_allocates_nothing(
    runtime: str, tmp_path: Path, pty: tuple[int, str]
) -> None:
    master, path = pty
    script = f"""
tty = port.open_device({path!r})
buf = bytearray(300)
say("ready")
moved = 0
with locked():
    moved = echo(tty, buf, {TOTAL})
tty.close()
say("done", moved, len(port.streams))
"""
    program = Program(runtime, tmp_path, script)
    try:
        assert program.line() == "ready"
        data = bytes(i * 7 & 0xFF for i in range(1000)) + bytes(range(256)) * 74 + bytes(56)
        assert len(data) == TOTAL
        back = write_all(master, data)
        assert program.line() == f"done {TOTAL} 0"
        assert back == data
    finally:
        program.close()


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_tty_that_nobody_reads_never_blocks(runtime: str, tmp_path: Path, pty: tuple[int, str]) -> None:
    master, path = pty
    script = f"""
from fetchprint import ticks
tty = port.open_device({path!r})
buf = bytearray(1000)
total = fill(tty, buf)
start = port.now()
turns = 0
while ticks.diff(port.now(), start) < 200:
    total += tty.write(buf, 0, 10) or 0  # the kernel may still make room
    port.wait(100)
    turns += 1
say("full", total, turns <= 20)
sys.stdin.readline()
again = tty.write(buf, 0, 10)
while again is None:
    port.wait(5000)
    again = tty.write(buf, 0, 10)
say("again", total + again)
sys.stdin.readline()
"""
    program = Program(runtime, tmp_path, script)
    try:
        words = program.line().split()
        assert words[0] == "full" and words[2] == "True"
        assert len(read_exactly(master, int(words[1]))) == int(words[1])
        assert program.process.stdin is not None
        program.process.stdin.write(b"\n")
        program.process.stdin.flush()
        assert program.line() == f"again {int(words[1]) + 10}"
        assert read_exactly(master, 10) == bytes(10)
    finally:
        program.close()


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_tty_that_hangs_up_ends_and_is_not_a_busy_loop(runtime: str, tmp_path: Path) -> None:
    master, slave = os.openpty()
    script = f"""
from fetchprint import ticks
tty = port.open_device({os.ttyname(slave)!r})
buf = bytearray(10)
tty.readinto(buf, 0, 10)
say("ready")
port.wait(20000)
n = tty.readinto(buf, 0, 10)
while n is None:
    port.wait(10)
    n = tty.readinto(buf, 0, 10)
start = port.now()
port.wait(100)
say("read", n, ticks.diff(port.now(), start) >= 90)
try:
    while True:
        if tty.write(buf, 0, 10) is None:
            port.wait(10)
except OSError as error:
    start = port.now()
    port.wait(100)
    say("error", error.errno, ticks.diff(port.now(), start) >= 90)
"""
    program = Program(runtime, tmp_path, script)
    try:
        assert program.line() == "ready"
        os.close(slave)
        os.close(master)
        assert program.line() == "read 0 True"
        assert program.line() == "error 5 True"
    finally:
        program.close()


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_device_that_is_none(runtime: str, tmp_path: Path) -> None:
    script = """
for path in ("/dev/no-such-tty", "/dev/null"):
    try:
        port.open_device(path)
        say("opened", path)
    except OSError as error:
        say("error", error)
say(len(port.streams))
"""
    program = Program(runtime, tmp_path, script)
    try:
        assert program.line().startswith("error")
        assert program.line().startswith("error")
        assert program.line() == "0"
    finally:
        program.close()


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_standard_input_is_read_without_blocking(runtime: str, tmp_path: Path) -> None:
    script = """
keys = port.open_stdin()
buf = bytearray(1)
say(keys.readinto(buf, 0, 1))
line = b""
while True:
    n = keys.readinto(buf, 0, 1)
    if n is None:
        port.wait(10000)
    elif n == 0:
        break
    else:
        line += buf
        if buf == b"\\n":
            say(line.decode().strip())
            line = b""
say("end")
"""
    program = Program(runtime, tmp_path, script)
    try:
        assert program.line() == "None"
        assert program.process.stdin is not None
        program.process.stdin.write(b"stop\nmore\n")
        program.process.stdin.flush()
        assert program.line() == "stop"
        assert program.line() == "more"
        program.process.stdin.close()
        assert program.line() == "end"
    finally:
        program.close()


def test_raw_mode_is_left_on_the_tty(tmp_path: Path, pty: tuple[int, str]) -> None:
    """What MicroPython sets is what CPython's termios reads back."""
    _, path = pty
    program = Program(
        "micropython", tmp_path, f"tty = port.open_device({path!r})\nsay('ready')\nsys.stdin.read()\n"
    )
    try:
        assert program.line() == "ready"
        fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        mode = termios.tcgetattr(fd)
        os.close(fd)
        assert not mode[3] & (termios.ICANON | termios.ECHO | termios.ISIG)
        assert not mode[1] & termios.OPOST
        assert not mode[0] & (termios.IXON | termios.ICRNL)
    finally:
        program.close()
