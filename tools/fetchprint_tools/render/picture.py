"""PNG and JPEG pictures as a document of one page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from fetchprint_tools.render.box import Box
from fetchprint_tools.render.errors import RenderError

MAX_PICTURE_PIXELS = 100_000_000
"""A picture is unpacked as a whole: four octets a pixel at most. Phones make 12 to 100 million."""


class PictureDocument:
    """One page: the picture on white, turned as its camera says, as wide as the area allows."""

    count = 1

    def __init__(self, path: Path, kind: str) -> None:
        """``kind`` is Pillow's name of the only format that is accepted: PNG or JPEG."""
        try:
            self._image = Image.open(path, formats=[kind])
        except (
            UnidentifiedImageError,
            Image.DecompressionBombError,
            OSError,
            ValueError,
            SyntaxError,
        ) as error:
            raise RenderError(f"the {kind} picture cannot be opened: {error}") from error
        width, height = self._image.size
        if width * height > MAX_PICTURE_PIXELS:
            self._image.close()
            raise RenderError(f"a picture of {width} x {height} pixels is more than {MAX_PICTURE_PIXELS}")

    def images(self, box: Box) -> Iterator[Image.Image]:
        """The picture in grey, fitted to ``box``."""
        try:
            image = ImageOps.exif_transpose(self._image)
            grey = _on_white(image)
        except (OSError, ValueError, SyntaxError) as error:
            raise RenderError(f"the picture is broken: {error}") from error
        if box.scaling in ("auto", "auto-fit"):
            box = replace(box, scaling="fit")  # pixels have no size of their own on paper
        yield grey.resize(box.fit(*grey.size), Image.Resampling.LANCZOS)

    def close(self) -> None:
        """Free the picture."""
        self._image.close()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        colours = image.convert("RGBA")
        white = Image.new("RGBA", colours.size, "white")
        image = Image.alpha_composite(white, colours)
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow would clip where it should scale
        return image.convert("I").point(lambda value: value / 257).convert("L")
    return image.convert("L")
