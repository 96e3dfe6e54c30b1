"""The packaged ippserver or the printer is killed: what happens to the job, and to the next one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image

from e2e import DPI, EACH, HEAD, MEDIA, PWG, RUNTIMES, Emulate, on_paper, pdf, rendered, submit, told
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.raster import write_pwg

pytestmark = pytest.mark.system

PAGES = 8


def noise(path: Path, pages: int = PAGES) -> Path:
    """Grey noise in PWG raster: some 900 kB a page, far more than the sockets between can hold."""
    source = random.Random(1)
    with path.open("wb") as out:
        images = (Image.frombytes("L", (HEAD, 1598), source.randbytes(HEAD * 1598)) for _ in range(pages))
        write_pwg(images, out, dpi=DPI, media_name=MEDIA)
    return path


def assert_last_page(printer: Emulate, job: int, server: IppServer, document: Path) -> None:
    """The last page of ``job`` is that of ``document``; job-ids begin anew with a new server."""
    (page,) = rendered(server, document)
    assert printer.pages(job)[-1].tobytes() == on_paper(page).tobytes()


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_server_killed_while_the_printer_waits(
    runtime: str, transport: str, ippserver: IppServer, tmp_path: Path
) -> None:
    document = pdf(tmp_path / "document.pdf", "after all")
    with Emulate(
        ippserver.uri, tmp_path, "--jobs", "1", runtime=runtime, transport=transport, server=ippserver
    ) as printer:
        printer.ready()
        ippserver.kill()
        lost = printer.wait("service", state="lost")
        ippserver.start()
        printer.ready(after=lost)
        assert ippserver.log.count("Create-Printer-Subscriptions successful-ok") == 2
        job = submit(ippserver, document)
        assert printer.ended() == 0
        assert printer.wait("job-end")["state"] == "completed"
        assert_last_page(printer, job, ippserver, document)


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_server_killed_in_mid_document(
    runtime: str, transport: str, ippserver: IppServer, tmp_path: Path
) -> None:
    document = pdf(tmp_path / "document.pdf", "next")
    with Emulate(
        ippserver.uri,
        tmp_path,
        "--jobs",
        "2",
        "--speed",
        "3200",
        runtime=runtime,
        transport=transport,
        server=ippserver,
    ) as printer:
        printer.ready()
        job = submit(ippserver, noise(tmp_path / "noise.pwg"), PWG)
        printer.wait("page", job=job)
        ippserver.kill()
        lost = printer.wait("service", 40, state="lost")
        ippserver.start()
        done = printer.wait("job-end", 40, job=job)
        assert done["state"] == "aborted" and done["pages"] < PAGES and "onnection" in done["message"]
        printer.ready(after=lost)
        following = submit(ippserver, document)
        done = printer.wait("job-end", after=done)
        assert (done["job-id"], done["state"]) == (following, "completed")
        assert printer.ended() == 0
        assert_last_page(printer, following, ippserver, document)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_printer_killed_in_mid_document(runtime: str, ippserver: IppServer, tmp_path: Path) -> None:
    document = pdf(tmp_path / "document.pdf", "next")
    with Emulate(ippserver.uri, tmp_path, "--speed", "800", runtime=runtime, server=ippserver) as printer:
        printer.ready()
        job = submit(ippserver, pdf(tmp_path / "long.pdf", "one", "two", "three"))
        printer.wait("progress", job=job)
        printer.kill()
        assert not printer.all("job-end")
    with Emulate(ippserver.uri, tmp_path, "--jobs", "2", runtime=runtime, server=ippserver) as printer:
        done = printer.wait("job-end", job=job)
        assert (done["state"], done["reasons"]) == ("aborted", ["aborted-by-system"])
        assert told(ippserver, job) == ["aborted-by-system"]
        following = submit(ippserver, document)
        assert printer.ended() == 0
        assert [event["job-id"] for event in printer.all("engine-begin")] == [following]
        assert_last_page(printer, following, ippserver, document)
