"""Documents that cannot be printed, at the packaged ippserver; identifying the printer."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e import EACH, PDF, RUNTIMES, Emulate, assert_printed, pdf, rendered, submit, told
from fetchprint_tools.ippserver import IppServer

pytestmark = pytest.mark.system

BAD = {
    # what it cannot convert, the server passes on under the name of PWG Raster
    "octets": (bytes(range(256)) * 8, "application/octet-stream"),
    # of this nothing comes out of its converter
    "pdf": (b"%PDF-1.4 and no more", PDF),
}


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_unsupported_documents(runtime: str, transport: str, ippserver: IppServer, tmp_path: Path) -> None:
    good = pdf(tmp_path / "good.pdf", "good")
    with Emulate(
        ippserver.uri,
        tmp_path,
        "--jobs",
        str(len(BAD) + 1),
        runtime=runtime,
        transport=transport,
        server=ippserver,
    ) as printer:
        printer.ready()
        refused = []
        for name, (data, mime) in BAD.items():
            path = tmp_path / name
            path.write_bytes(data)
            refused.append(submit(ippserver, path, mime))
        for job in refused:
            done = printer.wait("job-end", job=job)
            assert (done["state"], done["reasons"], done["pages"]) == (
                "aborted",
                ["document-format-error"],
                0,
            )
            assert done["message"]
            assert "document-format-error" in told(ippserver, job)
            assert printer.pages(job) == []
        last = submit(ippserver, good)
        assert printer.ended() == 0
        assert printer.wait("job-end", job=last)["state"] == "completed"
        assert_printed(printer, last, rendered(ippserver, good))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_identify_and_a_clean_stop(runtime: str, ippserver: IppServer, tmp_path: Path) -> None:
    with Emulate(ippserver.uri, tmp_path, runtime=runtime, server=ippserver) as printer:
        printer.ready()
        done = ippserver.workspace.ipptool(ippserver.uri, "identify-printer.test")
        assert done.returncode == 0, done.stdout.decode()
        printer.wait("identify", 10)
        assert "Acknowledge-Identify-Printer successful-ok" in ippserver.log
        assert printer.stop() == 0
        assert "Deregister-Output-Device successful-ok" in ippserver.log
