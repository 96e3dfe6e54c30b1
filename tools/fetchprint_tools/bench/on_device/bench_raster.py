"""Raster lines a second: PWG Raster decoded and halftoned, with an engine that takes lines at once."""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import gc
import sys

from fetchprint import ticks
from fetchprint.document.halftone import Ordered, Threshold
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

WINDOW = 1460


class File:
    """A document in a file as a Source."""

    def __init__(self, path: str) -> None:
        self.buf = bytearray(WINDOW)
        self.pos = self.end = 0
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115

    def fill(self, now: int) -> int:
        self.pos = 0
        self.end = self._file.readinto(self.buf)
        return self.end

    def rewind(self) -> None:
        self._file.seek(0)
        self.pos = self.end = 0


class Counter(base.Engine):
    """An engine that counts lines."""

    formats = (b"image/pwg-raster",)
    resolution = 203
    overhang = 7
    width = 576

    def __init__(self) -> None:
        base.Engine.__init__(self)
        self.count = 0

    def begin_job(self) -> bool:
        self.in_job = True
        return True

    def begin_page(self, width: int, height: int) -> bool:
        return True

    def line(self, buf: bytearray, off: int, n: int) -> bool:
        self.count += 1
        return True

    def end_page(self) -> bool:
        return True

    def end_job(self) -> bool:
        self.in_job = False
        return True


def measure(path: str, ms: str, *others: str):
    """The document at ``path`` again and again, for at least ``ms`` milliseconds with each halftone; then
    each of ``others``, given as ``NAME,MIME,PATH``, with error diffusion, and the bytes a page allocates."""
    port = Port()
    source = File(path)
    for name, halftone in (("error-diffusion", None), ("ordered", Ordered()), ("threshold", Threshold())):
        engine = Counter()
        pipe = Pipe(engine, halftone)
        start = port.now()
        while ticks.diff(port.now(), start) < int(ms):
            source.rewind()
            pipe.start(source, b"image/pwg-raster")
            while pipe.poll(0) is None:
                pass
        yield {"halftone": name, "lines": engine.count, "ms": ticks.diff(port.now(), start)}
    for name, mime, path in [other.split(",") for other in others]:
        engine = Counter()
        pipe = Pipe(engine)
        source = File(path)
        kept = -1
        start = port.now()
        pages = 0
        while pages < 2 or ticks.diff(port.now(), start) < int(ms):
            source.rewind()
            pipe.start(source, mime.encode())
            if pages == 1 and hasattr(gc, "mem_alloc"):
                gc.collect()
                gc.disable()
                kept = gc.mem_alloc()
            while pipe.poll(0) is None:
                pass
            if pages == 1 and hasattr(gc, "mem_alloc"):
                kept = gc.mem_alloc() - kept
                gc.enable()
            pages += 1
        spent = ticks.diff(port.now(), start)
        yield {"format": name, "lines": engine.count, "ms": spent, "bytes-a-page": kept}
