"""What a job leaves behind: ``job-ID/page-NNN.png`` and ``job-ID/engine.bin``; with several services
these are in a folder for each service, because their job-ids are not told apart by anything else.

Files get their names when they are whole. A job that prints again adds to what is there.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fetchprint_tools.engines.paper import PngPaper
from fetchprint_tools.errors import UserError

STRAY = "no-job"
"""The folder for pages that were printed outside any job; made only when that happens."""


Job = dict[str, Any]
"""Which job: the fields ``job-id`` and ``service`` of its events."""


class JobOutput:
    """The folder of one job while it prints; ``job`` has its ``job-id`` and ``service``. Raises
    ``OSError`` naming the file that cannot be written."""

    def __init__(
        self, out: Path, job: Job, width: int, on_page: Callable[[Job | None, int, Path], None]
    ) -> None:
        self.job = job
        self.octets = 0
        self.folder = out / f"job-{job['job-id']}"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.paper = PngPaper(self.folder, width, lambda number, path: on_page(job, number, path))
        self._path = self.folder / "engine.bin"
        self._part = self.folder / ".engine.bin.part"
        if self._path.exists():
            shutil.copyfile(self._path, self._part)
        else:
            self._part.unlink(missing_ok=True)
        self._file = self._part.open("ab", buffering=0)

    def record(self, data: bytes) -> None:
        """Bytes that crossed the wire for this job."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        self.octets += len(data)

    def close_wire(self) -> None:
        """No more bytes come for this job: ``engine.bin`` is whole."""
        if not self._file.closed:
            self._file.close()
            os.replace(self._part, self._path)

    def discard(self) -> None:
        """Remove whatever is not whole."""
        self.paper.discard()
        if not self._file.closed:
            self._file.close()
            self._part.unlink(missing_ok=True)


class StrayPaper(PngPaper):
    """Paper for what is printed outside any job; its folder is made with the first page."""

    def rows(self, data: bytes) -> None:
        if data.count(0) != len(data):
            self.folder.mkdir(exist_ok=True)
        super().rows(data)

    def cut(self) -> None:
        # A blank piece of paper between jobs is no page.
        self.finish()


def folders(services: Sequence[dict[str, Any]]) -> dict[str, str]:
    """By the URI of each service: the folder of its jobs, ``.`` when there is only one service."""
    if len(services) == 1:
        return {services[0]["uri"]: "."}
    names: dict[str, str] = {}
    for service in services:
        parts = urlsplit(service["uri"])
        name = re.sub(r"[^A-Za-z0-9.]+", "-", f"{parts.netloc}{parts.path}").strip("-.")
        while name in names.values():
            name += "+"
        names[service["uri"]] = name
    return names


def prepare(out: Path) -> None:
    """Make ``out`` and show that files can be written there; ``OSError`` with the path if not."""
    out.mkdir(parents=True, exist_ok=True)
    probe = out / f".probe-{os.getpid()}"
    try:
        probe.write_bytes(b"x")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(out)) from error
    finally:
        with contextlib.suppress(OSError):
            probe.unlink(missing_ok=True)


def cannot_write(error: OSError, out: Path) -> UserError:
    """The error for a file under ``out`` that could not be written."""
    place = error.filename2 or error.filename or out
    return UserError(
        f"cannot write the output: {error.strerror or error}",
        where=str(place),
        hint="make room or give another folder with --out",
    )
