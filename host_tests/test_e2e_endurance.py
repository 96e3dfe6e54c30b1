"""Memory over many jobs and over a large document."""

from __future__ import annotations

import io
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from e2e import DPI, EACH, HEAD, MEDIA, PWG, Emulate, Event, on_paper, submit
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.raster import write_pwg
from service_kit import Printer, Service

pytestmark = [pytest.mark.system, pytest.mark.slow]

JOBS = 200
SETTLED = 20
"""Jobs after which everything that is made once has been made."""
LINES = 1740
PAGES = 31
"""Of noise, a million octets each: more than 30 MB on the wire."""
RSS_GROWTH = 1 << 20
HEAP_NOISE = 2048
"""What a garbage collector that looks at the stack may or may not find."""


def dots(seed: int, height: int) -> Image.Image:
    return Image.frombytes("L", (HEAD, height), random.Random(seed).randbytes(HEAD * height))


class Memory(threading.Thread):
    """The resident memory of a process, ten times a second."""

    def __init__(self, process: psutil.Process) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._over = threading.Event()
        self.samples: list[tuple[float, int]] = []

    def run(self) -> None:
        while not self._over.wait(0.1):
            try:
                self.samples.append((time.monotonic(), self._process.memory_info().rss))
            except psutil.NoSuchProcess:
                return

    def end(self) -> None:
        self._over.set()
        self.join()


@pytest.mark.timeout(240)
@pytest.mark.parametrize(("runtime", "transport"), EACH[:3])  # both transports on one runtime will do
def test_30_megabytes(runtime: str, transport: str, ippserver: IppServer, tmp_path: Path) -> None:
    document = tmp_path / "large.pwg"
    count = PAGES if runtime == "micropython" else PAGES // 3  # pure Python is slow, and shows no less
    with document.open("wb") as out:
        pages = (dots(number, LINES) for number in range(count))
        write_pwg(pages, out, dpi=DPI, media_name=MEDIA)
    assert document.stat().st_size > count * 1e6 >= 10e6
    small = tmp_path / "small.pwg"
    with small.open("wb") as out:
        write_pwg([dots(0, 100)], out, dpi=DPI, media_name=MEDIA)
    with Emulate(
        ippserver.uri, tmp_path, "--jobs", "3", runtime=runtime, transport=transport, server=ippserver
    ) as printer:
        printer.ready()
        before = submit(ippserver, small, PWG)
        printer.wait("job-end", job=before)
        memory = Memory(printer.firmware)
        memory.start()
        job = submit(ippserver, document, PWG)
        second = printer.wait("page", 60, job=job, page=2)
        done = printer.wait("job-end", 180, job=job)
        memory.end()
        assert (done["state"], done["pages"], done["octets"]) == ("completed", count, document.stat().st_size)
        submit(ippserver, small, PWG)
        assert printer.ended() == 0
        if runtime == "micropython":
            used = [event["used"] for event in printer.all("heap")]
            print(f"heap used before, after the document, after the next job: {used}")
            assert len(used) == 3 and max(used[1:]) <= used[0] + HEAP_NOISE, used
        got = printer.pages(job)
        assert len(got) == count
        for number, image in enumerate(got):
            assert image.tobytes() == on_paper(dots(number, LINES)).tobytes(), f"page {number + 1}"
    early = [rss for at, rss in memory.samples if at < second["at"]]
    late = [rss for at, rss in memory.samples if at >= second["at"]]
    print(f"resident memory at most {max(early)} octets early, {max(late)} late")
    assert max(late) <= max(early) + RSS_GROWTH


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


@pytest.mark.timeout(240)
def test_200_jobs_in_a_small_heap(service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    pictures = [dots(number, 24 + number) for number in range(8)]
    documents = []
    for picture in pictures:
        out = io.BytesIO()
        write_pwg([picture], out, dpi=DPI, media_name=MEDIA)
        documents.append(out.getvalue())
    begun = time.monotonic()
    with Emulate(service.uri, tmp_path, "--jobs", str(JOBS)) as printer:
        printer.ready()
        jobs = []
        last: Event | None = None
        for number in range(JOBS):
            jobs.append(client.print(documents[number % 8], PWG))
            if number % 10 == 9:  # in bursts of ten, and waiting in between
                last = printer.wait("job-end", 60, job=jobs[-1], after=last)
        assert printer.ended(60) == 0
        ends = printer.all("job-end")
        assert [event["job-id"] for event in ends] == jobs
        assert {event["state"] for event in ends} == {"completed"}
        used = [event["used"] for event in printer.all("heap")]
        for number, job in enumerate(jobs):
            (page,) = printer.pages(job)
            assert page.tobytes() == on_paper(pictures[number % 8]).tobytes(), f"job {job}"
    assert time.monotonic() - begun < 180
    print(f"heap used after jobs 1, 20, 100, 200: {used[0]} {used[19]} {used[99]} {used[199]}")
    assert len(used) == JOBS
    assert max(used[SETTLED:]) <= max(used[:SETTLED]), f"the heap grew: {used[::10]}"
