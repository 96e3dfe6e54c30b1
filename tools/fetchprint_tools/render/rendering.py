"""One document rendered for one device: opened, fitted to its media, written page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from PIL import Image

from fetchprint_tools.raster import write_pwg
from fetchprint_tools.render import formats
from fetchprint_tools.render.box import MAX_PAGE_PIXELS, MAX_ROLL_DOTS, POINTS_PER_INCH, Box
from fetchprint_tools.render.errors import RenderError
from fetchprint_tools.render.media import Media
from fetchprint_tools.render.pdf import PdfDocument
from fetchprint_tools.render.picture import PictureDocument
from fetchprint_tools.render.text import TextDocument

RASTER_TYPES = ("sgray_8", "black_1")
"""What can be written, the better first: a device that takes grey halftones for its own engine."""

HUNDREDTHS_PER_INCH = 2540


@dataclass(frozen=True)
class Target:
    """What the device declared: dots per inch, a pwg-raster-document-type, the media."""

    dpi: int
    raster_type: str
    media: Media
    scaling: str = "auto-fit"

    @property
    def box(self) -> Box:
        """The printable area. Raises ``RenderError`` when the margins leave none."""
        media = self.media
        if not media.usable:
            raise RenderError(f"the margins of {media.name or 'the media'} leave no printable area")
        width = self.dots(media.x - media.left - media.right)
        height = self.dots(media.y - media.top - media.bottom)
        if media.roll and (height < 1 or height > MAX_ROLL_DOTS):
            height = MAX_ROLL_DOTS
        return Box(max(1, width), max(1, height), self.dpi, media.roll, self.scaling)

    def dots(self, hundredths: int) -> int:
        """Hundredths of millimetres in dots."""
        return round(hundredths * self.dpi / HUNDREDTHS_PER_INCH)


class Document(Protocol):
    """A format's reader: ``count`` pages, 0 when not known before they are made."""

    @property
    def count(self) -> int: ...

    def images(self, box: Box) -> Iterator[Image.Image]: ...

    def close(self) -> None: ...


class Rendering:
    """Opens ``path`` and makes its first page, so that most faults show before anything is sent.

    Raises ``RenderError`` here or, for a fault in a later page, from ``write``. One page is held
    in memory at a time.
    """

    def __init__(self, path: Path, mime: str, target: Target) -> None:
        if target.raster_type not in RASTER_TYPES:
            raise RenderError(
                f"the device wants {target.raster_type}, only {', '.join(RASTER_TYPES)} can be made"
            )
        self.target = target
        self._box = target.box
        self._document = _open(path, mime)
        self.count = self._document.count
        self._images = self._document.images(self._box)
        try:
            self._first = next(self._images)
        except BaseException:
            self._document.close()
            raise

    def pages(self) -> Iterator[Image.Image]:
        """Sheets of the media's whole size, mode ``L`` or ``1``."""
        yield self._sheet(self._first)
        for image in self._images:
            yield self._sheet(image)

    def write(self, out: BinaryIO) -> int:
        """The document as image/pwg-raster; the number of pages."""
        media = self.target.media
        size = None
        if not media.roll:
            points = POINTS_PER_INCH / HUNDREDTHS_PER_INCH
            size = round(media.x * points), round(media.y * points)
        return write_pwg(
            self.pages(),
            out,
            dpi=self.target.dpi,
            media_name="" if media.roll else media.name,
            page_size_points=size,
            total_pages=self.count,
        )

    def close(self) -> None:
        """Free the document."""
        self._document.close()

    def _sheet(self, image: Image.Image) -> Image.Image:
        target, media, box = self.target, self.target.media, self._box
        left, top = target.dots(media.left), target.dots(media.top)
        width = target.dots(media.x)
        if media.roll:
            height = top + image.height + target.dots(media.bottom)
            at = left + (box.width - image.width) // 2, top
        else:
            height = target.dots(media.y)
            at = left + (box.width - image.width) // 2, top + (box.height - image.height) // 2
        if width * height > MAX_PAGE_PIXELS:
            raise RenderError(f"a page of {width} x {height} dots is more than {MAX_PAGE_PIXELS}")
        sheet = image
        if image.size != (width, height):
            sheet = Image.new("L", (width, height), 255)
            sheet.paste(image, at)
        return sheet.convert("1") if target.raster_type == "black_1" else sheet


def _open(path: Path, mime: str) -> Document:
    if mime == formats.PDF:
        return PdfDocument(path)
    if mime == formats.PNG:
        return PictureDocument(path, "PNG")
    if mime == formats.JPEG:
        return PictureDocument(path, "JPEG")
    if mime == formats.TEXT:
        return TextDocument(path)
    raise RenderError(f"{mime} cannot be rendered, only {', '.join(formats.RENDERABLE)}")
