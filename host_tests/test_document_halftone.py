"""Halftones judged by Pillow, dot for dot, on CPython and on MicroPython."""

from __future__ import annotations

import math
import random
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter

from fetchprint.document.halftone import ErrorDiffusion, Ordered, Threshold
from fetchprint_tools import micropython

SCRIPT = """
import sys
from fetchprint.document.halftone import ErrorDiffusion, Ordered, Threshold
width = int(sys.argv[1])
method = {"diffusion": ErrorDiffusion(width), "ordered": Ordered(), "threshold": Threshold(100)}[sys.argv[4]]
method.start(width)
line = bytearray(width)
dots = bytearray((width + 7) // 8)
with open(sys.argv[2], "rb") as grey, open(sys.argv[3], "wb") as out:
    while grey.readinto(line):
        method.line(line, dots)
        out.write(dots)
"""


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    return Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))


def photo(width: int, height: int) -> Image.Image:
    """Soft shapes, edges and grain, as a photograph has."""
    places = ((x, y) for y in range(height) for x in range(width))
    octets = bytes(int(127 + 120 * math.sin(x / 37) * math.cos(y / 23 + x / 91)) for x, y in places)
    soft = Image.frombytes("L", (width, height), octets)
    return Image.blend(soft, noise(width, height, 7).filter(ImageFilter.GaussianBlur(1)), 0.2)


PICTURES = {
    "gradient": lambda: Image.linear_gradient("L").rotate(90).resize((576, 200)),
    "radial": lambda: Image.radial_gradient("L").resize((577, 150)),
    "noise": lambda: noise(575, 120),
    "dark noise": lambda: noise(384, 100, 2).point(lambda level: level // 8),
    "light noise": lambda: noise(384, 100, 3).point(lambda level: 255 - level // 8),
    "photo": lambda: photo(576, 200),
    "one column": lambda: noise(1, 50),
    "nine columns": lambda: noise(9, 50),
    "one line": lambda: noise(576, 1),
    "extremes": lambda: noise(576, 60, 4).point(lambda level: 255 * (level & 1)),
}


@pytest.fixture(params=sorted(PICTURES))
def picture(request: pytest.FixtureRequest) -> Image.Image:
    image: Image.Image = PICTURES[request.param]()
    assert image.mode == "L"
    return image


def bayer(n: int) -> list[list[int]]:
    """Bayer's matrix by his rule: each level from four copies of the one before."""
    if n == 1:
        return [[0]]
    half = bayer(n // 2)
    upper = [[4 * v for v in row] + [4 * v + 2 for v in row] for row in half]
    return upper + [[4 * v + 3 for v in row] + [4 * v + 1 for v in row] for row in half]


def judge(picture: Image.Image, method: str) -> bytes:
    if method == "diffusion":
        dots = picture.convert("1")
    elif method == "threshold":
        dots = picture.point(lambda level: 255 * (level >= 100)).convert("1", dither=Image.Dither.NONE)
    else:
        tile = Image.frombytes("L", (8, 8), bytes(4 * v + 2 for row in bayer(8) for v in row))
        levels = Image.new("L", picture.size)
        for y in range(0, picture.height, 8):
            for x in range(0, picture.width, 8):
                levels.paste(tile, (x, y))
        # black where the picture is below its threshold: the difference is cut off at zero elsewhere
        below = ImageChops.subtract(levels, picture)
        dots = below.point(lambda level: 255 * (level == 0)).convert("1", dither=Image.Dither.NONE)
    return dots.tobytes("raw", "1;I")


METHODS = ("diffusion", "ordered", "threshold")


@pytest.mark.parametrize("name", METHODS)
def test_cpython(picture: Image.Image, name: str) -> None:
    width = picture.width
    method = {"diffusion": ErrorDiffusion(width), "ordered": Ordered(), "threshold": Threshold(100)}[name]
    method.start(width)
    dots = bytearray((width + 7) // 8)
    grey = picture.tobytes()
    out = bytearray()
    for y in range(picture.height):
        method.line(grey[y * width : (y + 1) * width], dots)
        out += dots
    assert bytes(out) == judge(picture, name)


@pytest.mark.parametrize("name", METHODS)
def test_micropython(picture: Image.Image, name: str, tmp_path: Path) -> None:
    script, grey, out = tmp_path / "halftone.py", tmp_path / "grey", tmp_path / "dots"
    script.write_text(SCRIPT)
    grey.write_bytes(picture.tobytes())
    command = micropython.command(script, [str(picture.width), str(grey), str(out), name])
    subprocess.run(command, env=micropython.environment(), check=True, timeout=60)
    assert out.read_bytes() == judge(picture, name)
