"""What time and trouble do to offers: they run out, connections break, the disk is full."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice import offers
from fetchprint_tools.printservice.device import MOBILE, OutputDevice
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.log import Log
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.refusal import Refusal
from support import wait_until


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    one = Queue("infra", "ipp://127.0.0.1/ipp/print/infra", tmp_path, Log(True))
    yield one
    one.close()
    one.database.close()


def idle_device(queue: Queue, number: int) -> OutputDevice:
    device = queue.presence.admit(f"urn:uuid:00000000-0000-4000-8000-{number:012}", MOBILE)
    group = Group(tags.PRINTER, [Attribute("printer-state", tags.ENUM, 3)])
    group.add("document-format-supported", tags.MIME_MEDIA_TYPE, "text/plain")
    queue.presence.update(device, group, whole=True)
    return device


def waiting_job(queue: Queue) -> Job:
    path = queue.spool.folder / f"document-{queue.jobs.count_active()}"
    path.write_bytes(b"paper")
    with queue.database.transaction():
        job = queue.create_job("a job", "tester", [])
        queue.add_document(job, path, "text/plain", 5, "")
        queue.close_job(job)
    return job


def offered(queue: Queue, device: OutputDevice) -> Job | None:
    return asyncio.run(queue.offers.wait(device, 0, lambda: True))


def test_an_offer_runs_out(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = idle_device(queue, 1), idle_device(queue, 2)
    job = waiting_job(queue)
    monkeypatch.setattr(offers, "OFFER_TIME", 0.05)
    assert offered(queue, first) is job
    assert not job.fetchable_by(second.uuid)

    def over() -> bool:
        queue.sweep()
        return not job.bound

    wait_until(over, 5, "the offer to run out")
    # Nobody else has it: it may still be taken.
    queue.acknowledge(job, first)
    assert job.device == first.uuid
    other = waiting_job(queue)
    assert offered(queue, second) is other
    wait_until(lambda: queue.sweep() or not other.bound, 5, "the offer to run out")
    third = idle_device(queue, 3)
    assert offered(queue, third) is other and other.offered_to == third.uuid
    with pytest.raises(Refusal) as refused:
        queue.acknowledge(other, second)
    assert refused.value.status == Status.NOT_FETCHABLE


def test_nothing_is_bound_to_a_connection_that_is_gone(queue: Queue) -> None:
    async def story() -> Job | None:
        there = True
        held = asyncio.create_task(queue.offers.wait(device, 30, lambda: there))
        await asyncio.sleep(0)
        there = False
        job = waiting_job(queue)
        assert await held is None
        assert not job.bound
        return await queue.offers.wait(device, 30, lambda: True)

    device = idle_device(queue, 1)
    assert asyncio.run(story()) is not None


def test_a_full_disk_promises_nothing(queue: Queue, tmp_path: Path) -> None:
    device = idle_device(queue, 1)
    job = waiting_job(queue)
    pages = queue.database.rows("PRAGMA page_count")[0][0]
    queue.database.rows(f"PRAGMA max_page_count={pages}")
    with pytest.raises(Refusal) as refused:
        for _ in range(200):
            queue.create_job("x" * 200, "y" * 200, [])
    assert refused.value.status == Status.TEMPORARY_ERROR
    stored = queue.database.rows("SELECT COUNT(*) FROM jobs")[0][0]
    assert queue.jobs.count_active() == stored
    long = Group(tags.PRINTER, [Attribute("printer-info", tags.TEXT, "x" * 1000)])
    with pytest.raises(Refusal):
        for number in range(50):
            long.attributes["printer-info"] = Attribute("printer-info", tags.TEXT, str(number) * 500)
            queue.presence.update(idle_device(queue, 10 + number), long)
    queue.database.rows("PRAGMA max_page_count=1000000")
    kept = {row["uuid"] for row in queue.database.rows("SELECT uuid FROM devices")}
    assert kept == set(queue.devices.uuids)
    assert offered(queue, device) is job
    queue.acknowledge(job, device)
    assert queue.jobs.find(job.id) is job and job.state == JobState.PROCESSING
