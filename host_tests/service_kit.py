"""A running print service, an ordinary client, and a raster reader of the tests' own."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from fetchprint.ipp import tags
from fetchprint_tools import processes
from fetchprint_tools.client import IppClient
from fetchprint_tools.codes import JobState, Operation
from fetchprint_tools.message import Attribute, Collection, Group, Message
from support import wait_until

START_SECONDS = 20.0


class Service:
    """``fetchprint serve`` as a process of its own on a free port; a context manager."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self.lines: list[dict[str, Any]] = []
        self.process = processes.spawn(
            [
                sys.executable,
                "-m",
                "fetchprint_tools",
                "serve",
                "--port",
                "0",
                "--data",
                data,
                "--json",
                *options,
            ],
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Service:
        try:
            wait_until(lambda: self.said("listening"), START_SECONDS, "the service to listen")
        except BaseException:
            self.close()
            raise
        self.uri = str(self.said("listening")[0]["uri"])
        self.port = int(self.said("listening")[0]["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def said(self, event: str) -> list[dict[str, Any]]:
        """The lines of one kind so far."""
        return [line for line in list(self.lines) if line["event"] == event]

    def close(self) -> int:
        """End it; the exit status."""
        status = processes.end(self.process)
        self._reader.join(5)
        return status

    @property
    def client(self) -> IppClient:
        """An ordinary client."""
        return IppClient(self.uri)


class Printer:
    """An ordinary client's view: print, look, cancel."""

    def __init__(self, uri: str) -> None:
        self.client = IppClient(uri)

    def ask(self, operation: Operation, *attributes: Attribute, data: Any = None, **more: Any) -> Message:
        """One request; the reply's message. ``job`` adds a group of job attributes."""
        message = self.client.message(operation, user=more.get("user", "tester"))
        for attribute in attributes:
            message.groups[0].put(attribute)
        if "job" in more:
            message.groups.append(Group(tags.JOB, more["job"]))
        return self.client.request(message, data)[0]

    def print(
        self, data: bytes, mime: str, *attributes: Attribute, job: list[Attribute] | None = None
    ) -> int:
        """Print-Job that must succeed; the job-id."""
        kind = Attribute("document-format", tags.MIME_MEDIA_TYPE, mime)
        more = {} if job is None else {"job": job}
        reply = self.ask(Operation.PRINT_JOB, kind, *attributes, data=data, **more)
        assert reply.code < 0x100, reply
        number: int = reply.get(tags.JOB, "job-id")
        return number

    def job(self, number: int) -> Group:
        """All attributes of a job."""
        reply = self.ask(Operation.GET_JOB_ATTRIBUTES, integer("job-id", number))
        assert reply.code == 0, reply
        found = reply.find(tags.JOB)
        assert found is not None
        return found

    def state(self, number: int) -> JobState:
        """job-state."""
        return JobState(self.job(number).get("job-state"))

    def cancel(self, number: int) -> int:
        """Cancel-Job; the status."""
        return self.ask(Operation.CANCEL_JOB, integer("job-id", number)).code

    def printer(self, *names: str) -> Group:
        """Attributes of the printer."""
        wanted = [Attribute("requested-attributes", tags.KEYWORD, *names)] if names else []
        found = self.ask(Operation.GET_PRINTER_ATTRIBUTES, *wanted).find(tags.PRINTER)
        assert found is not None
        return found


def integer(name: str, value: int) -> Attribute:
    """An integer attribute."""
    return Attribute(name, tags.INTEGER, value)


def media_col(name: str, x: int, y: int, margin: int = 0) -> Collection:
    """A media-col with the same margin on all sides."""
    size = Collection([integer("x-dimension", x), integer("y-dimension", y)])
    sides = [integer(f"media-{side}-margin", margin) for side in ("left", "right", "top", "bottom")]
    return Collection(
        [
            Attribute("media-size", tags.BEGIN_COLLECTION, size),
            Attribute("media-size-name", tags.KEYWORD, name),
            *sides,
        ]
    )


def read_pwg(data: bytes) -> list[Image.Image]:
    """The pages of a PWG raster document (PWG 5102.4), black_1 as mode ``1``, sgray_8 as ``L``."""
    assert data[:4] == b"RaS2"
    at = 4
    pages = []
    while at < len(data):
        header = data[at : at + 1796]
        at += 1796
        width, height = struct.unpack_from(">II", header, 372)
        bits, stride = struct.unpack_from(">I", header, 388)[0], struct.unpack_from(">I", header, 392)[0]
        assert header.startswith(b"PwgRaster\0") and bits in (1, 8)
        unit = 1
        lines = bytearray()
        while len(lines) < stride * height:
            repeat = data[at] + 1
            at += 1
            line = bytearray()
            while len(line) < stride:
                count = data[at]
                at += 1
                if count < 128:
                    line += data[at : at + unit] * (count + 1)
                    at += unit
                else:
                    assert count > 128
                    line += data[at : at + 257 - count]
                    at += 257 - count
            assert len(line) == stride
            lines += line * repeat
        assert len(lines) == stride * height
        mode, raw = ("L", "L") if bits == 8 else ("1", "1;I")
        pages.append(Image.frombytes(mode, (width, height), bytes(lines), "raw", raw))
    return pages
