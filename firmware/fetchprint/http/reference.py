"""A document fetched by reference: one GET, as a Source (see docs/architecture.md).

No credentials, cookies or Referer are sent and no redirect is followed, whoever it leads to. The rules
for what may be fetched are in ``rules``; the address is checked that is connected to.
"""

from fetchprint.http.client import Connection
from fetchprint.http.errors import HTTPLocalError, HTTPPeerError
from fetchprint.http.reply import Reply
from fetchprint.http.request import write_get
from fetchprint.port.native import micropython

const = micropython.const

TX = const(1408)  # a document-uri of 1,023 octets and a host of 255 besides (RFC 8011 5.1.6)
RX = const(1460)  # one TCP segment
MOST = const(1 << 26)  # octets of a document: 64 MiB, hundreds of pages of raster

_REPLY_MS = const(30000)  # from the last byte of the request to the first of the reply

# One text for a name that is not found, an address that is refused and one that does not answer: the
# service is not to map the network with it. ``detail`` says which, for the log on the spot.
_UNREACHABLE = "the document's host cannot be reached"


class Reference(Connection):
    """``start`` with a document-uri, then ``fill`` until 0; ``close`` in any case. ``buf[pos:end]`` as in
    every Source. Errors are HTTPPeerErrors, ``offset`` counting in the reply, or in the document-uri
    when that is wrong."""

    def __init__(self, connect, rules, most: int = 0, secure=None):
        """``connect(host, port, allows)`` gives a Stream, or raises OSError when ``allows`` answers
        False to the address; ``secure`` does so over TLS, for ``https``. ``rules``: see ``rules.Rules``;
        ``most``: octets of a document, 0 for MOST."""
        self.schemes = rules.schemes  # as in reference-uri-schemes-supported
        self.detail = ""  # what ``_UNREACHABLE`` stood for
        self._rules = rules
        self._most = most or MOST
        self._octets = 0
        self._setup(self._connect, bytearray(TX), bytearray(RX), Reply(False))
        self._dial = connect
        self._secure = secure

    def check(self, uri) -> None:
        """Raise HTTPPeerError when ``uri`` (bytes) breaks the rules, as far as that can be told without
        a connection."""
        self._rules.split(uri)

    def start(self, now: int, uri) -> None:
        """Begin to fetch the document at ``uri`` (bytes). Raises HTTPPeerError."""
        self.close()
        self.detail = ""
        rules = self._rules
        rules.split(uri)
        try:
            length = write_get(self.tx, rules.host, rules.port, rules.path)
        except HTTPLocalError as error:
            raise HTTPPeerError("document-uri: %s" % error, 0, False)
        self._host = rules.host
        self._port = rules.port
        self._octets = 0
        try:
            self._begin(now, length, _REPLY_MS)
        except HTTPPeerError as error:
            raise self._unreachable(error)

    def fill(self, now: int):
        """See Source. Until the document begins it is None."""
        if not self.status:
            try:
                status = self.poll(now)
            except HTTPPeerError as error:
                raise error if self.sent else self._unreachable(error)
            if status is None:
                return None
            if status != 200:
                self.close()
                raise HTTPPeerError("HTTP status %d instead of the document" % status, -1, True)
            if self._reply.length > self._most:
                raise self._failed("document of %d bytes: at most %d" % (self._reply.length, self._most))
        n = Connection.fill(self, now)
        if n:
            self._octets += n
            if self._octets > self._most:
                raise self._failed("document longer than %d bytes" % self._most)
        elif n == 0:
            self.close()  # where the next document is, nobody knows
        return n

    def _connect(self, host, port):
        rules = self._rules
        return (self._secure if rules.secure else self._dial)(host, port, rules.allows)

    def _unreachable(self, error):
        self.detail = error.reason
        self.close()
        return HTTPPeerError(_UNREACHABLE, -1, False)
