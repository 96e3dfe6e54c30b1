"""A reply read byte by byte: status line and headers (RFC 9112 sections 4 to 6, RFC 9110).

Strict: what two parsers could understand differently is refused. Nothing is allocated
unless an error is raised.
"""

from fetchprint.http.framing import UNKNOWN, Framing
from fetchprint.http.limits import (
    BODY_MAX,
    HEAD_MAX,
    HEADERS_MAX,
    INTERIM_MAX,
    LINE_KEPT,
    LINE_MAX,
    RETRY_AFTER_MAX,
    TYPE_KEPT,
)

_CONTENT_LENGTH = b"content-length"
_TRANSFER_ENCODING = b"transfer-encoding"
_CONTENT_ENCODING = b"content-encoding"
_CONTENT_TYPE = b"content-type"
_CONNECTION = b"connection"
_RETRY_AFTER = b"retry-after"
_CHUNKED = b"chunked"
_IDENTITY = b"identity"
_CLOSE_WORD = b"close"
_IPP = b"application/ipp"
_VERSION = b"HTTP/1."
_TOKEN_MARKS = b"!#$%&'*+-.^_`|~"


class Reply(Framing):
    """One reply. ``begin``, then ``head`` until ``started``, then ``body`` until ``done``.

    After the head: ``status`` 200..599, ``keep`` (the connection may be used again),
    ``retry_after`` seconds, ``length`` bytes or UNKNOWN.
    """

    def __init__(self, only_ipp: bool = True):
        """``only_ipp``: take no body but ``application/ipp``."""
        Framing.__init__(self)
        self._only_ipp = only_ipp
        self._line = bytearray(LINE_KEPT)
        self._type = bytearray(TYPE_KEPT)
        self.begin()

    def begin(self) -> None:
        """Forget the last reply and expect a status line."""
        self.offset = 0
        self.interim = 0
        self._begin_head()

    def _begin_head(self):
        self.start(UNKNOWN, False)
        self.started = False
        self.status = 0
        self.keep = True
        self.retry_after = 0
        self.length = UNKNOWN
        self._old = False
        self._identity = True
        self._ipp = False
        self._type_end = 0
        self._headers = 0

    def head(self, buf: bytearray, pos: int, end: int) -> int:
        """Read the head from ``buf[pos:end]``; returns where it stopped.

        Stops behind the blank line of the final head (``started``) or at ``end``. Interim
        replies (1xx) are passed over. Raises HTTPPeerError.
        """
        line = self._line
        while pos < end:
            b = buf[pos]
            if self._cr:
                if b != 10:
                    raise self.bad("carriage return inside a header line")
                self._cr = False
                self._headers += 1
                if self._col == 0 and self._headers > 1:
                    pos += 1
                    self.offset += 1
                    self._end_head()
                    if self.started:
                        return pos
                    continue
                self._end_line()
                self._col = 0
            elif b == 13:
                self._cr = True
            elif b == 10:
                raise self.bad("header line ends without a carriage return")
            elif (b < 32 and b != 9) or b == 127:
                raise self.bad("control character %d in the reply's head" % b)
            else:
                col = self._col
                if col < LINE_KEPT:
                    line[col] = b
                elif col >= LINE_MAX:
                    raise self.bad("header line longer than %d bytes" % LINE_MAX)
                self._col = col + 1
            pos += 1
            self.offset += 1
            self._size += 1
            if self._size > HEAD_MAX:
                raise self.bad("reply's head longer than %d bytes" % HEAD_MAX)
        return pos

    def _end_line(self):
        if self._headers == 1:
            self._status_line()
        else:
            if self._headers - 1 > HEADERS_MAX:
                raise self.bad("more than %d header lines" % HEADERS_MAX)
            self._header_line()

    def _status_line(self):
        line = self._line
        n = self._col
        if n >= 7:
            for i in range(7):
                if line[i] != _VERSION[i]:
                    n = 0
        if n < 12 or line[8] != 32 or not 0x30 <= line[7] <= 0x31 or (n > 12 and line[12] != 32):
            raise self.bad("not an HTTP/1.1 reply")
        status = self._number(9, 12, 999)
        if not 100 <= status <= 599:
            raise self.bad("status code is not 100..599")
        self.status = status
        if line[7] == 0x30:
            self._old = True
            self.keep = False  # HTTP/1.0: kept alive only by an extension we do not need

    def _header_line(self):
        line = self._line
        n = self._col if self._col < LINE_KEPT else LINE_KEPT
        if line[0] == 32 or line[0] == 9:
            raise self.bad("folded header line")
        colon = 0
        while colon < n and line[colon] != 0x3A:
            b = line[colon]
            if not (0x61 <= b | 0x20 <= 0x7A or 0x30 <= b <= 0x39 or _within(b, _TOKEN_MARKS)):
                raise self.bad("header name has the byte 0x%02x" % b)
            colon += 1
        if colon == 0 or colon == n:
            raise self.bad("header line without a name and a colon in its first %d bytes" % LINE_KEPT)
        at = colon + 1
        while at < n and (line[at] == 32 or line[at] == 9):
            at += 1
        while n > at and (line[n - 1] == 32 or line[n - 1] == 9):
            n -= 1
        if self._is(0, colon, _CONTENT_LENGTH):
            self._content_length(at, n)
        elif self._is(0, colon, _TRANSFER_ENCODING):
            if self._chunked or not self._is(at, n, _CHUNKED):
                raise self.bad("Transfer-Encoding is not chunked")
            self._chunked = True
        elif self._is(0, colon, _CONTENT_ENCODING):
            if not self._is(at, n, _IDENTITY):
                self._identity = False
        elif self._is(0, colon, _CONNECTION):
            if self._col > LINE_KEPT or self._lists(at, n, _CLOSE_WORD):
                self.keep = False
        elif self._is(0, colon, _RETRY_AFTER):
            seconds = self._number(at, n, RETRY_AFTER_MAX)
            if seconds >= 0:
                self.retry_after = seconds  # a date answers -1: a printer has no clock to compare
        elif self._is(0, colon, _CONTENT_TYPE):
            self._content_type(at, n)

    def _content_length(self, at, n):
        if self._col > LINE_KEPT:
            raise self.bad("Content-Length header longer than %d bytes" % LINE_KEPT)
        value = self._number(at, n, BODY_MAX + 1)
        if value < 0:
            raise self.bad("Content-Length is not a number")
        if value > BODY_MAX:
            raise self.bad("Content-Length over %d bytes" % BODY_MAX)
        if self.length >= 0 and self.length != value:
            raise self.bad("two Content-Length headers that differ")
        self.length = value

    def _content_type(self, at, n):
        if self._type_end:
            raise self.bad("two Content-Type headers")
        line = self._line
        stop = at
        while stop < n and line[stop] != 0x3B:
            stop += 1
        while stop > at and (line[stop - 1] == 32 or line[stop - 1] == 9):
            stop -= 1
        self._ipp = self._is(at, stop, _IPP)
        self._type_end = min(stop - at, TYPE_KEPT)
        if not self._ipp:
            for i in range(self._type_end):  # kept for the error message; the next line overwrites _line
                self._type[i] = line[at + i]

    def _end_head(self):
        status = self.status
        if status < 200:
            if status == 101:
                raise self.bad("status 101: nobody asked to switch protocols")
            interim = self.interim + 1
            if interim > INTERIM_MAX:
                raise self.bad("more than %d interim (1xx) replies" % INTERIM_MAX)
            self._begin_head()
            self.interim = interim
            return
        if self._chunked and self.length >= 0:
            raise self.bad("both Transfer-Encoding and Content-Length")
        if self._chunked and self._old:
            raise self.bad("Transfer-Encoding in an HTTP/1.0 reply")
        if 300 <= status < 400:
            raise self.bad("redirect refused: status %d" % status)
        if status == 200:
            if self._only_ipp and not self._ipp:
                kind = "".join([chr(b) for b in self._type[: self._type_end]]) or "missing"
                raise self.bad("not IPP: Content-Type %s" % kind)
            if not self._identity:
                raise self.bad("Content-Encoding refused: only identity was asked for")
            if not self._chunked and self.length < 0:
                raise self.bad("length unknown: neither Content-Length nor chunked")
        if status == 204:
            self.length = 0
        elif not self._chunked and self.length < 0:
            self.keep = False  # the body ends by closing
        self.start(self.length, self._chunked)
        self.started = True

    def _is(self, at, end, word):
        """Whether line[at:end] is ``word`` (lower case) in any case."""
        if end - at != len(word):
            return False
        line = self._line
        for i in range(end - at):
            b = line[at + i]
            if (b | 0x20 if 0x41 <= b <= 0x5A else b) != word[i]:
                return False
        return True

    def _lists(self, at, end, word):
        """Whether ``word`` is an element of the comma-separated list line[at:end]."""
        line = self._line
        while at < end:
            stop = at
            while stop < end and line[stop] != 0x2C:
                stop += 1
            last = stop
            while at < last and (line[at] == 32 or line[at] == 9):
                at += 1
            while last > at and (line[last - 1] == 32 or line[last - 1] == 9):
                last -= 1
            if self._is(at, last, word):
                return True
            at = stop + 1
        return False

    def _number(self, at, end, most):
        """The decimal number line[at:end], at most ``most``; -1 when it is not all digits."""
        if at == end:
            return -1
        line = self._line
        value = 0
        while at < end:
            digit = line[at] - 0x30
            if not 0 <= digit <= 9:
                return -1
            if value > (most - digit) // 10:
                value = most
            else:
                value = value * 10 + digit
            at += 1
        return value


def _within(b, marks):
    for mark in marks:
        if b == mark:
            return True
    return False
