"""The sample pages, as documents of every format, and how Pillow renders each."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from fetchprint_tools.samples import RECEIPT
from fetchprint_tools.samples.rasters import PWG, URF, encode

TEXT = "text/plain"


@dataclass(frozen=True)
class Sample:
    """``expected``: the pages dot for dot, black and white; None where no other renderer has the font."""

    name: str
    mime: str
    kind: str
    data: bytes
    expected: list[Image.Image] | None

    @property
    def label(self) -> str:
        """For people: what it is and how it came."""
        return f"{self.name} ({self.mime.split('/')[1]} {self.kind})".replace(" )", ")")


def samples(width: int, dpi: int) -> Iterator[Sample]:
    """Pages for a head of ``width`` dots."""
    photo = _photo(width, width * 5 // 8)
    text = _text(width)
    yield _sample("text", PWG, "black_1", [text], dpi)
    yield Sample("text", TEXT, "", _WORDS.encode(), None)
    yield _sample("photograph", PWG, "sgray_8", [photo], dpi)
    yield _sample("photograph", PWG, "srgb_8", [photo], dpi)
    yield _sample("photograph", URF, "sgray_8", [photo], dpi)
    yield _sample("photograph", URF, "srgb_8", [photo], dpi)
    lines = _lines(width, 300)
    yield _sample("fine lines", PWG, "black_1", [lines], dpi)
    yield _sample("fine lines", URF, "sgray_8", [lines], dpi)
    yield _sample("all black", PWG, "black_8", [Image.new("L", (width, 160), 0)], dpi)
    yield _sample("all white", URF, "sgray_8", [Image.new("L", (width, 160), 255)], dpi)
    yield _sample("one dot wide", PWG, "sgray_8", [photo.convert("L").crop((0, 0, 1, 200))], dpi)
    yield _sample("20 pages", PWG, "black_1", [_number(width, page) for page in range(1, 21)], dpi)
    yield _sample("1 m of receipt", URF, "sgray_8", [_receipt(width, round(1000 * dpi / 25.4), dpi)], dpi)


def a4(dpi: int = 300) -> Sample:
    """A4 for a head that is as wide."""
    width, height = round(210 * dpi / 25.4), round(297 * dpi / 25.4)
    page = Image.new("L", (width, height), 255)
    page.paste(_receipt(width - 400, height - 400, dpi), (200, 200))
    return _sample("A4", PWG, "sgray_8", [page], dpi)


def _sample(name: str, mime: str, kind: str, pages: list[Image.Image], dpi: int) -> Sample:
    expected = [page.convert("L").convert("1") for page in pages]
    return Sample(name, mime, kind, encode(pages, mime, kind, dpi), expected)


_WORDS = """Fetched, wrapped and drawn by the firmware itself.

Qty\tItem\t\t\tPrice
2\tCrème brûlée\t\t\u20ac 7.80
1\tKaffee „Müller“\t\t\u20ac 3.20

The quick brown fox jumps over the lazy dog, and the line is broken where a word ends.
ÀÉÎÕÜ àéîõü ß Ñ ñ Ç ç Ø ø Å å Æ æ \u0152 \u0153 \u0160 \u0161 £ ¥ ½ ± µ §
"""


def _photo(width: int, height: int) -> Image.Image:
    """Hills, a low sun and its glow, in colour."""
    picture = Image.new("RGB", (width, height))
    ridges = [
        [
            height * (0.6 + 0.13 * layer) + 18 * math.sin(x / (70 - 15 * layer) + 2 * layer)
            for x in range(width)
        ]
        for layer in range(3)
    ]
    shades = ((120, 110, 140), (70, 90, 80), (30, 45, 30))
    pixels = picture.load()
    assert pixels is not None
    for y in range(height):
        for x in range(width):
            away = (x - 0.68 * width) ** 2 + (y - 0.4 * height) ** 2
            glow = math.exp(-away / (0.01 * width * width))
            color = (200 + 55 * glow, 150 + 80 * glow, 190 - 60 * y / height - 40 * glow)
            for layer in range(3):
                if y > ridges[layer][x]:
                    color = shades[layer]
            pixels[x, y] = tuple(min(255, int(part)) for part in color)
    return picture


def _text(width: int) -> Image.Image:
    page = Image.new("L", (width, 330), 255)
    draw = ImageDraw.Draw(page)
    y = 6
    for size in (46, 34, 26, 20, 16, 13):
        draw.text((8, y), f"{size} dots: Sphinx of black quartz", font=ImageFont.load_default(size), fill=0)
        y += size + 16
    return page.convert("1", dither=Image.Dither.NONE)


def _lines(width: int, height: int) -> Image.Image:
    page = Image.new("1", (width, height), 1)
    draw = ImageDraw.Draw(page)
    for step in range(46):
        angle = step * math.pi / 90
        draw.line((0, 0, width * math.cos(angle) * 2, width * math.sin(angle) * 2), fill=0)
    for x in range(width // 2, width, 2):
        draw.line((x, height - 60, x, height), fill=0)
    for y in range(height - 60, height, 2):
        draw.line((0, y, width // 2, y), fill=0)
    return page


def _number(width: int, number: int) -> Image.Image:
    page = Image.new("1", (width, 90), 1)
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, width - 1, 89), outline=0)
    draw.text((width // 2 - 60, 20), f"{number} / 20", font=ImageFont.load_default(44), fill=0)
    return page


def _receipt(width: int, height: int, dpi: int) -> Image.Image:
    """The bundled delivery note, again and again."""
    with pypdfium2.PdfDocument(RECEIPT) as document:
        bitmap = document[0].render(scale=dpi / 72, grayscale=True)
        note = bitmap.to_pil().convert("L")
    scaled = note.resize((width, note.height * width // note.width), Image.Resampling.LANCZOS)
    page = Image.new("L", (width, height), 255)
    for y in range(0, height, scaled.height):
        page.paste(scaled, (0, y))
    return page
