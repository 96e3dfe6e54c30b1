"""The ESC/POS interpreter of an emulated printer: commands out of the receive buffer, one after another.

It is a generator, so that it can stop between any two bytes and any two dot lines.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image

from fetchprint_tools.engines import answers, raster
from fetchprint_tools.engines.language import ACCEPTED, DLE, ESC, FS, GS, NAMES, name
from fetchprint_tools.engines.steps import Steps
from fetchprint_tools.engines.text import CELL_WIDTH, Line, glyph

if TYPE_CHECKING:
    from fetchprint_tools.engines.escpos import EscPosPrinter

LINE_SPACING = 30
"""Dots from one line of text to the next after ESC @ (1/6 inch at 180 dpi)."""

_FEED_BLOCK = 256
_FRAME_HEAD = 16
_TAB = 8 * CELL_WIDTH


class Interpreter:
    """Settings, the line being made up, and ``run``, which never ends."""

    def __init__(self, printer: EscPosPrinter) -> None:
        self._printer = printer
        self._defaults()

    def _defaults(self) -> None:
        self.line = Line()
        self._align = 0
        self._left = 0
        self._area = self._printer.width
        self._spacing = LINE_SPACING
        self._size = (1, 1)
        self.disabled: set[int] = set()
        """Functions of DLE DC4 that GS ( D has switched off."""

    @property
    def _printable(self) -> int:
        """Dots from the left margin to the end of the printing area."""
        return max(1, min(self._area, self._printer.width - self._left))

    def _indent(self, width: int) -> int:
        """Dots from the head's edge to something ``width`` dots wide, as it is aligned."""
        return self._left + max(0, self._printable - width) * self._align // 2

    def _feed(self, count: int) -> Steps[None]:
        while count > 0:
            some = min(count, _FEED_BLOCK)
            yield from self._printer.print(bytes(some * (self._printer.width // 8)))
            count -= some

    def _end_line(self, advance: int) -> Steps[None]:
        """Print the line that was made up; move ``advance`` dots from its top, or its height if more."""
        height = 0
        if self.line:
            rows = self.line.render(self._printer.width, self._indent(self.line.width))
            height = self.line.height
            self.line.clear()
            yield from self._printer.print(rows)
        yield from self._feed(advance - height)

    def _add(self, picture: Image.Image) -> Steps[None]:
        if self.line and self.line.width + picture.width > self._printable:
            yield from self._end_line(self._spacing)
        self.line.add(picture)

    def run(self) -> Steps[None]:
        while True:
            octet = (yield from self._printer.take(1))[0]
            if octet >= 0x20:
                for character in bytes((octet,)) + self._printer.take_text():
                    yield from self._add(glyph(character, *self._size))
            elif octet == 0x0A:
                yield from self._end_line(self._spacing)
            elif octet == 0x09:
                self.line.move((self.line.width // _TAB + 1) * _TAB)
            elif octet == 0x07:
                self._printer.beeps += 1
            elif octet == DLE:
                yield from self._pass_realtime()
            elif octet in NAMES:
                yield from self._command(octet)
            elif octet not in (0x00, 0x0C, 0x0D, 0x18):
                # CR, FF and CAN mean nothing in standard mode on a serial line.
                self._printer.warn(f"control character 0x{octet:02x} ignored")

    def _pass_realtime(self) -> Steps[None]:
        """A real-time command that acted long ago comes out of the buffer."""
        kind = (yield from self._printer.take(1))[0]
        if kind in (0x04, 0x05):
            yield from self._printer.take(1)
        elif kind == 0x14:
            function = (yield from self._printer.take(1))[0]
            yield from self._printer.take(2 if function == 0x01 else 7)
        else:
            self._printer.warn(f"unknown command DLE 0x{kind:02x}: what follows prints as text")

    def _command(self, prefix: int) -> Steps[None]:
        code = (yield from self._printer.take(1))[0]
        handler = _HANDLERS.get((prefix, code))
        if handler is not None:
            yield from handler(self)
        elif (prefix, code) in ACCEPTED:
            yield from self._printer.take(ACCEPTED[prefix, code])
        else:
            self._printer.warn(f"unknown command {name(prefix, code)}: what follows prints as text")

    # -- commands ---------------------------------------------------------------------------------

    def _initialise(self) -> Steps[None]:
        self._defaults()
        self._printer.watch(0)
        yield from ()

    def _raster(self) -> Steps[None]:
        """GS v 0 m xL xH yL yH: x bytes across, y lines."""
        zero = (yield from self._printer.take(1))[0]
        if zero not in b"0":
            self._printer.warn(f"unknown command GS v 0x{zero:02x}: what follows prints as text")
            return
        mode, xl, xh, yl, yh = yield from self._printer.take(5)
        if mode not in (0, 1, 2, 3, 48, 49, 50, 51):
            self._printer.warn(f"GS v 0 with mode {mode}: what follows prints as text")
            return
        if self.line:
            self._printer.warn("GS v 0 in the middle of a line: the line is printed first")
            yield from self._end_line(self._spacing)
        wide, tall = (2 if mode & 1 else 1), (2 if mode & 2 else 1)
        across, left = xl | xh << 8, yl | yh << 8
        indent, area = self._indent(across * 8 * wide), self._printable
        while across and left:
            count = min(left, self._printer.lines_waiting(across, tall))
            data = yield from self._printer.take(across * count)
            rows = raster.scale(data, across, wide, tall)
            rows = raster.place(rows, across * wide, self._printer.width, indent, area)
            yield from self._printer.print(rows)
            left -= count

    def _bit_image(self) -> Steps[None]:
        """ESC * m nL nH: columns of 8 or 24 dots, in the line of text."""
        mode, low, high = yield from self._printer.take(3)
        if mode not in (0, 1, 32, 33):
            self._printer.warn(f"ESC * with mode {mode}: what follows prints as text")
            return
        columns = low | high << 8
        depth = 1 if mode < 32 else 3
        data = yield from self._printer.take(columns * depth)
        if columns:
            yield from self._add(raster.columns(data, depth, wide=2 if mode in (0, 32) else 1))

    def _cut(self) -> Steps[None]:
        """GS V m [n]: 0, 1 cut here; 65, 66 feed n dots and cut."""
        mode = (yield from self._printer.take(1))[0]
        if mode in (65, 66):
            yield from self._end_line((yield from self._printer.take(1))[0])
        elif mode in (0, 1, 48, 49):
            yield from self._end_line(0)
        else:
            self._printer.warn(f"GS V with mode {mode}: what follows prints as text")
            return
        yield from self._printer.cut()

    def _feed_dots(self) -> Steps[None]:
        yield from self._end_line((yield from self._printer.take(1))[0])

    def _feed_lines(self) -> Steps[None]:
        yield from self._end_line((yield from self._printer.take(1))[0] * self._spacing)

    def _set_align(self) -> Steps[None]:
        n = (yield from self._printer.take(1))[0]
        if n in b"\x00\x01\x02012":
            self._align = n & 0x03

    def _set_margin(self) -> Steps[None]:
        low, high = yield from self._printer.take(2)
        self._left = min(low | high << 8, self._printer.width - 1)

    def _set_area(self) -> Steps[None]:
        low, high = yield from self._printer.take(2)
        self._area = low | high << 8

    def _set_position(self) -> Steps[None]:
        low, high = yield from self._printer.take(2)
        self.line.move(low | high << 8)

    def _move_position(self) -> Steps[None]:
        low, high = yield from self._printer.take(2)
        distance = low | high << 8
        self.line.move(self.line.width + (distance - 0x10000 if distance & 0x8000 else distance))

    def _set_style(self) -> Steps[None]:
        n = (yield from self._printer.take(1))[0]
        self._size = (2 if n & 0x20 else 1, 2 if n & 0x10 else 1)

    def _set_size(self) -> Steps[None]:
        n = (yield from self._printer.take(1))[0]
        self._size = ((n >> 4 & 7) + 1, (n & 7) + 1)

    def _set_spacing(self) -> Steps[None]:
        self._spacing = (yield from self._printer.take(1))[0]

    def _default_spacing(self) -> Steps[None]:
        self._spacing = LINE_SPACING
        yield from ()

    def _tab_stops(self) -> Steps[None]:
        while (yield from self._printer.take(1)) != b"\0":
            pass

    def _pulse(self) -> Steps[None]:
        pin, _on, _off = yield from self._printer.take(3)
        self._printer.drawer_kicks.append(5 if pin & 1 else 2)

    def _beep(self) -> Steps[None]:
        """ESC B n t, as cheap heads have it."""
        self._printer.beeps += (yield from self._printer.take(2))[0]

    def _framed(self, prefix: int) -> Steps[None]:
        """ESC ( x, FS ( x and GS ( x: the length is in the command, so an unknown one is passed over."""
        code, low, high = yield from self._printer.take(3)
        length = low | high << 8
        head = yield from self._printer.take(min(length, _FRAME_HEAD))
        if (prefix, code) == (GS, ord("H")) and length == 6 and head[:2] == b"00":
            answers.printed(self._printer, head[2:])
        elif (prefix, code) == (GS, ord("D")) and head[:1] == b"\x14":
            # GS ( D 20 [a b]...: real-time function a is enabled (b = 1) or not.
            for function, enabled in zip(head[1::2], head[2::2], strict=False):
                (self.disabled.discard if enabled & 1 else self.disabled.add)(function)
        elif (prefix, code) == (ESC, ord("A")):
            self._printer.beeps += 1
        else:
            self._printer.warn(f"{name(prefix, ord('('))} {chr(code)} with {length} bytes ignored")
        left = length - len(head)
        while left:
            left -= len((yield from self._printer.take(min(left, 256))))


_HANDLERS: dict[tuple[int, int], Callable[[Interpreter], Steps[None]]] = {
    (ESC, ord("@")): Interpreter._initialise,
    (ESC, ord("!")): Interpreter._set_style,
    (ESC, ord("$")): Interpreter._set_position,
    (ESC, ord("(")): lambda self: self._framed(ESC),
    (ESC, ord("*")): Interpreter._bit_image,
    (ESC, ord("2")): Interpreter._default_spacing,
    (ESC, ord("3")): Interpreter._set_spacing,
    (ESC, ord("B")): Interpreter._beep,
    (ESC, ord("D")): Interpreter._tab_stops,
    (ESC, ord("J")): Interpreter._feed_dots,
    (ESC, ord("\\")): Interpreter._move_position,
    (ESC, ord("a")): Interpreter._set_align,
    (ESC, ord("d")): Interpreter._feed_lines,
    (ESC, ord("p")): Interpreter._pulse,
    (ESC, ord("v")): lambda self: answers.paper(self._printer),
    (FS, ord("(")): lambda self: self._framed(FS),
    (GS, ord("!")): Interpreter._set_size,
    (GS, ord("(")): lambda self: self._framed(GS),
    (GS, ord("I")): lambda self: answers.identity(self._printer),
    (GS, ord("L")): Interpreter._set_margin,
    (GS, ord("V")): Interpreter._cut,
    (GS, ord("W")): Interpreter._set_area,
    (GS, ord("a")): lambda self: answers.automatic(self._printer),
    (GS, ord("r")): lambda self: answers.status(self._printer),
    (GS, ord("v")): Interpreter._raster,
}
