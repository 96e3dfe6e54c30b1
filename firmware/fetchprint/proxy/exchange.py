"""One IPP request and its reply over one HTTP connection; the reply may have a message embedded in it."""

from fetchprint.errors import LocalError, PeerError
from fetchprint.ipp.decoder import END, HEADER, NEED_DATA
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import DecodeError
from fetchprint.port.native import micropython
from fetchprint.service.status import SUCCESS_END

const = micropython.const

_REPLY_MS = const(30000)  # from the last byte of a request to the first of its reply

_FREE = const(0)
_HEAD = const(1)
_MESSAGE = const(2)
_TAIL = const(3)
_DATA = const(4)


class ServiceError(PeerError):
    """The service's HTTP server refused: ``status`` is the HTTP status code."""

    def __init__(self, status: int, retry_after: int):
        self.status = status
        self.retry_after = retry_after
        PeerError.__init__(self, "HTTP status %d%s" % (status, _HINTS.get(status, "")))


_HINTS = {
    401: " (the service wants credentials, or others: give authorization, or a new code to register with)",
    403: " (the service does not accept this device: does it want a client certificate, tls.cert, tls.key?)",
    404: " (no such print queue: check the path of the service URI)",
    426: " (the service wants TLS)",
}


class Exchange:
    """``encoder`` takes the request; ``start`` sends it; ``poll`` until the status code."""

    def __init__(self, connection, tx, decoder):
        """``tx``: the buffer that the connection sends from."""
        self.connection = connection
        self.encoder = Encoder(tx, connection.body)
        self._decoder = decoder
        self._sink = None
        self._phase = _FREE
        self._request_id = 0  # 0 once the reply itself has been read
        self._code = 0  # its status
        self.more = False  # there may be more to read at once: no stream will wake for it

    @property
    def busy(self) -> bool:
        """A request is on its way, or its document data is still being read."""
        return self._phase != _FREE

    def aim(self, path: str, authorization):
        """See ``http.client.Connection.aim``."""
        self.abandon()
        self.connection.aim(path, authorization)
        self.encoder.start = self.connection.body

    def start(self, now, length, request_id, sink, wait_ms=_REPLY_MS):
        """Send the ``length`` bytes in the encoder. What the ``sink`` says of a successful reply
        decides what is behind it (see ``replies.Reply``). Before document data it stops:
        ``connection`` is then their Source until ``finish`` or ``abandon``."""
        if self._phase != _FREE:
            raise LocalError("a request is under way on this connection")
        self._sink = sink
        self._request_id = request_id
        self._decoder.reset()
        self.connection.post(now, length, wait_ms)
        self._phase = _HEAD

    def start_long(self, now, who, put, sink):
        """The same for a request that may be longer than the buffer. ``put(encoder)`` encodes it and
        returns its length, each time the same bytes but for the request-id of ``who``, its Identity."""
        encoder = self.encoder
        length = encoder.piece(put, 0)
        request_id = who.request_id

        def refill(done):
            last = who.request_id  # the other connection may have gone on
            who.request_id = request_id - 1
            encoder.piece(put, done)
            who.request_id = last

        self.connection.refill = refill
        self.start(now, length, request_id, sink)

    def poll(self, now):
        """None while waiting, then the reply's IPP status code. Raises PeerError. One piece of the
        reply is read at most, so that a long one leaves the others their turn."""
        self.more = False
        connection = self.connection
        if self._phase == _HEAD:
            status = connection.poll(now)
            if status is None:
                return None
            if status != 200:
                retry_after = connection.retry_after
                self.abandon()
                raise ServiceError(status, retry_after)
            self._phase = _MESSAGE
        if self._phase == _MESSAGE:
            try:
                if not self._read(now):
                    return None
            except DecodeError:
                if self._request_id:
                    raise
                self._damaged()
        if self._phase == _TAIL:
            n = connection.end - connection.pos
            if n == 0:
                n = connection.fill(now)
            if n is None:
                return None
            if n == 0:
                self._phase = _FREE
            elif self._request_id:
                raise PeerError("%d bytes nobody asked for after the reply" % n)
            else:
                self._damaged()
        return self._code

    def _read(self, now):
        """The reply's messages; True when they are read, False for "not now"."""
        connection = self.connection
        decoder = self._decoder
        read = False
        while True:
            event = decoder.next()
            if event == NEED_DATA:
                n = connection.end - connection.pos
                if n == 0:
                    if read:
                        self.more = True
                        return False
                    read = True
                    n = connection.fill(now)
                if n is None:
                    return False
                if n == 0:
                    decoder.close()
                decoder.feed(connection.buf, connection.pos, n)
                connection.pos += n
                continue
            if event == HEADER and self._request_id:
                if decoder.request_id != self._request_id:
                    raise PeerError(
                        "reply to request %d, expected %d" % (decoder.request_id, self._request_id)
                    )
                self._code = decoder.code
            self._sink.on_event(decoder, event)
            if event == END:
                connection.pos = decoder.pos
                if self._code < SUCCESS_END:
                    if self._sink.follows:
                        self._request_id = 0
                        decoder.reset()
                        continue
                    if self._sink.data:
                        self._phase = _DATA
                        return True
                self._phase = _TAIL
                return True

    def _damaged(self):
        """What is embedded is the sender's fault, and answered as such; the rest cannot be read."""
        self._sink.damaged(self._decoder)
        self.abandon()

    def finish(self):
        """The document has been read to its proper end: the connection is free."""
        self._phase = _FREE

    def abandon(self):
        """Drop the connection with whatever is on its way."""
        self.connection.close()
        self._phase = _FREE
