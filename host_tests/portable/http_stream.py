"""A scripted Stream under the HTTP client, and the steps of one exchange over it. Virtual clock."""

from fetchprint.http.client import Connection
from fetchprint.http.errors import HTTPPeerError

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
