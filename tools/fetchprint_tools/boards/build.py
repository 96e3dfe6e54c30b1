"""``fetchprint build``: everything that a board needs, in one folder, the same bytes for the same input."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fetchprint_tools import __version__
from fetchprint_tools.boards import contents, filesystem, flash_image, freeze, wheel
from fetchprint_tools.boards.data import Board
from fetchprint_tools.errors import UserError

FAMILIES = {"esp32": "ESP32", "esp32s3": "ESP32-S3", "esp32c3": "ESP32-C3", "esp32c6": "ESP32-C6"}
"""What ESP Web Tools calls the chips."""


@dataclass
class Built:
    """``files``: what is on the board's filesystem; ``written``: octets of what is in the output folder."""

    board: Board
    files: dict[str, bytes]
    written: dict[str, int] = field(default_factory=dict)


def build(
    board: Board,
    config: Mapping[str, Any],
    out: Path,
    image: Path | None,
    secrets: Mapping[str, Any] | None = None,
    freezing: bool = False,
) -> Built:
    """Build into ``out``: ``files/``, ``names.json`` (for ``fetchprint monitor``), and for a board with flash
    ``filesystem.bin``, the image to flash and, for the ESP32 family, ``manifest.json``. ``secrets`` go into
    the image only when they are given. ``freezing``: also ``freeze/``, sources for a MicroPython of one's
    own."""
    files = contents.whole(board, config)
    if secrets is not None:
        files["wifi.json"] = json.dumps(secrets, sort_keys=True).encode()
    built = Built(board, files)
    for path, data in sorted(files.items()):
        _write(built, out, f"files/{path}", data, secret=path == "wifi.json")
    if freezing:
        for path, data in freeze.files(board, config):
            _write(built, out, path, data)
    *_, names = contents.shortened(board, config)
    names.keep(board.name)
    _write(built, out, "names.json", names.json().encode())
    if board.flash is None:
        return built
    system = filesystem.make(files, board.flash.filesystem_size)
    _write(built, out, "filesystem.bin", system)
    original = wheel.find(board, image).read_bytes()
    if board.port == "rp2":
        _write(built, out, f"{board.name}.uf2", flash_image.rp2(board, original, system))
        return built
    merged = flash_image.esp32(board, original, system)
    name = f"{board.name}.bin"
    _write(built, out, name, merged)
    manifest = {
        "name": "fetchprint",
        "version": __version__,
        "new_install_prompt_erase": True,
        "builds": [
            {
                "chipFamily": FAMILIES[board.chip],
                "parts": [{"path": name, "offset": board.flash.image_offset}],
            }
        ],
    }
    _write(built, out, "manifest.json", (json.dumps(manifest, indent=2) + "\n").encode())
    return built


def _write(built: Built, out: Path, name: str, data: bytes, secret: bool = False) -> None:
    """The file is whole or not there; a secret one can be read by its owner only."""
    path = out / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        with open(part, "wb", opener=lambda p, flags: os.open(p, flags, 0o600 if secret else 0o666)) as file:
            file.write(data)
        os.replace(part, path)
    except OSError as error:
        raise UserError(f"cannot write the build: {error.strerror}", where=str(error.filename)) from error
    built.written[name] = len(data)
