"""A reply is lost after the service has acted on the request: what happens is found out, not repeated."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from e2e import PWG, Emulate, drawing
from fetchprint_tools.codes import JobState, Operation
from fetchprint_tools.raster import write_pwg
from lossy_relay import LossyRelay
from service_kit import Printer, Service
from support import wait_until

pytestmark = pytest.mark.system

ON_THE_WAY = (
    Operation.GET_JOBS,
    Operation.FETCH_JOB,
    Operation.ACKNOWLEDGE_JOB,
    Operation.FETCH_DOCUMENT,
    Operation.ACKNOWLEDGE_DOCUMENT,
    Operation.UPDATE_DOCUMENT_STATUS,
    Operation.UPDATE_JOB_STATUS,
)
AT_THE_START = (
    Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES,
    Operation.UPDATE_ACTIVE_JOBS,
    Operation.CREATE_PRINTER_SUBSCRIPTIONS,
)


def raster(text: str, height: int = 400) -> bytes:
    out = io.BytesIO()
    write_pwg([drawing(text, height)], out, dpi=203)
    return out.getvalue()


@pytest.mark.parametrize("operation", (*AT_THE_START, *ON_THE_WAY), ids=lambda operation: operation.name)
def test_a_job_prints_once_whichever_reply_is_lost(operation: Operation, tmp_path: Path) -> None:
    with Service(tmp_path / "service") as service, LossyRelay(service.port) as relay:
        client = Printer(service.uri)
        if operation in AT_THE_START:
            relay.lose(operation)
        uri = f"ipp://127.0.0.1:{relay.port}/ipp/print/infra"
        with Emulate(uri, tmp_path, runtime="cpython") as printer:
            printer.ready()
            relay.lose(operation)
            first = client.print(raster("ONE"), PWG)
            printer.wait("job-end", job=first)
            second = client.print(raster("TWO"), PWG)
            printer.wait("job-end", job=second)
            for job in (first, second):
                wait_until(lambda job=job: client.state(job).ended, 10, f"job {job}'s end at the service")
                assert client.state(job) == JobState.COMPLETED
                assert len(printer.all("engine-begin", job=job)) == 1, "printed twice"
                assert len(printer.pages(job)) == 1
            if operation not in AT_THE_START:
                assert relay.lost == [operation]
            else:
                assert relay.lost[0] == operation
            assert printer.stop() == 0


@pytest.mark.parametrize("keep", (1, 300, 1000))
def test_a_document_that_breaks_off_before_paper_moved_is_fetched_again(keep: int, tmp_path: Path) -> None:
    """Head, IPP reply or page header are cut: nothing has reached the engine."""
    with Service(tmp_path / "service") as service, LossyRelay(service.port) as relay:
        client = Printer(service.uri)
        with Emulate(f"ipp://127.0.0.1:{relay.port}/ipp/print/infra", tmp_path, runtime="cpython") as printer:
            printer.ready()
            relay.lose(Operation.FETCH_DOCUMENT, keep)
            job = client.print(raster("AGAIN"), PWG)
            assert printer.wait("job-end", job=job)["state"] == "completed"
            assert len(printer.pages(job)) == 1
            assert client.state(job) == JobState.COMPLETED


def test_a_document_that_breaks_off_on_paper_is_not_printed_again(tmp_path: Path) -> None:
    with Service(tmp_path / "service") as service, LossyRelay(service.port) as relay:
        client = Printer(service.uri)
        with Emulate(f"ipp://127.0.0.1:{relay.port}/ipp/print/infra", tmp_path, runtime="cpython") as printer:
            printer.ready()
            document = raster("HALF", 1598)
            relay.lose(Operation.FETCH_DOCUMENT, len(document) // 2)
            job = client.print(document, PWG)
            ended = printer.wait("job-end", job=job)
            assert ended["state"] == "aborted" and "cut short" in ended["message"]
            assert len(printer.all("engine-begin", job=job)) == 1
            wait_until(lambda: client.state(job).ended, 10, "the job's end at the service")
            assert client.state(job) == JobState.ABORTED
            after = client.print(raster("NEXT"), PWG)
            assert printer.wait("job-end", job=after)["state"] == "completed"
