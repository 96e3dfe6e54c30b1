"""What is in the emulated board's flash: MicroPython's image, the firmware, and what an earlier run kept."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fetchprint.settings import printer_uri
from fetchprint_tools.boards import contents, data, filesystem, flash_image, identity, wheel
from fetchprint_tools.emulate_options import OptionError
from fetchprint_tools.picow.device import FLASH_SIZE, SSID

BOARD = "RPI_PICO_W"
BAUDRATE = 460800
"""Of the emulated line: each second that a page takes on it is up to half a minute of ours."""
HERE = "10.1.2.3"
"""The address under which the board finds this host. 127.0.0.1 would be the board itself, and the
emulated network carries only what leaves its own net."""
_LOCAL = ("127.0.0.1", "localhost", "[::1]", "::1")


def for_board(config: dict[str, Any]) -> dict[str, Any]:
    """The configuration of ``emulate`` as the board needs it: with its own pins, and this host's address."""
    board = data.load(BOARD)
    made: dict[str, Any] = json.loads(json.dumps(config))
    driver = made["engine"]["driver"]
    if driver not in board.engines:
        known = ", ".join(board.engines)
        raise OptionError(f"the emulated {BOARD} has no {driver} engine at its pins; it has {known}")
    made["engine"].update(board.engines[driver])
    made["engine"]["device"] = re.sub(r"baudrate=\d+", f"baudrate={BAUDRATE}", made["engine"]["device"])
    made["state"] = "/state"
    made.setdefault("document", {}).setdefault("text", False)
    for service in made["services"]:
        parts = urlsplit(service["uri"])
        if parts.hostname in _LOCAL:
            service.setdefault("printer-uri", printer_uri(service).decode())
            host, colon, port = parts.netloc.rpartition(":") if parts.port else (parts.netloc, "", "")
            del host
            service["uri"] = f"{parts.scheme}://{HERE}{colon}{port}{parts.path}"
    return made


def flash(config: dict[str, Any], kept: Path) -> bytes:
    """The whole flash. ``kept`` is that of an earlier run, if there was one: its files stay, unless they
    are the firmware's or its configuration's."""
    board = data.load(BOARD)
    assert board.flash is not None
    made = for_board(config)
    own = {path.lstrip("/"): data for path, data in identity.take(made).items()}
    files = contents.whole(board, made) | own
    files["wifi.json"] = json.dumps({"ssid": SSID, "password": "emulated"}).encode()
    whole = bytearray(b"\xff" * FLASH_SIZE)
    for address, payload, _ in flash_image.uf2_blocks(wheel.find(board).read_bytes()):
        at = address - flash_image.FLASH_BASE
        whole[at : at + len(payload)] = payload
    start = board.flash.filesystem_offset
    if kept.is_file() and kept.stat().st_size == FLASH_SIZE:
        system = filesystem.update(kept.read_bytes()[start:], files)
    else:
        system = filesystem.make(files, board.flash.filesystem_size)
    whole[start:] = system
    return bytes(whole)
