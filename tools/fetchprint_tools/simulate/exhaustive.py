"""Every fault at every place of a run, one after the other, and power cuts in pairs."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import replace

from fetchprint_tools.simulate.engines import ENGINES, SEAM, can_happen
from fetchprint_tools.simulate.faults import EVENTS
from fetchprint_tools.simulate.run import PROFILES, Plan, Run
from fetchprint_tools.simulate.world import WHEN

PARTS = {
    "power": "power cut before, in the middle of and after every operation",
    "power-twice": "and again at every operation until the job has ended",
    "response": "every request carried out whose answer is lost, every request lost",
    "cut-sent": "connection cut after every octet sent",
    "cut-received": "connection cut after every octet received",
    "flash": "every write to the flash failing (I/O error, full)",
    **{name: f"just before every operation: {event.what}" for name, event in EVENTS.items()},
}
"""Each exhaustive part, and what it does."""

_PAGES = 3
_FEWER = 10

LONG = ("power-twice", "cut-sent", "cut-received")
"""Parts of thousands of runs each."""


def parts(engine: str) -> tuple[str, ...]:
    """Those that mean something with this engine."""
    return tuple(name for name in PARTS if name not in EVENTS or can_happen(engine, name))


_OURS = ("power", "cancel", "wifi")
"""What our drivers have to do with beside what befalls their engines; the rest does not reach them."""
_BUSY = ("thermal", "link_spi")
"""Drivers with hundreds of operations in each job."""


def bases(profiles: tuple[str, ...], engine: str) -> list[Plan]:
    """One job for each kind of service and engine, all of them where nothing is named."""
    found = []
    for name in (engine,) if engine else ENGINES:
        known = profiles or (PROFILES if engine or name in SEAM else ("standard", "mobile"))
        found += [Plan((profile,), ((0, _PAGES, 1),), engine=name) for profile in known]
    return found


def usual(engine: str) -> tuple[str, ...]:
    """The parts that are run when none is named."""
    return parts(engine) if engine in SEAM else (*_OURS, *ENGINES[engine])


def every(part: str, engine: str, stride: int) -> int:
    """Of each part only one in so many runs where it has thousands."""
    if part in LONG:
        return stride
    return max(1, stride // _FEWER) if engine in _BUSY else 1


def plans(part: str, base: Plan, stride: int = 1) -> Iterator[Plan]:
    """The plans of one part; with a ``stride`` above 1 only every so many."""
    for i, plan in enumerate(_plans(part, base)):
        if i % stride == 0:
            yield plan


def _plans(part: str, base: Plan) -> Iterator[Plan]:
    clean = Run(base).go()
    if part == "power":
        yield from _cuts(base, 1, clean.world.operations)
    elif part == "power-twice":
        for first in _cuts(base, 1, clean.world.operations):
            after = max(first.cuts) + 1
            yield from _cuts(first, after, Run(first).go().world.operations)
    elif part == "response":
        for number in range(1, clean.services[0].server.requests + 1):
            yield replace(base, lose={number})
            yield replace(base, miss={number})
    elif part == "cut-sent":
        for octets in range(1, clean.network.up + 1):
            yield replace(base, cut_up=[octets])
    elif part == "cut-received":
        for octets in range(1, clean.network.down + 1):
            yield replace(base, cut_down=[octets])
    elif part == "flash":
        for number in range(1, clean.device.flash.writes + 1):
            for error in (errno.EIO, errno.ENOSPC):
                yield replace(base, flash={number: error})
    else:
        for number in range(1, clean.world.operations + 1):
            yield replace(base, events={number: part})


def _cuts(base: Plan, first: int, last: int) -> Iterator[Plan]:
    for number in range(first, last + 1):
        for when in WHEN:
            yield replace(base, cuts={**base.cuts, number: when})
