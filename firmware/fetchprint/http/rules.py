"""Which documents may be fetched by reference: docs/mobile-operations.md section 7.4.

A document-uri is an instruction from outside to make a request from inside a private network, so
all is refused that the operator has not listed, and the address is looked at when it is known.
"""

from fetchprint.http.errors import HTTPPeerError

PUBLIC = 0
PRIVATE = 1  # a network of the operator's own, or this device: may be allowed
NEVER = 2  # link-local (where clouds keep their credentials), multicast, unspecified, reserved

PORTS = {"http": 80, "https": 443}

# (octets that an address begins with, how many bits of them count, kind): IANA's special-purpose
# address registries (RFC 6890). What is not listed is public in IPv4 and refused in IPv6.
_V4 = (
    (b"\x00", 8, NEVER),
    (b"\x0a", 8, PRIVATE),
    (b"\x64\x40", 10, PRIVATE),
    (b"\x7f", 8, PRIVATE),
    (b"\xa9\xfe", 16, NEVER),
    (b"\xac\x10", 12, PRIVATE),
    (b"\xc0\x00\x00", 24, NEVER),
    (b"\xc0\x00\x02", 24, NEVER),
    (b"\xc0\x58\x63", 24, NEVER),
    (b"\xc0\xa8", 16, PRIVATE),
    (b"\xc6\x12", 15, NEVER),
    (b"\xc6\x33\x64", 24, NEVER),
    (b"\xcb\x00\x71", 24, NEVER),
    (b"\xe0", 3, NEVER),
)
_V6 = (
    (b"\x20\x01\x00", 23, NEVER),  # Teredo and other protocols' own
    (b"\x20\x01\x0d\xb8", 32, NEVER),
    (b"\x20\x02", 16, NEVER),  # 6to4 has an IPv4 address inside
    (b"\x3f\xff\x00", 20, NEVER),
    (b"\x20", 3, PUBLIC),
    (b"\xfc", 7, PRIVATE),
    (b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", 128, PRIVATE),
)
_MAPPED = b"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"  # IPv4 in IPv6 (RFC 4291 2.5.5.2)


def kind(raw) -> int:
    """PUBLIC, PRIVATE or NEVER for an address of 4 or 16 octets."""
    if len(raw) == 16 and raw[:12] == _MAPPED:
        raw = raw[12:]
    if len(raw) == 4:
        return _find(_V4, raw, PUBLIC)
    return _find(_V6, raw, NEVER) if len(raw) == 16 else NEVER


def _find(table, raw, default):
    for prefix, bits, what in table:
        whole = bits >> 3
        rest = bits & 7
        if raw[:whole] == prefix[:whole]:
            if not rest or (raw[whole] ^ prefix[whole]) >> (8 - rest) == 0:
                return what
    return default


class Rules:
    """What the operator allows. ``split`` leaves ``host``, ``port`` and ``path`` of a document-uri."""

    def __init__(self, schemes, hosts, private: bool = False):
        """``schemes``: of PORTS. ``hosts``: names or addresses in lower case, with ``:port`` where it
        is not the scheme's own (``[...]`` around IPv6); no others. ``private``: PRIVATE addresses, too."""
        self.schemes = tuple([scheme.encode() for scheme in schemes])
        self._hosts = hosts
        self._most = PRIVATE if private else PUBLIC
        self.host = self.path = ""
        self.port = 0
        self.secure = False  # it is to be fetched over TLS

    def allows(self, raw) -> bool:
        """Whether to connect to this address (4 or 16 octets), whatever name led to it."""
        return kind(raw) <= self._most

    def split(self, uri) -> None:
        """Take ``uri`` (bytes) apart. Raises HTTPPeerError, ``offset`` counting in it, for
        what breaks the rules. Allocates: once a document."""
        for i in range(len(uri)):
            # No blank, control character or octet outside US-ASCII; what browsers take for a slash;
            # and no fragment, which is never sent.
            if not 0x21 <= uri[i] <= 0x7E or uri[i] in b'\\#"<>^`{|}':
                raise _refused("a character that may not be in it", i)
        text = bytes(uri).decode()
        at = text.find("://")
        scheme = text[: max(at, 0)].lower()
        if scheme.encode() not in self.schemes or scheme not in PORTS:
            raise _refused("a scheme that is not allowed", 0)
        at += 3
        end = at
        while end < len(text) and text[end] not in "/?":
            end += 1
        authority = text[at:end].lower()
        if "@" in authority:
            raise _refused("user information", at)
        host, port = authority, PORTS[scheme]
        colon = authority.rfind(":")
        if colon > authority.rfind("]"):
            host = authority[:colon]
            digits = authority[colon + 1 :]
            if not digits.isdigit() or len(digits) > 5 or not 0 < int(digits) < 65536:
                raise _refused("a port that is none", at + colon + 1)
            port = int(digits)
        listed = host if port == PORTS[scheme] else "%s:%d" % (host, port)
        if not host or listed not in self._hosts:
            raise _refused("a host or port that is not allowed", at)
        if host[0] == "[":
            host = host[1:-1]
        path = text[end:]
        self.host = host
        self.port = port
        self.secure = scheme == "https"
        self.path = path if path[:1] == "/" else "/" + path


def _refused(what, offset):
    return HTTPPeerError("document-uri has " + what, offset, False)
