"""Paper: dot lines in, pages out, in memory or as PNG files written while the paper moves.

A dot line is packed as the head takes it: one bit a dot, the leftmost dot in the most
significant bit, 1 = black. Lines are handed over in blocks of whole lines.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Protocol

from PIL import Image

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER_AT = len(_PNG_SIGNATURE)
# In a gray-scale PNG of depth 1 a set bit is white; on paper a set bit is black.
_INVERT = bytes(octet ^ 0xFF for octet in range(256))
# Compressed data leaves in chunks of about this many octets, so that memory stays small.
_CHUNK = 64 * 1024


class Paper(Protocol):
    """What an engine prints on."""

    def rows(self, data: bytes) -> None:
        """Take whole dot lines; ``data`` holds one or more of them."""

    def cut(self) -> None:
        """End the page, blank or not, if any dot line was fed since the last cut."""

    def finish(self) -> None:
        """End of the job: what was printed since the last cut is a page if it holds a black dot."""


class NullPaper:
    """Paper that nobody looks at."""

    def rows(self, data: bytes) -> None:
        return

    def cut(self) -> None:
        return

    def finish(self) -> None:
        return


class MemoryPaper:
    """Paper kept as packed dot lines, for tests and small pictures."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.pages: list[bytes] = []
        self.current = bytearray()

    def rows(self, data: bytes) -> None:
        self.current += data

    def cut(self) -> None:
        if self.current:
            self.pages.append(bytes(self.current))
            self.current.clear()

    def finish(self) -> None:
        if self.current.count(0) == len(self.current):
            self.current.clear()
        self.cut()

    def image(self, page: int = -1) -> Image.Image:
        """Page ``page`` (0 is the first) as a mode ``1`` image, black dots on white."""
        return to_image(self.pages[page], self.width)

    def strip(self) -> Image.Image:
        """What was printed since the last cut."""
        return to_image(bytes(self.current), self.width)


def to_image(lines: bytes, width: int) -> Image.Image:
    """Packed dot lines as a mode ``1`` image, black dots on white paper."""
    return Image.frombytes("1", (width, len(lines) // (width // 8)), lines.translate(_INVERT))


class PngPaper:
    """Paper whose pages become ``page-001.png`` and on in ``folder``, one pixel a dot.

    A page is written while it is printed, under a name that begins with a dot, and gets
    its own name when it is whole. Memory does not grow with the length of a page. Numbers
    go on after the pages that ``folder`` already holds. ``on_page`` is told the number and
    the file of each page. Raises ``OSError`` with the file's name when it cannot be written.
    """

    def __init__(self, folder: Path, width: int, on_page: Callable[[int, Path], None] | None = None) -> None:
        self.folder = folder
        self.width = width
        self.pages = 0
        self._on_page = on_page
        self._number = 0
        self._blank = 0
        self._page: PngStream | None = None

    def rows(self, data: bytes) -> None:
        if self._page is None:
            # Paper that only ran through is no page until a dot or a cut makes it one.
            if data.count(0) == len(data):
                self._blank += len(data) // (self.width // 8)
                return
            self._open()
        assert self._page is not None
        self._page.rows(data)

    def cut(self) -> None:
        if self._page is None:
            if not self._blank:
                return
            self._open()
        self._close()

    def finish(self) -> None:
        if self._page is not None:
            self._close()
        self._blank = 0

    def discard(self) -> None:
        """Forget the page that is not whole, and remove what was written of it."""
        self._blank = 0
        if self._page is not None:
            self._page.discard()
            self._page = None

    def _open(self) -> None:
        # Looked up late: another job of the same number may have to finish its page first.
        self._number = (self._number or last_page(self.folder)) + 1
        self._page = PngStream(self.folder / f"page-{self._number:03d}.png", self.width)
        blank, self._blank = self._blank, 0
        stride = self.width // 8
        while blank:
            some = min(blank, 1024)
            self._page.rows(bytes(some * stride))
            blank -= some

    def _close(self) -> None:
        assert self._page is not None
        self._page.close()
        path = self._page.path
        self._page = None
        self.pages += 1
        if self._on_page is not None:
            self._on_page(self._number, path)


def last_page(folder: Path) -> int:
    """The highest N for which ``folder`` holds ``page-N.png``; 0 when there is none."""
    numbers = [path.stem.removeprefix("page-") for path in folder.glob("page-*.png")]
    return max((int(number) for number in numbers if number.isdecimal()), default=0)


class PngStream:
    """A one-bit PNG written line by line, with its height filled in at the end.

    Pillow needs the whole picture in memory at eight bits a dot; a roll of paper has no end.
    """

    def __init__(self, path: Path, width: int) -> None:
        if width < 8 or width % 8:
            raise ValueError(f"the width must be a multiple of 8 dots, not {width}")
        self.path = path
        self.width = width
        self.height = 0
        self._stride = width // 8
        self._part = path.with_name(f".{path.name}.part")
        self._deflate = zlib.compressobj(6)
        self._pending = bytearray()
        with _naming(self.path):
            self._file: BinaryIO = self._part.open("wb")
        with self._guard():
            self._file.write(_PNG_SIGNATURE + self._header())

    def rows(self, data: bytes) -> None:
        stride = self._stride
        count = len(data) // stride
        self.height += count
        # Each line of a PNG begins with its filter type, here 0 for none.
        lines = bytearray(count * (stride + 1))
        white = data.translate(_INVERT)
        if count < stride:
            for row in range(count):
                at = row * (stride + 1) + 1
                lines[at : at + stride] = white[row * stride : (row + 1) * stride]
        else:
            for column in range(stride):
                lines[column + 1 :: stride + 1] = white[column::stride]
        self._pending += self._deflate.compress(lines)
        if len(self._pending) >= _CHUNK:
            self._flush()

    def close(self) -> None:
        """Finish the picture and give it its name."""
        self._pending += self._deflate.flush()
        self._flush()
        with self._guard():
            self._file.write(_chunk(b"IEND", b""))
            self._file.seek(_HEADER_AT)
            self._file.write(self._header())
            self._file.close()
            os.replace(self._part, self.path)

    def discard(self) -> None:
        """Remove what was written."""
        # The same full disk may be met again while the rest is flushed: the file goes anyway.
        with contextlib.suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)

    def _flush(self) -> None:
        with self._guard():
            self._file.write(_chunk(b"IDAT", bytes(self._pending)))
        self._pending.clear()

    def _header(self) -> bytes:
        return _chunk(b"IHDR", struct.pack(">IIBBBBB", self.width, self.height, 1, 0, 0, 0, 0))

    def _guard(self) -> _naming:
        return _naming(self.path, self.discard)


class _naming:
    """Gives the path to an ``OSError`` that has none, as a failed write has."""

    def __init__(self, path: Path, cleanup: Callable[[], None] | None = None) -> None:
        self._path = path
        self._cleanup = cleanup

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OSError):
            if self._cleanup is not None:
                self._cleanup()
            raise OSError(error.errno, error.strerror, str(self._path)) from error


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
