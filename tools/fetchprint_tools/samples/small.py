"""A page with something on its upper part only, for emulated boards: each printed line costs them time."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

_WIDTH, _LINES, _DPI = 576, 1598, 203


def write(path: Path) -> Path:
    """Write it as a PDF of 72 mm x 200 mm; ``path``."""
    image = Image.new("L", (_WIDTH, _LINES), 255)
    draw = ImageDraw.Draw(image)
    draw.text((40, 10), "Pico W", fill=0, font=ImageFont.load_default(60))
    draw.rectangle((300, 10, 560, 70), fill=128, outline=0, width=4)
    image.save(path, "PDF", resolution=_DPI)
    return path
