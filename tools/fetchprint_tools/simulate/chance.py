"""A run by chance: services, jobs and faults from one seed."""

from __future__ import annotations

import errno
import random

from fetchprint import ticks
from fetchprint_tools.simulate.engines import ENGINES, can_happen
from fetchprint_tools.simulate.faults import EVENTS
from fetchprint_tools.simulate.run import PROFILES, Plan
from fetchprint_tools.simulate.world import WHEN

FAULTS = ("power", "response", "cut", "flash", *EVENTS)
"""What may happen; ``--faults`` takes some of them."""
_MOST = 4
_COMMON = ("pass", "raster", "pass", "raster", *ENGINES)
"""Engines as chance takes them: real drivers take longer."""


def plan(
    seed: int,
    faults: tuple[str, ...] = FAULTS,
    profiles: tuple[str, ...] = (),
    engine: str = "",
    jobs: int = 0,
) -> Plan:
    """The plan of ``seed``: up to four faults among some jobs of one service or two. ``profiles``,
    ``engine`` and ``jobs`` where chance is not to choose them."""
    chance = random.Random(seed)
    known = profiles or tuple(chance.choices(PROFILES, k=chance.choice((1, 1, 2))))
    count = jobs or chance.randint(1, 5)
    work = []
    for _ in range(count):
        service = chance.randrange(len(known))
        documents = 1 if known[service] == "mobile" else chance.choice((1, 1, 2))
        work.append((service, chance.randint(1, 4), documents))
    result = Plan(known, tuple(work), seed, engine or chance.choice(_COMMON))
    # As after a start, about to wrap, and after days in which nothing has happened.
    result.clock = chance.choice((0, ticks.PERIOD - chance.randrange(20000), ticks.PERIOD * 3 // 4))
    span = 90 * count
    octets = 9000 + 4000 * count
    for _ in range(chance.randint(1, _MOST)):
        fault = chance.choice(faults)
        if fault == "power":
            result.cuts[chance.randint(1, span)] = chance.choice(WHEN)
        elif fault == "response":
            chance.choice((result.lose, result.miss)).add(chance.randint(1, 25 * count))
        elif fault == "cut":
            chance.choice((result.cut_up, result.cut_down)).append(chance.randint(1, octets))
        elif fault == "flash":
            result.flash[chance.randint(1, 6 * count)] = chance.choice((errno.EIO, errno.ENOSPC))
        elif can_happen(result.engine, fault):
            result.events[chance.randint(1, span)] = fault
    return result
