"""Scripts around a POSIX port, run as processes on either interpreter and talking by lines."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from fetchprint_tools import micropython, paths

PROGRAM = """
import sys
sys.path.append(%r)
from heap import locked
if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

port = Port()


def say(*words):
    port.write_line(" ".join([str(word) for word in words]))


def echo(tty, buf, count):
    moved = 0
    while moved < count:
        n = tty.readinto(buf, 0, min(len(buf), count - moved))
        if n is None:
            port.wait(1000)
            continue
        at = 0
        while at < n:
            done = tty.write(buf, at, n - at)
            if done is None:
                port.wait(1000)
            else:
                at += done
        moved += n
    return moved


def fill(tty, buf):
    total = 0
    while True:
        n = tty.write(buf, 0, len(buf))
        if n is None:
            return total
        total += n

"""


class Program:
    """A script after PROGRAM, on either interpreter, talking by lines."""

    def __init__(self, runtime: str, folder: Path, script: str) -> None:
        path = folder / "program.py"
        path.write_text(PROGRAM % str(Path(__file__).parent / "portable") + script)
        if runtime == "micropython":
            args, env = micropython.command(path, heap="128k"), micropython.environment()
        else:
            args = [sys.executable, str(path)]
            env = {**os.environ, "PYTHONPATH": str(paths.firmware_dir())}
        self.process = subprocess.Popen(
            args, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        assert ready, "the program says nothing"
        line: str = self.process.stdout.readline().decode().strip()
        if line.startswith("Traceback"):
            pytest.fail(line + "\n" + self.process.stdout.read().decode(), pytrace=False)
        return line

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
