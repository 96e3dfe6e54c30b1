"""Where jobs are kept: in memory, behind an interface that a database could take over."""

from __future__ import annotations

from collections.abc import Iterator

from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.limits import DOCUMENT_HISTORY, JOB_HISTORY
from fetchprint_tools.printservice.spool import Spool


class JobStore:
    """Jobs by id, in the order of their creation."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._active: dict[int, Job] = {}
        self._ended: dict[int, Job] = {}

    def add(self, job: Job) -> None:
        """Keep a new job."""
        self._active[job.id] = job

    def find(self, job_id: int) -> Job | None:
        """The job with this id, unless it was forgotten."""
        return self._active.get(job_id) or self._ended.get(job_id)

    def active(self) -> Iterator[Job]:
        """Jobs that have not ended, the oldest first."""
        yield from tuple(self._active.values())

    def ended(self) -> Iterator[Job]:
        """Jobs that have ended, the latest first (RFC 8011 4.2.6)."""
        yield from reversed(tuple(self._ended.values()))

    def count_active(self) -> int:
        """How many have not ended."""
        return len(self._active)

    def saved(self, job: Job) -> None:
        """``job`` has changed; one that ended goes to the history, which is bounded."""
        if not job.ended or job.id not in self._active:
            return
        del self._active[job.id]
        self._ended[job.id] = job
        ended = list(self._ended)
        for old in ended[: -JOB_HISTORY or None]:
            del self._ended[old]
        if len(ended) > DOCUMENT_HISTORY:
            old_job = self._ended.get(ended[-DOCUMENT_HISTORY - 1])
            if old_job is not None:
                self._spool.remove(document.path for document in old_job.documents)
