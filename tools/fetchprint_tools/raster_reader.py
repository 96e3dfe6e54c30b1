"""PWG Raster (PWG 5102.4) read into Pillow images, for the host's own use.

It shares nothing with the firmware's decoder, so that each can judge the other.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image

from fetchprint_tools.raster import HEADER_LENGTH, SYNC

MAX_PIXELS = 200_000_000
"""Of one page: A3 at 1200 dpi has 270 million, but nobody looks at that in a browser."""

_MODES = {1: ("1", "1;I"), 8: ("L", "L"), 24: ("RGB", "RGB")}
_COLOR_SPACES = {3: 1, 18: 8, 19: 24}  # black, sgray, srgb -> the bits per pixel that can be read


class RasterError(ValueError):
    """The document is not PWG Raster, or of a kind that is not read; says at which octet."""


def read_pwg(file: BinaryIO) -> Iterator[Image.Image]:
    """The pages, one at a time: black_1 as mode ``1``, sgray_8 as ``L``, srgb_8 as ``RGB``."""
    if file.read(len(SYNC)) != SYNC:
        raise RasterError("octet 0: not PWG Raster")
    while header := file.read(HEADER_LENGTH):
        yield _page(file, header, file.tell() - len(header))


def _page(file: BinaryIO, header: bytes, at: int) -> Image.Image:
    if len(header) < HEADER_LENGTH:
        raise RasterError(f"octet {at}: the page header is cut short")
    width, height = struct.unpack_from(">II", header, 372)
    bits, stride = struct.unpack_from(">II", header, 388)
    (space,) = struct.unpack_from(">I", header, 400)
    if _COLOR_SPACES.get(space) != bits:
        raise RasterError(f"octet {at}: color space {space} with {bits} bits a pixel is not read")
    if not 0 < width * height <= MAX_PIXELS or stride != (width * bits + 7) // 8:
        raise RasterError(f"octet {at}: a page of {width} x {height} pixels, {stride} octets a line")
    lines = bytearray()
    while len(lines) < stride * height:
        repeat = _octets(file, 1)[0] + 1
        line = _line(file, stride, max(1, bits // 8))
        lines += line * min(repeat, height - len(lines) // stride)
    mode, raw = _MODES[bits]
    return Image.frombytes(mode, (width, height), bytes(lines), "raw", raw)


def _line(file: BinaryIO, stride: int, unit: int) -> bytes:
    line = bytearray()
    while len(line) < stride:
        count = _octets(file, 1)[0]
        if count < 128:
            line += _octets(file, unit) * (count + 1)
        else:
            line += _octets(file, unit * (257 - count))
    if len(line) > stride:
        raise RasterError(f"octet {file.tell()}: a run goes past the end of its line")
    return bytes(line)


def _octets(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise RasterError(f"octet {file.tell()}: the document is cut short")
    return data
