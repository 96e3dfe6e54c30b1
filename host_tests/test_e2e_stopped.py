"""Paper and cover in the middle of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e import RUNTIMES, TRANSPORTS, Emulate, assert_printed, pdf, rendered, submit
from fetchprint_tools.ippserver import IppServer

pytestmark = pytest.mark.system


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(
    ("stop", "reason", "go"),
    [("paper out", "media-empty", "paper in"), ("cover open", "cover-open", "cover close")],
)
def test_in_mid_page(
    runtime: str, transport: str, stop: str, reason: str, go: str, ippserver: IppServer, tmp_path: Path
) -> None:
    document = pdf(tmp_path / "document.pdf", stop)
    with Emulate(
        ippserver.uri,
        tmp_path,
        "--jobs",
        "1",
        "--speed",
        "1000",
        runtime=runtime,
        transport=transport,
        server=ippserver,
    ) as printer:
        printer.ready()
        job = submit(ippserver, document)
        begun = printer.wait("job", job=job, state="printing")
        printer.control(stop)
        stopped = printer.wait("printer", after=begun, state="stopped")
        assert reason in stopped["reasons"]
        stopped = printer.wait("job", after=begun, job=job, state="stopped")
        assert reason in stopped["reasons"]
        octets = printer.octets(job)
        assert not printer.all("job-end") and not printer.pages(job)
        printer.control(go)
        again = printer.wait("printer", after=stopped, state="processing")
        assert reason not in again["reasons"]
        assert printer.ended() == 0
        assert printer.octets(job) > octets
        assert printer.wait("job-end")["state"] == "completed"
        assert_printed(printer, job, rendered(ippserver, document))
