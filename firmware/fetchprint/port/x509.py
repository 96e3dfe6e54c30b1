"""What a certificate says (RFC 5280), read from its DER: only what it is judged by.

The TLS library verifies signatures. This is for what not every library looks at, and for saying
which check failed.
"""

from fetchprint.errors import PeerError

_SEQUENCE = 0x30
_SET = 0x31
_INTEGER = 0x02
_BITS = 0x03
_OCTETS = 0x04
_OID = 0x06
_UTC_TIME = 0x17
_TIME = 0x18
_VERSION = 0xA0
_EXTENSIONS = 0xA3
_DNS_NAME = 0x82
_IP_ADDRESS = 0x87
_BOOLEAN = 0x01

# Extensions: 2.5.29.x; extended key usages: 1.3.6.1.5.5.7.3.x.
_ALT_NAMES = b"\x55\x1d\x11"
_KEY_USAGE = b"\x55\x1d\x0f"
_EXTENDED_USAGE = b"\x55\x1d\x25"
_SERVER_AUTH = b"\x2b\x06\x01\x05\x05\x07\x03\x01"
_ANY_USAGE = b"\x55\x1d\x25\x00"
_SIGNS = 0x80  # digitalSignature: what ECDHE needs

MAX_NAMES = 64  # subjectAltNames that are looked at; more are a mistake or an attack


class CertificateError(PeerError):
    """The DER is malformed; ``offset`` counts in the certificate."""


class Certificate:
    """``der``: anything indexable; nothing of it is kept. Times are texts ``YYYYMMDDHHMMSS`` (UTC), which
    compare as they follow each other."""

    def __init__(self, der):
        """Raises CertificateError."""
        self._der = der
        self.names = []  # dNSNames in lower case
        self.addresses = []  # iPAddresses: 4 or 16 octets
        self.serves = True  # key usage and extended key usage allow it to be a server's
        try:
            self._read()
        except (IndexError, ValueError):
            raise CertificateError("certificate is damaged or cut short")
        self._der = None

    def _read(self):
        der = self._der
        at, _ = self._enter(0, len(der), _SEQUENCE)
        at, end = self._enter(at, len(der), _SEQUENCE)
        if der[at] == _VERSION:
            at = self._skip(at, end)
        at = self._skip(at, end, _INTEGER)
        at = self._skip(at, end, _SEQUENCE)
        at = self._skip(at, end, _SEQUENCE)
        inner, inner_end = self._enter(at, end, _SEQUENCE)
        self.not_before, inner = self._time(inner, inner_end)
        self.not_after, inner = self._time(inner, inner_end)
        at = self._skip(inner_end, end, _SEQUENCE)
        stop = self._skip(at, end, _SEQUENCE)
        self.key = bytes(der[at:stop])  # SubjectPublicKeyInfo
        at = stop
        while at < end:
            if der[at] == _EXTENSIONS:
                first, last = self._enter(at, end, _EXTENSIONS)
                self._extensions(first, last)
            at = self._skip(at, end)

    def _extensions(self, at, end):
        at, end = self._enter(at, end, _SEQUENCE)
        while at < end:
            inner, stop = self._enter(at, end, _SEQUENCE)
            first, last = self._enter(inner, stop, _OID)
            which = bytes(self._der[first:last])
            inner = last
            if self._der[inner] == _BOOLEAN:
                inner = self._skip(inner, stop)
            first, last = self._enter(inner, stop, _OCTETS)
            if which == _ALT_NAMES:
                self._alt_names(first, last)
            elif which == _KEY_USAGE:
                first, last = self._enter(first, last, _BITS)
                if last - first < 2 or not self._der[first + 1] & _SIGNS:
                    self.serves = False
            elif which == _EXTENDED_USAGE:
                self._extended_usage(first, last)
            at = stop

    def _alt_names(self, at, end):
        at, end = self._enter(at, end, _SEQUENCE)
        while at < end:
            first, last = self._enter(at, end)
            kind = self._der[at]
            if len(self.names) + len(self.addresses) >= MAX_NAMES:
                raise CertificateError("certificate has more than %d names" % MAX_NAMES, at)
            if kind == _DNS_NAME:
                self.names.append(bytes(self._der[first:last]).decode().lower())
            elif kind == _IP_ADDRESS:
                self.addresses.append(bytes(self._der[first:last]))
            at = last

    def _extended_usage(self, at, end):
        found = False
        at, end = self._enter(at, end, _SEQUENCE)
        while at < end:
            first, last = self._enter(at, end, _OID)
            if bytes(self._der[first:last]) in (_SERVER_AUTH, _ANY_USAGE):
                found = True
            at = last
        if not found:
            self.serves = False

    def _time(self, at, end):
        first, last = self._enter(at, end)
        text = bytes(self._der[first:last]).decode()
        if self._der[at] == _UTC_TIME:
            text = ("19" if text[:2] >= "50" else "20") + text
        elif self._der[at] != _TIME:
            raise CertificateError("not a time", at)
        if len(text) != 15 or text[14] != "Z" or not text[:14].isdigit():
            raise CertificateError("not a time", at)
        return text[:14], last

    def _skip(self, at, end, tag=-1):
        return self._enter(at, end, tag)[1]

    def _enter(self, at, end, tag=-1):
        """(first octet, end) of the value at ``at``."""
        der = self._der
        if at + 2 > end or (tag >= 0 and der[at] != tag):
            raise CertificateError("certificate is malformed", at)
        n = der[at + 1]
        first = at + 2
        if n >= 0x80:
            count = n & 0x7F
            if not 1 <= count <= 3 or first + count > end:
                raise CertificateError("length is malformed", at + 1)
            n = 0
            for i in range(count):
                n = n << 8 | der[first + i]
            first += count
        if first + n > end:
            raise CertificateError("value is longer than what it stands in", at)
        return first, first + n

    def is_for(self, host: str) -> bool:
        """Whether it names ``host`` (RFC 9525: no common name; a wildcard is a whole leftmost label).
        ``host`` may be an IPv4 address in dotted form or an IPv6 address."""
        octets = address(host)
        if octets is not None:
            return octets in self.addresses
        host = host.lower()
        if host in self.names:
            return True
        dot = host.find(".")
        return dot > 0 and host.find(".", dot + 1) > 0 and "*" + host[dot:] in self.names


def address(host: str):
    """The octets of an IPv4 or IPv6 address; None when ``host`` is a name."""
    if ":" in host:
        return _address_6(host)
    parts = host.split(".")
    if len(parts) != 4:
        return None
    octets = bytearray()
    for part in parts:
        if not part.isdigit() or len(part) > 3 or int(part) > 255:
            return None
        octets.append(int(part))
    return bytes(octets)


def _address_6(host):
    before, gap, after = host.partition("::")
    groups = []
    for half in (before, after):
        words = half.split(":") if half else []
        groups.append(words)
    missing = 8 - len(groups[0]) - len(groups[1])
    if missing < 0 or (missing and not gap):
        return None
    octets = bytearray()
    for word in groups[0] + ["0"] * missing + groups[1]:
        try:
            value = int(word, 16)
        except ValueError:
            return None
        if len(word) > 4 or value < 0:
            return None
        octets.append(value >> 8)
        octets.append(value & 0xFF)
    return bytes(octets)
