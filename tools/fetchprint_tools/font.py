"""Makes ``firmware/fetchprint/document/font.py`` from X11's misc-fixed 10x20 ("Public domain font. Share
and enjoy."; in Debian's xfonts-base as 10x20.pcf.gz, which is to be unpacked first).

python -m fetchprint_tools.font 10x20.pcf > firmware/fetchprint/document/font.py
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 10, 20
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x100)]
EXTRA = sorted(ord(bytes((octet,)).decode("cp1252", "replace")) for octet in range(0x80, 0xA0))
"""What Windows-1252 has beside Latin-1: the euro, quotation marks, dashes, and the replacement glyph."""
_PER_LINE = 96

_HEAD = '''"""The built-in font: X11's misc-fixed 10x20 (public domain), Windows-1252's characters.

Made by tools/fetchprint_tools/font.py. Text, so that it stays in flash: octets of 48 and more, each with
5 bits. A glyph is its first row with ink, the number of rows from there, and two octets for each of them.
"""

WIDTH = 10
HEIGHT = 20
"""Dots of a cell."""

EXTRA = (
{extra}
)
"""Characters beyond Latin-1, two octets each, in order; the last one stands for all that are missing."""

# 0x20 to 0x7E, 0xA0 to 0xFF, then EXTRA.
GLYPHS = (
{glyphs}
)
'''


def glyph(font: ImageFont.FreeTypeFont, code: int) -> str:
    """One glyph as the firmware reads it."""
    cell = Image.new("1", (WIDTH, HEIGHT), 0)
    if code != 0xFFFD:
        draw = ImageDraw.Draw(cell)
        draw.fontmode = "1"
        draw.text((0, 0), chr(code), font=font, fill=1)
    else:  # the font has none: a box
        ImageDraw.Draw(cell).rectangle((1, 4, 8, 15), outline=1)
    rows = [sum(bool(cell.getpixel((x, y))) << (WIDTH - 1 - x) for x in range(WIDTH)) for y in range(HEIGHT)]
    inked = [y for y, row in enumerate(rows) if row]
    if not inked:
        return "00"
    top, end = inked[0], inked[-1] + 1
    coded = (top, end - top, *(part for row in rows[top:end] for part in (row >> 5, row & 31)))
    return "".join(chr(48 + part) for part in coded)


def codes() -> Iterator[int]:
    """Every character, in the order of the glyphs."""
    yield from LATIN
    yield from dict.fromkeys(EXTRA)


def main(path: Path) -> None:
    """Print the module."""
    font = ImageFont.truetype(str(path), HEIGHT)
    text = "".join(glyph(font, code) for code in codes())
    pieces = [text[at : at + _PER_LINE] for at in range(0, len(text), _PER_LINE)]
    octets = [octet for code in dict.fromkeys(EXTRA) for octet in code.to_bytes(2, "big")]
    escaped = "".join(f"\\x{octet:02x}" for octet in octets)
    extra = "\n".join(f'    b"{escaped[at : at + 96]}"' for at in range(0, len(escaped), 96))
    lines = "\n".join(f'    b"{piece}"' for piece in pieces)
    print(_HEAD.format(extra=extra, glyphs=lines), end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
