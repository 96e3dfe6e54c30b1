"""A running print service, a device that a test moves step by step, and a raster reader of its own."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import threading
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any

from PIL import Image

from fetchprint.ipp import tags
from fetchprint_tools import processes
from fetchprint_tools.client import IppClient
from fetchprint_tools.codes import JobState, Operation
from fetchprint_tools.message import Attribute, Collection, Group, Message, Resolution
from support import wait_until

START_SECONDS = 20.0
PWG = "image/pwg-raster"


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


class Device:
    """The device's side of INFRA, one call a request; each gives the reply's status."""

    def __init__(self, uri: str) -> None:
        self.client = IppClient(uri)
        self.uuid = uuid.uuid4().urn
        self.subscription = 0
        self.sequence = 1

    def ask(self, operation: Operation, *attributes: Attribute, group: Group | None = None) -> Message:
        """One request; the reply's message."""
        return self.talk(operation, *attributes, group=group)[0]

    def talk(
        self, operation: Operation, *attributes: Attribute, group: Group | None = None
    ) -> tuple[Message, bytes]:
        """One request; the reply and the document behind it."""
        message = self.client.message(operation, user="device")
        message.groups[0].add("output-device-uuid", tags.URI, self.uuid)
        for attribute in attributes:
            message.groups[0].put(attribute)
        if group is not None:
            message.groups.append(group)
        return self.client.request(message)

    def declare(
        self,
        *attributes: Attribute,
        formats: tuple[str, ...] = (PWG,),
        raster: str = "sgray_8",
        dpi: int = 203,
        media: Collection | None = None,
    ) -> int:
        """Update-Output-Device-Attributes with everything a small printer has."""
        group = Group(tags.PRINTER)
        group.add("printer-state", tags.ENUM, 3)
        group.add("printer-state-reasons", tags.KEYWORD, "none")
        group.add("document-format-supported", tags.MIME_MEDIA_TYPE, *formats)
        group.add("pwg-raster-document-type-supported", tags.KEYWORD, raster)
        group.add("pwg-raster-document-resolution-supported", tags.RESOLUTION, Resolution(dpi, dpi))
        column = media or media_col("custom_72x100mm_72x100mm", 7200, 10000)
        group.add("media-col-default", tags.BEGIN_COLLECTION, column)
        group.add("media-col-database", tags.BEGIN_COLLECTION, column)
        group.add("media-default", tags.KEYWORD, column.get("media-size-name"))
        group.add("media-supported", tags.KEYWORD, column.get("media-size-name"))
        for attribute in attributes:
            group.put(attribute)
        return self.ask(Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, group=group).code

    def report(self, state: int, *reasons: str) -> int:
        """Update-Output-Device-Attributes with the printer's state alone."""
        group = Group(tags.PRINTER)
        group.add("printer-state", tags.ENUM, state)
        group.add("printer-state-reasons", tags.KEYWORD, *(reasons or ("none",)))
        return self.ask(Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, group=group).code

    def fetchable(self) -> list[int]:
        """Get-Jobs which-jobs=fetchable."""
        reply = self.ask(Operation.GET_JOBS, Attribute("which-jobs", tags.KEYWORD, "fetchable"))
        assert reply.code == 0, reply
        return [group.get("job-id") for group in reply.groups_of(tags.JOB)]

    def fetch(self, job: int) -> Message:
        """Fetch-Job."""
        return self.ask(Operation.FETCH_JOB, integer("job-id", job))

    def acknowledge(self, job: int, refusal: int = 0) -> int:
        """Acknowledge-Job, or its refusal."""
        more = [Attribute("fetch-status-code", tags.ENUM, refusal)] if refusal else []
        return self.ask(Operation.ACKNOWLEDGE_JOB, integer("job-id", job), *more).code

    def document(
        self, job: int, number: int = 1, formats: tuple[str, ...] = (PWG,), packing: str = "none"
    ) -> tuple[Message, bytes]:
        """Fetch-Document."""
        return self.talk(
            Operation.FETCH_DOCUMENT,
            integer("job-id", job),
            integer("document-number", number),
            Attribute("compression-accepted", tags.KEYWORD, packing),
            Attribute("document-format-accepted", tags.MIME_MEDIA_TYPE, *formats),
        )

    def acknowledge_document(self, job: int, number: int = 1, refusal: int = 0) -> int:
        """Acknowledge-Document, or its refusal."""
        more = [Attribute("fetch-status-code", tags.ENUM, refusal)] if refusal else []
        numbers = integer("job-id", job), integer("document-number", number)
        return self.ask(Operation.ACKNOWLEDGE_DOCUMENT, *numbers, *more).code

    def job_status(self, job: int, state: int, *reasons: str, impressions: int = 0) -> int:
        """Update-Job-Status."""
        group = Group(tags.JOB)
        group.add("output-device-job-state", tags.ENUM, state)
        group.add("output-device-job-state-reasons", tags.KEYWORD, *(reasons or ("none",)))
        group.add("job-impressions-completed", tags.INTEGER, impressions)
        return self.ask(Operation.UPDATE_JOB_STATUS, integer("job-id", job), group=group).code

    def document_status(self, job: int, state: int, impressions: int) -> int:
        """Update-Document-Status for document 1."""
        group = Group(tags.DOCUMENT)
        group.add("output-device-document-state", tags.ENUM, state)
        group.add("impressions-completed", tags.INTEGER, impressions)
        numbers = integer("job-id", job), integer("document-number", 1)
        return self.ask(Operation.UPDATE_DOCUMENT_STATUS, *numbers, group=group).code

    def active(self, *jobs: tuple[int, int]) -> tuple[int, dict[int, int], list[int]]:
        """Update-Active-Jobs: the status, what the service says otherwise, what is not ours."""
        attributes = []
        if jobs:
            attributes = [
                Attribute("job-ids", tags.INTEGER, *(job for job, _state in jobs)),
                Attribute("output-device-job-states", tags.ENUM, *(state for _job, state in jobs)),
            ]
        reply = self.ask(Operation.UPDATE_ACTIVE_JOBS, *attributes)
        ids = reply.values(tags.OPERATION, "job-ids")
        states = reply.values(tags.OPERATION, "output-device-job-states")
        return (
            reply.code,
            dict(zip(ids, states, strict=True)),
            reply.values(tags.UNSUPPORTED_GROUP, "job-ids"),
        )

    def subscribe(self, *events: str) -> int:
        """Create-Printer-Subscriptions."""
        group = Group(tags.SUBSCRIPTION)
        group.add("notify-pull-method", tags.KEYWORD, "ippget")
        group.add("notify-events", tags.KEYWORD, *events)
        reply = self.ask(Operation.CREATE_PRINTER_SUBSCRIPTIONS, group=group)
        self.subscription = reply.get(tags.SUBSCRIPTION, "notify-subscription-id", 0)
        self.sequence = 1
        return reply.code

    def events(self, wait: bool) -> list[Group]:
        """Get-Notifications: what is new."""
        reply = self.ask(
            Operation.GET_NOTIFICATIONS,
            integer("notify-subscription-ids", self.subscription),
            integer("notify-sequence-numbers", self.sequence),
            Attribute("notify-wait", tags.BOOLEAN, wait),
        )
        assert reply.code == 0, reply
        found = reply.groups_of(tags.EVENT_NOTIFICATION)
        if found:
            self.sequence = found[-1].get("notify-sequence-number") + 1
        return found

    def print_all(self, stop: threading.Event) -> None:
        """Complete every job, until ``stop``."""
        while not stop.is_set():
            for job in self.fetchable():
                self.acknowledge(job)
                self.document(job)
                self.acknowledge_document(job)
                self.job_status(job, 9, impressions=1)
            stop.wait(0.05)


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
