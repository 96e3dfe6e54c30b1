"""gzip (RFC 1952, RFC 1951) as a Source over a Source.

MicroPython's own ``deflate`` is of no use here: it calls a stream object for each octet, which makes about
100 octets of garbage, and cannot go on after a "not now" in mid-stream. This decoder stops and goes on
at any octet, and allocates nothing. Its window is the consumer's buffer.
"""

from array import array

from fetchprint.document import deflate, huffman
from fetchprint.document.errors import COMPRESSION_ERROR, DocumentError
from fetchprint.port.native import micropython, ptr8, ptr32

const = micropython.const

WINDOW = const(32768)
"""Octets that a sender may refer back to (RFC 1951 section 2)."""

_STEP = const(1024)  # octets unpacked by one fill at most
_MAX_IDLE = const(4096)  # octets that may come before something comes of them: headers, empty blocks
_MAX_OUT = const(0x1FFFFFFF)  # half a gigabyte: what a small int counts on every board
_MAX_RATIO = const(256)  # raster is run-coded already; more is there to keep a printer busy
_RATIO_FROM = const(262144)  # octets that may come of nothing

_HEAD, _BODY, _TAIL, _DONE = range(4)
# Parts of the header behind its first 10 octets, as FLG announces them.
_EXTRA = const(4)
_NAME = const(8)
_COMMENT = const(16)
_CRC = const(2)

_ERRORS = (
    "a block of a type that there is not",
    "a stored block whose length contradicts itself",
    "code lengths that make no code",
    "a code that there is not",
    "a distance that reaches back before the start",
)


@micropython.viper
def _sum(crc: ptr32, table: ptr32, buf: ptr8, pos: int, end: int):
    # CRC-32 in two halves, four bits at a time.
    value = int(crc[1]) << 16 | int(crc[0])
    while pos < end:
        value ^= int(buf[pos])
        value = ((value >> 4) & 0x0FFFFFFF) ^ int(table[value & 15])
        value = ((value >> 4) & 0x0FFFFFFF) ^ int(table[value & 15])
        pos += 1
    crc[0] = value & 0xFFFF
    crc[1] = (value >> 16) & 0xFFFF


def _crc_table():
    table = array("I", bytes(64))
    for i in range(16):
        value = i
        for _ in range(4):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        table[i] = value
    return table


def _error(what, offset):
    return DocumentError(what, offset, COMPRESSION_ERROR)


class Inflate:
    """``start`` with a Source that begins as gzip does; then a Source itself. Takes 35 kB of memory."""

    def __init__(self):
        self.buf = bytearray(WINDOW)
        self.pos = self.end = 0
        self.taken = 0  # octets of the packed document
        self._state = array("i", bytes(4 * deflate.SIZE))
        self._tables = huffman.tables()
        self._crc = array("I", bytes(8))
        self._crc_table = _crc_table()
        self.start(None)

    def start(self, source):
        """Begin a document."""
        self._source = source
        self.pos = self.end = self.taken = 0
        self._phase = _HEAD
        self._at = 0  # of the packed octets: up to there something came of them
        self._out = 0
        self._head_at = 0
        self._flags = 0  # parts of the header that are still to come
        self._extra = 0
        self._skip = 0  # octets of it that are passed over; -1: up to a zero octet
        for i in range(deflate.SIZE):
            self._state[i] = 0
        self._crc[0] = self._crc[1] = 0xFFFF

    def fill(self, now: int):
        """See Source. Raises ``DocumentError`` for a document that is damaged, cut short or a trap; its
        offset counts packed octets."""
        source = self._source
        state = self._state
        if self.end == WINDOW:
            self.end = state[deflate.OUT] = 0
        self.pos = self.end
        state[deflate.STOP] = min(self.end + _STEP, WINDOW)
        while True:
            if self._phase == _BODY:
                state[deflate.POS] = source.pos
                state[deflate.LIMIT] = source.end
                answer = deflate.inflate(state, source.buf, self.buf, self._tables)
                self.taken += state[deflate.POS] - source.pos
                source.pos = state[deflate.POS]
                self.end = state[deflate.OUT]
                if answer > deflate.END:
                    raise _error("gzip: " + _ERRORS[answer - deflate.END - 1], self.taken)
                n = self.end - self.pos
                if n:
                    self._count(n)
                if answer == deflate.END:
                    self._check()
                    self._phase = _TAIL
                if n:
                    return n
            if self._phase == _DONE:
                return 0
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return None
                if n == 0:
                    if self._phase != _TAIL:
                        raise _error("the gzip document is cut short", self.taken)
                    self._phase = _DONE
                    return 0
            if self._phase == _TAIL:
                raise _error("octets behind the end of the gzip document", self.taken)
            if self.taken - self._at > _MAX_IDLE:
                raise _error("%d octets of gzip of which nothing comes" % _MAX_IDLE, self.taken)
            if self._phase == _HEAD:
                octet = source.buf[source.pos]
                source.pos += 1
                self.taken += 1
                self._head(octet)

    def _count(self, n):
        _sum(self._crc, self._crc_table, self.buf, self.pos, self.end)
        self._at = self.taken
        self._out += n
        if self._out > _MAX_OUT or self._out > _RATIO_FROM and self._out // _MAX_RATIO > self.taken:
            raise _error("gzip: %d octets come of %d" % (self._out, self.taken), self.taken)

    def _check(self):
        """CRC-32 and length, which stand behind the data."""
        state = self._state
        crc = self._crc
        if state[deflate.TRAILER] != crc[0] ^ 0xFFFF or state[deflate.TRAILER + 1] != crc[1] ^ 0xFFFF:
            raise _error("gzip: the data does not match its checksum", self.taken)
        if state[deflate.TRAILER + 2] != self._out & 0xFFFF or state[deflate.TRAILER + 3] != self._out >> 16:
            raise _error("gzip: %d octets are not as many as announced" % self._out, self.taken)

    def _head(self, octet):
        """The gzip header (RFC 1952 section 2.3), an octet at a time."""
        at = self._head_at
        self._head_at = at + 1
        if at < 10:
            if at < 3 and octet != (0x1F, 0x8B, 8)[at] or at == 3 and octet & 0xE0:
                raise _error("not a gzip document", self.taken - 1)
            if at == 3:
                self._flags = octet & 0x1E
            if at < 9:
                return
        elif self._skip < 0:
            if octet:
                return
            self._skip = 0
        elif self._skip > 0:
            self._skip -= 1
            if self._skip:
                return
        else:  # the length of the extra field: low octet, then the high one
            if self._extra < 0:
                self._extra = octet
                return
            self._skip = octet << 8 | self._extra
            if self._skip:
                return
        # A part has ended: which one comes next?
        if self._flags & _EXTRA:
            self._flags ^= _EXTRA
            self._extra = -1
        elif self._flags & _NAME:
            self._flags ^= _NAME
            self._skip = -1
        elif self._flags & _COMMENT:
            self._flags ^= _COMMENT
            self._skip = -1
        elif self._flags & _CRC:
            self._flags ^= _CRC
            self._skip = 2
        else:
            self._phase = _BODY
