"""The 2010 profile with the built-in service: service or printer is killed, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e import PWG, RUNTIMES, Emulate, assert_printed
from e2e_service import dots, raster, state
from fetchprint_tools.codes import JobState
from service_kit import Printer, Service
from support import unused_port

pytestmark = pytest.mark.system

MOBILE = ("--profile", "mobile")


def serve(tmp_path: Path, port: int) -> Service:
    """The service of this folder and port; another one is the same after a restart."""
    return Service(tmp_path / "service", "--port", str(port))


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_service_is_killed_and_comes_back(runtime: str, tmp_path: Path) -> None:
    """While the printer waits, and while a job prints: each job ends once, and alike on both sides."""
    port = unused_port()
    page = dots(1, 3000)
    uri = f"ipp://127.0.0.1:{port}/ipp/print/infra"
    with Emulate(uri, tmp_path, *MOBILE, "--speed", "1500", runtime=runtime) as printer:
        with serve(tmp_path, port) as service:
            printer.ready()
            service.process.kill()
        lost = printer.wait("service", state="lost")
        with serve(tmp_path, port) as service:
            printer.ready(after=lost)
            client = Printer(service.uri)
            waited = client.print(raster(dots(2)), PWG)
            printer.wait("job-end", job=waited)
            assert_printed(printer, waited, [dots(2)])
            job = client.print(raster(page, page), PWG)
            begun = printer.wait("progress", job=job, octets=lambda octets: octets > 50000)
            service.process.kill()
        printer.wait("service", after=begun, state="lost", seconds=40)
        with serve(tmp_path, port) as service:
            client = Printer(service.uri)
            ended = printer.wait("job-end", seconds=60, job=job)
            state(client, waited, JobState.COMPLETED)
            state(client, job, JobState[ended["state"].upper()])
            assert len(printer.all("engine-begin", job=job)) == 1, "begun twice"
            after = client.print(raster(dots(3)), PWG)
            assert printer.wait("job-end", seconds=60, job=after)["state"] == "completed"
            assert_printed(printer, after, [dots(3)])
            assert printer.stop() == 0


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_printer_is_killed_and_comes_back(runtime: str, tmp_path: Path) -> None:
    """With nothing on paper the job prints; with something it is reported aborted, and not begun again."""
    with Service(tmp_path / "service") as service:
        client = Printer(service.uri)
        with Emulate(service.uri, tmp_path, *MOBILE, "--speed", "800", runtime=runtime) as printer:
            printer.ready()
            job = client.print(raster(dots(1, 4000)), PWG)
            printer.wait("progress", job=job)
            waiting = client.print(raster(dots(2)), PWG)
            printer.kill()
        state(client, job, JobState.PROCESSING)
        with Emulate(service.uri, tmp_path, *MOBILE, "--jobs", "2", runtime=runtime) as printer:
            ended = printer.wait("job-end", job=job)
            assert (ended["state"], ended["reasons"]) == ("aborted", ["aborted-by-system"])
            assert printer.ended() == 0
            assert [event["job-id"] for event in printer.all("engine-begin")] == [waiting]
            assert_printed(printer, waiting, [dots(2)])
        state(client, job, JobState.ABORTED)
        state(client, waiting, JobState.COMPLETED)
