"""The two that are compared: the firmware with its emulated engine, and the reference proxy ippproxy."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from fetchprint_tools import processes
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippsample import Workspace

START_SECONDS = 20.0
STOP_SECONDS = 12.0
"""For a clean stop: more than ``fetchprint emulate`` gives the firmware."""

_CONNECTED = re.compile(r"\[Job (\d+)\] Connected to '")
_SENT = re.compile(r"\[Job (\d+)\] Local job created, (\d+) bytes")


def wait_until(condition: Callable[[], Any], seconds: float) -> bool:
    """Whether ``condition`` became true within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


class Emulated:
    """``fetchprint emulate`` as a process of its own; ``first`` holds when each job's first byte crossed
    the wire to the engine, ``events`` everything it said. Times are of ``time.monotonic``. ``uri``: of one
    service, or of several."""

    def __init__(self, uri: str | Sequence[str], folder: Path, runtime: str, *options: str) -> None:
        self._services = [uri] if isinstance(uri, str) else list(uri)
        self.first: dict[int, float] = {}
        self.events: list[dict[str, Any]] = []
        self.ended = 0
        args = [sys.executable, "-m", "fetchprint_tools", "emulate", "--json"]
        for each in self._services:
            args += ["--service", each]
        args += ["--runtime", runtime, "--state", str(folder / "state"), "--out", str(folder / "out")]
        self._process = processes.spawn(
            [*args, *options], stdout=subprocess.PIPE, stderr=(folder / "stderr").open("wb")
        )
        self._stderr = folder / "stderr"
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "first-byte":
                self.first.setdefault(event["job-id"], event["monotonic"])
            elif event["event"] == "job-end":
                self.ended += 1
            self.events.append(event)

    def wait_ready(self) -> None:
        """Until it waits for jobs; ``UserError`` when it does not within START_SECONDS."""
        if not wait_until(lambda: self._waiting() or not self.alive, START_SECONDS) or not self.alive:
            raise UserError("the printer did not get ready", where=self.said())

    def _waiting(self) -> bool:
        waiting = {e["service"] for e in self.events if e["event"] == "service" and e["state"] == "waiting"}
        return waiting.issuperset(self._services)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        """The end of what it said, for an error."""
        last = "\n".join(json.dumps(event) for event in self.events[-5:])
        return f"{last}\n{self._stderr.read_text(errors='replace')[-1000:]}".strip()

    def close(self) -> None:
        """End it cleanly, by force after STOP_SECONDS."""
        processes.end(self._process, STOP_SECONDS)
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()


class BuiltIn:
    """``fetchprint serve`` as a process of its own; a context manager."""

    def __init__(self, folder: Path) -> None:
        self.uri = ""
        args = [sys.executable, "-m", "fetchprint_tools", "serve", "--json", "--port", "0"]
        self._process = processes.spawn(
            [*args, "--data", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._reader = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> BuiltIn:
        self._reader.start()
        if (
            not wait_until(lambda: self.uri or self._process.poll() is not None, START_SECONDS)
            or not self.uri
        ):
            self.__exit__(None, None, None)
            raise UserError("the built-in print service did not start", hint="try 'fetchprint serve'")
        return self

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] == "listening":
                self.uri = event["uri"]

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        processes.end(self._process)
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()


class Reference:
    """ippproxy with a ``socket:`` printer that notes when it is connected to and when octets come."""

    def __init__(self, uri: str, workspace: Workspace, document_format: str) -> None:
        self.connected: list[float] = []
        self.octets: list[tuple[float, int]] = []
        """For each connection in turn: when its first octet came (0.0: none did), and how many came."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        device = f"socket://127.0.0.1:{self._listener.getsockname()[1]}"
        self._log = workspace.path / "ippproxy.log"
        self._file = self._log.open("wb")
        self._process = workspace.ippproxy(uri, device, document_format, self._file)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return  # closed
            self.connected.append(time.monotonic())
            self.octets.append((0.0, 0))
            threading.Thread(target=self._read, args=(connection, len(self.octets) - 1), daemon=True).start()

    def _read(self, connection: socket.socket, number: int) -> None:
        with connection:
            try:
                while data := connection.recv(65536):
                    first, count = self.octets[number]
                    self.octets[number] = (first or time.monotonic(), count + len(data))
            except ConnectionResetError:
                return  # what came is counted

    def wait_ready(self) -> None:
        """Until it asks for events."""
        if not wait_until(lambda: "Sending Get-Notifications" in self.log, START_SECONDS):
            raise UserError("ippproxy did not get ready", where=self.log[-1000:])

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def connections(self) -> dict[int, tuple[float, float, int]]:
        """By job-id: when the printer was connected to, when the first octet came (0.0: never), octets.

        ippproxy opens one connection after the other and logs each, so the order tells the job.
        """
        jobs = [int(found[1]) for found in _CONNECTED.finditer(self.log)]
        known = zip(jobs, list(self.connected), list(self.octets), strict=False)
        return {job: (at, first, count) for job, at, (first, count) in known}

    def last_word(self) -> str:
        """What it logged last of a document that it sent."""
        lines = [line for line in self.log.splitlines() if _SENT.search(line)]
        return lines[-1] if lines else (self.log.splitlines() or ["nothing"])[-1]

    def close(self) -> None:
        processes.end(self._process)
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._file.close()
