"""PWG Raster (PWG 5102.4, ``image/pwg-raster``), decoded line by line from a Source.

Every field that matters is checked before the first line is given out, so a hostile
header moves no paper. Memory is one line, whatever the page.
"""

from array import array

from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, DocumentError, DocumentLocalError
from fetchprint.port.native import micropython, ptr8, ptr32

SYNC = b"RaS2"
HEADER_LENGTH = 1796
MAX_HEIGHT = 640000
"""Lines a page may have: the longest roll sold, 80 m, at 8 dots/mm."""

BLACK_1 = 3
SGRAY_8 = 18
"""Values of ``color_space``; they name the raster type too, since each is taken at one depth."""

_CLASS = b"PwgRaster\0"  # how each page header begins
# The part of the header that is kept: HWResolution (276) to ColorSpace (400).
_KEPT = 276
_KEPT_END = 404

# Indexes into the run decoder's state.
_POS, _END, _AT, _STRIDE, _LEFT, _MODE = range(6)
_CODE, _REPEAT, _LITERAL = range(3)  # values of _MODE
_MORE, _DONE, _OVERRUN, _RESERVED = range(4)  # what the run decoder answers


@micropython.viper
def _runs(state: ptr32, src: ptr8, line: ptr8) -> int:
    # PackBits in octets: 0..127 repeats one octet n + 1 times, 129..255 is 257 - n literal octets.
    pos = int(state[0])
    end = int(state[1])
    at = int(state[2])
    stride = int(state[3])
    left = int(state[4])
    mode = int(state[5])
    answer = 0
    while at < stride and pos < end:
        if mode == 0:
            code = int(src[pos])
            if code == 128:
                answer = 3
                break
            if code < 128:
                left = code + 1
                mode = 1
            else:
                left = 257 - code
                mode = 2
            if at + left > stride:
                answer = 2
                break
            pos += 1
        elif mode == 1:
            octet = int(src[pos])
            pos += 1
            while left:
                line[at] = octet
                at += 1
                left -= 1
            mode = 0
        else:
            while left and pos < end:
                line[at] = int(src[pos])
                at += 1
                pos += 1
                left -= 1
            if left == 0:
                mode = 0
    if answer == 0 and at == stride and mode == 0:
        answer = 1
    state[0] = pos
    state[2] = at
    state[4] = left
    state[5] = mode
    return answer


class Decoder:
    """One document at a time: ``start``, then ``header`` and as many ``line`` as it says, repeated.

    After ``header`` has answered True: ``width`` (dots), ``height`` (lines), ``color_space``,
    ``bits`` (per pixel: 1 or 8), ``stride`` (octets per line), ``resolution_x`` and
    ``resolution_y`` (dots per inch), ``page_width`` and ``page_height`` (1/72 inch, as
    declared). ``line_buf``: after ``line`` has answered True, its first ``stride`` octets are
    the line; black_1 has 1 for black, sgray_8 has 0 for black. ``octets``: how much of the
    document has been taken; ``page``: number of the page, from 1.
    """

    def __init__(self, max_width: int):
        """``max_width``: dots of the widest page taken; as many octets are allocated."""
        self.max_width = max_width
        self.line_buf = bytearray(max_width)
        self._kept = bytearray(_KEPT_END - _KEPT)
        self._state = array("i", bytes(4 * 6))
        self._source = None
        self.octets = 0
        self.page = 0
        self._reset_page()

    def _reset_page(self):
        self.width = self.height = self.color_space = self.bits = self.stride = 0
        self.resolution_x = self.resolution_y = self.page_width = self.page_height = 0
        self._rows = 0  # lines of the page not yet given out
        self._repeats = 0  # how often the line being decoded counts
        self._same = 0  # how often the line in hand is still to be given out
        self._header_at = 0
        self._in_line = False

    def start(self, source, synced: bool = False):
        """Begin a document. ``synced``: its first four octets were already found to be ``SYNC``."""
        self._source = source
        self.page = 0
        self._sync_at = len(SYNC) if synced else 0
        self.octets = self._sync_at
        self._reset_page()

    def header(self, now: int):
        """True when the next page's header is in; None for not now; 0 at the proper end.

        Raises ``DocumentError`` for anything that is not a page this decoder can give out.
        """
        if self._rows or self._same:
            raise DocumentLocalError("page %d still has lines" % self.page)
        source = self._source
        while self._header_at < HEADER_LENGTH:
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return None
                if n == 0:
                    return self._ended()
            if self._sync_at < len(SYNC):
                if source.buf[source.pos] != SYNC[self._sync_at]:
                    raise DocumentError("not PWG Raster: the sync word is not RaS2", self.octets)
                self._sync_at += 1
            else:
                at = self._header_at
                octet = source.buf[source.pos]
                if at < len(_CLASS):
                    if octet != _CLASS[at]:
                        what = "page header" if self.page == 0 else "next page header or the end"
                        raise DocumentError("expected the %s, which begins PwgRaster" % what, self.octets)
                elif _KEPT <= at < _KEPT_END:
                    self._kept[at - _KEPT] = octet
                self._header_at = at + 1
            source.pos += 1
            self.octets += 1
        self.page += 1
        self._read_header(self.octets - HEADER_LENGTH)
        return True

    def _ended(self):
        if self._header_at:
            raise DocumentError("the document ends in the header of page %d" % (self.page + 1), self.octets)
        if self._sync_at < len(SYNC):
            raise DocumentError("the document ends before its sync word RaS2", self.octets)
        if self.page == 0:
            raise DocumentError("the document has no page", self.octets)
        return 0

    def _field(self, at: int) -> int:
        kept = self._kept
        i = at - _KEPT
        return (kept[i] << 24) | (kept[i + 1] << 16) | (kept[i + 2] << 8) | kept[i + 3]

    def _read_header(self, base: int):
        self._header_at = 0
        width = self._field(372)
        height = self._field(376)
        space = self._field(400)
        if not 0 < width <= self.max_width:
            raise DocumentError("%d dots wide: the limit is 1 to %d" % (width, self.max_width), base + 372)
        if not 0 < height <= MAX_HEIGHT:
            raise DocumentError("height of %d lines: the limit is 1 to %d" % (height, MAX_HEIGHT), base + 376)
        if space == BLACK_1:
            bits = 1
        elif space == SGRAY_8:
            bits = 8
        else:
            raise DocumentError(
                "color space %d: this printer takes black (3) and sgray (18)" % space,
                base + 400,
                FORMAT_NOT_SUPPORTED,
            )
        for at in (384, 388):
            if self._field(at) != bits:
                raise DocumentError(
                    "%d bits per %s in color space %d: this printer takes %d"
                    % (self._field(at), "color" if at == 384 else "pixel", space, bits),
                    base + at,
                    FORMAT_NOT_SUPPORTED,
                )
        stride = (width * bits + 7) // 8
        if self._field(392) != stride:
            raise DocumentError(
                "%d octets a line contradict %d dots of %d bits" % (self._field(392), width, bits), base + 392
            )
        if self._field(396) != 0:
            raise DocumentError("color order %d: PWG Raster has only 0" % self._field(396), base + 396)
        for at in (276, 280):
            if not 0 < self._field(at) < 0x10000:
                raise DocumentError("resolution of %d dpi" % self._field(at), base + at)
        self.width = width
        self.height = self._rows = height
        self.color_space = space
        self.bits = bits
        self.stride = stride
        self.resolution_x = self._field(276)
        self.resolution_y = self._field(280)
        self.page_width = self._field(352)
        self.page_height = self._field(356)

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
                state[_AT] = 0
                state[_STRIDE] = self.stride
                state[_MODE] = _CODE
                state[_LEFT] = 0
                continue
            pos = source.pos
            state[_POS] = pos
            state[_END] = source.end
            answer = _runs(state, source.buf, self.line_buf)
            source.pos = state[_POS]
            self.octets += source.pos - pos
            if answer == _DONE:
                self._in_line = False
                self._rows -= self._repeats
                self._same = self._repeats - 1
                return True
            if answer == _OVERRUN:
                raise DocumentError("a run past the end of its line of %d octets" % self.stride, self.octets)
            if answer == _RESERVED:
                raise DocumentError("run code 128 is reserved", self.octets)
