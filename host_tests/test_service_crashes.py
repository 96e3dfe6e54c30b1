"""The service dies at each of its commits in turn, before it or after it, and is started again: every job
ends in exactly one true state, for its user and for its device, and no job is printed twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from crashing_service import CrashingService
from fetchprint.ipp import tags
from fetchprint_tools.client import Unreachable
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute
from service_device import Device
from service_kit import Printer
from service_mobile import ESCPOS, MobileDevice, Offer, job_of

T = TypeVar("T")


class Story:
    """A client, a device of each profile, and what they do when an answer is lost: they ask."""

    def __init__(self, service: CrashingService) -> None:
        self.service = service
        self.printer = Printer(service.uri)
        self.mobile = MobileDevice(service.uri)
        self.infra = Device(service.uri)
        self.crashes = 0

    def sure(self, ask: Callable[[], T]) -> T:
        """``ask`` until it is answered; for what may be repeated."""
        try:
            return ask()
        except Unreachable:
            assert self.service.dead
            self.crashes += 1
            self.service.start()
            return ask()

    def submit(self, name: str) -> int:
        """Print-Job; after a lost answer the client looks whether its job is there."""
        named = Attribute("job-name", tags.NAME, name)
        wanted = Attribute("requested-attributes", tags.KEYWORD, "job-id", "job-name")
        try:
            return self.printer.print(b"paper", ESCPOS, named)
        except Unreachable:
            assert self.service.dead
            self.crashes += 1
            self.service.start()
            jobs = self.printer.ask(Operation.GET_JOBS, wanted).groups_of(tags.JOB)
            there = [job.get("job-id") for job in jobs if job.get("job-name") == name]
            assert len(there) <= 1
            return there[0] if there else self.printer.print(b"paper", ESCPOS, named)

    def accept(self, offer: Offer) -> None:
        """Section 8.1: a lost answer is resolved by Report-Print-Job."""
        try:
            assert self.mobile.accept(offer).code == Status.OK
        except Unreachable:
            assert self.service.dead
            self.crashes += 1
            self.service.start()
            self.mobile.declare()
            believed = job_of(self.mobile.report_job(offer.uuid, 3))[0]
            if believed == JobState.PENDING:
                assert self.mobile.accept(offer).code == Status.OK
            else:
                assert believed == JobState.PROCESSING

    def cancel(self, job: int) -> None:
        """A repetition may find it canceled."""
        assert self.sure(lambda: self.printer.cancel(job)) in (Status.OK, Status.NOT_POSSIBLE)

    def acknowledge(self, job: int) -> None:
        """INFRA: a lost answer is resolved by Update-Active-Jobs."""
        try:
            assert self.infra.acknowledge(job) == Status.OK
        except Unreachable:
            assert self.service.dead
            self.crashes += 1
            self.service.start()
            _, _, foreign = self.infra.active((job, JobState.PROCESSING))
            if foreign:
                assert self.infra.acknowledge(job) == Status.OK

    def report_infra(self, job: int, state: int) -> None:
        """A repetition may find that the end is known."""
        status = self.sure(lambda: self.infra.job_status(job, state, impressions=1))
        assert status == Status.OK or (status == Status.NOT_POSSIBLE and JobState(state).ended)

    def tell(self) -> dict[str, JobState]:
        """All of it; what each job has to be in the end."""
        mobile = self.mobile
        self.sure(mobile.declare)
        printed, refused, stopped, waiting = (
            self.submit(name) for name in ("printed", "refused", "stopped", "waiting")
        )
        offer = self.sure(mobile.fetch)
        assert offer.id == printed and offer.document == b"paper"
        self.accept(offer)
        assert (
            job_of(self.sure(lambda: mobile.report_job(offer.uuid, 5, job_impressions_completed=0)))[0] == 5
        )
        end = self.sure(lambda: mobile.report_job(offer.uuid, 9, job_impressions_completed=1))
        assert (end.code, job_of(end)[0]) == (Status.OK, 9)

        offer = self.sure(mobile.fetch)
        assert offer.id == refused
        assert self.sure(lambda: mobile.reject(offer, 0x0411, "broken")).code == Status.OK

        self.sure(mobile.declare)
        offer = self.sure(mobile.fetch)
        assert offer.id == stopped
        self.accept(offer)
        self.cancel(stopped)
        told = self.sure(lambda: mobile.report_job(offer.uuid, 5))
        assert "processing-to-stop-point" in job_of(told)
        assert job_of(self.sure(lambda: mobile.report_job(offer.uuid, 7)))[0] == 7
        self.cancel(waiting)

        self.sure(lambda: self.infra.declare(formats=(ESCPOS,)))
        job = self.submit("infra")
        assert self.sure(self.infra.fetchable) == [job]
        self.acknowledge(job)
        assert self.sure(lambda: self.infra.document(job, formats=(ESCPOS,)))[1] == b"paper"
        self.sure(lambda: self.infra.acknowledge_document(job))
        self.report_infra(job, 5)
        self.report_infra(job, 9)
        return {
            "printed": JobState.COMPLETED,
            "refused": JobState.ABORTED,
            "stopped": JobState.CANCELED,
            "waiting": JobState.CANCELED,
            "infra": JobState.COMPLETED,
        }


def books(data: Path) -> dict[str, JobState]:
    """The jobs as they are stored; each file of the spool belongs to one."""
    with sqlite3.connect(data / "service.sqlite3") as database:
        rows = database.execute("SELECT name, state, completed FROM jobs").fetchall()
        files = [name for (name,) in database.execute("SELECT file FROM documents")]
    database.close()
    assert len({name for name, _, _ in rows}) == len(rows)
    assert all(completed is not None for _, _, completed in rows)
    assert sorted(files) == sorted(path.name for path in (data / "spool").iterdir())
    return {name: JobState(state) for name, state, _ in rows}


@pytest.mark.slow
@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_crash_at_each_commit(tmp_path: Path, before: bool) -> None:
    at = 0
    crashed = True
    while crashed:
        at += 1
        service = CrashingService(tmp_path / str(at))
        service.start(at, before)
        story = Story(service)
        try:
            wanted = story.tell()
            told = {name: story.printer.state(job) for job, name in enumerate(wanted, 1)}
            assert told == wanted, at
            crashed = story.crashes > 0
            assert story.crashes <= 1
        finally:
            service.stop()
        assert books(service.data) == wanted, at
    assert at > 15
