"""Jobs and documents as rows of the database, and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from fetchprint.ipp import tags
from fetchprint.ipp.errors import EncodeError
from fetchprint_tools.codes import JobState
from fetchprint_tools.message import Attribute, Group, Message, decode
from fetchprint_tools.printservice.clock import Clock, Moment
from fetchprint_tools.printservice.job import Document, Job

SAVE_JOB = """
UPDATE jobs SET state=?, reasons=?, message=?, incoming=?, device=?, offered_to=?, bound=?, refused_by=?,
    stranded=?, impressions=?, sheets=?, pages=?, k_octets=?, processing=?, completed=? WHERE id=?
"""

SAVE_DOCUMENT = """
INSERT INTO documents (job_id, number, file, uri, format, octets, created, name, state, reasons, fetched,
    impressions, completed) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (job_id, number) DO UPDATE SET file=excluded.file, state=excluded.state,
    reasons=excluded.reasons, fetched=excluded.fetched, impressions=excluded.impressions,
    completed=excluded.completed
"""


def job_values(job: Job) -> tuple[Any, ...]:
    """For ``SAVE_JOB``: what may change in a job's life."""
    stranded = None if job.stranded is None else json.dumps(job.stranded)
    return (
        int(job.state),
        " ".join(job.reasons),
        job.message,
        job.incoming,
        job.device,
        job.offered_to,
        job.bound,
        " ".join(sorted(job.refused_by)),
        stranded,
        job.impressions_completed,
        job.sheets_completed,
        job.pages_completed,
        job.k_octets_processed,
        _stamp(job.processing),
        _stamp(job.completed),
        job.id,
    )


def document_values(job: Job, document: Document) -> tuple[Any, ...]:
    """For ``SAVE_DOCUMENT``."""
    return (
        job.id,
        document.number,
        None if document.path is None else document.path.name,
        document.uri or None,
        document.format,
        document.octets,
        _stamp(document.created),
        document.name,
        int(document.state),
        " ".join(document.reasons),
        document.fetched,
        document.impressions_completed,
        _stamp(document.completed),
    )


def read_job(row: sqlite3.Row, clock: Clock) -> Job:
    """The job of a row of ``jobs``, without its documents."""
    job = Job(
        row["id"],
        row["uuid"],
        row["name"],
        row["user"],
        clock.at(row["created"]),
        unpack_attributes(row["template"]),
        bool(row["fidelity"]),
        JobState(row["state"]),
        row["reasons"].split(),
        row["message"],
    )
    job.incoming = bool(row["incoming"])
    job.device = row["device"]
    job.offered_to = row["offered_to"]
    job.bound = bool(row["bound"])
    job.refused_by = set(row["refused_by"].split())
    if row["stranded"] is not None:
        state, reasons, message = json.loads(row["stranded"])
        job.stranded = JobState(state), reasons, message
    job.impressions_completed = row["impressions"]
    job.sheets_completed = row["sheets"]
    job.pages_completed = row["pages"]
    job.k_octets_processed = row["k_octets"]
    job.processing = _moment(row["processing"], clock)
    job.completed = _moment(row["completed"], clock)
    return job


def read_document(row: sqlite3.Row, folder: Path, clock: Clock) -> Document:
    """The document of a row of ``documents``."""
    return Document(
        row["number"],
        None if row["file"] is None else folder / row["file"],
        row["format"],
        row["octets"],
        clock.at(row["created"]),
        row["name"],
        row["uri"] or "",
        JobState(row["state"]),
        row["reasons"].split(),
        bool(row["fetched"]),
        row["impressions"],
        _moment(row["completed"], clock),
    )


def pack_attributes(attributes: Iterable[Attribute]) -> bytes:
    """Attributes as an IPP message. Raises ``EncodeError`` for what IPP does not allow."""
    return Message(0x0200, 0, 1, [Group(tags.JOB, attributes)]).encode()


def unpack_attributes(data: bytes) -> list[Attribute]:
    """What ``pack_attributes`` packed."""
    return list(decode(data)[0].groups[0])


def packable(attribute: Attribute) -> bool:
    """Whether it can be stored: what was decoded may still be longer than RFC 8011 lets a sender write."""
    try:
        pack_attributes([attribute])
    except EncodeError:
        return False
    return True


def _stamp(moment: Moment | None) -> float | None:
    return None if moment is None else moment.date.timestamp()


def _moment(stamp: float | None, clock: Clock) -> Moment | None:
    return None if stamp is None else clock.at(stamp)
