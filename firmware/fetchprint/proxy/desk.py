"""The one large buffer to send from, when several services share it: only saying what the device is needs
so much, and that is said once a connection."""


class Desk:
    """``lend`` it before the request is encoded, ``settle`` on every turn: once the request has left it is
    free for the next. A service that does not let itself be connected to keeps it for the 15 s of
    ``http.limits.CONNECT_MS`` at most, after which its pauses grow."""

    def __init__(self, buf):
        self._buf = buf
        self._user = None
        self._own = None  # what the user sends from otherwise

    def lend(self, exchange) -> bool:
        """Whether ``exchange`` may encode a long request now."""
        if self._user is None:
            self._user = exchange
            self._own = exchange.encoder.buf
            exchange.send_from(self._buf)
        return self._user is exchange

    def settle(self, exchange):
        """Take the buffer back from ``exchange``, if it has it and needs it no more."""
        if self._user is exchange and not exchange.connection.sending:
            exchange.send_from(self._own)
            self._user = None
