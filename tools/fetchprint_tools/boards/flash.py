"""Bringing an image to a board: esptool for the ESP32 family, the boot ROM's USB drive for RP2 boards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from fetchprint_tools.boards import flash_image
from fetchprint_tools.boards.data import UF2_FAMILIES, Board
from fetchprint_tools.errors import UserError

DRIVES = ("/media/*/*", "/run/media/*/*", "/Volumes/*", "/mnt/*")
"""Where systems mount what is plugged in."""
_LABEL = "INFO_UF2.TXT"
_MODELS = {"rp2040": "RPI-RP2", "rp2350": "RP2350"}
_CHUNK = 64 * 1024
_BAUD = "460800"
"""What MicroPython's own instructions use: a quarter of the time at esptool's default."""


def esptool(board: Board, image: Path, port: str, *extra: str) -> None:
    """Write ``image``, octet by octet as it is, and check it in the flash. esptool's own output is shown.

    A flash that is too small for the board is refused before anything is written. ``extra`` are options of
    esptool. Raises UserError."""
    if board.flash is None:
        raise UserError(f"{board.name} is not flashed")
    offset = hex(board.flash.image_offset)
    start = [sys.executable, "-m", "esptool", "--chip", board.chip, "--port", port, "--baud", _BAUD, *extra]
    for what in ("write", "verify"):
        done = subprocess.run([*start, f"{what}-flash", offset, str(image)], check=False)
        if done.returncode:
            raise UserError(
                f"esptool could not {what} the flash (status {done.returncode})",
                where=port,
                hint="esptool says why above; if the board did not answer, hold its BOOT button while it is"
                " plugged in, and try again",
            )


def drive(board: Board, given: Path | None) -> Path:
    """The boot ROM's drive: ``given``, or the one that is mounted. Raises UserError."""
    model = _MODELS[board.chip]
    if given is not None:
        places = [given]
    else:
        places = [path for pattern in DRIVES for path in Path("/").glob(pattern[1:])]
    found = [place for place in places if _is_drive(place, model)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(
            f"there are several boards: {', '.join(map(str, found))}", hint="name one with --drive"
        )
    raise UserError(
        f"there is no {model} drive",
        where=str(given) if given is not None else None,
        hint="hold BOOTSEL while you plug the board in; mount its drive where that is not done by itself",
    )


def _is_drive(place: Path, model: str) -> bool:
    try:
        return model in (place / _LABEL).read_text("ascii", "replace")
    except OSError:
        return False  # not a drive of this kind, or not ours to read


def copy(board: Board, image: Path, place: Path, tell: Callable[[int, int], None]) -> None:
    """Copy a UF2 file onto the drive, block by block: the boot ROM writes each as it comes and then
    starts the board, by which the drive vanishes. ``tell(done, of)`` in octets."""
    data = image.read_bytes()
    family = UF2_FAMILIES[board.chip]
    for _, _, found in flash_image.uf2_blocks(data):
        if found != family:
            raise UserError(f"this image is for another chip than {board.chip}", where=str(image))
    try:
        with open(place / image.name, "wb") as file:
            for at in range(0, len(data), _CHUNK):
                file.write(data[at : at + _CHUNK])
                file.flush()
                tell(min(at + _CHUNK, len(data)), len(data))
            os.fsync(file.fileno())
    except OSError as error:
        if place.exists():
            raise UserError(f"cannot write to the drive: {error.strerror}", where=str(place)) from error
        # The board has started already: it had got everything.
