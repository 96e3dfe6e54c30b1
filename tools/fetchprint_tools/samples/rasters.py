"""Every raster type that the firmware takes, written from Pillow images for the sample pages.

The built-in service needs only what ``fetchprint_tools.raster`` writes; this has colour, inverted
grey and Apple Raster, too.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import groupby

from PIL import Image

PWG = "image/pwg-raster"
URF = "image/urf"

_MODES = {"black_1": "1", "black_8": "L", "sgray_8": "L", "srgb_8": "RGB"}
_SPACES = {"black_1": 3, "black_8": 3, "sgray_8": 18, "srgb_8": 19}


def encode(pages: Sequence[Image.Image], mime: str, kind: str, dpi: int) -> bytes:
    """One document; ``kind`` is a pwg-raster-document-type, for Apple Raster sgray_8 or srgb_8."""
    out = bytearray(b"RaS2" if mime == PWG else b"UNIRAST\0" + struct.pack(">I", len(pages)))
    for page in pages:
        page = page.convert(_MODES[kind], dither=Image.Dither.NONE)
        bits = {"1": 1, "L": 8, "RGB": 24}[page.mode]
        out += _pwg_header(page, kind, bits, dpi) if mime == PWG else _urf_header(page, bits, dpi)
        octets = page.tobytes("raw", "1;I" if bits == 1 else page.mode)
        if kind == "black_8":
            octets = bytes(255 - octet for octet in octets)
        stride = len(octets) // page.height
        rows = [octets[at : at + stride] for at in range(0, len(octets), stride)]
        for row, equal in groupby(rows):
            count = len(list(equal))
            coded = _runs(row, max(1, bits // 8), mime == URF)
            for at in range(0, count, 256):
                out.append(min(256, count - at) - 1)
                out += coded
    return bytes(out)


def _pwg_header(page: Image.Image, kind: str, bits: int, dpi: int) -> bytes:
    header = bytearray(1796)
    header[:9] = b"PwgRaster"
    points = (page.width * 72 // dpi, page.height * 72 // dpi)
    for at, *values in (
        (276, dpi, dpi),
        (340, 1),
        (352, *points),
        (372, page.width, page.height),
        (384, min(bits, 8), bits, (page.width * bits + 7) // 8, 0, _SPACES[kind]),
        (420, 3 if bits == 24 else 1),
        (452, 0, 1, 1),
    ):
        struct.pack_into(f">{len(values)}I", header, at, *values)
    return bytes(header)


def _urf_header(page: Image.Image, bits: int, dpi: int) -> bytes:
    return struct.pack(">BBBB8xIII8x", bits, bits // 24, 1, 4, page.width, page.height, dpi)


def _runs(row: bytes, unit: int, blanks: bool) -> bytes:
    pixels = [row[at : at + unit] for at in range(0, len(row), unit)]
    end = len(pixels)
    while blanks and end and pixels[end - 1] == b"\xff" * unit:
        end -= 1
    coded = bytearray()
    literal: list[bytes] = []

    def flush() -> None:
        for at in range(0, len(literal), 128):
            piece = literal[at : at + 128]
            coded.append(257 - len(piece) if len(piece) > 1 else 0)
            coded.extend(b"".join(piece))
        literal.clear()

    for pixel, equal in groupby(pixels[:end]):
        count = len(list(equal))
        if count == 1:
            literal.append(pixel)
            continue
        flush()
        for at in range(0, count, 128):
            coded.append(min(128, count - at) - 1)
            coded += pixel
    flush()
    if end < len(pixels):
        coded.append(0x80)
    return bytes(coded)
