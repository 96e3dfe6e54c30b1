"""An emulated ESC/POS printer on a serial line of its own: it stays on when whatever drives it is killed."""

from __future__ import annotations

import hashlib
import io
import select
import threading
import time
from collections import Counter

from PIL import Image

from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.paper import MemoryPaper
from fetchprint_tools.engines.wire import Pty
from fetchprint_tools.raster import write_pwg

WIDTH = 576
DPI = 203
_STRIDE = WIDTH // 8
_BUFFER = 4096
_WAIT_S = 0.05


def row(serial: int, page: int, line: int) -> bytes:
    """A line of dots that no other line of any page of any job is like."""
    digest = hashlib.sha256(b"%d.%d.%d" % (serial, page, line)).digest()
    return (digest * 3)[:_STRIDE]


def rows(serial: int, page: int, lines: int) -> list[bytes]:
    """A page."""
    return [row(serial, page, line) for line in range(lines)]


def document(serial: int, pages: int, lines: int, media: str) -> bytes:
    """A document of such pages in PWG Raster."""
    out = io.BytesIO()
    images = [
        Image.frombytes("1", (WIDTH, lines), b"".join(rows(serial, page, lines)), "raw", "1;I")
        for page in range(1, pages + 1)
    ]
    write_pwg(images, out, dpi=DPI, media_name=media)
    return out.getvalue()


class DeskPrinter:
    """``device``: the path of its line. ``speed`` in lines a second. A context manager; it runs in a
    thread."""

    def __init__(self, speed: float) -> None:
        self._paper = MemoryPaper(WIDTH)
        self._printer = EscPosPrinter(WIDTH, _BUFFER, speed, paper=self._paper)
        self._wire = Pty()
        self.device = self._wire.device
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> DeskPrinter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._wire.close()

    def _run(self) -> None:
        printer, wire = self._printer, self._wire
        while not self._over.is_set():
            room = printer.room
            wait = printer.wait()
            seconds = _WAIT_S if wait is None else min(wait, _WAIT_S)
            select.select([wire] if room else [], [wire] if wire.queued else [], [], seconds)
            now = time.monotonic()
            data = wire.read(room) if room else b""
            if data:
                printer.receive(data, now)
            printer.advance(now)
            wire.write(printer.transmit())

    def printed(self) -> Counter[bytes]:
        """How often each line lies on the paper; read when it has stopped."""
        everything = b"".join(self._paper.pages) + bytes(self._paper.current)
        return Counter(everything[at : at + _STRIDE] for at in range(0, len(everything), _STRIDE))
