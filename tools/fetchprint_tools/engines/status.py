"""What an ESC/POS engine knows about itself, and the bytes in which it says so.

Values as on Epson's receipt printers (reference of DLE EOT, GS a, GS r): fixed bits make
a real-time status byte 0xx1xx10, and the first byte of Automatic Status Back 0xx1xx00.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Sensors:
    """The sensors, switches and error latch of an engine."""

    near_end: bool = False
    paper_end: bool = False
    cover_open: bool = False
    off_line: bool = False
    error: bool = False
    drawer_high: bool = False
    jam: bool = False
    """The cutter is blocked."""
    hot: bool = False
    """The head is too hot, and goes on by itself when it has cooled down."""

    @property
    def stopped(self) -> bool:
        """Whether the engine executes nothing until somebody sees to it."""
        return self.paper_end or self.cover_open or self.off_line or self.failed

    @property
    def failed(self) -> bool:
        """Whether there is an error of any kind."""
        return self.error or self.jam or self.hot

    def _errors(self) -> int:
        return 0x04 * self.error | 0x08 * self.jam | 0x40 * self.hot

    def real_time(self, n: int) -> int:
        """The answer to DLE EOT ``n``: 1 printer, 2 cause of off-line, 3 error, 4 roll paper."""
        value = 0x12
        if n == 1:
            value |= 0x04 * self.drawer_high | 0x08 * self.stopped
        elif n == 2:
            value |= 0x04 * self.cover_open | 0x20 * self.paper_end | 0x40 * self.failed
        elif n == 3:
            value |= self._errors()
        elif n == 4:
            value |= 0x0C * (self.near_end or self.paper_end) | 0x60 * self.paper_end
        else:
            raise ValueError(f"there is no real-time status {n}")
        return value

    def paper(self) -> int:
        """The answer to GS r 1 and ESC v."""
        return 0x03 * (self.near_end or self.paper_end) | 0x0C * self.paper_end

    def drawer(self) -> int:
        """The answer to GS r 2."""
        return int(self.drawer_high)

    def automatic(self) -> bytes:
        """The four bytes of Automatic Status Back."""
        first = 0x10 | 0x04 * self.drawer_high | 0x08 * self.stopped | 0x20 * self.cover_open
        return bytes((first, self._errors(), self.paper(), 0))

    def watched(self, enabled: int) -> tuple[object, ...]:
        """What makes a new Automatic Status Back due, for the sensors that GS a ``enabled`` names."""
        return (
            self.drawer_high if enabled & 0x01 else None,
            (self.stopped, self.cover_open) if enabled & 0x02 else None,
            self._errors() if enabled & 0x04 else None,
            self.paper() if enabled & 0x08 else None,
        )
