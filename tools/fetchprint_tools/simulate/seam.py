"""A driver at the seam of ``engine/base.py``, for the simulated printer: what a vendor's module looks like.

Each call that reaches the printer is an operation that a power cut can hit."""

from __future__ import annotations

from typing import Any

from fetchprint.engine import base
from fetchprint_tools.simulate.jobs import DPI, token
from fetchprint_tools.simulate.printer import ROOM, Printer
from fetchprint_tools.simulate.world import World

SETTINGS = {"device": str}
"""``pass``: documents go through as they are; ``raster``: they are printed line by line."""


def make(settings: dict[str, Any], port: Any) -> SeamEngine:
    """The driver of the printer that the simulated port has."""
    return SeamEngine(port.world, port.printer, settings["device"] == "raster")


class SeamEngine(base.Engine):
    """Pages and their ends are confirmed by the printer."""

    make_and_model = b"Simulated engine"
    device_id = b"MFG:fetchprint;MDL:Simulated;"
    formats = (b"application/octet-stream",)  # type: ignore[assignment]  # those of no engine are ()

    def __init__(self, world: World, printer: Printer, raster: bool) -> None:
        base.Engine.__init__(self)
        if raster:
            self.formats = (b"image/pwg-raster",)
            self.raster_types = (b"black_1",)  # type: ignore[assignment]
            self.resolution = DPI
            self.width = 8 * len(token(0, 0, 0))
        self._world = world
        self._printer = printer
        self._base = printer.pages
        self._canceling = self._ejected = False

    def poll(self, now: int) -> None:
        self.reasons = base.MEDIA_EMPTY if self._printer.empty else 0
        self.pages = self._printer.pages - self._base

    def begin_job(self) -> bool | None:
        if not self._printer.still or self.reasons:
            return None
        self._do("begin_job")
        self._printer.broken = False
        self.in_job = True
        self.moved = False
        return True

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        self._check()
        printer = self._printer
        n = min(n, ROOM - len(printer.queue))
        if n <= 0:
            return None
        data = bytes(buf[off : off + n])
        self._world.operation(
            "engine",
            f"print {n} octets, {data[:9]!r}",
            lambda: printer.take(data),
            lambda: printer.take(data[: (n + 1) // 2]),
        )
        self.moved = True
        return n

    def begin_page(self, width: int, height: int) -> bool:
        self._check()
        self._ejected = False
        return True

    def line(self, buf: bytearray, off: int, n: int) -> bool | None:
        if ROOM - len(self._printer.queue) < n:
            self._check()
            return None
        return self.write(buf, off, n) is not None or None

    def end_page(self) -> bool | None:
        if not self._ejected:
            if self.write(bytearray(b"\f"), 0, 1) is None:
                return None
            self._ejected = True
        self._check()
        return self._printer.still or None

    def end_job(self) -> bool | None:
        self._check()
        if not self._printer.still:
            return None
        self._do("end_job")
        self.in_job = False
        return True

    def cancel(self) -> bool | None:
        if not self._canceling:
            self._do("cancel")
            self._canceling = True
        if not self._printer.still and not self._printer.empty:
            return None
        if self._printer.empty:
            self._printer.queue.clear()
        self._canceling = self.in_job = False
        return True

    def identify(self) -> bool:
        return True

    def _check(self) -> None:
        if self._printer.broken:
            raise base.EngineError("the simulated engine broke off")

    def _do(self, what: str) -> None:
        self._world.operation("engine", what, lambda: None, lambda: None)
