"""Documents sent by ipptool to the packaged ippserver, on paper to the pixel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2e import EACH, Emulate, assert_printed, pdf, rendered, submit
from fetchprint_tools.ippserver import IppServer

pytestmark = pytest.mark.system
BURST = 20
BURST_SECONDS = 180
"""MicroPython needs 5 s; CPython halftones in pure Python, on a busy machine 5 s a page."""


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_a_waiting_job_and_a_new_one(
    runtime: str, transport: str, ippserver: IppServer, tmp_path: Path
) -> None:
    early = pdf(tmp_path / "early.pdf", "early", "page 2")
    late = pdf(tmp_path / "late.pdf", "late")
    first = submit(ippserver, early)
    with Emulate(
        ippserver.uri, tmp_path, "--jobs", "2", runtime=runtime, transport=transport, server=ippserver
    ) as printer:
        done = printer.wait("job-end", job=first)
        assert (done["state"], done["pages"]) == ("completed", 2)
        second = submit(ippserver, late)
        done = printer.wait("job-end", job=second)
        assert (done["state"], done["pages"]) == ("completed", 1)
        assert printer.ended() == 0
        assert_printed(printer, first, rendered(ippserver, early))
        assert_printed(printer, second, rendered(ippserver, late))
    assert "Deregister-Output-Device" in ippserver.log


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("runtime", "transport"), EACH[:3])  # both transports on one runtime will do
def test_a_burst(runtime: str, transport: str, ippserver: IppServer, tmp_path: Path) -> None:
    documents = [pdf(tmp_path / f"{number}.pdf", f"no {number}") for number in range(BURST)]
    with Emulate(
        ippserver.uri,
        tmp_path,
        "--jobs",
        str(BURST),
        runtime=runtime,
        transport=transport,
        server=ippserver,
    ) as printer:
        printer.ready()
        with ThreadPoolExecutor(4) as pool:
            jobs = list(pool.map(lambda document: submit(ippserver, document), documents))
        assert printer.ended(BURST_SECONDS) == 0
        assert [event["job-id"] for event in printer.all("engine-begin")] == sorted(jobs)
        assert [event["job-id"] for event in printer.all("job-end")] == sorted(jobs)
        assert {event["state"] for event in printer.all("job-end")} == {"completed"}
        pictures = set()
        for job, document in zip(jobs, documents, strict=True):
            assert_printed(printer, job, rendered(ippserver, document))
            pictures.add(printer.pages(job)[0].tobytes())
        assert len(pictures) == BURST
