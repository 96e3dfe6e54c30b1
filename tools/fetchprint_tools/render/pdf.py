"""PDF pages through PDFium."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image

from fetchprint_tools.render.box import Box
from fetchprint_tools.render.errors import RenderError

_ONE_AT_A_TIME = threading.Lock()
"""PDFium may be used by one thread at a time, whatever the document."""


class PdfDocument:
    """``count`` pages, each rendered when it is its turn."""

    def __init__(self, path: Path) -> None:
        with _ONE_AT_A_TIME:
            try:
                self._pdf = pdfium.PdfDocument(path)
            except pdfium.PdfiumError as error:
                raise RenderError(f"the PDF cannot be opened: {error}") from error
            self.count = len(self._pdf)
        if not self.count:
            self.close()
            raise RenderError("the PDF has no pages")

    def images(self, box: Box) -> Iterator[Image.Image]:
        """Each page in grey, fitted to ``box``."""
        for number in range(self.count):
            yield self._page(number, box)

    def _page(self, number: int, box: Box) -> Image.Image:
        with _ONE_AT_A_TIME:
            try:
                page = self._pdf[number]
                width, height = page.get_size()
                dots = box.fit(width, height)
                bitmap = page.render(scale=box.scale(width, height), grayscale=True, may_draw_forms=True)
                image: Image.Image = bitmap.to_pil().convert("L")
                bitmap.close()
                page.close()
            except pdfium.PdfiumError as error:
                raise RenderError(f"page {number + 1} of the PDF cannot be rendered: {error}") from error
        # PDFium rounds the size up by itself; the edge it adds is part of a dot.
        return image if image.size == dots else image.crop((0, 0, *dots))

    def close(self) -> None:
        """Free the document."""
        with _ONE_AT_A_TIME:
            self._pdf.close()
