"""Plain text (``text/plain``): UTF-8, wrapped at the width of the head, in the built-in font.

A line is broken behind its last blank that fits, or in mid-word when there is none. Tabs go to columns
of eight. CR, LF and CR LF end a line, FF a page; none makes an empty page. Octets that are not
UTF-8 and characters that the font lacks come out as a box, so nothing is lost without being seen.

A page is as long as the medium that is ready; on continuous paper it ends with the text.
"""

from array import array

from fetchprint.document import font
from fetchprint.document.errors import DocumentError
from fetchprint.document.raster import MAX_HEIGHT
from fetchprint.document.runs import fill
from fetchprint.port.native import micropython, ptr8, ptr16

const = micropython.const

_TAB = const(8)
_MAX_CPI = const(21)  # characters an inch: more would be too small to read
_BLANK = const(0)  # place of the space in the font: it is the first glyph
_MISSING = const(0xFFFD)

_OCTETS = const(2048)  # looked at in one go

_NOTHING, _READY, _END = range(3)


@micropython.viper
def _place(glyphs: ptr8, n: int) -> int:
    # Where glyph number n begins.
    at = 0
    while n:
        at += 2 * (int(glyphs[at + 1]) - 47)
        n -= 1
    return at


@micropython.viper
def _draw(dst: ptr8, left: int, cells: ptr16, n: int, glyphs: ptr8, row: int, scale: int):
    # One row of dots of n characters, each dot scale dots wide, from dot left on.
    i = 0
    x = left
    while i < n:
        at = int(cells[i])
        y = row - (int(glyphs[at]) - 48)
        if y >= 0 and y < int(glyphs[at + 1]) - 48:
            at += 2 + 2 * y
            bits = (int(glyphs[at]) - 48) << 5 | (int(glyphs[at + 1]) - 48)
            dot = 0
            while dot < 10 * scale:
                if bits & (512 >> (dot // scale)):
                    to = x + dot
                    dst[to >> 3] = int(dst[to >> 3]) | (128 >> (to & 7))
                dot += 1
        x += 10 * scale
        i += 1


class Decoder:
    """Has what a ``raster.Raster`` has; ``line`` also answers 0 where a page on continuous paper ends."""

    SYNC = None
    bits = 1
    clipped = 0
    resolution_at = 0

    def __init__(self, line_buf, engine):
        """``line_buf``: an octet for each dot of the head."""
        dpi = engine.resolution
        left = right = top = bottom = length = 0
        if engine.media:
            length, left, right, top, bottom = [n * dpi // 2540 for n in engine.media[0][2:]]
        self.line_buf = line_buf
        self.dots = engine.width
        self.resolution_x = self.resolution_y = dpi
        self._scale = (dpi + _MAX_CPI * font.WIDTH - 1) // (_MAX_CPI * font.WIDTH)
        self._leading = font.HEIGHT * self._scale
        self._columns = max(1, (self.dots - left - right) // (font.WIDTH * self._scale))
        self._roll = engine.continuous or not length
        self.height = MAX_HEIGHT if self._roll else length
        self._most = max(1, (self.height - top - bottom) // self._leading)  # lines of a page
        self._left = left
        self._top = top
        self._cells = array("H", bytes(2 * (self._columns + 1)))  # where the glyphs begin
        self._missing = self._glyph(_MISSING)
        self.start(None)

    def start(self, source):
        """Begin a document."""
        self._source = source
        self.octets = self.page = 0
        self.busy = False
        self._need = 0  # octets of a character that are still to come
        self._code = self._low = self._high = 0
        self._return = False  # the last octet was a CR
        self._ended = False
        self._lines = 0  # of the page
        self._blank_rows = 0  # of the page's top margin
        self._row = 0  # of the line that is ready
        self._shown = -1  # characters of the line that is ready; -1: none is
        self._n = self._from = 0  # characters there are; the first that belongs to the next line
        self._column = 0  # of the line as written
        self._ink = self._blank = -1  # the first character that is no blank; the last blank
        self._skip = False  # blanks came that did not fit

    def header(self, now: int):
        """True when there is another page; None for not now; 0 at the end."""
        self._lines = 0
        while self._shown < 0:
            answer = _END if self._ended else self._collect(now)
            if answer == _NOTHING:
                return None
            if answer == _END:
                if not self.page:
                    raise DocumentError("the document has no text", self.octets)
                return 0
        self.page += 1
        self._blank_rows = self._top
        return True

    def line(self, now: int):
        """True when the next line of dots is in ``line_buf``; None for not now; 0: the page ends here."""
        blank = self._blank_rows > 0
        if blank:
            self._blank_rows -= 1
        elif self._shown < 0:
            answer = _END
            if self._lines < self._most and not self._ended:
                answer = self._collect(now)
            if answer == _NOTHING:
                return None
            if answer != _READY:
                if self._roll:
                    return 0
                self._lines = self._most
                blank = True
        if blank or self._row % self._scale == 0:
            fill(self.line_buf, (self.dots + 7) // 8, 0)
        if not blank:
            if self._row % self._scale == 0:
                row = self._row // self._scale
                _draw(self.line_buf, self._left, self._cells, self._shown, font.GLYPHS, row, self._scale)
            self._row += 1
            if self._row == self._leading:
                self._carry()
        return True

    def _carry(self):
        """The line that was ready is printed: what was broken off begins the next one."""
        self._row = 0
        self._shown = -1
        self._lines += 1
        kept = self._n - self._from
        for i in range(kept):
            self._cells[i] = self._cells[self._from + i]
        self._n = kept
        self._blank = -1
        self._ink = 0 if kept else -1

    def _collect(self, now):
        """Read on until a line is ready, the page or the document ends, or enough has been done."""
        source = self._source
        self.busy = False
        most = self.octets + _OCTETS
        while self.octets < most:
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return _NOTHING
                if n == 0:
                    if self._need:
                        self._need = 0
                        if self._put(self._missing):
                            return _READY
                    self._ended = True
                    return self._end_line() if self._n else _END
            octet = source.buf[source.pos]
            if self._need and not self._low <= octet <= self._high:
                # What came of the character is a box; this octet begins anew.
                self._need = 0
                if self._put(self._missing):
                    return _READY
                continue
            if octet == 12 and self._n:
                return self._end_line()  # the form feed comes after it
            source.pos += 1
            self.octets += 1
            returned = self._return
            self._return = octet == 13
            if self._need or octet > 126:
                if self._part(octet):
                    return _READY
            elif octet >= 32:
                if self._put(_BLANK if octet == 32 else self._glyph(octet)):
                    return _READY
            elif octet == 9:
                for _ in range(_TAB - self._column % _TAB):
                    self._put(_BLANK)
            elif octet == 12:
                if self._lines:
                    return _END
            elif octet == 10 or octet == 13:
                if octet == 13 or not returned:
                    return self._end_line()
            elif self._put(self._missing):
                return _READY
        self.busy = True
        return _NOTHING

    def _part(self, octet):
        """An octet of a character beyond ASCII (RFC 3629); whether a line is ready."""
        if self._need:
            self._code = self._code << 6 | octet & 0x3F
            self._need -= 1
        elif 0xC2 <= octet <= 0xF4:
            self._need = 1 if octet < 0xE0 else 2 if octet < 0xF0 else 3
            self._code = octet & (0x3F >> self._need)
        else:
            return self._put(self._missing)
        # No character has two codings, none is a surrogate or above 0x10FFFF.
        self._low = 0xA0 if octet == 0xE0 else 0x90 if octet == 0xF0 else 0x80
        self._high = 0x9F if octet == 0xED else 0x8F if octet == 0xF4 else 0xBF
        if self._need or self._code == 0xFEFF and self.octets == 3:  # a byte order mark is no text
            return False
        return self._put(self._glyph(self._code))

    def _put(self, cell):
        """Another character; whether a line is ready."""
        n = self._n
        self._column += 1
        if cell == _BLANK:
            if n == self._columns:
                self._skip = True
            else:
                self._cells[n] = cell
                self._blank = n
                self._n = n + 1
            return False
        self._cells[n] = cell
        self._n = n + 1
        if n < self._columns:
            if self._ink < 0:
                self._ink = n
            return False
        self._shown = self._from = n
        if not self._skip and self._blank > self._ink >= 0:
            self._shown = self._blank
            self._from = self._blank + 1
        self._skip = False
        return True

    def _end_line(self):
        self._shown = self._from = self._n
        self._column = 0
        self._skip = False
        return _READY

    def _glyph(self, code):
        """Where the glyph of a character begins."""
        if 32 <= code < 127:
            n = code - 32
        elif 0xA0 <= code < 0x100:
            n = code - 0xA0 + 95
        else:
            n = 0
            while n < len(font.EXTRA) // 2 - 1 and (font.EXTRA[2 * n] << 8 | font.EXTRA[2 * n + 1]) != code:
                n += 1
            n += 191
        return _place(font.GLYPHS, n)
