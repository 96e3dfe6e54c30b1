"""Jobs and documents as attributes."""

from __future__ import annotations

from typing import Any

from fetchprint.ipp import tags
from fetchprint_tools.message import NO_VALUE, Attribute, date_time
from fetchprint_tools.printservice.capabilities import TEMPLATE
from fetchprint_tools.printservice.clock import Moment
from fetchprint_tools.printservice.exchange import Exchange
from fetchprint_tools.printservice.job import Document, Job

JOB_GROUPS = {
    "all": lambda name: True,
    "job-description": lambda name: name not in TEMPLATE,
    "job-template": lambda name: name in TEMPLATE,
}
DOCUMENT_GROUPS = {
    "all": lambda name: True,
    "document-description": lambda name: True,
    "document-template": lambda name: False,
}
"""Groups of requested-attributes."""


def job_attributes(exchange: Exchange, job: Job) -> list[Attribute]:
    """Everything known about ``job``."""
    found: list[Attribute] = []

    def add(name: str, tag: int, *values: Any) -> None:
        found.append(Attribute(name, tag, *values))

    add("job-id", tags.INTEGER, job.id)
    add("job-uri", tags.URI, exchange.job_uri(job))
    add("job-printer-uri", tags.URI, exchange.printer_uri)
    add("job-uuid", tags.URI, job.uuid)
    add("job-name", tags.NAME, job.name)
    add("job-originating-user-name", tags.NAME, job.user)
    add("job-state", tags.ENUM, job.state)
    add("job-state-reasons", tags.KEYWORD, *(job.reasons or ["none"]))
    add("job-state-message", tags.TEXT, job.message)
    add("number-of-documents", tags.INTEGER, len(job.documents))
    if job.documents:
        add("document-format-supplied", tags.MIME_MEDIA_TYPE, job.documents[0].format)
        add("document-name-supplied", tags.NAME, job.documents[0].name)
    if job.device is not None:
        add("output-device-uuid-assigned", tags.URI, job.device)
        add("output-device-assigned", tags.NAME, job.device)
    add("job-k-octets", tags.INTEGER, job.k_octets)
    add("job-k-octets-processed", tags.INTEGER, job.k_octets_processed)
    add("job-impressions-completed", tags.INTEGER, job.impressions_completed)
    add("job-media-sheets-completed", tags.INTEGER, job.sheets_completed)
    add("job-pages-completed", tags.INTEGER, job.pages_completed)
    add("job-printer-up-time", tags.INTEGER, exchange.queue.now().up_time)
    for name, moment in (
        ("creation", job.created),
        ("processing", job.processing),
        ("completed", job.completed),
    ):
        found += _times(name, moment)
    found += [attribute for attribute in job.template if attribute.name != "job-name"]
    return found


def document_attributes(exchange: Exchange, job: Job, document: Document) -> list[Attribute]:
    """Everything known about one document (PWG 5100.5)."""
    found = [
        Attribute("document-number", tags.INTEGER, document.number),
        Attribute("document-job-id", tags.INTEGER, job.id),
        Attribute("document-job-uri", tags.URI, exchange.job_uri(job)),
        Attribute("document-printer-uri", tags.URI, exchange.printer_uri),
        Attribute("document-name", tags.NAME, document.name),
        Attribute("document-format", tags.MIME_MEDIA_TYPE, document.format),
        Attribute("document-state", tags.ENUM, document.state),
        Attribute("document-state-reasons", tags.KEYWORD, *(document.reasons or ["none"])),
        Attribute("k-octets", tags.INTEGER, (document.octets + 1023) // 1024),
        Attribute("impressions-completed", tags.INTEGER, document.impressions_completed),
        Attribute("last-document", tags.BOOLEAN, not job.incoming and document.number == len(job.documents)),
        Attribute("printer-up-time", tags.INTEGER, exchange.queue.now().up_time),
    ]
    if document.uri:
        found.append(Attribute("document-uri", tags.URI, document.uri))
    for name, moment in (("creation", document.created), ("completed", document.completed)):
        found += _times(name, moment)
    return found


def _times(name: str, moment: Moment | None) -> list[Attribute]:
    if moment is None:
        return [
            Attribute(f"time-at-{name}", tags.NO_VALUE, NO_VALUE),
            Attribute(f"date-time-at-{name}", tags.NO_VALUE, NO_VALUE),
        ]
    return [
        Attribute(f"time-at-{name}", tags.INTEGER, moment.up_time),
        Attribute(f"date-time-at-{name}", tags.DATE_TIME, date_time(moment.date)),
    ]
