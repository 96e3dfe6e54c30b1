"""The port's store on a real littlefs, on a block device that counts and can be copied at any moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from littlefs import LittleFS
from littlefs.context import UserContext

BLOCK = 4096
SIZE = 256 * 1024


@dataclass(frozen=True)
class Geometry:
    """What a board's file system is made with."""

    name: str
    program: int
    cache: int


RP2 = Geometry("RP2", 256, 1024)
ESP32 = Geometry("ESP32", 32, 128)


class Flash(UserContext):
    """``erases`` and ``programs`` so far. ``watch`` is called with the octets of the whole device before, in
    the middle of and after each of them."""

    def __init__(self, image: bytes | None = None) -> None:
        super().__init__(buffer=bytearray(image or b"\xff" * SIZE))
        self.erases = 0
        self.programs = 0
        self.watch: Callable[[bytes], None] | None = None

    def prog(self, cfg: Any, block: int, off: int, data: bytes) -> int:
        self.programs += 1
        self._change(block * BLOCK + off, bytes(data))
        return 0

    def erase(self, cfg: Any, block: int) -> int:
        self.erases += 1
        self._change(block * BLOCK, b"\xff" * BLOCK)
        return 0

    def _change(self, at: int, data: bytes) -> None:
        for n in (0, len(data) // 2, len(data)):
            self.buffer[at : at + n] = data[:n]
            if self.watch:
                self.watch(bytes(self.buffer))


class Store:
    """As ``port.common.Store``: a temporary file, then a rename."""

    def __init__(self, flash: Flash, geometry: Geometry, fresh: bool) -> None:
        self._files = LittleFS(
            flash,
            mount=False,
            block_size=BLOCK,
            block_count=SIZE // BLOCK,
            read_size=32,
            prog_size=geometry.program,
            cache_size=geometry.cache,
            lookahead_size=32,
            block_cycles=100,
        )
        if fresh:
            self._files.format()
        self._files.mount()

    def load(self, name: str) -> bytes | None:
        try:
            with self._files.open(name, "rb") as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def save(self, name: str, data: bytes) -> None:
        with self._files.open(name + ".new", "wb") as file:
            file.write(bytes(data))
            file.flush()
        self._files.rename(name + ".new", name)

    def remove(self, name: str) -> None:
        if name in self.names():
            self._files.remove(name)

    def names(self) -> list[str]:
        """Every record there is."""
        return [str(name) for name in self._files.listdir("/")]
