"""The whole path to a thermal head: service, firmware, bench wire, mechanism, paper."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from e2e import DPI, HEAD, MEDIA, PWG, RUNTIMES, Emulate, drawing
from escpos_wire import noise, on_paper
from fetchprint_tools.codes import JobState
from fetchprint_tools.heaps import SPI_HEAPS
from fetchprint_tools.raster import write_pwg
from service_kit import Printer, Service
from thermal_pages import PAGES, text

pytestmark = pytest.mark.system

OPTIONS = ("--engine", "thermal", "--port", "spi", "--heap", SPI_HEAPS["native"])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


def raster(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    write_pwg(list(pages), out, dpi=DPI, media_name=MEDIA)
    return out.getvalue()


def strip(*pages: Image.Image) -> Image.Image:
    """The pages on one piece of paper, as a head without a cutter leaves them."""
    whole = Image.new("1", (HEAD, sum(page.height for page in pages)), 1)
    at = 0
    for page in pages:
        whole.paste(page.convert("1"), (0, at))
        at += page.height
    return whole


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_raster_to_the_pixel(runtime: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    pages = [noise(60), drawing("two", 400), Image.new("1", (HEAD, 60), 0)]
    with Emulate(service.uri, tmp_path, *OPTIONS, "--jobs", "2", runtime=runtime) as printer:
        printer.ready()
        jobs = [client.print(raster(*pages), PWG), client.print(raster(*pages[::-1]), PWG)]
        assert printer.ended() == 0
        for job, order in zip(jobs, (pages, pages[::-1]), strict=True):
            (paper,) = printer.pages(job)
            assert paper.height == 520 + 120 and on_paper(strip(*order), paper)
            assert client.state(job) == JobState.COMPLETED
            assert client.job(job).get("job-impressions-completed") == 3
        assert printer.all("engine") == [], "the mechanism has nothing to complain of"
        if runtime == "micropython":
            heap = printer.all("heap")[-1]
            assert heap["free"] > 8 * 1024


def test_paper_out_in_mid_page_is_aborted_and_never_printed_twice(service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    page = noise(600)
    with Emulate(service.uri, tmp_path, *OPTIONS) as printer:
        printer.ready()
        printer.control("paper out 200")
        job = client.print(raster(page), PWG)
        stopped = printer.wait("printer", state="stopped", reasons=["media-empty"])
        printer.control("paper in")
        end = printer.wait("job-end", job=job, after=stopped)
        assert end["state"] == "aborted" and "at line 201 of a page of 600" in end["message"]
        following = client.print(raster(page), PWG)
        assert printer.wait("job-end", job=following)["state"] == "completed"
        assert printer.stop() == 0
        (torn,), (whole,) = printer.pages(job), printer.pages(following)
        assert torn.height == 200 + 120 and on_paper(page.crop((0, 0, HEAD, 200)), torn)
        assert on_paper(page, whole)
    assert client.state(job) == JobState.ABORTED and client.state(following) == JobState.COMPLETED


def test_too_hot_and_cooled_down(service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    page = noise(2400)
    with Emulate(service.uri, tmp_path, *OPTIONS) as printer:
        printer.ready()
        job = client.print(raster(page), PWG)
        printer.wait("first-byte", job=job)
        # Warmer bit by bit, as heads become: a jump of 40 degrees between two of the driver's looks would
        # burn the line in between too dark, and rightly so.
        for degrees in range(28, 75, 3):
            printer.control(f"temperature {degrees}")
            time.sleep(0.06)
        printer.wait("printer", state="stopped", reasons=["subunit-over-temperature"])
        assert printer.wait("job-end", job=job)["state"] == "completed"
        assert printer.stop() == 0
        (paper,) = printer.pages(job)
        assert on_paper(page, paper)
        assert [event for event in printer.all("engine") if "temperature" not in event["message"]] == []


@pytest.mark.slow
def test_every_kind_of_page_on_micropython(service: Service, tmp_path: Path) -> None:
    """Text, photograph, fine lines, black, white, one pixel, 20 pages, then a metre, each to the pixel."""
    client = Printer(service.uri)
    kinds = [make(HEAD) for make in PAGES.values()]
    twenty = [noise(24, seed) for seed in range(20)]
    metre = Image.new("1", (HEAD, 8000), 1)
    for y in range(0, 8000, 400):
        metre.paste(text(HEAD), (0, y))
    with Emulate(service.uri, tmp_path, *OPTIONS, "--jobs", "3") as printer:
        printer.ready()
        jobs = [client.print(raster(*pages), PWG) for pages in (kinds, twenty, [metre])]
        assert printer.ended(100) == 0
        for job, pages in zip(jobs, (kinds, twenty, [metre]), strict=True):
            (paper,) = printer.pages(job)
            assert paper.height == sum(page.height for page in pages) + 120
            assert on_paper(strip(*pages), paper)
        assert printer.all("engine") == []
