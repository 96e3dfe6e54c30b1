"""What the requests of every profile begin with, and who sends them."""

from fetchprint.ipp import tags as t
from fetchprint.port.native import micropython

const = micropython.const

_VERSION = const(0x0200)


class Identity:
    """Who asks whom: the print service's uri and this device's uuid there."""

    def __init__(self, printer_uri: bytes, device_uuid: bytes, user: bytes = b"fetchprint"):
        """``device_uuid``: 45 bytes ``urn:uuid:...``, a different one for each service."""
        self.printer_uri = printer_uri
        self.device_uuid = device_uuid
        self.user = user
        self.request_id = 0  # of the last request

    def next_id(self) -> int:
        """A new request-id, 1..2**30-1 and around: a small int on every board."""
        self.request_id = self.request_id % 0x3FFFFFFF + 1
        return self.request_id


def begin(enc, who, operation, job_id=0, system_uri=None):
    """The operation attributes that come first, in their order (RFC 8011 4.1.4 and 4.1.5). The target is
    the printer, or the system at ``system_uri`` (PWG 5100.22)."""
    enc.begin(_VERSION, operation, who.next_id())
    enc.group(t.OPERATION)
    enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
    enc.string(b"attributes-natural-language", t.NATURAL_LANGUAGE, b"en")
    if system_uri:
        enc.string(b"system-uri", t.URI, system_uri)
    else:
        enc.string(b"printer-uri", t.URI, who.printer_uri)
    if job_id:
        enc.integer(b"job-id", t.INTEGER, job_id)
    enc.string(b"requesting-user-name", t.NAME, who.user)


def keywords(enc, name, values):
    """One keyword or a 1setOf them."""
    for value in values:
        enc.string(name, t.KEYWORD, value)
        name = None
