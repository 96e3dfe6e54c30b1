"""Part 2: the heap over many jobs, by the firmware's own account after each one."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from fetchprint_tools.bench.contestants import Emulated
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell, median
from fetchprint_tools.bench.latency import print_job
from fetchprint_tools.bench.streaming import page
from fetchprint_tools.client import IppClient
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippsample import available
from fetchprint_tools.ippserver import IppServer

HEAP = "128k"
JOBS, QUICK_JOBS = 200, 20
SETTLED = 20
"""Jobs after which nothing may grow; with fewer jobs, half of them."""
AHEAD = 3
"""Jobs that wait at the service while one prints."""
_SECONDS, _QUICK_SECONDS = 180.0, 40.0
_STALL_SECONDS = 20.0


def measure(settings: Settings, tell: Tell) -> Part:
    """One printer, one service, the jobs one after the other."""
    part = Part("heap", f"MicroPython's heap of {HEAP} over many jobs", ("bytes", "", ""))
    usable, reason = available()
    if not usable:
        part.absent.append(reason)
        return part
    jobs = QUICK_JOBS if settings.quick else JOBS
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fetchprint-bench-")))
        server = stack.enter_context(IppServer())
        printer = Emulated(server.uri, folder, "micropython", "--heap", HEAP)
        stack.callback(printer.close)
        printer.wait_ready()
        why = _feed(server, printer, jobs, _QUICK_SECONDS if settings.quick else _SECONDS, tell)
        if why:
            part.absent.append(why)
        _report(part, printer, jobs)
    return part


def _feed(server: IppServer, printer: Emulated, jobs: int, seconds: float, tell: Tell) -> str:
    """Submit ``jobs`` and wait for their ends; the reason why not all of them ended, or nothing."""
    client = IppClient(server.uri, timeout=10)
    document = page(48)
    submitted = ended = 0
    deadline = time.monotonic() + seconds
    moved = time.monotonic()
    while ended < jobs:
        while submitted < jobs and submitted < ended + 1 + AHEAD:
            try:
                print_job(client, document)
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
            return f"after {ended} of {jobs} jobs nothing ended for {_STALL_SECONDS:g} s: {printer.said()}"
        time.sleep(0.02)
    return ""


def growth(used: list[int], settled: int) -> float:
    """Bytes a job after the first ``settled``: Theil's slope, the median of those between all pairs."""
    tail = used[settled:]
    slopes = [(tail[b] - tail[a]) / (b - a) for a in range(len(tail)) for b in range(a + 1, len(tail))]
    return median(slopes) if slopes else 0.0


def _report(part: Part, printer: Emulated, jobs: int) -> None:
    heaps = [event for event in printer.events if event["event"] == "heap"]
    if not heaps:
        part.absent.append("the firmware reported no heap")
        return
    used = [int(event["used"]) for event in heaps]
    size = used[0] + int(heaps[0]["free"])
    peak = max(int(event["peak"]) for event in heaps)
    settled = min(SETTLED, len(used) // 2)
    slope = growth(used, settled)
    rise = max(used[settled:]) - used[settled]
    part.rows += [
        Row("size", f"{size:,}"),
        Row("in use after the first job", f"{used[0]:,}"),
        Row(f"in use after job {len(used)}", f"{used[-1]:,}"),
        Row("most in use after a job", f"{max(used):,}"),
        Row("peak, garbage included", f"{peak:,}"),
        Row("least free after a job", f"{size - max(used):,}"),
        Row(f"growth a job, after the first {settled}", f"{slope:.1f}", target="0", met=slope < 1),
        Row(f"most above job {settled + 1}", f"{rise:,}"),
        Row("jobs printed", f"{len(used)}", target=f"{jobs}", met=len(used) >= jobs),
    ]
    part.facts.update(
        size=size, peak=peak, used=used, growth=round(slope, 3), rise=rise, jobs=jobs, printed=len(used)
    )
