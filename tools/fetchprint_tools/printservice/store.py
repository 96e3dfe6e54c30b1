"""Jobs: in memory while they are used, in the database always."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

from fetchprint_tools.message import Attribute
from fetchprint_tools.printservice import records
from fetchprint_tools.printservice.clock import Clock
from fetchprint_tools.printservice.database import Database
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.limits import DOCUMENT_HISTORY, JOB_HISTORY, JOB_MEMORY, OFFER_TIME
from fetchprint_tools.printservice.spool import Spool


class JobStore:
    """Jobs by id, in the order of their creation.

    A ``Job`` is changed inside of ``edit`` only.
    """

    def __init__(self, database: Database, spool: Spool, clock: Clock) -> None:
        """Read what an earlier run left; documents that belong to no job are removed."""
        self._database = database
        self._spool = spool
        self._clock = clock
        self._active: dict[int, Job] = {}
        self._ended: dict[int, Job] = {}
        found = database.rows("SELECT * FROM jobs WHERE completed IS NULL ORDER BY id")
        found += reversed(
            database.rows(
                "SELECT * FROM jobs WHERE completed IS NOT NULL ORDER BY completed DESC LIMIT ?", JOB_HISTORY
            )
        )
        for row in found:
            job = self._whole(row)
            (self._ended if job.ended else self._active)[job.id] = job
        files = database.rows("SELECT file FROM documents WHERE file IS NOT NULL")
        spool.keep_only(row["file"] for row in files)

    def _whole(self, row: sqlite3.Row) -> Job:
        job = records.read_job(row, self._clock)
        rows = self._database.rows("SELECT * FROM documents WHERE job_id=? ORDER BY number", job.id)
        job.documents = [records.read_document(one, self._spool.folder, self._clock) for one in rows]
        # Nobody can tell how long the service was away: the times begin anew.
        job.touched = time.monotonic()
        job.bound_until = time.monotonic() + OFFER_TIME
        return job

    def create(self, name: str, user: str, template: Iterable[Attribute], fidelity: bool) -> Job:
        """A new job without documents, with an id and a uuid that no other job has or had."""
        kept = list(template)
        now = self._clock.now()
        identity = uuid.uuid4().urn
        number = self._database.run(
            "INSERT INTO jobs (uuid, name, user, created, template, fidelity, state, reasons, message,"
            " incoming, bound, refused_by, impressions, sheets, pages, k_octets)"
            " VALUES (?,?,?,?,?,?,3,'job-incoming','',1,0,'',0,0,0,0)",
            identity,
            name,
            user,
            now.date.timestamp(),
            records.pack_attributes(kept),
            fidelity,
        )
        job = Job(number, identity, name or f"job {number}", user, now, kept, fidelity)
        if not name:
            self._database.run("UPDATE jobs SET name=? WHERE id=?", job.name, number)
        job.reasons = ["job-incoming"]
        job.touched = time.monotonic()
        self._active[number] = job
        self._database.undo(lambda: self._restore(job))
        return job

    def find(self, job_id: int) -> Job | None:
        """The job with this id, unless it was forgotten."""
        return self._active.get(job_id) or self._ended.get(job_id) or self._read("id", job_id)

    def find_uuid(self, job_uuid: str) -> Job | None:
        """The job with this job-uuid, unless it was forgotten."""
        rows = self._database.rows("SELECT id FROM jobs WHERE uuid=?", job_uuid)
        return self.find(rows[0]["id"]) if rows else None

    def _read(self, column: str, value: object) -> Job | None:
        rows = self._database.rows(f"SELECT * FROM jobs WHERE {column}=?", value)
        return self._whole(rows[0]) if rows else None

    def active(self) -> Iterator[Job]:
        """Jobs that have not ended, the oldest first."""
        yield from tuple(self._active.values())

    def ended(self) -> Iterator[Job]:
        """The last jobs that have ended, the latest first (RFC 8011 4.2.6)."""
        yield from reversed(tuple(self._ended.values()))

    def count_active(self) -> int:
        """How many have not ended."""
        return len(self._active)

    def of_device(self, device: str) -> list[Job]:
        """The jobs that this device has taken and that have not ended."""
        return [job for job in self._active.values() if job.device == device]

    def save_document(self, job: Job, document: Document) -> None:
        """``document`` is new or has changed."""
        with self._database.transaction():
            self._database.undo(lambda: self._restore(job))
            self._database.run(records.SAVE_DOCUMENT, *records.document_values(job, document))

    @contextmanager
    def edit(self, job: Job) -> Iterator[None]:
        """``job`` may be changed inside; it is stored at the end, or is again what it was before."""
        with self._database.transaction():
            self._database.undo(lambda: self._restore(job))
            yield
            self._save(job)

    def _save(self, job: Job) -> None:
        """One that ended goes to the history, which is bounded."""
        with self._database.transaction():
            self._database.run(records.SAVE_JOB, *records.job_values(job))
            if job.ended and job.id in self._active:
                for document in job.documents:
                    self._database.run(records.SAVE_DOCUMENT, *records.document_values(job, document))
                del self._active[job.id]
                self._ended[job.id] = job
                self._tidy()

    def _restore(self, job: Job) -> None:
        """The transaction failed: ``job`` is what it was before, or nothing."""
        self._active.pop(job.id, None)
        self._ended.pop(job.id, None)
        before = self._read("id", job.id)
        if before is None:
            return
        vars(job).update(vars(before))
        (self._ended if job.ended else self._active)[job.id] = job
        if not job.ended:
            self._active = dict(sorted(self._active.items()))

    def _tidy(self) -> None:
        """Forget old jobs, and remove the documents of those that ended a while ago."""
        run, rows = self._database.run, self._database.rows
        ended = list(self._ended)
        for old in ended[: -JOB_HISTORY or None]:
            self._database.after(partial(self._ended.pop, old, None))
        run(
            "DELETE FROM jobs WHERE completed < ? AND id NOT IN"
            " (SELECT id FROM jobs WHERE completed IS NOT NULL ORDER BY completed DESC LIMIT ?)",
            time.time() - JOB_MEMORY,
            JOB_HISTORY,
        )
        left = rows(
            "SELECT job_id, file FROM documents WHERE file IS NOT NULL AND job_id IN"
            " (SELECT id FROM jobs WHERE completed IS NOT NULL ORDER BY completed DESC LIMIT -1 OFFSET ?)",
            DOCUMENT_HISTORY,
        )
        for row in left:
            run("UPDATE documents SET file=NULL WHERE job_id=?", row["job_id"])
        files = [self._spool.folder / row["file"] for row in left]
        gone = {row["job_id"] for row in left}

        def forget() -> None:
            # Only now: a file whose row was rolled back would be missed.
            self._spool.remove(files)
            for number in gone & self._ended.keys():
                for document in self._ended[number].documents:
                    document.path = None

        self._database.after(forget)
