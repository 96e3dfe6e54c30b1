"""The firmware on unmodified MicroPython: an emulated Raspberry Pi Pico W, from switching on to paper.

In one module, so that one worker has all of it: a board that has started is shared (see picow_kit).
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from e2e import DPI, HEAD, PWG, on_paper, submit, told
from fetchprint_tools import processes
from fetchprint_tools.boards import filesystem
from fetchprint_tools.ippserver import IppServer
from fetchprint_tools.picow import contents
from fetchprint_tools.picow.device import SSID
from fetchprint_tools.raster import write_pwg
from picow_kit import FILES, SECONDS, Board, Started, built, command, configuration, written
from service_kit import read_pwg

pytestmark = [pytest.mark.slow, pytest.mark.system, pytest.mark.timeout(SECONDS + 60)]

FAILS = b"def run(path):\n    raise RuntimeError('this update is broken')\n"


@pytest.fixture(scope="module")
def server(ippsample_programs: None) -> Iterator[IppServer]:
    """One ippserver for all: the boards that have started know where it is."""
    with IppServer() as running:
        yield running


@pytest.fixture(scope="module")
def escpos(server: IppServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A board that was flashed with what ``fetchprint build`` makes."""
    config = configuration(server.uri, "escpos")
    with contextlib.closing(Started(built(config, tmp_path_factory.mktemp("built")), config)) as started:
        yield started


@pytest.fixture(scope="module")
def deployed(server: IppServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A board that had nothing but MicroPython, and got the rest over its console by mpremote's transport."""
    folder = tmp_path_factory.mktemp("deployed")
    kept = folder / "flash.bin"
    config = configuration(server.uri, "escpos")
    (folder / "password").write_text("emulated\n")
    console = processes.spawn(
        [sys.executable, "-m", "fetchprint_tools.picow.console_port", kept], stdout=subprocess.PIPE
    )
    try:
        assert console.stdout is not None
        port = console.stdout.readline().decode().strip()
        free = command("mpremote", "connect", port, "exec", "import gc; gc.collect(); print(gc.mem_free())")
        print(f"\nfree heap at MicroPython's prompt: {free.strip()}")
        board = ["--board", contents.BOARD, "--port", port]
        command("fetchprint", "deploy", *board, "--config", written(config, folder), "--no-follow")
        wifi = ["--ssid", SSID, "--password-file", folder / "password"]
        command("fetchprint", "provision", "--port", port, *wifi, "--no-restart")
    finally:
        processes.end(console)
    with contextlib.closing(Started(kept.read_bytes(), config)) as started:
        yield started


def small_raster(path: Path) -> Path:
    """A page of 64 lines: each costs the emulated board time. PDF is in test_picow_emulate."""
    image = Image.new("L", (HEAD, 64), 255)
    draw = ImageDraw.Draw(image)
    draw.text((20, 2), "Pico W", fill=0, font=ImageFont.load_default(48))
    draw.rectangle((300, 6, 560, 56), fill=128, outline=0, width=4)
    with path.open("wb") as file:
        write_pwg([image], file, dpi=DPI)
    return path


def assert_on_paper(got: Image.Image, page: Image.Image) -> None:
    """``got`` is ``page`` as Pillow renders it, to the pixel, and nothing but white around it."""
    wanted = on_paper(page)
    assert got.height >= wanted.height
    paper = Image.new("1", got.size, 255)
    paper.paste(wanted, (0, 0))
    assert ImageChops.difference(got.convert("L"), paper.convert("L")).getbbox() is None, "other pixels"


def report(name: str, board: list[dict[str, Any]]) -> None:
    """Show the figures of the heap; see docs/boards.md."""
    (start,) = [event for event in board if event["event"] == "start"]
    (heap,) = [event for event in board if event["event"] == "heap"]
    total = heap["used"] + heap["free"]
    print(
        f"\n{name}: free heap {start['free']} at the start, {total - heap['peak']} at least while printing"
        f" (before garbage is collected), {heap['free']} after the job, of {total};"
        f" {heap['cycles'] / 125e6:.1f} s of the processor"
    )


def print_one(board: Board) -> tuple[Image.Image, list[dict[str, Any]]]:
    """Let it print; the paper, and all that it has said."""
    board.until("heap")
    return board.printed(), board.events


def test_a_page_comes_through_the_uart_to_the_pixel(
    server: IppServer, escpos: Started, tmp_path: Path
) -> None:
    document = small_raster(tmp_path / "small.pwg")
    job = submit(server, document, PWG)
    paper, said = escpos.fork(print_one)
    (page,) = read_pwg(document.read_bytes())
    assert_on_paper(paper, page)
    (done,) = [event for event in said if event["event"] == "job-end"]
    assert (done["job-id"], done["state"], done["pages"]) == (job, "completed", 1)
    assert [event["cause"] for event in said if event["event"] == "boot"] == ["PWRON"], "a watchdog bit"
    report("ESC/POS over UART", said)


@pytest.mark.board
def test_a_watchdog_bites_when_the_processor_stands_still_and_the_job_is_not_lost(
    server: IppServer, escpos: Started, tmp_path: Path
) -> None:
    job = submit(server, small_raster(tmp_path / "small.pwg"), PWG)

    def stalled(board: Board) -> list[dict[str, Any]]:
        board.until("engine-begin")
        board.device.stall()
        board.until("boot", 2)
        board.until("job-end")
        return board.events

    said = escpos.fork(stalled)
    assert [event["cause"] for event in said if event["event"] == "boot"] == ["PWRON", "WDT"]
    (done,) = [event for event in said if event["event"] == "job-end"]
    assert done["job-id"] == job
    assert done["state"] == "aborted"  # its paper may have moved: it is not printed again
    assert "aborted-by-system" in told(server, job)


def test_a_raster_comes_through_spi_and_pins_to_a_thermal_head(ippserver: IppServer, tmp_path: Path) -> None:
    document = small_raster(tmp_path / "small.pwg")
    job = submit(ippserver, document, PWG)

    def on_board(board: Board) -> tuple[Image.Image, list[dict[str, Any]], list[str]]:
        paper, events = print_one(board)
        return paper, events, board.engine.warnings

    config = configuration(ippserver.uri, "thermal")
    with contextlib.closing(Started(built(config, tmp_path), config)) as started:
        paper, said, warnings = started.fork(on_board)
    (page,) = read_pwg(document.read_bytes())
    assert_on_paper(paper, page)
    assert warnings == []
    (done,) = [event for event in said if event["event"] == "job-end"]
    assert (done["job-id"], done["state"]) == (job, "completed")
    report("thermal head over SPI", said)


@pytest.mark.board
def test_what_is_deployed_is_what_is_built_and_prints(
    deployed: Started, server: IppServer, tmp_path: Path
) -> None:
    got = filesystem.read(bytes(deployed.board.device.flash[FILES:]))
    wanted = filesystem.read(built(configuration(server.uri, "escpos"), tmp_path)[FILES:])
    application = {path for path in wanted if path.startswith("a/")} | {"main.py", "board.json"}
    assert {path: got[path] for path in application} == {path: wanted[path] for path in application}
    document = small_raster(tmp_path / "small.pwg")
    submit(server, document, PWG)
    paper, said = deployed.fork(print_one)
    (page,) = read_pwg(document.read_bytes())
    assert_on_paper(paper, page)
    assert [event["state"] for event in said if event["event"] == "job-end"] == ["completed"]


def test_an_update_that_fails_is_taken_back(tmp_path: Path) -> None:
    config = configuration("ipp://127.0.0.1/ipp/print/x", "escpos")
    flash = bytearray(built(config, tmp_path))
    update = {"b/main.py": FAILS, "boot.json": b'{"slot":"b","back":"a"}'}
    flash[FILES:] = filesystem.update(bytes(flash[FILES:]), update)
    with contextlib.closing(Board(bytes(flash), config)) as board:
        board.device.boot()
        board.until("boot")
    failures = [event["message"] for event in board.all("error")]
    assert failures[:-1] == ["the firmware failed: this update is broken"] * 4
    assert failures[-1] == "the update in slot b did not work: back to a"
    kept = filesystem.read(bytes(board.device.flash[FILES:]))
    assert json.loads(kept["boot.json"])["slot"] == "a"
