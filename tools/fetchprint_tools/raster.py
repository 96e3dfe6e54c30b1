"""PWG Raster (PWG 5102.4, ``image/pwg-raster``) written from Pillow images.

The print service renders with this and the tests make their samples with it. It
shares nothing with the firmware's decoder, so that each can judge the other.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import BinaryIO

from PIL import Image

SYNC = b"RaS2"
HEADER_LENGTH = 1796
"""Octets of a page header (PWG 5102.4 section 4.3), without the sync word."""

COLOR_SPACE_BLACK = 3
COLOR_SPACE_SGRAY = 18
MAX_LINE_REPEAT = 256
MAX_RUN = 128
"""One count octet covers at most 256 lines or 128 pixels."""

_POINTS_PER_INCH = 72
_RUN = re.compile(rb"(.)\1{1,%d}" % (MAX_RUN - 1), re.DOTALL)


def write_pwg(
    pages: Iterable[Image.Image],
    out: BinaryIO,
    *,
    dpi: int,
    media_name: str = "",
    page_size_points: tuple[int, int] | None = None,
    total_pages: int = 0,
    runs: bool = True,
) -> int:
    """Write ``pages`` to ``out`` as one document and return the number of pages.

    Mode ``1`` images become black_1, mode ``L`` images sgray_8; any other mode is a
    ``ValueError``. ``dpi`` is the resolution in both directions. ``media_name`` is a PWG
    5101.1 self-describing name of at most 63 ASCII characters. ``page_size_points`` is the
    media size in 1/72 inch; by default it is worked out from each image. ``total_pages`` of 0
    says "not known". ``runs=False`` writes every line out in full as literal pixels.
    """
    if dpi < 1:
        raise ValueError(f"the resolution must be at least 1 dpi, not {dpi}")
    out.write(SYNC)
    count = 0
    for page in pages:
        size = page_size_points or (
            round(page.width * _POINTS_PER_INCH / dpi),
            round(page.height * _POINTS_PER_INCH / dpi),
        )
        out.write(page_header(page, dpi, media_name, size, total_pages))
        _write_lines(page, out, runs)
        count += 1
    return count


def page_header(
    page: Image.Image,
    dpi: int,
    media_name: str,
    page_size_points: tuple[int, int],
    total_pages: int = 0,
) -> bytes:
    """The 1796 octets that describe ``page``; see ``write_pwg`` for the arguments."""
    bits, color_space = _raster_type(page)
    if not page.width or not page.height:
        raise ValueError(f"cannot write a page of {page.width} x {page.height} pixels")
    header = bytearray(HEADER_LENGTH)
    _put_text(header, 0, "PwgRaster")
    _put_integers(header, 276, dpi, dpi)  # HWResolution
    _put_integers(header, 340, 1)  # NumCopies
    _put_integers(header, 352, *page_size_points)  # PageSize
    _put_integers(header, 372, page.width, page.height)
    _put_integers(header, 384, bits, bits, (page.width * bits + 7) // 8)  # per color, per pixel, per line
    _put_integers(header, 400, color_space)
    _put_integers(header, 420, 1)  # NumColors
    _put_integers(header, 452, total_pages, 1, 1)  # TotalPageCount, CrossFeedTransform, FeedTransform
    _put_text(header, 1732, media_name)  # PageSizeName
    return bytes(header)


def _raster_type(page: Image.Image) -> tuple[int, int]:
    """Bits per pixel and color space of the PWG raster type for the image's mode."""
    if page.mode == "1":
        return 1, COLOR_SPACE_BLACK
    if page.mode == "L":
        return 8, COLOR_SPACE_SGRAY
    raise ValueError(f"cannot write a page of mode {page.mode!r}: convert it to '1' or 'L' first")


def _put_text(header: bytearray, at: int, text: str) -> None:
    octets = text.encode("ascii")
    if len(octets) > 63:
        raise ValueError(f"{text!r} is longer than the 63 octets of its header field")
    header[at : at + len(octets)] = octets


def _put_integers(header: bytearray, at: int, *values: int) -> None:
    struct.pack_into(f">{len(values)}I", header, at, *values)


def _write_lines(page: Image.Image, out: BinaryIO, runs: bool) -> None:
    # PWG black_1 has 1 for black where Pillow has 1 for white.
    pixels = page.tobytes("raw", "1;I" if page.mode == "1" else "L")
    stride = len(pixels) // page.height
    y = 0
    while y < page.height:
        line = pixels[y * stride : (y + 1) * stride]
        repeat = 1
        if runs:
            limit = min(MAX_LINE_REPEAT, page.height - y)
            while repeat < limit and pixels.startswith(line, (y + repeat) * stride):
                repeat += 1
        out.write(bytes((repeat - 1,)))
        out.write(_runs(line) if runs else _literals(line))
        y += repeat


def _runs(line: bytes) -> bytes:
    coded = bytearray()
    at = 0
    for run in _RUN.finditer(line):
        coded += _literals(line[at : run.start()])
        coded += bytes((run.end() - run.start() - 1, line[run.start()]))
        at = run.end()
    coded += _literals(line[at:])
    return bytes(coded)


def _literals(line: bytes) -> bytes:
    coded = bytearray()
    for at in range(0, len(line), MAX_RUN):
        piece = line[at : at + MAX_RUN]
        # A count of one has no literal form: 257 - 1 does not fit an octet.
        coded.append(257 - len(piece) if len(piece) > 1 else 0)
        coded += piece
    return bytes(coded)
