"""The firmware on unmodified MicroPython: an emulated Raspberry Pi Pico W, from switching on to paper."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from e2e import DPI, HEAD, Emulate, assert_printed, rendered, submit
from fetchprint_tools.boards import data, filesystem, wheel
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippserver import IppServer
from support import absent

SECONDS = 1500.0
"""A second of the emulated board is up to half a minute of a busy computer."""


def small_pdf(path: Path) -> Path:
    """A page with something on its upper part only: each line costs the emulated board time."""
    image = Image.new("L", (HEAD, 1598), 255)
    draw = ImageDraw.Draw(image)
    draw.text((40, 10), "Pico W", fill=0, font=ImageFont.load_default(60))
    draw.rectangle((300, 10, 560, 70), fill=128, outline=0, width=4)
    image.save(path, "PDF", resolution=DPI)
    return path


@pytest.mark.board
@pytest.mark.slow
@pytest.mark.system
@pytest.mark.timeout(SECONDS + 60)
def test_a_pdf_is_printed_by_an_emulated_pico_w(ippserver: IppServer, tmp_path: Path) -> None:
    board = data.load("RPI_PICO_W")
    assert board.flash is not None
    try:
        wheel.find(board)
    except UserError as error:
        absent(str(error))
    document = small_pdf(tmp_path / "small.pdf")
    job = submit(ippserver, document)
    with Emulate(
        ippserver.uri, tmp_path, "--jobs", "1", "--timeout", str(SECONDS), runtime="pico-w", server=ippserver
    ) as printer:
        start = printer.wait("start", SECONDS)
        done = printer.wait("job-end", SECONDS, job=job)
        assert (done["state"], done["pages"]) == ("completed", 1)
        assert printer.ended(SECONDS) == 0
        assert_printed(printer, job, rendered(ippserver, document))
        (heap,) = printer.all("heap")
        print(f"free heap: {start['free']} at the start, {heap['free']} after the job; peak {heap['peak']}")
        assert heap["free"] > 40_000
        assert len(printer.all("boot")) <= 1, "the watchdog has fired"
    flash = (tmp_path / "state" / "flash.bin").read_bytes()
    kept = filesystem.read(flash[board.flash.filesystem_offset :])
    assert [name for name in kept if name.startswith("state/") and name.endswith("jobs.json")]
