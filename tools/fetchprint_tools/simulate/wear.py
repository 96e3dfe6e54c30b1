"""What the job journal costs the flash: erases for each job on a real littlefs."""

from __future__ import annotations

from dataclasses import dataclass

from fetchprint.proxy import journal
from fetchprint.proxy.job import Job
from fetchprint.proxy.journal import Journal
from fetchprint_tools.simulate.littlefs_store import BLOCK, ESP32, RP2, SIZE, Flash, Geometry, Store

CYCLES = 100_000
"""Erases that a block of NOR flash is good for."""
_JOBS = 1500


@dataclass
class Wear:
    """``erases`` and ``programs`` for each job; ``jobs`` that 256 kB are good for."""

    geometry: Geometry
    erases: float
    programs: float

    @property
    def jobs(self) -> int:
        return int(SIZE // BLOCK * CYCLES / self.erases)


def print_jobs(kept: Journal, first: int, count: int, reports: int = 1) -> None:
    """What the journal sees of so many jobs, each with so many reports of more pages."""
    for number in range(first, first + count):
        job = Job()
        job.begin(number, f"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-{number:012x}", 1)
        kept.write(journal.CLAIMING, job)
        kept.write(journal.STREAMING, job)
        for page in range(reports):
            kept.write(journal.STREAMING, job, page + 1)
        job.end(9, b"job-completed-successfully")
        kept.write(journal.ENDED, job)
        kept.close(job)


def measure(geometry: Geometry, jobs: int = _JOBS) -> Wear:
    """After as many jobs as the journal remembers, so that all of its records are there."""
    flash = Flash()
    kept = Journal(Store(flash, geometry, True), "infra-0123abcd", _Quiet())
    print_jobs(kept, 0, journal.KEPT + 64)
    erases, programs = flash.erases, flash.programs
    print_jobs(kept, 2000, jobs)
    return Wear(geometry, (flash.erases - erases) / jobs, (flash.programs - programs) / jobs)


def table() -> str:
    """The figures of both kinds of boards, in Markdown."""
    rows = [
        "| file system as on | erases a job | programs a job | jobs until 256 kB of flash are worn |",
        "| --- | ---: | ---: | ---: |",
    ]
    for wear in (measure(RP2), measure(ESP32)):
        rows.append(f"| {wear.geometry.name} | {wear.erases:.2f} | {wear.programs:.1f} | {wear.jobs:,} |")
    return "\n".join(rows)


class _Quiet:
    def event(self, kind: str, **fields: object) -> None:
        """Nothing is said."""
