"""What can go wrong in the codec."""

from fetchprint.errors import LocalError, PeerError


class EncodeError(LocalError):
    """The message does not fit or would not be valid IPP; nothing half-written remains."""


class DecodeError(PeerError):
    """The peer's message is malformed or passes a limit.

    ``offset`` counts from the message's first byte to the first byte of the field that is
    wrong (a tag, a length, a name, a value), or to its end where it was cut short.
    """
