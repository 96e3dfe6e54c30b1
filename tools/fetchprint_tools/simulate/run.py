"""One run: a device, its services, some jobs, some faults; and what must be true at its end."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any

from fetchprint_tools.codes import JobState
from fetchprint_tools.simulate import engines, faults, memory
from fetchprint_tools.simulate.device import Device
from fetchprint_tools.simulate.infra import Infra
from fetchprint_tools.simulate.jobs import TOKENS, Job, Numbers, token
from fetchprint_tools.simulate.mobile import Mobile
from fetchprint_tools.simulate.network import Network
from fetchprint_tools.simulate.quirks import ALL
from fetchprint_tools.simulate.service import Service
from fetchprint_tools.simulate.world import Failed, World

PROFILES = (*ALL, "mobile")
_LIMIT_MS = 3_600_000
"""Of virtual time in which every job must have ended; the longest pause between attempts is 2 minutes."""
_SETTLED_MS = 2500
_LOOK = 200
"""Turns of the loop between two looks at what the firmware holds."""
_LOST = "journal"
_IDLE = 3  # printer-state


@dataclass
class Plan:
    """What is to happen. ``at``: actions by virtual time; ``jobs``: (service, pages, documents) each."""

    profiles: tuple[str, ...] = ("standard",)
    jobs: tuple[tuple[int, int, int], ...] = ((0, 2, 1),)
    seed: int = 0
    engine: str = "pass"
    """One of ``engines.ENGINES``."""
    cuts: dict[int, str] = field(default_factory=dict)
    lose: set[int] = field(default_factory=set)
    miss: set[int] = field(default_factory=set)
    cut_up: list[int] = field(default_factory=list)
    cut_down: list[int] = field(default_factory=list)
    flash: dict[int, int] = field(default_factory=dict)
    """By number of the write to the flash: the errno that it fails with."""
    clock: int = 0
    events: dict[int, str] = field(default_factory=dict)
    """By number of the device's operation: what happens just before, by its name in ``faults``."""


class Run:
    """``go`` raises ``Failed``; ``world.trace`` then tells how it came."""

    def __init__(self, plan: Plan, tracing: bool = False) -> None:
        self.plan = plan
        self.world = World(plan.seed, dict(plan.cuts), tracing)
        self.network = Network(self.world)
        self.network.cut_up = sorted(plan.cut_up)
        self.network.cut_down = sorted(plan.cut_down)
        self.printer = engines.make(self.world, plan.engine)
        self.numbers = Numbers(self.world, self.printer.raster)
        self.services: list[Service] = []
        settings: list[dict[str, Any]] = []
        for i, name in enumerate(plan.profiles):
            host = f"service{i}"
            if name == "mobile":
                self.services.append(Mobile(self.network, host, self.numbers))
            else:
                self.services.append(Infra(self.network, host, self.numbers, ALL[name]))
            profile = "mobile" if name == "mobile" else "infra"
            settings.append({"uri": f"ipp://{host}/ipp/print/sim", "profile": profile})
        self.services[0].server.lose = set(plan.lose)
        self.services[0].server.miss = set(plan.miss)
        self.device = Device(self.world, self.network, self.printer, settings)
        self.device.clock = plan.clock
        self.device.flash.fail_at = dict(plan.flash)
        self.faulty = 0
        """Faults that are under way: no end is expected before they are over."""
        for number, name in plan.events.items():
            self.world.actions[number] = partial(faults.EVENTS[name].happen, self)
        for service, pages, documents in plan.jobs:
            self.services[service].submit(pages, documents)

    @property
    def only_one_fault(self) -> bool:
        """Nothing happens but one event."""
        plan = self.plan
        others = (plan.cuts, plan.lose, plan.miss, plan.cut_up, plan.cut_down, plan.flash)
        return len(plan.events) == 1 and not any(others)

    def go(self) -> Run:
        """Until every job has ended and the device waits for the next."""
        world = self.world
        quiet_since = -1
        turns = 0
        while True:
            self.device.turn()
            turns += 1
            if turns % _LOOK == 0 and self.device.loop is not None:
                memory.check(self)
            if self._quiet():
                if quiet_since < 0:
                    quiet_since = world.now
                elif world.now - quiet_since >= _SETTLED_MS:
                    break
            else:
                quiet_since = -1
            if world.now > _LIMIT_MS:
                raise Failed(f"not settled after {_LIMIT_MS // 60000} minutes: {self._open()}")
        for job in self.numbers.all:
            self._judge(job)
        memory.check(self)
        return self

    def _quiet(self) -> bool:
        return not self.faulty and self.device.waiting and not self._waits() and self._told_idle()

    def _told_idle(self) -> bool:
        return all(service.told and service.told[-1][0] == _IDLE for service in self.services)

    def _waits(self) -> bool:
        return any(not self._over(service, job) for service in self.services for job in service.jobs.values())

    def _over(self, service: Service, job: Job) -> bool:
        """It has ended; or the device has lost its journal, said so, and cannot learn that it has this job: a
        service that does not say so in Update-Active-Jobs leaves it to a person."""
        return job.ended or bool(job.device and not service.reveals and self._flagged(job))

    def _open(self) -> str:
        left = [
            f"job {job.serial} is {job.state}"
            for service in self.services
            for job in service.jobs.values()
            if not self._over(service, job)
        ]
        if left or not self.device.waiting:
            return ", ".join(left) or "the device does not wait for jobs"
        said = [service.told[-1][1] for service in self.services if service.told]
        return f"the services were told last: {said}"

    def _judge(self, job: Job) -> None:
        paper = bytes(self.printer.paper)
        for number in range(1, len(job.documents) + 1):
            for page in range(1, job.pages + 1):
                name = token(job.serial, number, page)
                times = paper.count(name)
                if times > TOKENS and not self._flagged(job):
                    raise Failed(f"page {page} of job {job.serial} was printed twice ({times} of {TOKENS})")
                whole = self.printer.whole(name)
                if job.final == JobState.COMPLETED and self.printer.confirms and whole not in paper:
                    raise Failed(f"job {job.serial}, reported completed: page {page} is not on paper whole")
        whole_pages = sum(
            paper.count(self.printer.whole(token(job.serial, number, page)))
            for number in range(1, len(job.documents) + 1)
            for page in range(1, job.pages + 1)
        )
        most = max((report.impressions for report in job.reports), default=0)
        if most > whole_pages:
            raise Failed(f"job {job.serial}: {most} pages reported, {whole_pages} are on paper")
        if job.ended and job.final and job.reasons == ("none",):
            raise Failed(f"job {job.serial} has ended, and its reason was taken back")
        if job.state == JobState.COMPLETED and job.final not in (JobState.COMPLETED, 0):
            raise Failed(f"job {job.serial} is completed at the service, the device never said so")

    def _flagged(self, job: Job) -> bool:
        """The service was told that the device has lost its memory."""
        return any(_LOST in message for service in self.services for _, message in service.told)
