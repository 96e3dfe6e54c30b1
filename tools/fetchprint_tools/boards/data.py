"""``boards/NAME/board.json``: everything that is known of a board, read and checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fetchprint_tools import mpy, paths
from fetchprint_tools.engines import emulated
from fetchprint_tools.errors import UserError

PORTS = ("esp32", "rp2", "unix")
CHIPS = {
    "esp32": "xtensawin",
    "esp32s3": "xtensawin",
    "esp32c3": "rv32imc",
    "esp32c6": "rv32imc",
    "rp2040": "armv6m",
    "rp2350": "armv7emsp",
    "host": "x64",
}
"""The .mpy architecture of each chip's native code."""
UF2_FAMILIES = {"rp2040": 0xE48BFF56, "rp2350": 0xE48BFF59}
"""The family IDs that the boot ROMs look for (RP2350: Arm, secure)."""
SECTOR = 4096
POWER_SAVE = ("PM_NONE", "PM_PERFORMANCE", "PM_POWERSAVE")

_KEYS: dict[str, type | tuple[type, ...]] = {
    "title": str,
    "port": str,
    "chip": str,
    "mpy_architecture": str,
    "flash": dict,
    "image": (dict, type(None)),
    "engines": dict,
    "led": (int, str, type(None)),
    "wifi_power_save": (str, type(None)),
    "watchdog_ms": (int, type(None)),
    "heap_kB": int,
    "tls": str,
    "notes": list,
}
_IMAGE_KEYS: dict[str, type | tuple[type, ...]] = {
    "micropython": str,
    "file": str,
    "sha256": (str, type(None)),
    "package": (str, type(None)),
    "member": (str, type(None)),
}
_FLASH_KEYS: dict[str, type | tuple[type, ...]] = {
    "size": int,
    "image_offset": int,
    "filesystem_offset": int,
    "filesystem_size": int,
}
_WATCHDOG_LIMIT_MS = {"rp2": 8388}
_DEVICE = re.compile(r"uart\d(,(baudrate|tx|rx|cts|rts)=\d+)*|spi.*")


@dataclass(frozen=True)
class Image:
    """A MicroPython image named ``file``, which is ``member`` of the wheel ``package`` where there is one."""

    micropython: str
    file: str
    sha256: str | None
    package: str | None
    member: str | None


@dataclass(frozen=True)
class Flash:
    """Bytes from the start of the flash chip."""

    size: int
    image_offset: int
    filesystem_offset: int
    filesystem_size: int


@dataclass(frozen=True)
class Board:
    """One board; the fields are the keys of board.json, explained in boards/README.md."""

    name: str
    title: str
    port: str
    chip: str
    mpy_architecture: str
    flash: Flash | None
    image: Image | None
    engines: dict[str, dict[str, Any]]
    led: int | str | None
    wifi_power_save: str | None
    watchdog_ms: int | None
    heap_kB: int
    tls: str
    notes: list[str]

    def on_board(self) -> dict[str, Any]:
        """What the board itself gets to know: its ``/board.json``."""
        known = {
            "board": self.name,
            "led": self.led,
            "wifi_power_save": self.wifi_power_save,
            "watchdog_ms": self.watchdog_ms,
        }
        return {key: value for key, value in known.items() if value is not None}


def folder() -> Path:
    """Where the boards are."""
    return paths.REPO / "boards"


def names() -> list[str]:
    """All boards."""
    return sorted(path.parent.name for path in folder().glob("*/board.json"))


def load(name: str) -> Board:
    """The board ``name``. Raises UserError saying what is wrong where."""
    path = folder() / name / "board.json"
    if not path.is_file():
        raise UserError(f"there is no board {name!r}", hint=f"known are {', '.join(names())}")
    try:
        table = json.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise UserError(f"this is not JSON: {error}", where=str(path)) from error
    return _Reader(path).board(name, table)


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path

    def fail(self, key: str, what: str) -> UserError:
        return UserError(f"{key}: {what}", where=str(self._path), hint="boards/README.md explains the keys")

    def keys(self, table: Any, known: dict[str, type | tuple[type, ...]], where: str) -> dict[str, Any]:
        if not isinstance(table, dict):
            raise self.fail(where or "board.json", "expected an object")
        for key in table:
            if key not in known:
                raise self.fail(where + key, f"is not known; known are {', '.join(known)}")
        for key, kind in known.items():
            if key not in table:
                raise self.fail(where + key, "is missing")
            value = table[key]
            if not isinstance(value, kind) or isinstance(value, bool):
                raise self.fail(where + key, f"has the wrong type: {value!r}")
        return table

    def choice(self, key: str, value: Any, known: Any) -> None:
        if value not in known:
            raise self.fail(key, f"expected one of {', '.join(map(str, known))}, found {value!r}")

    def board(self, name: str, table: Any) -> Board:
        self.keys(table, _KEYS, "")
        self.choice("port", table["port"], PORTS)
        self.choice("chip", table["chip"], CHIPS)
        self.choice("mpy_architecture", table["mpy_architecture"], mpy.ARCHITECTURES)
        if table["mpy_architecture"] != CHIPS[table["chip"]]:
            raise self.fail("mpy_architecture", f"{table['chip']} runs {CHIPS[table['chip']]}")
        self.choice("wifi_power_save", table["wifi_power_save"], (*POWER_SAVE, None))
        limit = _WATCHDOG_LIMIT_MS.get(table["port"], 1 << 30)
        watchdog = table["watchdog_ms"]
        if watchdog is not None and not 1000 <= watchdog <= limit:
            raise self.fail("watchdog_ms", f"expected 1000 to {limit}, found {watchdog}")
        if not 32 <= table["heap_kB"] <= 1 << 20:
            raise self.fail("heap_kB", f"expected kilobytes of heap at the prompt, found {table['heap_kB']}")
        for driver, settings in table["engines"].items():
            self.choice("engines", driver, emulated.MODELS)
            if not isinstance(settings, dict) or not isinstance(settings.get("device"), str):
                raise self.fail(f"engines.{driver}", "expected an object with a device")
            if table["port"] != "unix" and not _DEVICE.fullmatch(settings["device"]):
                raise self.fail(f"engines.{driver}.device", f"{settings['device']!r} is no device of a board")
        flash = None
        if table["port"] == "unix":
            if table["flash"] or table["image"] is not None:
                raise self.fail("flash", "a board without flash has {} here, and image null")
        else:
            flash = Flash(**self.keys(table["flash"], _FLASH_KEYS, "flash."))
            self._flash(flash)
        image = None
        if table["image"] is not None:
            image = Image(**self.keys(table["image"], _IMAGE_KEYS, "image."))
            if image.sha256 is not None and not re.fullmatch("[0-9a-f]{64}", image.sha256):
                raise self.fail("image.sha256", "expected 64 hexadecimal digits in lower case")
            if (image.package is None) != (image.member is None) or (image.package and not image.sha256):
                raise self.fail("image", "package, member and sha256 belong together")
        return Board(name=name, **{**table, "flash": flash, "image": image})

    def _flash(self, flash: Flash) -> None:
        for key in _FLASH_KEYS:
            value = getattr(flash, key)
            if value < 0 or value % SECTOR:
                raise self.fail(f"flash.{key}", f"expected a multiple of {SECTOR}, found {value}")
        if flash.size & (flash.size - 1):
            raise self.fail("flash.size", f"flash chips have powers of two, found {flash.size}")
        if not flash.image_offset < flash.filesystem_offset:
            raise self.fail("flash.filesystem_offset", "the filesystem comes after the image")
        if flash.filesystem_size < 64 * SECTOR:
            raise self.fail("flash.filesystem_size", "fewer than 64 blocks leave no room for an update")
        if flash.filesystem_offset + flash.filesystem_size > flash.size:
            raise self.fail("flash.filesystem_size", "the filesystem ends beyond the flash")
