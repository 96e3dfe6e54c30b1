"""Dots: scaling raster lines, putting them in their place on the head, columns into pictures."""

from __future__ import annotations

from PIL import Image

# Each bit of an octet twice: eight dots become sixteen.
_DOUBLED = [
    sum(0b11 << 2 * bit for bit in range(8) if octet & 1 << bit).to_bytes(2, "big") for octet in range(256)
]


def scale(data: bytes, across: int, wide: int, tall: int) -> bytes:
    """Raster lines of ``across`` bytes with each dot ``wide`` (1, 2) x ``tall`` (1, 2) dots large."""
    if wide == 2:
        data = b"".join([_DOUBLED[octet] for octet in data])
        across *= 2
    if tall == 2:
        data = b"".join([data[at : at + across] * 2 for at in range(0, len(data), across)])
    return data


def place(data: bytes, across: int, width: int, indent: int, area: int) -> bytes:
    """Lines of ``across`` bytes as head lines of ``width`` dots.

    They begin ``indent`` dots from the edge, and what goes past ``area`` dots, the width of
    the printing area, or past the head's end is not printed.
    """
    stride = width // 8
    dots = min(across * 8, area, width - indent)
    if across == stride == dots // 8 and indent == 0 and dots == width:
        return data
    lines = [data[at : at + across] for at in range(0, len(data), across)]
    if indent % 8 == 0 and dots % 8 == 0:
        before, after = bytes(indent // 8), bytes((width - indent - dots) // 8)
        return b"".join([before + line[: dots // 8] + after for line in lines])
    cut, shift = across * 8 - dots, width - indent - dots
    return b"".join([(int.from_bytes(line) >> cut << shift).to_bytes(stride) for line in lines])


def columns(data: bytes, depth: int, wide: int) -> Image.Image:
    """Columns of ``depth`` (1, 3) bytes, the top dot in the highest bit, as a picture 24 dots high."""
    count = len(data) // depth
    picture = Image.frombytes("1", (depth * 8, count), data).transpose(Image.Transpose.TRANSPOSE)
    return picture.resize((count * wide, 24), Image.Resampling.NEAREST)
