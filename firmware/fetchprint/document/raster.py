"""What the raster formats have in common: page headers, lines, and where they lie on the head.

Every field that matters is checked before the first line is given out, so a hostile
header moves no paper. Memory is one line of the head, whatever the page.
"""

from array import array

from fetchprint.document import runs
from fetchprint.document.errors import FORMAT_ERROR, DocumentError, DocumentLocalError
from fetchprint.port.native import micropython

const = micropython.const

MAX_WIDTH = 65535
"""Dots a page may have: 2.7 m at 600 dpi. What the head does not reach is not kept."""
MAX_HEIGHT = 640000
"""Lines a page may have: the longest roll sold, 80 m, at 8 dots/mm."""

_MAX_RESOLUTION = const(0xFFFF)


class Raster:
    """One document at a time: ``start``, then ``header`` and as many ``line`` as it says, repeated.

    After ``header`` has answered True: ``width`` (dots) and ``height`` (lines) of the page as
    declared, ``bits`` (1 or 8) of a dot in ``line_buf``, ``resolution_x`` and ``resolution_y``
    (dots per inch), ``dots`` (of a line as it is given out), ``clipped`` (dots of the page that
    the head does not reach). After ``line`` has answered True, ``line_buf`` has the line: at
    1 bit a dot, MSB first, 1 is black; at 8 bits 0 is black. ``octets``: how much of the document
    has been taken; ``page``: number of the page, from 1.
    """

    # Of each format: its name, how the document begins, how many more octets come before the first page,
    # the length of a page header, how each begins, and the part of it that is kept.
    NAME = ""
    SYNC = b""
    LEAD = 0
    HEADER_LENGTH = 0
    CLASS = b""
    KEPT = 0
    KEPT_END = 0
    busy = False  # has stopped for fairness alone
    BLANKS = 0  # whether run code 128 leaves the rest of a line blank

    def __init__(self, line_buf, center: bool = False):
        """``line_buf``: an octet for each dot of the head. ``center``: narrower pages are printed in its
        middle, to the octet, instead of at its left."""
        self.line_buf = line_buf
        self._center = center
        self._kept = bytearray(self.KEPT_END - self.KEPT)
        self._state = array("i", bytes(4 * runs.SIZE))
        self._source = None
        self.resolution_at = 0  # where the page says its resolution, in octets from the document's start
        self.octets = self.page = 0
        self._last = self._mask = 0  # the last octet of a line of 1 bit, and what of it are dots
        self._reset_page()

    def _reset_page(self):
        self.width = self.height = self.bits = self.dots = self.clipped = 0
        self.resolution_x = self.resolution_y = 0
        self._rows = 0  # lines of the page not yet given out
        self._repeats = 0  # how often the line being decoded counts
        self._same = 0  # how often the line in hand is still to be given out
        self._header_at = 0
        self._in_line = False

    def start(self, source):
        """Begin a document."""
        self._source = source
        self.page = 0
        self.octets = 0
        self._reset_page()

    def header(self, now: int):
        """True when the next page's header is in; None for not now; 0 at the proper end.

        Raises ``DocumentError`` for anything that is not a page this printer can print.
        """
        if self._rows or self._same:
            raise DocumentLocalError("page %d still has lines" % self.page)
        source = self._source
        lead = len(self.SYNC) + self.LEAD
        while self._header_at < self.HEADER_LENGTH:
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return None
                if n == 0:
                    return self._ended()
            if self.octets < lead:
                if self.octets < len(self.SYNC) and source.buf[source.pos] != self.SYNC[self.octets]:
                    raise DocumentError("not %s: the sync word is wrong" % self.NAME, self.octets)
                n = 1
            else:
                n = self._gather(source.buf, source.pos, source.end - source.pos)
            source.pos += n
            self.octets += n
        self._header_at = 0
        self.page += 1
        self._read_header(self.octets - self.HEADER_LENGTH)
        return True

    def _gather(self, buf, pos, n):
        """Take up to ``n`` octets of the header from ``buf``; how many."""
        at = self._header_at
        n = min(n, self.HEADER_LENGTH - at)
        shift = pos - at
        for i in range(at, min(at + n, len(self.CLASS))):
            if buf[shift + i] != self.CLASS[i]:
                what = "page header" if self.page == 0 else "next page header or the end"
                raise DocumentError("expected the %s, which begins PwgRaster" % what, self.octets + i - at)
        kept = self._kept
        for i in range(max(at, self.KEPT), min(at + n, self.KEPT_END)):
            kept[i - self.KEPT] = buf[shift + i]
        self._header_at = at + n
        return n

    def _ended(self):
        if self._header_at:
            raise DocumentError("the document ends in the header of page %d" % (self.page + 1), self.octets)
        if self.octets < len(self.SYNC) + self.LEAD:
            raise DocumentError("the document ends before its first page", self.octets)
        if self.page == 0:
            raise DocumentError("the document has no page", self.octets)
        return 0

    def _field(self, at: int) -> int:
        kept = self._kept
        i = at - self.KEPT
        return (kept[i] << 24) | (kept[i + 1] << 16) | (kept[i + 2] << 8) | kept[i + 3]

    def wrong(self, base: int, at: int, what: str, code: int = FORMAT_ERROR):
        """The error for the field at ``at`` of the header that begins at ``base``."""
        return DocumentError("%s of %d" % (what, self._field(at)), base + at, code)

    def _size(self, base: int, at: int):
        """Width and height, at ``at`` and behind it in the header that begins at ``base``."""
        self.width = self._field(at)
        self.height = self._field(at + 4)
        if not 0 < self.width <= MAX_WIDTH:
            raise self.wrong(base, at, "not 1 to %d but a width" % MAX_WIDTH)
        if not 0 < self.height <= MAX_HEIGHT:
            raise self.wrong(base, at + 4, "not 1 to %d but a height" % MAX_HEIGHT)

    def _resolution(self, base: int, at: int) -> int:
        dpi = self._field(at)
        if not 0 < dpi <= _MAX_RESOLUTION:
            raise self.wrong(base, at, "a resolution")
        return dpi

    def _begin(self, unit: int, bits: int, flip: int):
        """The header is good: the page begins. ``unit``: octets of a pixel, 1 for eight pixels of 1 bit."""
        head = len(self.line_buf)
        width = self.width
        self.bits = bits
        self.clipped = max(0, width - head)
        self.dots = head if self._center or width > head else width
        origin = (head - width) // 2 & ~7 if self._center and width < head else 0
        state = self._state
        if bits == 1:
            state[runs.STRIDE] = (width + 7) // 8
            state[runs.KEEP] = keep = (min(width, head) + 7) // 8
            state[runs.ORIGIN] = origin // 8
            self._last = origin // 8 + keep - 1
            self._mask = 0xFF00 >> (((min(width, head) - 1) & 7) + 1) & 0xFF
        else:
            state[runs.STRIDE] = width
            state[runs.KEEP] = min(width, head)
            state[runs.ORIGIN] = origin
        state[runs.UNIT] = unit
        state[runs.FLIP] = flip
        state[runs.BLANK] = self.BLANKS
        self._rows = self.height
        runs.fill(self.line_buf, head, 0 if bits == 1 else 255)

    def line(self, now: int):
        """True when the next line of the page is in ``line_buf``; None for not now.

        A line that the document repeats is given out again without decoding it again.
        """
        if self._same:
            self._same -= 1
            return True
        if not self._rows:
            raise DocumentLocalError("page %d has no more lines" % self.page)
        source = self._source
        state = self._state
        while True:
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return None
                if n == 0:
                    raise DocumentError(
                        "the document ends in page %d, %d lines short" % (self.page, self._rows), self.octets
                    )
            if not self._in_line:
                repeat = source.buf[source.pos] + 1
                if repeat > self._rows:
                    raise DocumentError("%d equal lines with %d left" % (repeat, self._rows), self.octets)
                source.pos += 1
                self.octets += 1
                self._repeats = repeat
                self._in_line = True
                state[runs.AT] = state[runs.LEFT] = state[runs.MODE] = state[runs.PART] = 0
                continue
            pos = source.pos
            state[runs.POS] = pos
            state[runs.END] = source.end
            answer = runs.decode(state, source.buf, self.line_buf)
            source.pos = state[runs.POS]
            self.octets += source.pos - pos
            if answer == runs.DONE:
                if self.bits == 1:
                    self.line_buf[self._last] &= self._mask
                self._in_line = False
                self._rows -= self._repeats
                self._same = self._repeats - 1
                return True
            if answer == runs.OVERRUN:
                raise DocumentError("a run past the end of its line of %d dots" % self.width, self.octets)
            if answer == runs.RESERVED:
                raise DocumentError("run code 128 is reserved", self.octets)
