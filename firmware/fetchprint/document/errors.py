"""What can be wrong with a document, and with the way this room is used."""

from fetchprint.errors import LocalError, PeerError

# The status codes (RFC 8011 appendix B) a service is told when it asks why.
TOO_LARGE = 0x0408
FORMAT_NOT_SUPPORTED = 0x040A
COMPRESSION_ERROR = 0x0410
FORMAT_ERROR = 0x0411


class DocumentLocalError(LocalError):
    """A call out of order, or a buffer too small for the engine."""


class DocumentError(PeerError):
    """The document is malformed, cut short, or not for this engine.

    ``offset`` counts octets from the start of the document. ``code`` is the IPP status
    code that names the failure, one of those above.
    """

    def __init__(self, reason: str, offset: int = -1, code: int = FORMAT_ERROR):
        PeerError.__init__(self, reason, offset)
        self.code = code
