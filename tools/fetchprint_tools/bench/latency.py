"""Part 1: from a job being fetchable to the first byte at the engine, beside ippproxy in the same run."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fetchprint.ipp import tags
from fetchprint_tools.bench import device_run
from fetchprint_tools.bench.contestants import Emulated, Reference, wait_until
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell, median, milliseconds
from fetchprint_tools.bench.streaming import page
from fetchprint_tools.client import IppClient
from fetchprint_tools.codes import Operation
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippsample import available
from fetchprint_tools.ippserver import IppServer

SEED = 20
FORMAT = "image/pwg-raster"
JOBS, SPAN = 20, 60.0
QUICK_JOBS, QUICK_SPAN = 6, 12.0
DRAIN_SECONDS = 45.0
"""For the last jobs after the last submission: ippproxy sleeps 30 s after each answer."""

_SUBMIT_SECONDS = 10.0
_APART = 0.25
"""Between the same job's submissions to the queues, so that they do not compete for the processor."""


@dataclass
class Entry:
    """One contestant, on a server of its own. ``fetchable``: by job-id, when Print-Job had succeeded."""

    name: str
    server: IppServer
    fetchable: dict[int, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def schedule(jobs: int, span: float, seed: int = SEED) -> list[float]:
    """Seconds from the start at which the jobs come: random, the same each time."""
    chance = random.Random(seed)
    return sorted(chance.uniform(0.0, span) for _ in range(jobs))


def measure(settings: Settings, tell: Tell) -> Part:
    """All contestants at the same time, each with its own ippserver and the same moments."""
    part = Part("latency", "A job fetchable to its first byte at the engine", ("median", "worst", "lost"))
    usable, reason = available()
    if not usable:
        part.absent.append(reason)
        return part
    jobs, span = (QUICK_JOBS, QUICK_SPAN) if settings.quick else (JOBS, SPAN)
    moments = schedule(jobs, span)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="fetchprint-bench-")))
        tell("starting three print services and their printers")
        printers: list[tuple[Entry, Emulated]] = []
        for runtime in device_run.RUNTIMES:
            entry = Entry(f"fetchprint, {runtime}", stack.enter_context(IppServer()))
            place = folder / runtime
            place.mkdir()
            printer = Emulated(entry.server.uri, place, runtime)
            stack.callback(printer.close)
            printers.append((entry, printer))
        other = Entry("ippproxy", stack.enter_context(IppServer()))
        reference = Reference(other.server.uri, other.server.workspace, FORMAT)
        stack.callback(reference.close)
        for _entry, printer in printers:
            printer.wait_ready()
        reference.wait_ready()
        entries = [*(entry for entry, _printer in printers), other]
        _submit_all(entries, moments, tell)
        tell(f"all {jobs} jobs submitted, waiting for the last ones")
        wait_until(
            lambda: (
                all(_done(entry, len(printer.first), printer.alive) for entry, printer in printers)
                and _done(other, len(reference.connected), reference.alive)
            ),
            DRAIN_SECONDS,
        )
        ours = [_ours(part, entry, printer.first, jobs) for entry, printer in printers]
        _theirs(part, other, reference, ours, jobs)
    part.facts.update(seed=SEED, jobs=jobs, moments=[round(moment, 3) for moment in moments])
    return part


def _done(entry: Entry, arrived: int, alive: bool) -> bool:
    """Whether all jobs have arrived, or none can any more."""
    return arrived >= len(entry.fetchable) or not alive or entry.server.died is not None


def _submit_all(entries: Sequence[Entry], moments: Sequence[float], tell: Tell) -> None:
    document = page(48)
    start = time.monotonic() + 0.5
    threads = []
    for place, entry in enumerate(entries):
        moved = [start + moment + place * _APART for moment in moments]
        threads.append(threading.Thread(target=_submit, args=(entry, document, moved), daemon=True))
        threads[-1].start()
    for thread in threads:
        while thread.is_alive():
            thread.join(1.0)
            tell(f"{min(len(entry.fetchable) for entry in entries)} of {len(moments)} jobs submitted")


def _submit(entry: Entry, document: bytes, moments: Sequence[float]) -> None:
    client = IppClient(entry.server.uri, timeout=_SUBMIT_SECONDS)
    for moment in moments:
        while (left := moment - time.monotonic()) > 0:
            time.sleep(left)
        try:
            job_id = print_job(client, document)
        except UserError as error:
            entry.errors.append(error.what)
            continue
        entry.fetchable[job_id] = time.monotonic()


def print_job(client: IppClient, document: bytes) -> int:
    """Print-Job; its job-id. ``UserError`` when the service refuses or does not answer."""
    message = client.message(Operation.PRINT_JOB, user="bench")
    message.groups[0].add("document-format", tags.MIME_MEDIA_TYPE, FORMAT)
    reply, _data = client.request(message, document)
    job_id = reply.get(tags.JOB, "job-id")
    if reply.code >= 0x0100 or not isinstance(job_id, int):
        raise UserError(f"Print-Job was answered with status {reply.code:04x}", where=client.uri)
    return job_id


def _ours(part: Part, entry: Entry, first: dict[int, float], jobs: int) -> dict[str, Any]:
    waits = [first[job] - at for job, at in sorted(entry.fetchable.items()) if job in first]
    return _report(part, entry, waits, jobs)


def _report(part: Part, entry: Entry, waits: Sequence[float], jobs: int) -> dict[str, Any]:
    lost = jobs - len(waits)
    facts: dict[str, Any] = {
        "name": entry.name,
        "seconds": [round(wait, 4) for wait in waits],
        "lost": lost,
        "errors": entry.errors,
    }
    if waits:
        facts.update(median=median(waits), worst=max(waits))
        cells = (milliseconds(median(waits)), milliseconds(max(waits)), str(lost))
        target = "" if entry.name == "ippproxy" else "0 lost"
        part.rows.append(Row(entry.name, *cells, target=target, met=lost == 0 if target else None))
    else:
        part.rows.append(Row(entry.name, "-", "-", str(lost)))
        part.absent.append(f"{entry.name}: no job arrived")
    if entry.errors:
        part.notes.append(f"{entry.name}: {len(entry.errors)} submissions failed: {entry.errors[0]}")
    if entry.server.died is not None:
        last = entry.server.log.rstrip().rpartition("\n")[2]
        part.notes.append(f"{entry.name}: its ippserver ended with {entry.server.died}; its log ends: {last}")
    part.facts.setdefault("contestants", []).append(facts)
    return facts


def _theirs(
    part: Part, entry: Entry, reference: Reference, ours: Sequence[dict[str, Any]], jobs: int
) -> None:
    """ippproxy: the first octet where one came, else the moment when it connected to its printer."""
    connections = reference.connections()
    started = {job: first or at for job, (at, first, _count) in connections.items()}
    waits = [started[job] - at for job, at in sorted(entry.fetchable.items()) if job in started]
    octets = [count for _at, _first, count in connections.values()]
    facts = _report(part, entry, waits, jobs)
    facts["octets"] = octets
    facts["log"] = reference.last_word()
    if not reference.alive:
        part.absent.append(f"ippproxy ended by itself; its log ends: {reference.last_word()}")
    if octets and not any(octets):
        part.notes.append(
            "ippproxy opened a connection to its socket: printer for each job and sent no octet of any "
            "document, so what counts for it is the moment of connecting, before any first byte. "
            f"It logs: {reference.last_word()}"
        )
    for each in ours:
        if each["seconds"] and waits:
            each["ratio-median"] = round(facts["median"] / each["median"], 2)
            each["ratio-worst"] = round(facts["worst"] / each["worst"], 2)
            part.rows.append(
                Row(
                    f"ippproxy : {each['name']}",
                    f"{each['ratio-median']:.1f} x",
                    f"{each['ratio-worst']:.1f} x",
                )
            )
