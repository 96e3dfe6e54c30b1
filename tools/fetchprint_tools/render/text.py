"""Plain text, wrapped, in a monospaced font."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from fetchprint_tools.render.box import Box
from fetchprint_tools.render.errors import RenderError

MAX_TEXT_OCTETS = 4_000_000
"""Text is decoded as a whole; this is about 1,500 pages."""

ROLL_LINES = 200
"""Lines after which a new page begins on a roll."""

COLUMNS_PER_INCH = 14.2
"""42 characters on 75 mm, as receipt printers have it; A4 gets about 110."""

TAB = 8

_SYSTEM_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/dejavu-sans-mono-fonts/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
    "/Library/Fonts/DejaVuSansMono.ttf",
)


class TextDocument:
    """UTF-8 text. ``count`` is 0, not known: it depends on the page's size."""

    count = 0

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > MAX_TEXT_OCTETS:
            raise RenderError(f"the text has more than {MAX_TEXT_OCTETS} octets")
        try:
            self._text = path.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            raise RenderError(f"the text is not UTF-8: octet {error.start} is wrong") from error
        if any(ord(character) < 32 and character not in "\t\n\f\r" for character in self._text):
            raise RenderError("the text has control characters that no text has")

    def images(self, box: Box) -> Iterator[Image.Image]:
        """Pages in grey as wide as ``box``; a form feed begins a new one."""
        face = Face(box)
        columns = max(1, int(box.width / face.advance))
        room = min(ROLL_LINES, box.height // face.leading) if box.roll else box.height // face.leading
        if room < 1:
            raise RenderError("not even one line of text fits the page")
        for part in self._text.split("\f"):
            lines = [piece for line in part.splitlines() for piece in _wrap(line, columns)]
            for first in range(0, max(1, len(lines)), room):
                shown = lines[first : first + room]
                height = max(1, len(shown)) * face.leading if box.roll else box.height
                page = Image.new("L", (box.width, height), 255)
                for index, line in enumerate(shown):
                    face.draw(page, index * face.leading, line)
                yield page

    def close(self) -> None:
        """Nothing is held open."""


class Face:
    """DejaVu Sans Mono where the system has it, else the bitmap font that Pillow itself brings.

    The latter has only Latin-1: other characters lose their accents, or become a question mark.
    """

    def __init__(self, box: Box) -> None:
        self.advance = max(4.0, box.dpi / COLUMNS_PER_INCH)
        path = next((path for path in _SYSTEM_FONTS if Path(path).is_file()), None)
        self._font: ImageFont.FreeTypeFont | ImageFont.ImageFont
        if path is not None:
            unit = ImageFont.truetype(path, 100).getlength("M")
            size = max(6, round(self.advance * 100 / unit))
            self._font = ImageFont.truetype(path, size)
            self.advance = self._font.getlength("M")
            ascent, descent = self._font.getmetrics()
            self.leading = ascent + descent
            self._scale = 0
        else:
            self._font = ImageFont.load_default_imagefont()
            left, top, right, bottom = self._font.getbbox("M")
            self._scale = max(1, round(self.advance / (right - left)))
            self.advance = (right - left) * self._scale
            self.leading = int(bottom - top) * self._scale

    def draw(self, page: Image.Image, y: int, line: str) -> None:
        """One line of text with its top at ``y``."""
        if not line.strip():
            return
        if not self._scale:
            ImageDraw.Draw(page).text((0, y), line, fill=0, font=self._font)
            return
        line = _latin(line)
        left, top, right, bottom = (int(edge) for edge in self._font.getbbox(line))
        small = Image.new("L", (right - left, bottom - top), 255)
        ImageDraw.Draw(small).text((0, 0), line, fill=0, font=self._font)
        size = small.width * self._scale, small.height * self._scale
        page.paste(small.resize(size, Image.Resampling.NEAREST), (0, y))


def _latin(line: str) -> str:
    plain = ""
    for character in line:
        if ord(character) > 255:
            character = unicodedata.normalize("NFKD", character)[0]
        plain += character if ord(character) < 256 else "?"
    return plain


def _wrap(line: str, columns: int) -> Iterator[str]:
    """Pieces of at most ``columns`` characters, broken at blanks where there are any."""
    line = line.expandtabs(TAB).rstrip()
    while len(line) > columns:
        blank = line.rfind(" ", 1, columns + 1)
        cut = blank if blank > 0 and line[:blank].strip() else columns
        yield line[:cut].rstrip()
        line = line[cut:].lstrip() if cut == blank else line[cut:]
    yield line
