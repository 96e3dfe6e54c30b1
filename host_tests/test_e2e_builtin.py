"""The whole path with the built-in print service, which keeps every state it is told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from e2e import HEAD, PDF, PWG, RUNTIMES, TRANSPORTS, Emulate, assert_printed, drawing, pdf
from e2e_service import dots, raster, shown, state
from fetchprint_tools.codes import JobState
from service_kit import Printer, Service
from support import wait_until

pytestmark = pytest.mark.system


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_raster_to_the_pixel(runtime: str, transport: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    pages = [dots(1), drawing("two", 500), dots(3).convert("1")]
    with Emulate(service.uri, tmp_path, "--jobs", "2", runtime=runtime, transport=transport) as printer:
        printer.ready()
        first = client.print(raster(*pages), PWG)
        second = client.print(raster(*reversed(pages)), PWG)
        assert printer.ended() == 0
        assert_printed(printer, first, pages)
        assert_printed(printer, second, pages[::-1])
    for job in (first, second):
        state(client, job, JobState.COMPLETED)
        assert client.job(job).get("job-impressions-completed") == 3


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_two_pages_of_pdf(runtime: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    job = client.print(pdf(tmp_path / "two.pdf", "first", "second").read_bytes(), PDF)
    with Emulate(service.uri, tmp_path, "--jobs", "1", runtime=runtime) as printer:
        assert printer.ended() == 0
        got = printer.pages(job)
    assert len(got) == 2
    for image, text in zip(got, ("first", "second"), strict=True):
        assert image.width == HEAD and abs(image.height - 1598) < 3
        # the same picture as far as two renderers agree: grey levels of cells of 8 x 8 dots
        cells = (72, 200)
        left = image.convert("L").resize(cells, Image.Resampling.BOX).tobytes()
        right = drawing(text).resize(cells, Image.Resampling.BOX).tobytes()
        assert sum(abs(a - b) for a, b in zip(left, right, strict=True)) / len(left) < 20
    state(client, job, JobState.COMPLETED)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_cancel(runtime: str, transport: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    options = ("--jobs", "2", "--speed", "800")
    with Emulate(service.uri, tmp_path, *options, runtime=runtime, transport=transport) as printer:
        printer.ready()
        printing = client.print(raster(dots(1, 4000)), PWG)
        printer.wait("progress", job=printing)
        waiting = client.print(raster(dots(2)), PWG)
        last = client.print(raster(dots(3)), PWG)
        assert client.cancel(waiting) == 0
        assert client.cancel(printing) == 0
        asked = time.monotonic()
        assert printer.wait("engine-end", job=printing)["at"] - asked < 2
        assert printer.wait("job-end", job=printing)["state"] == "canceled"
        assert printer.ended() == 0
        assert [event["job-id"] for event in printer.all("engine-begin")] == [printing, last]
        assert_printed(printer, last, [dots(3)])
    for job, wanted in ((printing, "CANCELED"), (waiting, "CANCELED"), (last, "COMPLETED")):
        state(client, job, JobState[wanted])


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("stop", "reason", "go"),
    [("paper out 100", "media-empty", "paper in"), ("cover open", "cover-open", "cover close")],
)
def test_stopped_in_mid_page(
    runtime: str, transport: str, stop: str, reason: str, go: str, service: Service, tmp_path: Path
) -> None:
    client = Printer(service.uri)
    page = dots(1, 2000)
    options = ("--jobs", "1", "--speed", "1000")
    with Emulate(service.uri, tmp_path, *options, runtime=runtime, transport=transport) as printer:
        printer.ready()
        job = client.print(raster(page), PWG)
        begun = printer.wait("engine-begin", job=job)
        wait_until(lambda: printer.octets(job) > 10000, 10, "the page to begin")
        printer.control(stop)
        printer.wait("job", after=begun, job=job, state="stopped")
        state(client, job, JobState.PROCESSING_STOPPED)
        shown(client, reason)
        assert not printer.all("job-end")
        printer.control(go)
        printer.wait("printer", after=begun, state="processing")
        assert printer.ended() == 0
        assert_printed(printer, job, [page])
    state(client, job, JobState.COMPLETED)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_states_while_waiting(runtime: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    with Emulate(service.uri, tmp_path, "--jobs", "1", runtime=runtime) as printer:
        printer.ready()
        printer.control("cover open")
        shown(client, "cover-open")
        job = client.print(raster(dots(1)), PWG)
        printer.control("cover close")
        assert printer.ended() == 0
        assert_printed(printer, job, [dots(1)])


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_refused_document(runtime: str, transport: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    with Emulate(service.uri, tmp_path, "--jobs", "3", runtime=runtime, transport=transport) as printer:
        printer.ready()
        bad = client.print(b"RaS2" + b"no header" * 300, PWG)
        cut = client.print(raster(dots(1))[:-1000], PWG)
        good = client.print(raster(dots(2)), PWG)
        assert printer.ended() == 0
        assert [event["state"] for event in printer.all("job-end")] == ["aborted", "aborted", "completed"]
        assert not printer.pages(bad)
        assert_printed(printer, good, [dots(2)])
    for job in (bad, cut):
        state(client, job, JobState.ABORTED)
        assert "document-format-error" in client.job(job).values("job-state-reasons")
    state(client, good, JobState.COMPLETED)
