"""What may be odd about a document: packed, too large, too wide, not what it says. Each in both profiles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from e2e import HEAD, PWG, assert_printed
from e2e_service import configured, dots, raster, state
from fetchprint_tools.codes import JobState
from lossy_relay import LossyRelay
from service_kit import Printer, Service

pytestmark = pytest.mark.system

EACH = pytest.mark.parametrize(
    ("runtime", "profile"),
    [("micropython", "infra"), ("micropython", "mobile"), ("cpython", "infra"), ("cpython", "mobile")],
)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path / "service") as running:
        yield running


@EACH
def test_gzip(runtime: str, profile: str, service: Service, tmp_path: Path) -> None:
    """On its way to the printer the first document ceases to be gzip, which shows that it was."""
    client = Printer(service.uri)
    with LossyRelay(service.port) as relay:
        services = [{"uri": f"ipp://127.0.0.1:{relay.port}/ipp/print/infra", "profile": profile}]
        options = ("--jobs", "1" if profile == "mobile" else "2", "--heap", "208k")
        with configured(
            tmp_path, *options, services=services, runtime=runtime, document={"gzip": True}
        ) as run:
            run.ready()
            relay.change(b"\x1f\x8b\x08\x00", b"\x1f\x8c\x08\x00")
            broken = client.print(raster(dots(1)), PWG)
            state(client, broken, JobState.ABORTED)
            relay.change(b"", b"")
            assert run.pages(broken) == []
            page = Image.new("L", (HEAD, 2000), 200)
            good = client.print(raster(page, dots(2)), PWG)
            assert run.ended() == 0
            assert_printed(run, good, [page, dots(2)])
            if profile == "mobile":
                assert run.all("job", job=broken, state="rejected")[0]["reasons"] == ["0x0410"]
                reasons = client.job(broken).values("job-state-reasons")
                assert "compression-error" in reasons
    state(client, good, JobState.COMPLETED)


@EACH
def test_a_document_that_is_too_large(runtime: str, profile: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    services = [{"uri": service.uri, "profile": profile}]
    more = {"document": {"most-octets": 50_000}}
    with configured(tmp_path, services=services, runtime=runtime, **more) as run:
        run.ready()
        large = client.print(raster(dots(1)), PWG)
        state(client, large, JobState.ABORTED)
        told = client.job(large)
        assert "aborted-by-system" in told.values("job-state-reasons")
        if profile == "mobile":  # which says how large it is
            assert run.all("job", job=large, state="rejected")[0]["reasons"] == ["0x0408"]
            assert "larger than this printer takes" in told.get("job-state-message")
        else:
            assert "more than the 50000 octets" in told.get("job-state-message")
        small = client.print(raster(dots(2, 60)), PWG)
        run.wait("job-end", job=small, state="completed")
        assert_printed(run, small, [dots(2, 60)])
        assert run.stop() == 0


@EACH
def test_a_page_wider_than_the_head(runtime: str, profile: str, service: Service, tmp_path: Path) -> None:
    client = Printer(service.uri)
    services = [{"uri": service.uri, "profile": profile}]
    page = Image.new("L", (HEAD + 64, 200), 255)
    page.paste(0, (HEAD - 100, 50, HEAD + 50, 150))
    with configured(tmp_path, "--jobs", "1", services=services, runtime=runtime) as run:
        run.ready()
        job = client.print(raster(page), PWG)
        assert run.ended() == 0
        ended = run.wait("job-end", job=job)
        assert (ended["state"], ended["reasons"]) == ("completed", ["job-completed-with-warnings"])
        assert_printed(run, job, [page.crop((0, 0, HEAD, 200))])
    state(client, job, JobState.COMPLETED)
    told = client.job(job)
    assert "job-completed-with-warnings" in told.values("job-state-reasons")
    assert told.get("job-state-message").startswith("64 dots at the right lie beyond the print head")


@EACH
def test_a_document_that_is_something_else(
    runtime: str, profile: str, service: Service, tmp_path: Path
) -> None:
    client = Printer(service.uri)
    services = [{"uri": service.uri, "profile": profile}]
    with configured(tmp_path, services=services, runtime=runtime) as run:
        run.ready()
        other = client.print(b"%PDF-1.7 and so on", PWG)
        state(client, other, JobState.ABORTED)
        assert "document-format-error" in client.job(other).values("job-state-reasons")
        if profile == "mobile":  # before it is accepted
            assert run.all("job", job=other, state="rejected")[0]["reasons"] == ["0x0411"]
        assert not run.all("progress", job=other) and not run.pages(other)
        assert run.stop() == 0
