"""A device that a test moves step by step: the device's side of INFRA (PWG 5100.18)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from fetchprint.ipp import tags
from fetchprint_tools.client import IppClient
from fetchprint_tools.codes import Operation
from fetchprint_tools.message import Attribute, Collection, Group, Message, Resolution
from service_kit import Printer, integer, media_col

PWG = "image/pwg-raster"


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

    def register(self, code: str = "", pem: str = "") -> Message:
        """Register-Output-Device."""
        message = self.client.message(Operation.REGISTER_OUTPUT_DEVICE, user="device", target="system-uri")
        group = message.groups[0]
        group["system-uri"].values[0] = self.client.uri.split("/ipp/")[0] + "/ipp/system"
        group.add("output-device-uuid", tags.URI, self.uuid)
        group.add("printer-service-type", tags.KEYWORD, "print")
        if code:
            group.add("registration-code", tags.TEXT, code)
        if pem:
            group.add("output-device-x509-request", tags.TEXT, *pem.splitlines())
        return self.client.request(message)[0]

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


@contextmanager
def declared(uri: str, formats: tuple[str, ...]) -> Iterator[Device]:
    """A device that is known and idle; at the end no job waits and it has left."""
    device = Device(uri)
    assert device.declare(formats=formats) == 0
    yield device
    printer = Printer(uri)
    for group in printer.ask(Operation.GET_JOBS).groups_of(tags.JOB):
        printer.cancel(group.get("job-id"))
    device.ask(Operation.DEREGISTER_OUTPUT_DEVICE)
