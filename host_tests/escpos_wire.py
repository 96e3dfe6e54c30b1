"""The ESC/POS driver, the document pipe and the emulated printer on one wire with a virtual clock."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from document_samples import Source
from PIL import Image, ImageChops, ImageDraw

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.engine.escpos import EscPos
from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.paper import MemoryPaper
from fetchprint_tools.raster import write_pwg

WIDTH = 576
RASTER = b"image/pwg-raster"
ESCPOS = b"application/vnd.epson.escpos"


class Wire:
    """Driver, pipe and printer; ``turn`` moves all of them on.

    ``baud`` limits the host's direction; without it bytes arrive as fast as they are written.
    ``flow``: as with RTS/CTS, the wire takes no more than the printer has room for. Without it,
    what the driver sends too much is lost, which the printer warns of where it has ``xon_xoff``. The
    driver's own ``flow`` and ``speed`` are ``flow_setting`` and ``line_speed`` here.
    """

    def __init__(
        self, speed: float | None = None, buffer: int = 4096, baud: int = 0, **options: object
    ) -> None:
        cover_error = bool(options.pop("cover_error", False))
        handshake = {key: bool(options.pop(key, False)) for key in ("xon_xoff", "busy_offline")}
        self.paper = MemoryPaper(WIDTH)
        self.printer = EscPosPrinter(
            WIDTH, buffer, speed, paper=self.paper, cover_error=cover_error, **handshake
        )
        self.milliseconds = 0
        self.baud = baud
        self.flow = bool(options.pop("flow", False))
        self._budget = 0.0
        self._replies = b""
        for ours, theirs in (("flow_setting", "flow"), ("line_speed", "speed")):
            if ours in options:
                options[theirs] = options.pop(ours)
        self.driver = EscPos(self, bytearray(4096), buffer=buffer, **options)
        self.pipe = Pipe(self.driver)

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        piece, self._replies = self._replies[:n], self._replies[n:]
        buf[off : off + len(piece)] = piece
        return len(piece) or None

    def write(self, buf: bytes, off: int, n: int) -> int | None:
        if self.baud:
            n = min(n, int(self._budget))
            self._budget -= n
        if self.flow:
            n = min(n, self.printer.room)
        self.printer.receive(bytes(buf[off : off + n]), self.milliseconds / 1000)
        return n or None

    def turn(self, milliseconds: int = 1) -> None:
        self.milliseconds += milliseconds
        self._budget = min(self._budget + self.baud / 10000, 64)
        self.printer.advance(self.milliseconds / 1000)
        self._replies += self.printer.transmit()
        self.driver.poll(ticks.add(0, self.milliseconds))

    def until(self, condition: Callable[[], object], seconds: float = 60, step: int = 1) -> None:
        end = self.milliseconds + seconds * 1000
        while not condition():
            assert self.milliseconds < end, "in vain"
            self.turn(step)

    def ready(self) -> Wire:
        self.until(lambda: not self.driver.reasons & base.STOPS)
        return self

    def start(self, data: bytes, mime: bytes = RASTER) -> None:
        self.pipe.start(Source(data, 1460), mime)

    def poll(self) -> bool:
        return bool(self.pipe.poll(ticks.add(0, self.milliseconds)))

    def print(self, data: bytes, mime: bytes = RASTER) -> None:
        self.start(data, mime)
        self.until(self.poll)


def noise(height: int, seed: int = 1, width: int = WIDTH) -> Image.Image:
    return Image.frombytes("L", (width, height), random.Random(seed).randbytes(width * height))


def picture() -> Image.Image:
    image = Image.radial_gradient("L").resize((WIDTH, 300))
    ImageDraw.Draw(image).text((30, 30), "fetchprint", fill=0)
    return image


def document(*pages: Image.Image) -> bytes:
    out = io.BytesIO()
    write_pwg(pages, out, dpi=203)
    return out.getvalue()


def on_paper(page: Image.Image, paper: Image.Image) -> bool:
    """Whether ``paper`` is ``page``, then nothing."""
    expected = Image.new("1", paper.size, 1)
    expected.paste(page.convert("1"), (0, 0))
    return ImageChops.logical_xor(expected, paper).getbbox() is None


def clean(wire: Wire) -> None:
    assert wire.printer.dropped == 0
    assert wire.printer.warnings == []
    assert wire.printer.drawer_kicks == []
