"""Strict HTTP/1.1 over a non-blocking Stream: one connection to one service, kept alive.

See "HTTP connection" and "Source" in docs/architecture.md. A request is sent at most
once: whether to ask again is the proxy's decision. A server's idle close is found before
a request goes out. Between construction and an error nothing is allocated.
"""

from fetchprint import ticks
from fetchprint.http.errors import HTTPLocalError, HTTPPeerError
from fetchprint.http.limits import (
    BODY_MS,
    BODY_RATE,
    CONNECT_MS,
    DISCARD_MAX,
    DISCARD_MS,
    HEAD_MS,
    LENGTH_DIGITS,
    SEND_MS,
)
from fetchprint.http.reply import Reply
from fetchprint.http.request import write_head, write_length

# WAIT: for the first byte of the reply; DISCARD: the unread body of an error reply
_IDLE, _SEND, _WAIT, _HEAD, _BODY, _DISCARD = range(6)


class Connection:
    """``open_stream(host, port)`` gives a Stream; ``tx`` and ``rx`` are the caller's bytearrays. The request
    head is written into ``tx`` here and a body is encoded at ``tx[body:]`` before each ``post``. Raises
    HTTPLocalError for a host, path or authorization that cannot be sent, or a ``tx`` too small."""

    def __init__(
        self, open_stream, host: str, port: int, path: str, tx: bytearray, rx: bytearray, authorization=None
    ):
        if not rx:
            raise HTTPLocalError("rx is empty")
        self.body = write_head(tx, host, port, path, authorization)
        self._host, self._port = host, port
        self._setup(open_stream, tx, rx, Reply())

    def _setup(self, open_stream, tx, rx, reply):
        self.buf = rx
        self.pos = self.end = 0
        self.sent = False  # any byte of the last request
        self.status = 0  # of the last reply
        self.retry_after = 0  # seconds the last error reply asked to wait, or 0
        self._open = open_stream
        self.tx = tx
        self.refill = None  # for a body longer than ``tx``: see post
        self._stream = None
        self._reply = reply
        self._state = _IDLE
        self._raw = 0  # end of what was read into buf; beyond `end` stands framing
        self._out = self._out_end = self._length = self._rest = 0  # rest: of the body, not in ``tx`` yet
        self._fresh = False  # connected for this request, so it may still be connecting
        self._mark = 0  # when the running deadline started
        self._starved = False
        self._patience = 0  # ms that the body may still be waited for
        self._sent_at = self._wait_ms = self._discarded = 0

    def aim(self, path: str, authorization) -> None:
        """From the next ``post`` on go there, with this Authorization or None, on a new connection."""
        self._drop()
        self.body = write_head(self.tx, self._host, self._port, path, authorization)

    def post(self, now: int, length: int, wait_ms: int) -> None:
        """Begin a POST of ``tx[body:body+length]``; the reply must begin within ``wait_ms``.

        ``wait_ms`` (milliseconds, up to 74 hours) runs from the last byte sent to the first
        byte of the reply. With ``refill`` the body may be longer: as often as ``tx`` has left, ``refill(n)``
        puts there what follows the first ``n`` bytes. Raises HTTPLocalError when a reply is still
        unread or the body does not fit, HTTPPeerError (``sent`` False) when the host cannot be resolved.
        """
        if self._state != _IDLE:
            raise HTTPLocalError("post while the last reply is still unread: read it to its end or close")
        room = len(self.tx) - self.body
        if length < 0 or (length > room and self.refill is None) or length >= 10**LENGTH_DIGITS:
            raise HTTPLocalError("a body of %d bytes does not fit tx: room for %d" % (length, room))
        write_length(self.tx, self.body, length)
        self._length = length
        self._rest = max(0, length - room)
        self._begin(now, self.body + length - self._rest, wait_ms)

    def _begin(self, now, out_end, wait_ms):
        """Begin to send ``tx[:out_end]``."""
        self.sent = False
        self.status = self.retry_after = 0
        self.pos = self.end = self._raw = 0
        self._reply.begin()
        if self._stream is not None and self._is_stale():
            self._drop()
        self._fresh = self._stream is None
        if self._fresh:
            try:
                self._stream = self._open(self._host, self._port)
            except OSError as error:
                raise HTTPPeerError("cannot open a connection to %s: %s" % (self._host, error), -1, False)
        self._out = 0
        self._out_end = out_end
        self._mark = now
        self._wait_ms = wait_ms
        self._state = _SEND

    def poll(self, now: int):
        """The reply's status code once its head is in, else None. Raises HTTPPeerError."""
        if self._state == _SEND and not self._send(now):
            return None
        if (self._state == _WAIT or self._state == _HEAD) and not self._receive_head(now):
            return None
        if self._state == _DISCARD and not self._discard(now):
            return None
        if not self.status:
            raise HTTPLocalError("poll before post")
        return self.status

    def fill(self, now: int):
        """Make the next bytes of the body ready in ``buf[pos:end]``: see Source.

        At most one read is done, so a call is short. Raises HTTPPeerError when the body
        was cut short, malformed or slower than BODY_MS and BODY_RATE allow while it was asked for.
        """
        if self._state != _BODY:
            if self._state == _IDLE:
                return 0
            raise HTTPLocalError("fill before the reply's head is in")
        n = self._window()
        if n is None:
            if self._read(now) is not None:
                n = self._window()
            if n is None:  # also when only framing came, else chunk extensions could drip for ever
                if not self._starved:
                    self._starved = True
                    self._mark = now
                if ticks.diff(now, self._mark) > self._patience:
                    if self._patience == BODY_MS:
                        raise self._failed("body made no progress for %d ms" % BODY_MS)
                    raise self._failed("body slower than %d bytes a second" % BODY_RATE)
                return None
        if self._starved:
            self._starved = False
            self._patience -= ticks.diff(now, self._mark)
        self._patience = min(self._patience + n * 1000 // BODY_RATE, BODY_MS)
        return n

    def close(self) -> None:
        """Drop the connection and whatever was in flight; the next ``post`` reconnects."""
        self._drop()
        self.status = 0

    def _drop(self):
        stream = self._stream
        self._stream = None
        self._state = _IDLE
        self.pos = self.end = self._raw = 0
        if stream is not None:
            stream.close()

    def _is_stale(self):
        """Whether the server closed the idle connection or sent what nobody asked for."""
        try:
            return self._stream.readinto(self.buf, 0, len(self.buf)) is not None
        except OSError:
            return True  # reset: as good as closed, and no request of ours was lost

    def _send(self, now):
        while self._out < self._out_end:
            try:
                n = self._stream.write(self.tx, self._out, self._out_end - self._out)
            except OSError as error:
                raise self._failed("connection failed while sending the request: %s" % error)
            if not n:
                if self._fresh and not self.sent:
                    if ticks.diff(now, self._mark) > CONNECT_MS:
                        raise self._failed("no connection within %d ms" % CONNECT_MS)
                elif ticks.diff(now, self._mark) > SEND_MS:
                    raise self._failed("request made no progress for %d ms" % SEND_MS)
                return False
            self.sent = True
            self._out += n
            self._mark = now
            if self._rest and self._out == self._out_end:
                self.refill(self._length - self._rest)
                self._out = self.body
                self._out_end = min(self.body + self._rest, len(self.tx))
                self._rest -= self._out_end - self.body
        self.refill = None
        self._sent_at = now
        self._state = _WAIT
        return True

    def _receive_head(self, now):
        """Read once and look for the end of the head; True when it is in."""
        if self._read(now) is None:
            if self._state == _HEAD:
                if ticks.diff(now, self._mark) > HEAD_MS:
                    raise self._failed("reply's head not complete within %d ms" % HEAD_MS)
            elif ticks.diff(now, self._sent_at) > self._wait_ms:
                raise self._failed("no reply within %d ms" % self._wait_ms)
            return False
        reply = self._reply
        if self._state == _WAIT:
            self._state = _HEAD
            self._mark = now
        interim = reply.interim
        try:
            self.pos = self.end = reply.head(self.buf, 0, self._raw)
        except HTTPPeerError:
            self._drop()
            raise
        if not reply.started:
            if ticks.diff(now, self._mark) > HEAD_MS:
                raise self._failed("reply's head not complete within %d ms" % HEAD_MS)
            if reply.interim != interim:
                # The wait for the final reply goes on, however long it is held.
                self._state = _WAIT
            return False
        self.status = reply.status
        self.retry_after = reply.retry_after
        self._starved = False
        self._patience = BODY_MS
        self._mark = now
        self._discarded = 0
        self._state = _BODY if self.status == 200 else _DISCARD
        return True

    def _discard(self, now):
        """Read an error reply's body away so that the connection can be kept; True when done. Whatever
        goes wrong costs only the connection: the status code is what matters."""
        reply = self._reply
        try:
            if reply.length > DISCARD_MAX or not reply.keep:
                self._drop()
                return True
            while True:
                n = self._window()
                if n == 0:
                    return True
                if n is None:
                    if self._read(now) is None:
                        if ticks.diff(now, self._mark) > DISCARD_MS:
                            self._drop()
                            return True
                        return False
                else:
                    self.pos = self.end
                    self._discarded += n
                    if self._discarded > DISCARD_MAX:
                        self._drop()
                        return True
        except HTTPPeerError:
            self._drop()
            return True

    def _window(self):
        """Body bytes made ready from what is in ``buf``; None: more must be read; 0: the end."""
        reply = self._reply
        try:
            at = reply.body(self.buf, self.end, self._raw)
        except HTTPPeerError:
            self._drop()
            raise
        if reply.done:
            more = at < self._raw
            self.pos = self.end = self._raw = 0
            self._state = _IDLE
            if more or not reply.keep:
                self._drop()
            return 0
        n = self._raw - at
        if n == 0:
            self.pos = self.end = at
            return None
        if n > reply.left:
            n = reply.left
        reply.took(n)
        self.pos = at
        self.end = at + n
        return n

    def _read(self, now):
        """Refill ``buf`` from offset 0; None for "not now"; a close here is always too early."""
        try:
            n = self._stream.readinto(self.buf, 0, len(self.buf))
        except OSError as error:
            raise self._failed("connection failed while reading the reply: %s" % error)
        if n == 0:
            if self._state == _WAIT:
                raise self._failed("connection closed without a reply")
            if self._state == _HEAD:
                raise self._failed("reply cut short in its head")
            raise self._failed("reply cut short in its body")
        if n is not None:
            self.pos = self.end = 0
            self._raw = n
        return n

    def _failed(self, reason):
        """Close, and give the error to raise."""
        self._drop()
        return HTTPPeerError(reason, self._reply.offset or -1, self.sent)
