"""The whole path in the 2010 profile (docs/mobile-operations.md), with the built-in print service."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e import PWG, RUNTIMES, TRANSPORTS, Emulate, assert_printed, drawing
from e2e_service import dots, raster, shown, state
from fetchprint_tools.codes import JobState, Operation
from lossy_relay import LossyRelay
from service_kit import Printer, Service
from support import wait_until

pytestmark = pytest.mark.system

MOBILE = ("--profile", "mobile")
IDLE, PROCESSING = 3, 4


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


def held(relay: LossyRelay, printer: Emulate) -> None:
    """Wait until it is connected and its Fetch-Print-Job has passed."""
    printer.ready()
    wait_until(lambda: Operation.FETCH_PRINT_JOB in relay.seen, 10, "Fetch-Print-Job")


def printer_is(client: Printer, wanted: int) -> None:
    """Wait until the service shows the printer in a state."""
    wait_until(lambda: client.printer().get("printer-state") == wanted, 5, f"printer-state {wanted}")


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_raster_to_the_pixel(runtime: str, transport: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    pages = [dots(1), drawing("two", 500), dots(3).convert("1")]
    options = (*MOBILE, "--jobs", "3")
    with Emulate(service.uri, tmp_path, *options, runtime=runtime, transport=transport) as printer:
        printer.ready()
        first = client.print(raster(*pages), PWG)
        second = client.print(raster(*reversed(pages)), PWG)
        printer.wait("job-end", job=second)
        printer_is(client, IDLE)
        third = client.print(raster(dots(4)), PWG)
        assert printer.ended() == 0
        assert_printed(printer, first, pages)
        assert_printed(printer, second, pages[::-1])
        assert_printed(printer, third, [dots(4)])
        assert not printer.all("service", state="lost")
    for job in (first, second):
        state(client, job, JobState.COMPLETED)
        assert client.job(job).get("job-impressions-completed") == 3


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_cancel(runtime: str, transport: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    options = (*MOBILE, "--jobs", "2", "--speed", "800")
    with Emulate(service.uri, tmp_path, *options, runtime=runtime, transport=transport) as printer:
        printer.ready()
        printing = client.print(raster(dots(1, 4000)), PWG)
        printer.wait("progress", job=printing)
        printer_is(client, PROCESSING)
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


@pytest.mark.parametrize(("runtime", "transport"), list(zip(RUNTIMES, TRANSPORTS, strict=True)))
def test_out_of_paper(runtime: str, transport: str, service: Service, tmp_path: Path) -> None:
    """Before the job, and in the middle of it."""
    client = Printer(service.uri)
    page = dots(1, 2000)
    options = (*MOBILE, "--jobs", "1", "--speed", "1000")
    with Emulate(service.uri, tmp_path, *options, runtime=runtime, transport=transport) as printer:
        printer.ready()
        printer.control("paper out")
        shown(client, "media-empty")
        job = client.print(raster(page), PWG)
        state(client, job, JobState.PENDING)
        printer.control("paper in")
        begun = printer.wait("engine-begin", job=job)
        wait_until(lambda: printer.octets(job) > 10000, 10, "the page to begin")
        printer.control("paper out 100")
        printer.wait("job", after=begun, job=job, state="stopped")
        state(client, job, JobState.PROCESSING_STOPPED)
        shown(client, "media-empty")
        assert not printer.all("job-end")
        printer.control("paper in")
        printer.wait("printer", after=begun, state="processing")
        assert printer.ended() == 0
        assert_printed(printer, job, [page])
    state(client, job, JobState.COMPLETED)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_bad_documents(runtime: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    with Emulate(service.uri, tmp_path, *MOBILE, "--jobs", "3", runtime=runtime) as printer:
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


def test_a_job_that_is_rejected(service: Service, tmp_path: Path) -> None:
    """On its way to the printer the document-format becomes one that the printer has not."""
    client = Printer(service.uri)
    with LossyRelay(service.port) as relay:
        uri = f"ipp://127.0.0.1:{relay.port}/ipp/print/infra"
        with Emulate(uri, tmp_path, *MOBILE, "--jobs", "1", runtime="cpython") as printer:
            printer.ready()
            relay.change(b"image/pwg-raster", b"image/pwg-poster")
            rejected = client.print(raster(dots(1)), PWG)
            assert printer.wait("job", job=rejected, state="rejected")["reasons"] == ["0x040a"]
            state(client, rejected, JobState.ABORTED)
            assert "unsupported-document-format" in client.job(rejected).values("job-state-reasons")
            relay.change(b"", b"")
            good = client.print(raster(dots(2)), PWG)
            assert printer.ended() == 0
            assert [event["job-id"] for event in printer.all("engine-begin")] == [good]
            assert_printed(printer, good, [dots(2)])


EACH_OPERATION = (
    Operation.REPORT_PRINTER,
    Operation.FETCH_PRINT_JOB,
    Operation.ACCEPT_PRINT_JOB,
    Operation.REPORT_PRINT_JOB,
)


@pytest.mark.parametrize("operation", EACH_OPERATION, ids=lambda operation: operation.name)
def test_a_job_prints_once_whichever_reply_is_lost(
    operation: Operation, service: Service, tmp_path: Path
) -> None:
    client = Printer(service.uri)
    with LossyRelay(service.port) as relay:
        if operation is Operation.REPORT_PRINTER:
            relay.lose(operation)
        uri = f"ipp://127.0.0.1:{relay.port}/ipp/print/infra"
        with Emulate(uri, tmp_path, *MOBILE, runtime="cpython") as printer:
            held(relay, printer)
            # The held Fetch-Print-Job has gone through already: its answer is lost when the job comes.
            relay.lose(operation)
            jobs = [client.print(raster(drawing(text, 400)), PWG) for text in ("ONE", "TWO", "THREE")]
            for job in jobs:
                assert printer.wait("job-end", job=job)["state"] == "completed"
                state(client, job, JobState.COMPLETED)
                assert len(printer.all("engine-begin", job=job)) == 1, "printed twice"
                assert len(printer.pages(job)) == 1
            assert operation in relay.lost
            assert printer.stop() == 0


@pytest.mark.parametrize("keep", (1, 300, 1000))
def test_a_document_that_breaks_off_before_paper_moved_is_fetched_again(
    keep: int, service: Service, tmp_path: Path
) -> None:
    """Head, messages or page header are cut: nothing has reached the engine."""
    client = Printer(service.uri)
    with LossyRelay(service.port) as relay:
        uri = f"ipp://127.0.0.1:{relay.port}/ipp/print/infra"
        with Emulate(uri, tmp_path, *MOBILE, runtime="cpython") as printer:
            held(relay, printer)
            relay.lose(Operation.FETCH_PRINT_JOB, keep)  # not the one that is held already
            client.print(raster(drawing("WHOLE", 400)), PWG)
            job = client.print(raster(drawing("AGAIN", 400)), PWG)
            assert printer.wait("job-end", job=job)["state"] == "completed"
            assert relay.lost == [Operation.FETCH_PRINT_JOB]
            assert len(printer.pages(job)) == 1
            state(client, job, JobState.COMPLETED)


def test_a_document_that_breaks_off_on_paper_is_not_printed_again(service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    document = raster(drawing("HALF"))
    with LossyRelay(service.port) as relay:
        uri = f"ipp://127.0.0.1:{relay.port}/ipp/print/infra"
        with Emulate(uri, tmp_path, *MOBILE, runtime="cpython") as printer:
            held(relay, printer)
            relay.lose(Operation.FETCH_PRINT_JOB, len(document) // 2)
            client.print(raster(drawing("WHOLE", 400)), PWG)
            job = client.print(document, PWG)
            ended = printer.wait("job-end", job=job)
            assert ended["state"] == "aborted" and "cut short" in ended["message"]
            assert len(printer.all("engine-begin", job=job)) == 1
            state(client, job, JobState.ABORTED)
            after = client.print(raster(drawing("NEXT", 400)), PWG)
            assert printer.wait("job-end", job=after)["state"] == "completed"
