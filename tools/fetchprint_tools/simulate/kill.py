"""The real thing: ``fetchprint emulate`` on MicroPython, killed at random moments while it prints what the
packaged ippserver has, and the books at the end."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fetchprint.ipp import tags
from fetchprint_tools import processes
from fetchprint_tools.client import IppClient
from fetchprint_tools.codes import Operation
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.message import Attribute
from fetchprint_tools.simulate.desk_printer import DeskPrinter, document, rows

_PWG = "image/pwg-raster"
_MEDIA = "custom_72x200mm_72x200mm"
_PAGES, _LINES, _SPEED = 2, 160, 1200.0
_AHEAD = 3
"""Jobs that wait at the service."""
_LONGEST_S = 1.5
"""From the first word of the firmware to the kill; one job takes a quarter of a second and more."""
_PATIENCE_S = 60.0
_BATCH = 10
"""Kills with one server: it dies of a double free when a subscription that another one outlives has a hundred
events, and each start of the printer subscribes anew."""
_MOST_JOBS = 24
"""With one server, for the same reason: a job makes three events and more."""
_MANY_JOBS = "MaxJobs 1000"
_DONE = "job-completed-successfully"
_ABORTED = "aborted-by-system"


@dataclass
class Books:
    """``moments``: what the firmware had said last when it was killed. ``printed``: jobs reported completed
    whose lines are on paper once; ``flagged``: reported aborted, with no line on paper twice; ``wrong``: what
    breaks a promise, in words."""

    kills: int = 0
    jobs: int = 0
    printed: int = 0
    flagged: int = 0
    seconds: float = 0.0
    moments: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Books) -> None:
        """Count it in."""
        for name in ("kills", "jobs", "printed", "flagged", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.moments += other.moments
        self.wrong += other.wrong


def run(kills: int, seed: int, tell: Callable[[Books], None]) -> Books:
    """So many kills; ``tell`` is called with the books after each batch. Raises ``UserError`` where the
    packaged ippserver cannot be run."""
    books = Books()
    number = 0
    while books.kills < kills:
        with tempfile.TemporaryDirectory() as folder, IppServer(system_lines=[_MANY_JOBS]) as server:
            batch = _Batch(server, Path(folder), random.Random(f"{seed}.{number}"))
            books.add(batch.run(min(_BATCH, kills - books.kills)))
        number += 1
        tell(books)
    return books


class _Life:
    """One ``fetchprint emulate`` until it is killed. ``last``: its last event, in words."""

    def __init__(self, server: IppServer, device: str, folder: Path) -> None:
        self.last = "started"
        self.connected = threading.Event()
        self.begun = threading.Event()
        command: list[str | Path] = [sys.executable, "-m", "fetchprint_tools", "emulate", "--json"]
        command += ["--service", server.uri, "--device", device, "--runtime", "micropython"]
        command += ["--state", folder / "state", "--out", folder / "out"]
        self._process = processes.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            if event["event"] in ("service", "job", "job-end", "page"):
                self.last = " ".join([event["event"], event.get("state", "")]).strip()
            if event["event"] == "start":
                self.begun.set()
            if event.get("state") == "waiting":
                self.connected.set()

    def wait(self, what: threading.Event) -> None:
        if not what.wait(_PATIENCE_S):
            raise UserError(f"the printer has got no further than {self.last!r} in {_PATIENCE_S:g} s")

    def kill(self) -> None:
        """SIGKILL for it and the firmware, which leads a group of its own."""
        for child in _children(self._process.pid):
            os.kill(child, signal.SIGKILL)
        processes.kill(self._process)
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class _Batch:
    def __init__(self, server: IppServer, folder: Path, chance: random.Random) -> None:
        self._server = server
        self._folder = folder
        self._chance = chance
        self._client = IppClient(server.uri)
        self._jobs: dict[int, int] = {}
        """By serial number: job-id."""
        self._known: set[int] = set()
        self._books = Books()

    def run(self, kills: int) -> Books:
        began = time.monotonic()
        with DeskPrinter(_SPEED) as printer:
            life = _Life(self._server, printer.device, self._folder)
            life.wait(life.connected)  # the queue has learnt what it may take
            for _ in range(kills):
                self._fill()
                if not self._open():
                    break  # another server takes up the rest
                time.sleep(self._chance.random() * _LONGEST_S)
                life.kill()
                self._books.kills += 1
                self._books.moments[life.last] += 1
                life = _Life(self._server, printer.device, self._folder)
                life.wait(life.begun)
            self._settle()
            life.kill()
        self._close(printer)
        self._books.seconds = time.monotonic() - began
        return self._books

    def _fill(self) -> None:
        """There is always something to print."""
        while len(self._open()) < _AHEAD and len(self._jobs) < _MOST_JOBS:
            serial = len(self._jobs) + 1
            message = self._client.message(Operation.PRINT_JOB, user="tester")
            message.groups[0].put(Attribute("document-format", tags.MIME_MEDIA_TYPE, _PWG))
            reply, _ = self._client.request(message, document(serial, _PAGES, _LINES, _MEDIA))
            if reply.code >= 0x100:
                raise UserError(f"Print-Job: status {reply.code:#06x}", where=self._server.uri)
            self._jobs[serial] = reply.get(tags.JOB, "job-id")
            self._books.jobs += 1

    def _reasons(self, job: int) -> list[str]:
        message = self._client.message(Operation.GET_JOB_ATTRIBUTES, user="tester")
        message.groups[0].put(Attribute("job-id", tags.INTEGER, job))
        reply, _ = self._client.request(message)
        return list(reply.values(tags.JOB, "job-state-reasons"))

    def _open(self) -> list[int]:
        """Jobs whose end has not been told."""
        for job in self._jobs.values():
            if job not in self._known and {_DONE, _ABORTED} & set(self._reasons(job)):
                self._known.add(job)
        return [job for job in self._jobs.values() if job not in self._known]

    def _settle(self) -> None:
        """Let it end every job."""
        deadline = time.monotonic() + _PATIENCE_S
        while self._open() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _close(self, printer: DeskPrinter) -> None:
        books = self._books
        printed = printer.printed()
        for serial, job in self._jobs.items():
            reasons = self._reasons(job)
            counts = [printed[line] for page in range(1, _PAGES + 1) for line in rows(serial, page, _LINES)]
            if max(counts) > 1:
                books.wrong.append(f"job {job}: {sum(n > 1 for n in counts)} lines are on paper twice")
            elif _DONE in reasons and min(counts) < 1:
                books.wrong.append(f"job {job}: completed, and {counts.count(0)} lines are not on paper")
            elif _DONE in reasons:
                books.printed += 1
            elif _ABORTED in reasons:
                books.flagged += 1
            else:
                books.wrong.append(f"job {job} is lost: {', '.join(reasons)}")
