"""The text that an engine prints: a bitmap font in 12 x 24 cells and the line being made up."""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageFont

CELL_WIDTH = 12
CELL_HEIGHT = 24
"""Font A of an ESC/POS printer, in dots."""


@cache
def glyph(octet: int, wide: int = 1, tall: int = 1) -> Image.Image:
    """The picture of one byte of code page 437: mode ``1``, set where ink goes, ``wide`` x ``tall`` enlarged.

    Characters that the font lacks are boxes, so that garbage can be seen.
    """
    cell = Image.new("1", (CELL_WIDTH, CELL_HEIGHT), 0)
    character = bytes((octet,)).decode("cp437")
    if character == " " or ord(character) == 0xA0:
        pass
    elif ord(character) < 0x100 and character.isprintable():
        cell.paste(_pillow_glyph(character).resize((CELL_WIDTH, 22), Image.Resampling.NEAREST), (0, 1))
    else:
        cell.paste(1, (1, 3, CELL_WIDTH - 1, CELL_HEIGHT - 3))
        cell.paste(0, (3, 5, CELL_WIDTH - 3, CELL_HEIGHT - 5))
    if (wide, tall) == (1, 1):
        return cell
    return cell.resize((CELL_WIDTH * wide, CELL_HEIGHT * tall), Image.Resampling.NEAREST)


def _pillow_glyph(character: str) -> Image.Image:
    mask = ImageFont.load_default_imagefont().getmask(character, "1")
    picture = Image.new("1", mask.size, 0)
    for y in range(mask.size[1]):
        for x in range(mask.size[0]):
            picture.putpixel((x, y), 1 if mask.getpixel((x, y)) else 0)
    return picture


class Line:
    """The print buffer: pictures side by side, on one base line."""

    def __init__(self) -> None:
        self.width = 0
        self.height = 0
        self._items: list[tuple[int, Image.Image]] = []

    def __bool__(self) -> bool:
        return bool(self._items)

    def add(self, picture: Image.Image) -> None:
        self._items.append((self.width, picture))
        self.width += picture.width
        self.height = max(self.height, picture.height)

    def move(self, x: int) -> None:
        """Put the next picture ``x`` dots from the line's start."""
        self.width = max(0, x)

    def render(self, width: int, left: int) -> bytes:
        """Packed dot lines of ``width`` dots, the line beginning ``left`` dots from the edge."""
        canvas = Image.new("1", (width, self.height), 0)
        for x, picture in self._items:
            canvas.paste(1, (left + x, self.height - picture.height), picture)
        return canvas.tobytes()

    def clear(self) -> None:
        self._items.clear()
        self.width = self.height = 0
