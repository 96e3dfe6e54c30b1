"""``fetchprint flash`` for the ESP32 family: the real esptool, and a stand-in for the chip's boot loader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from esp_loader import Chip
from fetchprint_tools.boards import data, filesystem, flash, flash_image, wheel
from fetchprint_tools.errors import UserError
from support import absent

pytestmark = pytest.mark.slow
BOARDS = [name for name in data.names() if name.startswith("ESP32")]
FILES = {"main.py": b"print(1)\n", "a/main.mpy": bytes(range(256)) * 40, "config.json": b"{}"}
PART = 96 * 1024
SYNC, DEFLATED_DATA, DATA, BAUD = 0x08, 0x11, 0x03, 0x0F


def image(board: data.Board, folder: Path, size: int | None = None) -> bytes:
    """What fetchprint build makes of MicroPython's image and FILES, in ``folder``, up to ``size``."""
    assert board.flash is not None
    try:
        original = wheel.find(board)
    except UserError as error:
        absent(str(error))
    system = filesystem.make(FILES, board.flash.filesystem_size)
    merged = flash_image.esp32(board, original.read_bytes(), system)[:size]
    (folder / f"{board.name}.bin").write_bytes(merged)
    return merged


def run(board: data.Board, folder: Path, chip: Chip) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fetchprint_tools", "flash", "--board", board.name]
    command += ["--dir", str(folder), "--port", chip.device]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def held(board: data.Board, chip: Chip) -> bytes:
    assert board.flash is not None
    return bytes(chip.flash[board.flash.image_offset :])


@pytest.mark.parametrize("name", BOARDS)
def test_what_is_flashed_is_the_image_octet_by_octet(name: str, tmp_path: Path) -> None:
    board = data.load(name)
    assert board.flash is not None
    merged = image(board, tmp_path)
    with Chip(board.chip, board.flash.size) as chip:
        done = run(board, tmp_path, chip)
        assert done.returncode == 0, done.stdout + done.stderr
        assert chip.stub and chip.seen[DEFLATED_DATA] and chip.baudrate == 460800
    assert held(board, chip) == merged
    assert not any(chip.flash[: board.flash.image_offset]), "nothing before it is touched"
    start = board.flash.filesystem_offset
    assert filesystem.read(bytes(chip.flash[start : start + board.flash.filesystem_size])) == FILES


def test_the_rom_alone_can_do_it(tmp_path: Path) -> None:
    board = data.load("ESP32_GENERIC")
    assert board.flash is not None
    merged = image(board, tmp_path, PART)
    with Chip(board.chip, board.flash.size) as chip:
        flash.esptool(board, tmp_path / f"{board.name}.bin", chip.device, "--no-stub")
        assert not chip.stub and chip.seen[DATA]
    assert held(board, chip)[:PART] == merged


@pytest.mark.parametrize("when", ["spoiled", "fading"])
def test_a_bit_that_is_wrong_in_the_flash_is_found(when: str, tmp_path: Path) -> None:
    """By the check that esptool makes while it writes, or by the one that follows it."""
    board = data.load("ESP32_GENERIC")
    assert board.flash is not None
    image(board, tmp_path, PART)
    with Chip(board.chip, board.flash.size) as chip:
        getattr(chip, when).add(board.flash.image_offset + PART // 2)
        done = run(board, tmp_path, chip)
    step = "write" if when == "spoiled" else "verify"
    assert done.returncode == 1 and f"esptool could not {step} the flash" in done.stderr, done.stderr


def test_another_chip_or_a_smaller_flash_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    board = data.load("ESP32_GENERIC")
    assert board.flash is not None
    image(board, tmp_path)
    for kind, size, reason in (("esp32s3", board.flash.size, "ESP32-S3"), ("esp32", 2 << 20, "will not fit")):
        with Chip(kind, size) as chip:
            done = run(board, tmp_path, chip)
        assert done.returncode == 1 and reason in done.stdout + done.stderr, done.stdout + done.stderr
        assert chip.seen[SYNC] and not chip.seen[DATA] + chip.seen[DEFLATED_DATA] and not any(chip.flash)
