"""What a page for people looks at: the queue tells of each change, once it is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.device import MOBILE
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.jobreport import take_report
from fetchprint_tools.printservice.log import Log
from fetchprint_tools.printservice.printqueue import Queue
from service_kit import integer

UUID = "urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    one = Queue("infra", "ipp://127.0.0.1/ipp/print/infra", tmp_path, Log(True))
    yield one
    one.close()
    one.database.close()


def waiting_job(queue: Queue) -> Job:
    path = queue.spool.folder / "document-1"
    path.write_bytes(b"paper")
    with queue.database.transaction():
        job = queue.create_job("a job", "tester", [])
        queue.add_document(job, path, "text/plain", 5, "")
        queue.close_job(job)
    return job


def test_each_change_is_told(queue: Queue) -> None:
    seen = queue.changes.count

    def news() -> bool:
        nonlocal seen
        before, seen = seen, queue.changes.count
        return seen > before

    assert not news()
    device = queue.presence.admit(UUID, MOBILE)
    assert news() and queue.devices.uuids == [UUID]
    state = Group(tags.PRINTER, [Attribute("printer-state", tags.ENUM, 3)])
    queue.presence.update(device, state)
    assert news()
    queue.presence.update(device, state)
    assert not news()  # all as it was
    job = waiting_job(queue)
    assert news() and list(queue.jobs.active()) == [job]
    queue.acknowledge(job, device)
    assert news()
    counts = Group(tags.JOB, [integer("job-impressions-completed", 1)])
    take_report(queue, job, JobState.PROCESSING, ["job-printing"], "", counts)
    assert news() and job.impressions_completed == 1
    take_report(queue, job, JobState.PROCESSING, ["job-printing"], "", counts)
    assert not news()  # a heartbeat
    take_report(queue, job, JobState.COMPLETED, [], "", None)
    assert news() and list(queue.jobs.ended()) == [job]
    queue.presence.remove(UUID)
    assert news() and not queue.devices


def test_nothing_is_told_of_what_is_not_stored(queue: Queue) -> None:
    seen = queue.changes.count
    with pytest.raises(RuntimeError), queue.database.transaction():
        queue.create_job("a job", "tester", [])
        raise RuntimeError
    assert queue.changes.count == seen and not queue.jobs.count_active()


def test_all_who_wait_are_woken(queue: Queue) -> None:
    async def story() -> None:
        seen = queue.changes.count
        assert await queue.changes.more_than(seen, 0.05) == seen  # nothing new
        readers = [asyncio.create_task(queue.changes.more_than(seen, 30)) for _ in range(3)]
        await asyncio.sleep(0)
        queue.presence.admit(UUID, MOBILE)
        assert min(await asyncio.gather(*readers)) > seen
        assert await queue.changes.more_than(seen, 30) > seen  # at once: it is behind

    asyncio.run(story())
