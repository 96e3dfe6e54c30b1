"""Many runs, counted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from fetchprint_tools.simulate import chance, exhaustive
from fetchprint_tools.simulate.run import Plan, Run
from fetchprint_tools.simulate.world import Failed

_PIECE = 100
"""Seeds that a process gets at once."""
_FAILURES = 20
"""Kept of each batch; the others are counted."""


@dataclass
class Tally:
    """``operations``: of flash, sockets and engine; ``faults``: by name; ``failures``: the first ones."""

    runs: int = 0
    operations: int = 0
    boots: int = 0
    jobs: int = 0
    milliseconds: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    failures: list[tuple[Plan, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Count it in; the time is that of the longer one, as they ran at once."""
        for name in ("runs", "operations", "boots", "jobs", "milliseconds", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seconds = max(self.seconds, other.seconds)
        self.faults += other.faults
        self.ends += other.ends
        self.failures = (self.failures + other.failures)[:_FAILURES]


def run_all(plans: Iterable[Plan]) -> Tally:
    """Run each of them."""
    tally = Tally()
    began = time.monotonic()
    for plan in plans:
        run = Run(plan)
        try:
            run.go()
        except Failed as error:
            tally.failed += 1
            if len(tally.failures) < _FAILURES:
                tally.failures.append((plan, str(error).partition("\n")[0]))
        tally.runs += 1
        tally.operations += run.world.operations
        tally.boots += run.device.boots
        tally.milliseconds += run.world.now
        tally.faults += run.world.happened
        for job in run.numbers.all:
            tally.jobs += 1
            tally.ends[job.outcome] += 1
    tally.seconds = time.monotonic() - began
    return tally


def part(name: str, base: Plan, stride: int, workers: int) -> Tally:
    """One exhaustive part; ``stride`` as in ``exhaustive.plans``."""
    return _shared(partial(_share_of_part, name, base, stride, workers), workers)


def by_chance(
    seeds: range,
    faults: tuple[str, ...],
    profiles: tuple[str, ...],
    engine: str,
    jobs: int,
    workers: int,
    tell: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """One run for each of ``seeds``. ``tell`` is called now and then with what has been counted."""
    result = Tally()
    began = time.monotonic()
    pieces = [seeds[at : at + _PIECE] for at in range(0, len(seeds), _PIECE)]
    run = partial(_seeds, faults, profiles, engine, jobs)
    with ProcessPoolExecutor(workers) if workers > 1 else nullcontext() as pool:
        for tally in (map if pool is None else pool.map)(run, pieces):
            result.add(tally)
            result.seconds = time.monotonic() - began
            tell(result)
    return result


def _share_of_part(name: str, base: Plan, stride: int, workers: int, worker: int) -> Tally:
    return run_all(islice(exhaustive.plans(name, base, stride), worker, None, workers))


def _seeds(faults: tuple[str, ...], profiles: tuple[str, ...], engine: str, jobs: int, seeds: range) -> Tally:
    return run_all(chance.plan(seed, faults, profiles, engine, jobs) for seed in seeds)


def _shared(share: Callable[[int], Tally], workers: int) -> Tally:
    if workers == 1:
        return share(0)
    result = Tally()
    with ProcessPoolExecutor(workers) as pool:
        for tally in pool.map(share, range(workers)):
            result.add(tally)
    return result
