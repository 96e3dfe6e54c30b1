"""littlefs images, as MicroPython's boards mount them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from littlefs import LittleFS
from littlefs.errors import LittleFSError

from fetchprint_tools.errors import UserError

BLOCK = 4096
_DISK_VERSION = 0x00020000
"""The oldest that has all that is used here: every MicroPython can mount it."""


# A small file lies within its folder's own block, and can be read back only with a cache as large
# as that file. MicroPython's is 128 octets on the ESP32 family and 1024 on rp2: what is made here
# must suit the smallest, and what comes from a board may need the largest.
_SMALLEST_CACHE = 128
_LARGEST_CACHE = 1024


def _mounted(size: int, data: bytes | None = None) -> LittleFS:
    cache = _SMALLEST_CACHE if data is None else _LARGEST_CACHE
    options: dict[str, Any] = {
        "block_size": BLOCK,
        "block_count": size // BLOCK,
        "read_size": _SMALLEST_CACHE,
        "prog_size": _SMALLEST_CACHE,
        "cache_size": cache,
        "lookahead_size": 32,
    }
    if data is None:
        return LittleFS(**options, disk_version=_DISK_VERSION)
    # MicroPython raises the version when it writes, so an image that comes from a board has any.
    system = LittleFS(mount=False, **options)
    system.context.buffer[:] = data
    system.mount()
    return system


def make(files: Mapping[str, bytes], size: int) -> bytes:
    """An image of ``size`` bytes with ``files`` (path from the root, without the slash, to content).

    The same files give the same bytes. Raises UserError when they do not fit.
    """
    system = _mounted(size)
    _write(system, files)
    return bytes(system.context.buffer)


def update(image: bytes, files: Mapping[str, bytes]) -> bytes:
    """``image``, as an rp2 board left it, with ``files`` written into it; what else it holds stays."""
    system = _mounted(len(image), image)
    _write(system, files)
    return bytes(system.context.buffer)


def _write(system: LittleFS, files: Mapping[str, bytes]) -> None:
    made = {""}
    for path in sorted(files):
        folder = path.rpartition("/")[0]
        if folder not in made:
            system.makedirs("/" + folder, exist_ok=True)
            made.add(folder)
        try:
            with system.open("/" + path, "wb") as file:
                file.write(files[path])
        except LittleFSError as error:
            raise UserError(f"{path} does not fit into the board's filesystem: {error}") from error


def read(image: bytes) -> dict[str, bytes]:
    """All files of ``image``."""
    system = _mounted(len(image), image)
    found = {}
    for folder, _, names in system.walk("/"):
        for name in names:
            path = f"{folder.rstrip('/')}/{name}"
            with system.open(path, "rb") as file:
                found[path[1:]] = file.read()
    return found
