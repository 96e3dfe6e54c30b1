"""Fetch-Print-Job's side of the queue (2010 profile): who waits for a job, and who is offered which.

A job that is offered is bound to one device for OFFER_TIME seconds, and that is stored before the offer
goes out: no other device is offered it or may take it meanwhile, by either profile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fetchprint_tools.codes import PrinterState, Status
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.limits import MAX_HELD, NOT_NOW, OFFER_TIME
from fetchprint_tools.printservice.plan import for_device
from fetchprint_tools.printservice.refusal import Refusal

if TYPE_CHECKING:
    from fetchprint_tools.printservice.printqueue import Queue


@dataclass
class _Hold:
    """A Fetch-Print-Job that is being held. ``connected`` says whether its connection still is."""

    connected: Callable[[], bool]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    over: bool = False  # a newer one has come, or the service stops


class Offers:
    """At most one held request for each device."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._holds: dict[str, _Hold] = {}

    async def wait(self, device: OutputDevice, seconds: float, connected: Callable[[], bool]) -> Job | None:
        """The job that is now offered to ``device``; None after ``seconds`` without one, or at once when
        it is to identify itself, when a newer request of it comes, or when its connection is gone.

        Raises ``Refusal`` when too many wait.
        """
        older = self._holds.get(device.uuid)
        if older is not None:
            older.over = True
            older.news.set()
        elif seconds and len(self._holds) >= MAX_HELD:
            raise Refusal(Status.BUSY, f"{MAX_HELD} requests are being held already")
        hold = self._holds[device.uuid] = _Hold(connected)
        try:
            async with asyncio.timeout(seconds):
                while not hold.over and connected():
                    hold.news.clear()
                    job = self._next(device)
                    if job is not None or device.identify is not None or not seconds:
                        return job
                    await hold.news.wait()
        except TimeoutError:
            return None  # an answer too
        finally:
            if self._holds.get(device.uuid) is hold:
                del self._holds[device.uuid]
        return None

    def _next(self, device: OutputDevice) -> Job | None:
        """The oldest job for it, bound to it; first the one that is bound to it already. While that is one
        which it could not take a moment ago, nothing: jobs are not printed out of order for that."""
        if device.state != PrinterState.IDLE or self._queue.jobs.of_device(device.uuid):
            return None
        now = time.monotonic()
        waiting = [job for job in self._queue.jobs.active() if self._suits(device, job)]
        job = next((job for job in waiting if job.bound), next(iter(waiting), None))
        if job is None or now - job.not_now.get(device.uuid, -NOT_NOW) < NOT_NOW:
            return None
        self.bind(job, device)
        return job

    def _suits(self, device: OutputDevice, job: Job) -> bool:
        return (
            job.fetchable_by(device.uuid)
            and len(job.documents) == 1
            and for_device(device, job.documents[0]) is not None
        )

    def bind(self, job: Job, device: OutputDevice) -> None:
        """From now on the job is offered to ``device`` alone, for OFFER_TIME seconds."""
        job.bound_until = time.monotonic() + OFFER_TIME
        if job.bound and job.offered_to == device.uuid:
            return
        with self._queue.jobs.edit(job):
            job.offered_to = device.uuid
            job.bound = True

    def idle(self, device: OutputDevice) -> None:
        """It says that it could print now: what it could not take a moment ago may be offered again."""
        for job in self._queue.jobs.active():
            job.not_now.pop(device.uuid, None)

    def wake(self) -> None:
        """Something has changed: who waits looks again."""
        for hold in self._holds.values():
            hold.news.set()

    def sweep(self) -> None:
        """Once a second: offers run out, connections break, and who holds one is alive."""
        now = time.monotonic()
        for job in self._queue.jobs.active():
            if job.bound and job.bound_until < now:
                with self._queue.jobs.edit(job):
                    job.bound = False
                    self._queue.offer_again(job)
        for uuid, hold in self._holds.items():
            device = self._queue.devices.find(uuid)
            if device is not None and hold.connected():
                device.heard = now
        self.wake()

    def close(self) -> None:
        """Answer everybody now: the service stops."""
        for hold in self._holds.values():
            hold.over = True
        self.wake()
