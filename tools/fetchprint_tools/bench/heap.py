"""Part 2: the heap over many jobs, by the firmware's own account after each one: with 64 and with 32 bits,
and frozen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from fetchprint_tools import frozen, micropython32
from fetchprint_tools.bench.contestants import BuiltIn, Emulated
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell, median
from fetchprint_tools.bench.latency import print_job
from fetchprint_tools.bench.streaming import page
from fetchprint_tools.client import IppClient
from fetchprint_tools.errors import UserError
from fetchprint_tools.heaps import HEAPS
from fetchprint_tools.ippsample import available
from fetchprint_tools.ippserver import IppServer

THREE = "three built-in services"
HEAP = HEAPS["native"]
HEAP_32 = "96k"
"""For one service and for three, the code in flash: see docs/architecture.md."""
TARGET_32 = 40 * 1024
"""Octets in use with one service, buffers included (docs/architecture.md)."""
JOBS, QUICK_JOBS = 200, 20
SETTLED = 20
"""Jobs after which nothing may grow; with fewer jobs, half of them."""
AHEAD = 3
"""Jobs that wait at the service while one prints."""
_MANY_JOBS = "MaxJobs 1000"
"""For ippserver: it never counts a printed job as completed, and takes a hundred by default."""
_SECONDS, _QUICK_SECONDS = 90.0, 20.0
_STALL_SECONDS = 10.0


_COLUMNS = ("built-in service", "ippserver", "three built-in")


def measure(settings: Settings, tell: Tell) -> Part:
    """One printer and one service at a time, the jobs one after the other."""
    part = Part("heap", f"MicroPython's heap of {HEAP} over many jobs", _COLUMNS)
    part.notes.append("By the firmware's own account, after collecting garbage at the end of each job.")
    part.notes.append("With three services at once the heap is larger, see fetchprint emulate --help.")
    _measure(settings, part, tell, "micropython", ("--heap", HEAP), ())
    return part


def measure_32(settings: Settings, tell: Tell) -> Part:
    """The same where objects are as large as a board's."""
    part = Part("heap-32", f"A 32-bit MicroPython's heap of {HEAP_32} over many jobs", _COLUMNS)
    usable, reason = micropython32.available()
    if not usable:
        part.absent.append(reason)
        return part
    part.notes.append(
        "Debian's MicroPython for i386, the code run in place from ROMFS; its names in the heap."
    )
    options = ("--heap", HEAP_32)
    _measure(settings, part, tell, "micropython-32", options, options)
    return part


def measure_frozen(settings: Settings, tell: Tell) -> Part:
    """And where the firmware is frozen into that MicroPython, which holds its names, too."""
    part = Part("heap-frozen", f"A heap of {HEAP_32} with the firmware frozen, 32 bits", _COLUMNS)
    usable, reason = frozen.available()
    if not usable:
        part.absent.append(reason)
        return part
    tell("freezing the firmware into MicroPython")
    service = {"uri": "ipp://127.0.0.1:1/"}
    config = {"services": [service] * 3, "engine": {"driver": "escpos"}, "document": {"text": True}}
    program = frozen.make(Console(quiet=True), config)
    part.notes.append("Debian's MicroPython for i386, made from its sources with fetchprint build --freeze.")
    options = ("--heap", HEAP_32, "--firmware", str(program))
    _measure(settings, part, tell, "micropython-32", options, options, TARGET_32)
    return part


def _measure(
    settings: Settings,
    part: Part,
    tell: Tell,
    runtime: str,
    one: tuple[str, ...],
    three: tuple[str, ...],
    most: int = 0,
) -> None:
    """``one`` and ``three``: options of the printer for so many services."""
    runs = [_run(settings, part, "the built-in service", tell, runtime, one)]
    usable, reason = available()
    if usable:
        runs.append(_run(settings, part, "ippserver", tell, runtime, one))
    else:
        runs.append(None)
        part.absent.append(reason)
    runs.append(_run(settings, part, THREE, tell, runtime, three))
    _report(part, runs, most)
    part.facts["runs"] = [vars(run) for run in runs if run is not None]


@dataclass
class Run:
    """Bytes of the heap, from the firmware's events; ``used`` after each job."""

    service: str
    jobs: int
    used: list[int]
    size: int
    peak: int

    @property
    def settled(self) -> int:
        """Jobs after which nothing may grow."""
        return min(SETTLED, len(self.used) // 2)


def _run(
    settings: Settings, part: Part, service: str, tell: Tell, runtime: str, options: tuple[str, ...]
) -> Run | None:
    jobs = QUICK_JOBS if settings.quick else JOBS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fetchprint-bench-")))
        if service == "ippserver":
            uris = [stack.enter_context(IppServer(system_lines=[_MANY_JOBS])).uri]
        else:
            count = 3 if service == THREE else 1
            uris = [stack.enter_context(BuiltIn(folder / f"data-{n}")).uri for n in range(count)]
        printer = Emulated(uris, folder, runtime, *options)
        stack.callback(printer.close)
        printer.wait_ready()
        seconds = _QUICK_SECONDS if settings.quick else _SECONDS
        why = _feed(uris, printer, jobs, seconds, lambda text: tell(f"{service}, {text}"))
        heaps = [event for event in printer.events if event["event"] == "heap"]
    if why:
        part.absent.append(f"with {service}: {why}")
    if not heaps:
        return None
    used = [int(event["used"]) for event in heaps]
    peak = max(int(event["peak"]) for event in heaps)
    return Run(service, jobs, used, used[0] + int(heaps[0]["free"]), peak)


def _feed(uris: Sequence[str], printer: Emulated, jobs: int, seconds: float, tell: Tell) -> str:
    """Submit ``jobs``, to each service in turn, and wait for their ends; the reason why not all of them
    ended, or nothing."""
    clients = [IppClient(uri, timeout=10) for uri in uris]
    document = page(48)
    submitted = ended = 0
    deadline = time.monotonic() + seconds
    moved = time.monotonic()
    while ended < jobs:
        while submitted < jobs and submitted < ended + 1 + AHEAD:
            try:
                print_job(clients[submitted % len(clients)], document)
            except UserError as error:
                return f"after {ended} of {jobs} jobs the service failed: {error.what}"
            submitted += 1
        now = time.monotonic()
        if printer.ended != ended:
            ended = printer.ended
            moved = now
            tell(f"{ended} of {jobs} jobs printed")
        if not printer.alive:
            return f"after {ended} of {jobs} jobs the printer ended: {printer.said()}"
        if now > deadline:
            return f"{ended} of {jobs} jobs ended within {seconds:g} s"
        if now > moved + _STALL_SECONDS:
            return f"after {ended} of {jobs} jobs nothing ended for {_STALL_SECONDS:g} s"
        time.sleep(0.02)
    return ""


def growth(used: list[int], settled: int) -> float:
    """Bytes a job after the first ``settled``: Theil's slope, the median of those between all pairs."""
    tail = used[settled:]
    slopes = [(tail[b] - tail[a]) / (b - a) for a in range(len(tail)) for b in range(a + 1, len(tail))]
    return median(slopes) if slopes else 0.0


_IN_USE = "most in use after a job"
_FIGURES: tuple[tuple[str, Callable[[Run], int]], ...] = (
    ("size", lambda run: run.size),
    ("in use after the first job", lambda run: run.used[0]),
    ("in use after the last job", lambda run: run.used[-1]),
    (_IN_USE, lambda run: max(run.used)),
    ("least free after a job", lambda run: run.size - max(run.used)),
    ("peak, garbage included", lambda run: run.peak),
)


def _report(part: Part, runs: Sequence[Run | None], most: int) -> None:
    for what, figure in _FIGURES:
        ours, other, three = ("-" if run is None else f"{figure(run):,}" for run in runs)
        row = Row(what, ours, other, three)
        if most and what == _IN_USE:
            met = runs[0] is not None and figure(runs[0]) <= most
            row = Row(what, ours, other, three, f"<= {most:,}", met)
        part.rows.append(row)
    measured = [run for run in runs if run is not None]
    slopes = {run.service: growth(run.used, run.settled) for run in measured}
    first = max((run.settled for run in measured), default=0)
    ours, other, three = ("-" if run is None else f"{slopes[run.service]:.1f}" for run in runs)
    met = bool(slopes) and all(slope < 1 for slope in slopes.values())
    part.rows.append(Row(f"bytes a job, after the first {first}", ours, other, three, target="0", met=met))
    ours, other, three = ("-" if run is None else f"{len(run.used)} of {run.jobs}" for run in runs)
    met = bool(measured) and all(len(run.used) >= run.jobs for run in measured)
    part.rows.append(Row("jobs printed", ours, other, three, target="all", met=met))
