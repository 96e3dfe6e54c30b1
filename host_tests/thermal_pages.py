"""Pages of each kind for a thermal head: functions of its width in dots."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont

from escpos_wire import noise


def text(width: int) -> Image.Image:
    image = Image.new("1", (width, 240), 1)
    draw = ImageDraw.Draw(image)
    for row, size in enumerate((12, 24, 40, 90)):
        draw.text((10, 10 + row * 55), "Receipt 0123456789", fill=0, font=ImageFont.load_default(size))
    return image


def fine_lines(width: int) -> Image.Image:
    image = Image.new("1", (width, 100), 1)
    draw = ImageDraw.Draw(image)
    for x in range(0, width, 3):
        draw.line((x, 0, x, 49), fill=0)
    for y in range(50, 100, 2):
        draw.line((0, y, width, y), fill=0)
    return image


def one_pixel(width: int) -> Image.Image:
    return Image.new("1", (1, 50), 0)


PAGES = {
    "text": text,
    "photograph": lambda width: Image.radial_gradient("L").resize((width, 150)),
    "noise": lambda width: noise(60, width=width),
    "fine lines": fine_lines,
    "all black": lambda width: Image.new("1", (width, 100), 0),
    "all white": lambda width: Image.new("1", (width, 200), 1),
    "one pixel wide": one_pixel,
    "one line": lambda width: Image.new("1", (width, 1), 0),
}
