"""The whole path to an engine on a framed link, on a wire that loses and changes bytes."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from e2e import DPI, HEAD, MEDIA, PWG, RUNTIMES, Emulate, assert_printed, drawing
from fetchprint_tools.codes import JobState
from fetchprint_tools.heaps import SPI_HEAPS
from fetchprint_tools.raster import write_pwg
from service_kit import Printer, Service
from support import wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


def raster(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    write_pwg(list(pages), out, dpi=DPI, media_name=MEDIA)
    return out.getvalue()


def options(port: str) -> tuple[str, ...]:
    # the bus of a bench has buffers that a board has not
    return ("--engine", "link", "--port", port, *(("--heap", SPI_HEAPS["native"]) if port == "spi" else ()))


def noise(seed: int, height: int) -> Image.Image:
    return Image.frombytes("L", (HEAD, height), random.Random(seed).randbytes(HEAD * height))


@pytest.mark.parametrize("port", ["uart", "spi"])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_bad_wire(runtime: str, port: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    pages = [noise(1, 900), drawing("two", 500), noise(3, 400).convert("1")]
    with Emulate(service.uri, tmp_path, *options(port), runtime=runtime) as printer:
        printer.control("wire drop 10000")
        printer.control("wire flip 10000")
        printer.ready()
        job = client.print(raster(*pages), PWG)
        again = client.print(raster(*reversed(pages)), PWG)
        printer.wait("job-end", job=again)
        assert_printed(printer, job, pages)
        assert_printed(printer, again, pages[::-1])
        shown = client.printer()
        assert shown.get("printer-make-and-model") == "fetchprint emulated link engine"
        assert printer.stop() == 0
    for number in (job, again):
        assert client.state(number) == JobState.COMPLETED
        assert client.job(number).get("job-impressions-completed") == 3


@pytest.mark.parametrize("port", ["uart", "spi"])
def test_faults_of_the_engine(port: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    page = drawing("fault", 1200)
    with Emulate(service.uri, tmp_path, *options(port), "--speed", "2000") as printer:
        printer.ready()
        printer.control("paper out 300")
        job = client.print(raster(page), PWG)
        stopped = printer.wait("printer", state="stopped", reasons=["media-empty"])
        printer.control("paper in")
        end = printer.wait("job-end", after=stopped, job=job)
        assert end["state"] == "completed"
        assert_printed(printer, job, [page])
        # the power fails in mid-page: the job is over, and nothing of it is printed again
        job = client.print(raster(page), PWG)
        begun = printer.wait("engine-begin", after=end)
        wait_until(lambda: printer.octets(job) > 30000, 10, "the job to be printing")
        printer.control("power off")
        printer.control("power on")
        end = printer.wait("job-end", after=begun, job=job)
        assert end["state"] == "aborted"
        (half,) = printer.pages(job)
        assert half.height < page.height
        # a jam spoils a page
        job = client.print(raster(page), PWG)
        wait_until(lambda: printer.octets(job) > 30000, 10, "the job to be printing")
        printer.control("jam on")
        stopped = printer.wait("printer", after=end, state="stopped", reasons=["media-jam"])
        printer.control("jam off")
        end = printer.wait("job-end", after=stopped, job=job)
        assert end["state"] == "aborted"
        job = client.print(raster(page), PWG)
        end = printer.wait("job-end", after=end, job=job)
        assert end["state"] == "completed"
        assert_printed(printer, job, [page])
        assert printer.stop() == 0
    assert client.state(job) == JobState.COMPLETED
