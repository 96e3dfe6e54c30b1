"""What stands under ``adafruit_requests``: a socket pool of one socket over one Stream.

Every byte of a reply passes the strict parser before the library sees it; nothing here
raises OSError or RuntimeError, because the library would answer those with a second send.
"""

from fetchprint import ticks
from fetchprint.http.errors import Abandoned, HTTPPeerError
from fetchprint.http.limits import BODY_MS, CONNECT_MS, HEAD_MS, SEND_MS
from fetchprint.http.reply import Reply

_STEP_MS = 20  # longest sleep between two calls of idle: a status query of an engine is due so often


class Wire:
    """One Stream, opened when the library wants a socket; it blocks where the library does.

    ``idle`` is called with nothing while it blocks and may answer True to give up.
    """

    def __init__(self, open_stream, host: str, port: int, tx: bytearray, rx: bytearray, clock, wait):
        self.reply = Reply()
        self.stream = None
        self.sent = False
        self.idle = None
        self.abandoned = False
        self.at = 0  # rx[at:raw] was received and not yet given to the library
        self.raw = 0
        self._good = 0  # rx[at:_good] passed the parser
        self._open = open_stream
        self._host = host
        self._port = port
        self._tx = tx
        self._rx = rx
        self._clock = clock
        self._wait = wait
        self._wait_ms = 0
        self._total = 0
        self._gathered = 0
        self._opened = False  # a socket was given to the library for this request
        self._mark = 0  # when the last byte of the request left, then when data last came or was asked for
        self._head = b""  # of the reply, as the library is to see it

    def begin(self, total: int, wait_ms: int) -> None:
        """Expect one request of ``total`` bytes. A connection the server closed meanwhile is dropped."""
        self.reply.begin()
        self.sent = False
        self.abandoned = False
        self.at = self.raw = self._good = 0
        self._wait_ms = wait_ms
        self._total = total
        self._gathered = 0
        self._opened = False
        self._head = b""

    def is_stale(self) -> bool:
        """Whether the server closed the idle connection or sent what nobody asked for."""
        try:
            return self.stream.readinto(self._rx, 0, len(self._rx)) is not None
        except OSError:
            return True  # reset: as good as closed, and no request of ours was lost

    def failed(self, reason: str) -> HTTPPeerError:
        """The error to raise."""
        return HTTPPeerError(reason, self.reply.offset or -1, self.sent)

    # -- the socket pool, as the library calls it -------------------------------------------

    SOCK_STREAM = 1

    def getaddrinfo(self, host, port, family=0, kind=0, proto=0, flags=0):
        """Nothing is resolved here: the Stream is opened for the connection's own host."""
        return [(2, kind, proto, "", (host, port))]

    def socket(self, family=2, kind=1, proto=0):
        """The one socket of this request. A second try is refused: the first may have arrived."""
        if self._opened or self.sent:
            raise self.failed("adafruit_requests tried to send the request again")
        self._opened = True
        return _Socket(self)

    # -- its socket -------------------------------------------------------------------------

    def connect(self) -> None:
        """Open the Stream; what it answers while connecting is seen by the first write."""
        try:
            self.stream = self._open(self._host, self._port)
        except OSError as error:
            raise self.failed("cannot open a connection to %s: %s" % (self._host, error))

    def shut(self) -> None:
        """Close the Stream."""
        stream = self.stream
        self.stream = None
        if stream is not None:
            stream.close()

    def gather(self, data) -> int:
        """Join the library's small sends in tx; write them when the request is complete."""
        n = len(data)
        at = self._gathered
        if at + n > self._total:
            raise self.failed("adafruit_requests tried to send the request again")
        self._tx[at : at + n] = data
        self._gathered = at + n
        if self._gathered == self._total:
            self._write()
        return n

    def _write(self):
        out = 0
        mark = self._clock()
        while out < self._total:
            try:
                n = self.stream.write(self._tx, out, self._total - out)
            except OSError as error:
                raise self.failed("connection failed while sending the request: %s" % error)
            if n:
                self.sent = True
                out += n
                mark = self._clock()
            elif self._opened and not self.sent:
                self._pause(mark, CONNECT_MS, "no connection within %d ms")
            else:
                self._pause(mark, SEND_MS, "request made no progress for %d ms")
        self._mark = mark

    def ask(self) -> None:
        """The consumer wants data from now on; framing alone is no progress."""
        self._mark = self._clock()

    def give(self, buf, n: int) -> int:
        """Give the library up to ``n`` bytes of the reply, all of which passed the parser."""
        if not self.reply.started:
            self._read_head()
        if self._head:
            n = min(n, len(self._head))
            buf[:n] = self._head[:n]
            self._head = self._head[n:]
            return n
        reply = self.reply
        while self.at == self._good:
            if reply.done:
                return 0
            while self.at == self.raw and self.receive() is None:
                self._pause(self._mark, BODY_MS, "body made no progress for %d ms")
            self._good = reply.body(self._rx, self.at, self.raw)
            if self.at == self._good and reply.left:
                n = min(n, reply.left, self.raw - self.at)
                reply.took(n)
                self._good = self.at + n
        # Framing and data are given apart, so the library never holds data that `fill` cannot see.
        n = min(n, self._good - self.at)
        if self.at or buf is not self._rx:
            # Into rx itself the bytes only ever move down, over what was given before.
            buf[:n] = self._rx[self.at : self.at + n]
        self.at += n
        return n

    def _read_head(self):
        """Wait for the final reply's head; then make the one that the library is to see."""
        reply = self.reply
        mark = -1  # when the head's first byte came
        while not reply.started:
            if self.at == self.raw and self.receive() is None:
                if mark < 0:
                    self._pause(self._mark, self._wait_ms, "no reply within %d ms")
                else:
                    self._pause(mark, HEAD_MS, "reply's head not complete within %d ms")
                continue
            if mark < 0:
                mark = self._clock()
            interim = reply.interim
            self.at = reply.head(self._rx, self.at, self.raw)
            if not reply.started and ticks.diff(self._clock(), mark) > HEAD_MS:
                raise self.failed("reply's head not complete within %d ms" % HEAD_MS)
            if reply.interim != interim:
                mark = -1  # the wait for the final reply goes on, however long it is held
        self._good = self.at
        if reply.status != 200:
            framing = "content-length: 0"  # its body is not read
        elif reply.length >= 0:
            framing = "content-length: %d" % reply.length
        else:
            framing = "transfer-encoding: chunked"
        self._head = ("HTTP/1.1 %d -\r\n%s\r\n\r\n" % (reply.status, framing)).encode()

    def receive(self):
        """Refill rx without waiting; None for "not now"; a close here is always too early."""
        try:
            n = self.stream.readinto(self._rx, 0, len(self._rx))
        except OSError as error:
            raise self.failed("connection failed while reading the reply: %s" % error)
        if n == 0:
            if self.reply.started:
                raise self.failed("reply cut short in its body")
            if self.reply.offset:
                raise self.failed("reply cut short in its head")
            raise self.failed("connection closed without a reply")
        if n is not None:
            self.at = self._good = 0
            self.raw = n
        return n

    def _pause(self, mark, limit, reason):
        """Wait a little, running ``idle``; raises when ``limit`` ms have passed since ``mark``."""
        if ticks.diff(self._clock(), mark) > limit:
            raise self.failed(reason % limit)
        if self.idle is not None and self.idle():
            self.abandoned = True
        if self.abandoned:
            raise Abandoned("abandoned", self.reply.offset or -1, self.sent)
        self._wait(_STEP_MS)


class _Socket:
    """What the library takes for a socket."""

    def __init__(self, wire):
        self._wire = wire

    def settimeout(self, seconds):
        """Deadlines are per phase and kept by the wire."""

    def connect(self, address):
        self._wire.connect()

    def send(self, data):
        return self._wire.gather(data)

    def recv(self, n):
        buf = bytearray(n)
        return bytes(buf[: self._wire.give(buf, n)])

    def recv_into(self, buf, n=0):
        return self._wire.give(buf, n or len(buf))

    def close(self):
        self._wire.shut()
