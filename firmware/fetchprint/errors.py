"""The two kinds of failure each layer knows: ours and the peer's."""


class LocalError(Exception):
    """The caller's mistake or a buffer that is too small: fix the program or the configuration."""


class PeerError(Exception):
    """The other side sent something malformed, too large, too late or cut short.

    ``reason`` says what and which limit, ``offset`` where: bytes from the start of
    the message, reply or document; -1 where no place can be named.
    """

    def __init__(self, reason: str, offset: int = -1):
        self.reason = reason
        self.offset = offset
        super().__init__(reason if offset < 0 else "%s at byte %d" % (reason, offset))


def kept_text(place: int) -> str:
    """A text that an image keeps in the file ``texts`` beside this module (tools/fetchprint_tools/texts.py):
    ``place`` is where it begins, and in the last nine bits its octets."""
    with open(__file__.rpartition("/")[0] + "/texts", "rb") as file:
        file.seek(place >> 9)
        return file.read(place & 511).decode()
