"""The framing of a reply's body (RFC 9112 sections 6 and 7): Content-Length or chunked.

A body that is not framed is not read: its end could not be told from a cut. Nothing is
allocated unless an error is raised.
"""

from fetchprint.http.errors import HTTPPeerError
from fetchprint.http.limits import BODY_MAX, CHUNK_LINE_MAX, OFFSET_MAX, TRAILER_MAX

UNKNOWN = -1  # no Content-Length

# Where in the body the next byte stands
_NONE = 0  # no body, or one that only ends by closing
_LENGTH = 1  # data of known length
_SIZE = 2  # at a chunk-size line
_DATA = 3  # inside a chunk
_DATA_END = 4  # at the CRLF after a chunk
_TRAILER = 5  # after the last chunk


class Framing:
    """``left`` counts the data bytes that follow where ``body`` stopped, ``done`` tells the
    proper end, ``offset`` counts all bytes of the reply so far (to OFFSET_MAX)."""

    def __init__(self):
        self.offset = 0
        self.start(UNKNOWN, False)
        self.done = False

    def start(self, length: int, chunked: bool) -> None:
        """Expect a body of ``length`` bytes, a chunked one, or (UNKNOWN, False) none."""
        self._chunked = chunked
        self._total = 0
        self._col = 0
        self._size = 0
        self._cr = False
        self.left = 0
        self.done = False
        self._state = _NONE
        if chunked:
            self._state = _SIZE
        elif length == 0:
            self.done = True
        elif length > 0:
            self._state = _LENGTH
            self.left = length

    def bad(self, reason: str) -> HTTPPeerError:
        """The error to raise for what stands at ``offset``."""
        return HTTPPeerError(reason, self.offset)

    def body(self, buf: bytearray, pos: int, end: int) -> int:
        """Pass over framing in ``buf[pos:end]``; returns where data begins, or ``end``.

        Then ``left`` (> 0) data bytes follow (tell ``took`` how many were read), or the
        body is ``done``, or more input is needed. Raises HTTPPeerError.
        """
        while pos < end and not self.done and self._state >= _SIZE and self._state != _DATA:
            b = buf[pos]
            if self._state == _SIZE:
                self._size_line(b)
            elif self._state == _DATA_END:
                if b != (10 if self._cr else 13):
                    raise self.bad("chunk longer than its size line says")
                if self._cr:
                    self._state = _SIZE
                    self._col = 0
                self._cr = not self._cr
            else:
                self._trailer(b)
            pos += 1
            if self.offset < OFFSET_MAX:
                self.offset += 1
        return pos

    def took(self, n: int) -> None:
        """``n`` (1 to ``left``) data bytes were read."""
        self.left -= n
        if self.offset < OFFSET_MAX:
            self.offset += n
        if self.left == 0:
            if self._chunked:
                self._state = _DATA_END
            else:
                self.done = True

    def _size_line(self, b):
        """One byte of ``1*HEXDIG [ BWS ";" ext ] CRLF``; _size: 0 digits, 1 blanks, 2 extension."""
        if self._col == 0:
            self.left = 0
            self._size = 0
        if self._cr:
            if b != 10:
                raise self.bad("carriage return inside a chunk-size line")
            self._cr = False
            self._col = 0
            self._size = 0
            self._total += self.left
            self._state = _DATA if self.left else _TRAILER
            return
        if b == 13:
            if self._col == 0 or self._size == 1:
                raise self.bad("chunk size is not a hexadecimal number")
            self._cr = True
            return
        if self._col == CHUNK_LINE_MAX:
            raise self.bad("chunk-size line longer than %d bytes" % CHUNK_LINE_MAX)
        self._col += 1
        if self._size == 2:
            if b < 32 and b != 9:
                raise self.bad("control character %d in a chunk extension" % b)
            return
        if self._size == 0:
            digit = -1
            if 0x30 <= b <= 0x39:
                digit = b - 0x30
            elif 0x61 <= b | 0x20 <= 0x66:
                digit = (b | 0x20) - 0x57
            if digit >= 0:
                # Shifting first could leave the small ints: compare before.
                if self.left > (BODY_MAX - self._total - digit) >> 4:
                    raise self.bad("body over %d bytes" % BODY_MAX)
                self.left = (self.left << 4) + digit
                return
        if b == 0x3B and self._col > 1:
            self._size = 2
        elif (b == 32 or b == 9) and self._col > 1:
            self._size = 1
        else:
            raise self.bad("chunk size is not a hexadecimal number")

    def _trailer(self, b):
        """One byte of the trailer: lines until a blank one; _col counts in the line, _size in all."""
        if self._cr:
            if b != 10:
                raise self.bad("carriage return inside a trailer line")
            self._cr = False
            if self._col == 0:
                self.done = True
            self._col = 0
        elif b == 13:
            self._cr = True
        elif b < 32 and b != 9:
            raise self.bad("control character %d in the trailer" % b)
        else:
            self._col += 1
        self._size += 1
        if self._size > TRAILER_MAX:
            raise self.bad("trailer longer than %d bytes" % TRAILER_MAX)
