"""``fetchprint emulate --runtime pico-w`` as a user calls it. Long: see the bounded tests in test_picow."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e import Emulate, assert_printed, rendered, submit
from fetchprint_tools.boards import data, filesystem, wheel
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.samples import small
from support import absent

SECONDS = 3000.0


@pytest.mark.board
@pytest.mark.slow
@pytest.mark.system
@pytest.mark.timeout(SECONDS + 60)
@pytest.mark.parametrize("engine", ["escpos", "thermal"])
def test_a_pdf_is_printed_by_an_emulated_pico_w(ippserver: IppServer, tmp_path: Path, engine: str) -> None:
    board = data.load("RPI_PICO_W")
    assert board.flash is not None
    try:
        wheel.find(board)
    except UserError as error:
        absent(str(error))
    document = small.write(tmp_path / "small.pdf")
    job = submit(ippserver, document)
    limit = ("--jobs", "1", "--timeout", str(SECONDS), "--engine", engine)
    with Emulate(ippserver.uri, tmp_path, *limit, runtime="pico-w", server=ippserver) as printer:
        done = printer.wait("job-end", SECONDS, job=job)
        assert (done["state"], done["pages"]) == ("completed", 1)
        assert printer.ended(SECONDS) == 0
        assert_printed(printer, job, rendered(ippserver, document))
        assert len(printer.all("boot")) <= 1, "the watchdog has fired"
    flash = (tmp_path / "state" / "flash.bin").read_bytes()
    kept = filesystem.read(flash[board.flash.filesystem_offset :])
    assert [name for name in kept if name.startswith("state/") and name.endswith("jobs.json")]
