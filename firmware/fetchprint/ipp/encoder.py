"""Writes one IPP message into the caller's buffer (RFC 8010 section 3).

    version (2) | operation-id or status-code (2) | request-id (4)
    group tag (1) | attribute | attribute | ... | group tag | ... | end tag 03
    attribute: value tag (1) | name length (2) | name | value length (2) | value
    a further value of the same attribute has a name length of 0

Every call either writes the whole value or raises ``EncodeError`` and takes back the
attribute that it belongs to, and only that one: the buffer always holds whole attributes
and has room for the end tag, so ``end`` may follow an error. Nothing is allocated.
Strings are bytes (UTF-8 where the type is text or name).
"""

from fetchprint.ipp import tags
from fetchprint.ipp.errors import EncodeError
from fetchprint.port.native import micropython, ptr8

WORDS = b""
"""In an image the words of the code: a number for one says where it begins here, and in the last eight bits
its length (tools/fetchprint_tools/words.py)."""

MAX_DEPTH = 6  # collections in collections; media-col-database needs 3


@micropython.viper
def copy(dst: ptr8, at: int, src: ptr8, off: int, n: int):
    """Copy ``n`` bytes without making a slice."""
    i = 0
    while i < n:
        dst[at + i] = src[off + i]
        i += 1


@micropython.viper
def place(dst: ptr8, at: int, start: int, end: int, value: int, n: int):
    """``value`` big-endian into those of the ``n`` bytes at ``at`` that lie between ``start`` and ``end``."""
    while n > 0:
        n -= 1
        if start <= at and at < end:
            dst[at] = (value >> (n * 8)) & 255
        at += 1


def size(word) -> int:
    """The length of a word, bytes or number."""
    return word & 255 if isinstance(word, int) else len(word)


class Encoder:
    """``begin``, then ``group`` and values in order, then ``end``.

    ``name`` is the attribute's name as bytes, or None for a further value of the same
    attribute (1setOf). Inside a collection the same calls write member attributes.
    """

    def __init__(self, buf: bytearray, start: int = 0):
        self.buf = buf
        self.start = start
        self.pos = start  # where the next byte goes
        self._attribute = start  # where the attribute being written began
        self._state = 0  # 0 nothing, 1 begun, 2 in a group, 3 after a value, 4 ended
        self._depth = 0
        self._member_open = False  # a member name has been written at this depth
        self._skip = -1  # bytes of the message that come before the buffer's; -1: it has to fit whole

    @property
    def length(self) -> int:
        """Bytes of the message so far."""
        return self.pos - self.start + max(self._skip, 0)

    def piece(self, put, skip: int) -> int:
        """Of a message that may be longer than the buffer, those bytes that follow the first ``skip``, as
        far as there is room; ``put(encoder)`` encodes it whole. Returns the length of the message."""
        self._skip = skip
        try:
            return put(self)
        finally:
            self._skip = -1

    def begin(self, version: int, code: int, request_id: int):
        """Start a message. ``version`` as on the wire (0x0200 for 2.0), ``code`` an operation-id
        or status-code 0..0xFFFF, ``request_id`` 1..2**31-1 (RFC 8010 3.1.2)."""
        if not 0 <= code <= 0xFFFF or not 0 <= version <= 0xFFFF or not 1 <= request_id <= 0x7FFFFFFF:
            raise EncodeError("version, code or request-id out of range")
        self.pos = self._attribute = self.start - max(self._skip, 0)
        self._state = self._depth = 0
        if self._missing(8):
            self._fail_full(8, b"")
        self._number(version, 2)
        self._number(code, 2)
        self._number(request_id, 4)
        self._attribute = self.pos
        self._state = 1

    def group(self, tag: int):
        """Start an attribute group (repeated groups are allowed: one for each job)."""
        if not 1 <= tag <= tags.LAST_DELIMITER or tag == tags.END:
            raise EncodeError("not a group tag: 0x%02x" % tag)
        self._between("group")
        if self._missing(1):
            self._fail_full(1, b"")
        self._number(tag, 1)
        self._attribute = self.pos
        self._state = 2

    def end(self) -> int:
        """End the attributes; document data may follow. Returns the message's length."""
        self._between("end")
        self._number(tags.END, 1)
        self._attribute = self.pos
        self._state = 4
        return self.length

    def integer(self, name, tag: int, value: int):
        """integer or enum, -2**31..2**31-1."""
        if tag != tags.INTEGER and tag != tags.ENUM:
            self._fail("tag 0x%02x is not integer or enum" % tag, name)
        if not -0x80000000 <= value <= 0x7FFFFFFF:
            self._fail("integer out of 32 bits: %d" % value, name)
        self._open(name, tag, 4)
        self._number(value, 4)

    def boolean(self, name, value: bool):
        """boolean."""
        self._open(name, tags.BOOLEAN, 1)
        self._number(1 if value else 0, 1)

    def string(self, name, tag: int, value):
        """Any string type from bytes or bytearray (never str), at most as long as RFC 8011 5.1 allows."""
        n = size(value)
        self._string_head(name, tag, n)
        self._raw(value, 0, n)

    def string_at(self, name, tag: int, src, off: int, n: int):
        """Like ``string``, from ``src[off:off+n]`` without a slice."""
        if off < 0 or n < 0 or off + n > len(src):
            self._fail("source bytes %d..%d are outside its %d" % (off, off + n, len(src)), name)
        self._string_head(name, tag, n)
        self._raw(src, off, n)

    def with_language(self, name, tag: int, language, value):
        """textWithLanguage or nameWithLanguage (RFC 8010 3.9)."""
        if tag == tags.TEXT_WITH_LANGUAGE:
            longest = tags.MAX_TEXT
        elif tag == tags.NAME_WITH_LANGUAGE:
            longest = tags.MAX_NAME_VALUE
        else:
            self._fail("tag 0x%02x has no language" % tag, name)
        if len(language) > tags.MAX_LANGUAGE or len(value) > longest:
            self._fail("language over %d or value over %d bytes" % (tags.MAX_LANGUAGE, longest), name)
        self._open(name, tag, 4 + len(language) + len(value))
        self._number(len(language), 2)
        self._raw(language, 0, len(language))
        self._number(len(value), 2)
        self._raw(value, 0, len(value))

    def date_time(self, name, value):
        """dateTime: the 11 bytes of RFC 2579 DateAndTime."""
        if len(value) != 11:
            self._fail("dateTime has 11 bytes, not %d" % len(value), name)
        self._open(name, tags.DATE_TIME, 11)
        self._raw(value, 0, len(value))

    def resolution(self, name, x: int, y: int, units: int = 3):
        """resolution: cross-feed, feed, units 3 = dots per inch or 4 = per centimetre."""
        if x < 1 or y < 1 or x > 0x7FFFFFFF or y > 0x7FFFFFFF or not 3 <= units <= 4:
            self._fail("resolution out of range", name)
        self._open(name, tags.RESOLUTION, 9)
        self._number(x, 4)
        self._number(y, 4)
        self._number(units, 1)

    def range(self, name, low: int, high: int):
        """rangeOfInteger, low <= high."""
        if not -0x80000000 <= low <= high <= 0x7FFFFFFF:
            self._fail("range out of order or out of 32 bits", name)
        self._open(name, tags.RANGE, 8)
        self._number(low, 4)
        self._number(high, 4)

    def out_of_band(self, name, tag: int):
        """no-value, unknown, unsupported, delete-attribute ... (no value bytes)."""
        if not tags.UNSUPPORTED <= tag <= tags.LAST_OUT_OF_BAND:
            self._fail("tag 0x%02x is not out-of-band" % tag, name)
        self._open(name, tag, 0)

    def extension(self, name, tag: int, value):
        """A value with a four-byte tag (RFC 8010 3.5.2), 0x80..2**31-1."""
        n = len(value)
        if not tags.FIRST_EXTENSION <= tag <= 0x7FFFFFFF or n > tags.MAX_VALUE - 4:
            self._fail("extension tag or value out of range", name)
        self._open(name, tags.EXTENSION, 4 + n)
        self._number(tag, 4)
        self._raw(value, 0, len(value))

    def begin_collection(self, name):
        """Open a collection; the values up to ``end_collection`` are its members."""
        if self._depth == MAX_DEPTH:
            self._fail("collections nested deeper than %d" % MAX_DEPTH, name)
        self._open(name, tags.BEGIN_COLLECTION, 0)
        self._depth += 1
        self._member_open = False

    def end_collection(self):
        """Close the innermost collection."""
        if not self._depth:
            raise EncodeError("no collection is open")
        if self._missing(5):
            self._fail_full(5, None)
        self._number(tags.END_COLLECTION, 1)
        self._number(0, 4)
        self._depth -= 1
        self._member_open = True

    # -- below: each checks before it writes --

    def _fail(self, reason, name):
        if self._depth or name is None:  # part of it is written already
            self.pos = self._attribute
            self._depth = 0
        self._attribute = self.pos
        if self._state == 3:
            self._state = 2  # a further value would have lost its attribute
        raise EncodeError(reason)

    def _missing(self, n):
        """Bytes that the buffer lacks for ``n`` more and the end tag; 0 if they fit."""
        missing = self.pos + n + 1 - len(self.buf)
        return missing if missing > 0 and self._skip < 0 else 0

    def _fail_full(self, n, name):
        self._fail("buffer of %d bytes is full: %d more needed" % (len(self.buf), self._missing(n)), name)

    def _between(self, what):
        if self._depth:
            self._fail("%s inside a collection" % what, None)
        if not 0 < self._state < 4:
            raise EncodeError("%s outside a message" % what)

    def _string_head(self, name, tag, n):
        longest = tags.longest(tag)
        if longest < 0:
            self._fail("tag 0x%02x is not a string type" % tag, name)
        if n > longest:
            self._fail("value of %d bytes: tag 0x%02x allows %d" % (n, tag, longest), name)
        self._open(name, tag, n)

    def _open(self, name, tag, n):
        """Tag, name and value length; room for the value's ``n`` bytes is made sure of."""
        need = 5 + n
        length = 0
        if name is None:
            if self._state != 3 or (self._depth and not self._member_open):
                self._fail("a further value needs an attribute before it", name)
        else:
            if not 2 <= self._state <= 3:
                raise EncodeError("value outside a group")
            length = size(name)
            if not 1 <= length <= tags.MAX_NAME:
                self._fail("name of %d bytes: 1 to %d allowed" % (length, tags.MAX_NAME), name)
            need += length
            if self._depth:
                need += 5
        if self._missing(need):
            self._fail_full(need, name)
        if length and self._depth:  # a member: its name is a value of its own
            self._number(tags.MEMBER_NAME, 1)
            self._number(0, 2)
            self._number(length, 2)
            self._raw(name, 0, length)
            self._member_open = True
            length = 0
        elif length:
            self._attribute = self.pos
            self._state = 3
        self._number(tag, 1)
        self._number(length, 2)
        if length:
            self._raw(name, 0, length)
        self._number(n, 2)

    def _raw(self, src, off, n):
        at = self.pos
        self.pos = at + n
        if isinstance(src, int):
            off += src >> 8
            src = WORDS
        if self._skip >= 0:  # what is beside the buffer is left out
            before = self.start - at
            if before > 0:
                at += before
                off += before
                n -= before
            n = min(n, len(self.buf) - at)
        copy(self.buf, at, src, off, n)  # a slice would cost memory on older MicroPython

    def _number(self, value, n):
        """``value`` in ``n`` bytes, as far as they are in the buffer."""
        place(self.buf, self.pos, self.start, len(self.buf), value, n)
        self.pos += n
