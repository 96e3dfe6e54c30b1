"""The HTTP driver on both interpreters: each takes an order and gives the results of its variants."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import select
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import http_driver
from fetchprint_tools import micropython

Order = dict[str, Any]
Result = dict[str, Any]
Drive = Callable[[Order], list[list[Result]]]

ANSWER_SECONDS = 60


class OnMicroPython:
    """The driver as a MicroPython process in a board's heap."""

    def __init__(self, folder: Path, heap: str) -> None:
        for name in ("adafruit_requests", "adafruit_connection_manager"):
            spec = importlib.util.find_spec(name)
            assert spec is not None and spec.origin is not None
            shutil.copy(spec.origin, folder)
        self._process = subprocess.Popen(
            micropython.command(Path(__file__).parent / "http_driver.py", heap=heap),
            env=micropython.environment([folder]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._read = b""

    def __call__(self, order: Order) -> list[list[Result]]:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(BrokenPipeError):  # then _answer says why it ended
            stdin.write(json.dumps(order).encode() + b"\n")
            stdin.flush()
        return [self._answer() for _ in order.get("each", [{}])]

    def _answer(self) -> list[Result]:
        stdout = self._process.stdout
        assert stdout is not None
        while b"\n" not in self._read:
            ready, _, _ = select.select([stdout], [], [], ANSWER_SECONDS)
            assert ready, "the driver does not answer"
            data = os.read(stdout.fileno(), 65536)
            if not data:
                pytest.fail("the driver ended:\n" + self._read.decode(), pytrace=False)
            self._read += data
        line, _, self._read = self._read.partition(b"\n")
        if not line.startswith(b"["):
            rest = stdout.read()
            pytest.fail("the driver failed:\n" + (line + b"\n" + self._read + rest).decode(), pytrace=False)
        answer: list[Result] = json.loads(line)
        return answer

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):  # an order it did not live to read
                pipe.close()


def on_cpython(order: Order) -> list[list[Result]]:
    return [http_driver.run({**order, **more}) for more in order.get("each", [{}])]


def with_transport(runtime: Drive, transport: str, order: Order) -> list[list[Result]]:
    return runtime({**order, "transport": transport})
