"""The HTTP client against a scripted Stream: framing, limits, deadlines, memory. Virtual clock."""

from heap import locked

from fetchprint.http.client import Connection
from fetchprint.http.errors import HTTPLocalError, HTTPPeerError
from fetchprint.http.limits import (
    BODY_MS,
    CHUNK_LINE_MAX,
    CONNECT_MS,
    DISCARD_MAX,
    HEAD_MAX,
    HEAD_MS,
    HEADERS_MAX,
    INTERIM_MAX,
    LINE_MAX,
    RETRY_AFTER_MAX,
    SEND_MS,
    TRAILER_MAX,
)

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
PLAIN = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


class Wire:
    """A Stream whose peer is a script: each reply is a list of pieces, None for "not now".

    After the last piece the wire answers None, or 0 when ``closing``.
    """

    def __init__(self, replies, closing=False, step=4096):
        self.replies = replies
        self.closing = closing
        self.step = step  # most bytes one write moves
        self.stuck = False  # writes answer None
        self.sent = bytearray(4096)
        self.sent_end = 0
        self.opened = 0
        self.closed = 0
        self.reply = -1
        self.piece = 0
        self.at = 0

    def open(self, host, port):
        self.opened += 1
        self.to = (host, port)
        return self

    def readinto(self, buf, off, n):
        assert off == 0
        if self.reply < 0:
            return None
        pieces = self.replies[self.reply]
        if self.piece == len(pieces):
            return 0 if self.closing else None
        piece = pieces[self.piece]
        if piece is None:
            self.piece += 1
            return None
        count = 0
        while count < n and self.at < len(piece):
            buf[count] = piece[self.at]
            count += 1
            self.at += 1
        if self.at == len(piece):
            self.at = 0
            self.piece += 1
        return count

    def write(self, buf, off, n):
        if self.stuck:
            return None
        if n > self.step:
            n = self.step
        for i in range(n):
            self.sent[self.sent_end + i] = buf[off + i]
        self.sent_end += n
        return n

    def next(self):
        """The next reply may be read."""
        self.reply += 1
        self.piece = 0
        self.at = 0

    def close(self):
        self.closed += 1


def connection(wire, rx=64, tx=1024, authorization=None):
    return Connection(wire.open, "127.0.0.1", 631, "/ipp/print", bytearray(tx), bytearray(rx), authorization)


def post(wire, link, length=3, now=0):
    link.post(now, length, 1000)
    assert link.poll(now) is None or wire.reply >= 0
    wire.next()


def answer(link, now=0, turns=10000):
    """The status code, polling without the clock moving."""
    for _ in range(turns):
        status = link.poll(now)
        if status is not None:
            return status
    raise AssertionError("no answer")


def body(link, now=0, turns=100000):
    data = bytearray()
    for _ in range(turns):
        n = link.fill(now)
        if n == 0:
            return bytes(data)
        if n:
            assert n == link.end - link.pos
            data += link.buf[link.pos : link.end]
            link.pos = link.end
    raise AssertionError("body does not end")


def exchange(reply, rx=64, closing=False):
    """(status, body) of one post answered by ``reply``, a list of pieces or bytes."""
    wire = Wire([reply if isinstance(reply, list) else [reply]], closing)
    link = connection(wire, rx)
    post(wire, link)
    status = answer(link)
    return status, body(link)


def refused(reply, words, closing=False, rx=64):
    """The error that ``reply`` leads to; its reason has ``words`` in it."""
    try:
        got = exchange(reply, rx, closing)
    except HTTPPeerError as error:
        assert words in error.reason, "%r is not in %r" % (words, error.reason)
        assert error.sent
        return error
    raise AssertionError("accepted: %r" % (got,))


def test_http_request_head_and_body_leave_together():
    wire = Wire([[PLAIN]])
    link = connection(wire, authorization="Basic eDp5")
    link._tx[link.body : link.body + 3] = b"abc"
    post(wire, link, 3)
    sent = bytes(wire.sent[: wire.sent_end])
    assert sent.startswith(b"POST /ipp/print HTTP/1.1\r\nHost: 127.0.0.1:631\r\nUser-Agent: fetchprint/")
    assert b"\r\nContent-Type: application/ipp\r\n" in sent
    assert b"\r\nAuthorization: Basic eDp5\r\n" in sent
    assert sent.endswith(b"Content-Length:       3\r\n\r\nabc"), sent
    assert b"Expect" not in sent
    assert wire.to == ("127.0.0.1", 631)
    assert answer(link) == 200
    assert body(link) == b"hello"
    wire.sent_end = 0
    link.post(0, 412, 1000)
    link.poll(0)
    assert b"Content-Length:     412\r\n\r\n" in bytes(wire.sent[: wire.sent_end])
    assert wire.opened == 1


def test_http_short_writes_are_continued():
    wire = Wire([[PLAIN]], step=1)
    link = connection(wire)
    post(wire, link, 100)
    assert wire.sent_end == link.body + 100
    assert answer(link) == 200


def test_http_content_length_at_every_split():
    for cut in range(1, len(PLAIN)):
        assert exchange([PLAIN[:cut], None, PLAIN[cut:]]) == (200, b"hello"), cut
    for rx in (1, 2, 3, 7, 100, 1000):
        assert exchange(PLAIN, rx) == (200, b"hello"), rx
    assert exchange([PLAIN[i : i + 1] for i in range(len(PLAIN))]) == (200, b"hello")


def test_http_chunked_at_every_split():
    reply = CHUNKED + b'1\r\na\r\n4;x="y"\r\nbcde\r\n00A ; q\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\n'
    for cut in range(1, len(reply)):
        assert exchange([reply[:cut], None, reply[cut:]]) == (200, b"abcde0123456789"), cut
    for rx in (1, 2, 3, 7, 100, 1000):
        assert exchange(reply, rx) == (200, b"abcde0123456789"), rx


def test_http_empty_bodies():
    assert exchange(OK + b"Content-Length: 0\r\n\r\n") == (200, b"")
    assert exchange(CHUNKED + b"0\r\n\r\n") == (200, b"")


def test_http_short_body_is_an_error_at_every_length():
    for whole in (PLAIN, CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"):
        for n in range(1, len(whole)):
            error = refused([whole[:n]], "cut short", closing=True)
            assert error.offset == n, (n, error.offset)


def test_http_closed_without_a_reply():
    assert refused([], "closed without a reply", closing=True).offset == -1


def test_http_interim_replies_are_passed_over():
    interim = b"HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n"
    assert exchange(interim + PLAIN) == (200, b"hello")
    assert exchange(interim * INTERIM_MAX + PLAIN) == (200, b"hello")
    refused(interim * (INTERIM_MAX + 1) + PLAIN, "interim")
    refused(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + PLAIN, "101")


def test_http_keep_alive_and_close():
    wire = Wire([[PLAIN], [CHUNKED + b"2\r\nhi\r\n0\r\n\r\n"], [PLAIN]])
    link = connection(wire)
    for expected in (b"hello", b"hi", b"hello"):
        post(wire, link)
        assert answer(link) == 200
        assert body(link) == expected
        assert link.fill(0) == 0
    assert wire.opened == 1 and wire.closed == 0
    for extra in (b"Connection: close\r\n", b"connection: foo , CLOSE\r\n"):
        wire = Wire([[OK + extra + b"Content-Length: 1\r\n\r\nx"]] * 2)
        link = connection(wire)
        for _ in range(2):
            post(wire, link)
            assert answer(link) == 200
            assert body(link) == b"x"
        assert wire.opened == 2 and wire.closed == 2
    wire = Wire([[b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 1\r\n\r\nx"]])
    link = connection(wire)
    post(wire, link)
    assert answer(link) == 200
    assert body(link) == b"x"
    assert wire.closed == 1


def test_http_idle_close_and_unasked_data_reconnect_before_sending():
    for closing, pieces in ((True, [PLAIN]), (False, [PLAIN, b"HTTP/1.1 408 Late\r\n\r\n"])):
        wire = Wire([pieces, [PLAIN]], closing=closing)
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 200 and body(link) == b"hello"
        assert wire.opened == 1
        wire.sent_end = 0
        link.post(0, 3, 1000)
        assert (wire.opened, wire.closed) == (2, 1)
        wire.closing = False
        wire.reply = -1
        assert link.poll(0) is None
        wire.reply = 1
        wire.piece = wire.at = 0
        assert answer(link) == 200 and body(link) == b"hello"


def test_http_bytes_after_the_reply_cost_the_connection():
    wire = Wire([[PLAIN + b"HTTP/1.1 200 OK\r\n"]])
    link = connection(wire, rx=1000)
    post(wire, link)
    assert answer(link) == 200 and body(link) == b"hello"
    assert wire.closed == 1


def test_http_framing_that_two_parsers_read_differently_is_refused():
    refused(CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n", "both Transfer-Encoding and Content-Length")
    refused(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "differ")
    assert exchange(OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello") == (200, b"hello")
    for value in (b"-1", b"+5", b"0x5", b"5 5", b"5,5", b"", b"five", b"5.0"):
        refused(OK + b"Content-Length: " + value + b"\r\n\r\nhello", "Content-Length is not a number")
    for value in (b"1073741824", b"99999999999999999999", b"1" * 80):
        refused(OK + b"Content-Length: " + value + b"\r\n\r\n", "Content-Length over")
    refused(OK + b"Content-Length: " + b"0" * 100 + b"\r\n\r\n", "Content-Length header longer")
    for value in (b"gzip, chunked", b"identity", b"chunked\r\nTransfer-Encoding: chunked"):
        refused(OK + b"Transfer-Encoding: " + value + b"\r\n\r\n", "Transfer-Encoding is not chunked")
    refused(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "Content-Encoding")
    refused(OK + b"\r\nhello", "length unknown", closing=True)
    refused(
        b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"
    )


def test_http_malformed_heads_are_refused():
    strange = (b"HTTP/2 200 OK", b"HTTP/1.2 200 OK", b"http/1.1 200 OK", b"HTTP/1.1  200 OK")
    strange += (b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"ICY 200 OK", b"", b"<html>", b"SSH-2.0-OpenSSH_9.2")
    for line in strange:
        refused(line + b"\r\n\r\n", "not an HTTP/1.1 reply")
    refused(b"\x15\x03\x01\x00\x02\x02\x46", "control character")  # a TLS alert
    refused(b"HTTP/1.1 20x OK\r\n\r\n", "status code")
    refused(b"HTTP/1.1 600 Odd\r\n\r\n", "status code")
    refused(b"HTTP/1.1 099 Odd\r\n\r\n", "status code")
    refused(OK + b" folded: x\r\n\r\n", "folded")
    refused(OK + b"\tfolded\r\n\r\n", "folded")
    refused(OK + b"Content-Length : 5\r\n\r\n", "header name")
    refused(OK + b": 5\r\n\r\n", "without a name")
    refused(OK + b"nocolon\r\n\r\n", "without a name")
    refused(OK + b"A: b\n\r\n", "without a carriage return")
    refused(OK + b"A: b\rc\r\n\r\n", "carriage return inside")
    refused(OK + b"A: b\x00c\r\n\r\n", "control character 0")
    refused(OK + b"A: " + b"x" * (LINE_MAX - 2) + b"\r\n\r\n", "header line longer")
    refused(OK + b"A: b\r\n" * (HEADERS_MAX + 1) + b"\r\n", "header lines")
    refused((OK + (b"A: " + b"x" * 1000 + b"\r\n") * 9), "head longer than %d" % HEAD_MAX)
    long = b"A: " + b"x" * (LINE_MAX - 3) + b"\r\n"
    assert exchange(OK + long + b"Content-Length: 5\r\n\r\nhello") == (200, b"hello")


def test_http_malformed_chunks_are_refused():
    not_hex = "not a hexadecimal number"
    for line in (b"", b"-5", b"+5", b"0x5", b"5g", b" 5", b"5 ", b";a=b", b"5 5", b"zz"):
        refused(CHUNKED + line + b"\r\nhello\r\n0\r\n\r\n", not_hex)
    refused(CHUNKED + b"5\nhello\r\n0\r\n\r\n", "")
    refused(CHUNKED + b"5\r\nhelloX\r\n0\r\n\r\n", "chunk longer than")
    for size in (b"40000000", b"FFFFFFFFFFFFFFFF", b"7fffffff"):
        refused(CHUNKED + size + b"\r\n", "body over")
    fits = b"5;" + b"e" * (CHUNK_LINE_MAX - 2)
    assert exchange(CHUNKED + fits + b"\r\nhello\r\n0\r\n\r\n") == (200, b"hello")
    refused(CHUNKED + fits + b"e\r\nhello\r\n0\r\n\r\n", "chunk-size line longer than %d" % CHUNK_LINE_MAX)
    refused(CHUNKED + b"0" * 65 + b"\r\n", "chunk-size line longer")
    refused(CHUNKED + b"0\r\n" + b"A: b\r\n" * (TRAILER_MAX // 6 + 1) + b"\r\n", "trailer longer")
    refused(CHUNKED + b"0\r\nA: b\n\r\n", "control character")


def test_http_not_ipp_and_redirects_are_refused():
    html = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>"
    refused(html, "not IPP: Content-Type text/html")
    refused(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not IPP: Content-Type missing")
    for status in (301, 302, 304, 307, 308):
        head = b"HTTP/1.1 %d Moved\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n" % status
        refused(head, "redirect refused: status %d" % status)
    typed = b"HTTP/1.1 200 OK\r\ncontent-type:Application/IPP ; x=y\r\nContent-Length: 5\r\n\r\nhello"
    assert exchange(typed) == (200, b"hello")


def test_http_error_replies_give_code_and_retry_after():
    date = b"Fri, 31 Dec 1999 23:59:59 GMT"
    for value, seconds in ((b"120", 120), (b"0", 0), (b"9" * 13, RETRY_AFTER_MAX), (b"-5", 0), (date, 0)):
        busy = b"HTTP/1.1 503 Busy\r\nRetry-After: " + value + b"\r\nContent-Length: 5\r\n\r\nsorry"
        wire = Wire([[busy], [PLAIN]])
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 503
        assert link.retry_after == seconds
        assert link.fill(0) == 0
        post(wire, link)
        assert answer(link) == 200
        assert link.retry_after == 0
        assert body(link) == b"hello"
        assert wire.opened == 1
    unread = (
        b"Content-Length: %d\r\n\r\n" % (DISCARD_MAX + 1),
        b"\r\nno length",
        b"Connection: close\r\n\r\n",
        b"Content-Length: 9\r\n\r\ncut",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    )
    for head in unread:
        wire = Wire([[b"HTTP/1.1 401 Who\r\n" + head]], closing=True)
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 401
        assert wire.closed == 1
    assert exchange(b"HTTP/1.1 204 None\r\n\r\n") == (204, b"")


def late(wire, link, steps, ms, words):
    """The error of polling ``steps`` times, ``ms`` apart."""
    now = 0
    try:
        for _ in range(steps):
            now += ms
            if link.poll(now) is not None:
                while link.fill(now) is not None:
                    link.pos = link.end
    except HTTPPeerError as error:
        assert words in error.reason, error.reason
        assert wire.closed == 1
        return now, error
    raise AssertionError("no deadline")


def test_http_deadlines_per_phase():
    wire = Wire([[]])
    wire.stuck = True
    link = connection(wire)
    link.post(0, 3, 1000)
    now, error = late(wire, link, 1000, 100, "no connection within")
    assert now == CONNECT_MS + 100 and not error.sent

    wire = Wire([[]], step=10)
    link = connection(wire)
    real = wire.write

    def slow(buf, off, n):
        wire.stuck = wire.sent_end >= 10
        return real(buf, off, n)

    wire.write = slow
    link.post(0, 3, 1000)
    now, error = late(wire, link, 1000, 100, "request made no progress")
    assert 0 <= now - SEND_MS <= 200 and error.sent

    wire = Wire([[]])
    link = connection(wire)
    link.post(0, 3, 60000)
    now, error = late(wire, link, 10000, 100, "no reply within 60000 ms")
    assert 60000 < now <= 60200 and error.sent

    drip = []
    for i in range(len(PLAIN)):
        drip += [PLAIN[i : i + 1], None]
    wire = Wire([drip])
    link = connection(wire)
    post(wire, link)
    now, error = late(wire, link, 1000, 500, "head not complete within")
    assert HEAD_MS <= now <= HEAD_MS + 2000

    wire = Wire([[PLAIN[:-2]]])
    link = connection(wire)
    post(wire, link)
    now, error = late(wire, link, 10000, 100, "body made no progress")
    assert BODY_MS <= now <= BODY_MS + 500
    assert error.offset == len(PLAIN) - 2

    # Chunk framing is no progress: here extensions drip without end.
    wire = Wire([[CHUNKED] + [b"1;", b"x", None] * 20])
    link = connection(wire)
    post(wire, link)
    late(wire, link, 1000, 2000, "body made no progress")

    wire = Wire([[b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nx"]])
    link = connection(wire)
    post(wire, link)
    now = 0
    while link.poll(now) is None:
        now += 100
    assert now <= 2100 and wire.closed == 1


def test_http_held_reply_outlasts_interim():
    wire = Wire([[b"HTTP/1.1 100 Continue\r\n\r\n"] + [None] * 50 + [PLAIN]])
    link = connection(wire)
    link.post(0, 3, 100000)
    now = 0
    wire.next()
    while link.poll(now) is None:
        now += 1500
    assert now > HEAD_MS
    assert body(link) == b"hello"


def test_http_broken_stream_names_the_phase():
    class Broken(Wire):
        def readinto(self, buf, off, n):
            raise OSError(104)

    wire = Broken([[]])
    link = connection(wire)
    link.post(0, 3, 1000)
    try:
        link.poll(0)
        raise AssertionError("accepted")
    except HTTPPeerError as error:
        assert "while reading the reply" in error.reason and error.sent and wire.closed == 1

    class Refusing(Wire):
        def write(self, buf, off, n):
            raise OSError(111)

    link = connection(Refusing([[]]))
    link.post(0, 3, 1000)
    try:
        link.poll(0)
        raise AssertionError("accepted")
    except HTTPPeerError as error:
        assert "while sending" in error.reason and not error.sent

    def unresolved(host, port):
        raise OSError("cannot resolve %s" % host)

    link = Connection(unresolved, "printers.example", 631, "/", bytearray(400), bytearray(64))
    try:
        link.post(0, 3, 1000)
        raise AssertionError("accepted")
    except HTTPPeerError as error:
        assert "cannot resolve printers.example" in error.reason and not error.sent


def local_error(words, call, *args):
    try:
        call(*args)
    except HTTPLocalError as error:
        assert words in str(error), str(error)
        return
    raise AssertionError("accepted")


def test_http_calls_out_of_order_and_bad_arguments():
    wire = Wire([[PLAIN]])
    link = connection(wire)
    local_error("poll before post", link.poll, 0)
    local_error("does not fit tx", link.post, 0, 1025 - link.body, 1000)
    local_error("does not fit tx", link.post, 0, -1, 1000)
    post(wire, link)
    local_error("still unread", link.post, 0, 3, 1000)
    assert answer(link) == 200
    local_error("still unread", link.post, 0, 3, 1000)
    link.close()
    assert wire.closed == 1
    local_error("poll before post", link.poll, 0)
    link.close()
    wire.reply = -1
    post(wire, link)
    assert answer(link) == 200 and wire.opened == 2
    tx = bytearray(400)
    rx = bytearray(64)
    for host in ("a b", "a\r\nX: y", "", "user@host", "h/x", "caf\xe9"):
        local_error("host", Connection, wire.open, host, 631, "/", tx, rx)
    for path in ("/a b", "/a\r\nX: y", "ipp", "", "/\xe9"):
        local_error("path", Connection, wire.open, "h", 631, path, tx, rx)
    for port in (0, -1, 65536):
        local_error("port", Connection, wire.open, "h", port, "/", tx, rx)
    local_error("authorization", Connection, wire.open, "h", 631, "/", tx, rx, "Basic x\r\nX: y")
    local_error("tx holds", Connection, wire.open, "h", 631, "/", bytearray(100), rx)
    local_error("rx is empty", Connection, wire.open, "h", 631, "/", tx, bytearray(0))
    link = Connection(wire.open, "::1", 80, "/", tx, rx)
    assert b"Host: [::1]\r\n" in bytes(tx)


def run_locked(wire, link, count):
    """``count`` exchanges; returns the body bytes seen. Nothing here may allocate."""
    seen = 0
    for _ in range(count):
        link.post(0, 100, 1000)
        link.poll(0)
        wire.next()
        while link.poll(0) is None:
            pass
        n = link.fill(0)
        while n != 0:
            if n:
                seen += n
                link.pos = link.end
            n = link.fill(0)
    return seen


def test_http_exchanges_allocate_nothing():
    chunked = CHUNKED + b"4;x=y\r\nabcd\r\n" * 50 + b"0\r\nA: b\r\n\r\n"
    error = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nsorry"
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    wire = Wire([[PLAIN], [PLAIN[:30], None, PLAIN[30:]], [chunked], [interim + PLAIN], [error], [PLAIN]])
    link = connection(wire)
    post(wire, link)  # connecting may allocate
    answer(link)
    body(link)
    seen = 0
    wire.sent_end = 0
    with locked():
        seen = run_locked(wire, link, 5)
    assert seen == 3 * 5 + 200, seen
    assert wire.opened == 1
