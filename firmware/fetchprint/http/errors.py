"""What can go wrong in HTTP: ours and the peer's."""

from fetchprint.errors import LocalError, PeerError


class HTTPLocalError(LocalError):
    """A call out of order, a request that cannot be sent, a buffer that is too small."""


class HTTPPeerError(PeerError):
    """No reply, a malformed reply or one cut short; the connection is closed.

    ``sent`` is True when any byte of the request may have reached the peer: ask the
    service what it believes before doing the same again. ``offset`` counts bytes from
    the start of the reply (interim replies included) and stops at ``limits.OFFSET_MAX``.
    """

    def __init__(self, reason: str, offset: int = -1, sent: bool = True):
        PeerError.__init__(self, reason, offset)
        self.sent = sent


class Abandoned(HTTPPeerError):
    """Nothing went wrong: the ``idle`` hook of a transport that blocks has asked to give up waiting."""
