"""The octet tables of RFC 8010 appendix A and some more, one attribute a line, and beside each
what it says, written by hand: encoder and decoder are each judged by the RFC, not by the other.
"""

from ipp_events import attribute, member, octets

from fetchprint.ipp import decoder as d

C = (d.COLLECTION,)
E = (d.END_COLLECTION,)
URI = b"ipp://printer.example.com/ipp/print/pinetree"
DOCUMENT = b"%!PS... \x03\x01\x47\x00\x12 goes on"

_OPERATION = """
0x01
0x47 0x0012 attributes-charset 0x0005 utf-8
0x48 0x001B attributes-natural-language 0x0005 en-us
"""
_PRINTER_URI = "0x45 0x000B printer-uri 0x002C ipp://printer.example.com/ipp/print/pinetree\n"
_HEAD = (
    [(d.GROUP, 1)]
    + attribute(b"attributes-charset", 0x47, b"utf-8")
    + attribute(b"attributes-natural-language", 0x48, b"en-us")
)

_JOB = (
    "0x02 0x21 0x0006 job-id 0x0004 0x00000093\n"
    "0x45 0x0007 job-uri 0x0030 ipp://printer.example.com/ipp/print/pinetree/147\n"
    "0x23 0x0009 job-state 0x0004 0x00000003\n"
)
_JOB_EVENTS = (
    [(d.GROUP, 2)]
    + attribute(b"job-id", 0x21, 147)
    + attribute(b"job-uri", 0x45, URI + b"/147")
    + attribute(b"job-state", 0x23, 3)
)
_UNSUPPORTED = "0x05 0x21 0x0006 copies 0x0004 0x00000014  0x10 0x0005 sides 0x0000\n"
_UNSUPPORTED_EVENTS = [(d.GROUP, 5)] + attribute(b"copies", 0x21, 20) + attribute(b"sides", 0x10, b"")


def samples():
    """(where it is from, its octets, its events) of one message after the other."""
    for name, table, events in _tables():
        yield name, octets(table), events


def sample(name):
    """The first sample whose name begins with ``name``."""
    for found in samples():
        if found[0].startswith(name):
            return found
    raise KeyError(name)


def _tables():
    yield (
        "RFC 8010 A.1 Print-Job request",
        "0x0101 0x0002 0x00000001"
        + _OPERATION
        + _PRINTER_URI
        + """
        0x42 0x0008 job-name 0x0006 foobar
        0x22 0x0016 ipp-attribute-fidelity 0x0001 0x01
        0x02
        0x21 0x0006 copies 0x0004 0x00000014
        0x44 0x0005 sides 0x0013 two-sided-long-edge
        0x03
        """,
        [(d.HEADER, 0x0101, 0x0002, 1)]
        + _HEAD
        + attribute(b"printer-uri", 0x45, URI)
        + attribute(b"job-name", 0x42, b"foobar")
        + attribute(b"ipp-attribute-fidelity", 0x22, 1)
        + [(d.GROUP, 2)]
        + attribute(b"copies", 0x21, 20)
        + attribute(b"sides", 0x44, b"two-sided-long-edge"),
    )
    yield (
        "RFC 8010 A.2 Print-Job response, successful",
        "0x0101 0x0000 0x00000001"
        + _OPERATION
        + "0x41 0x000E status-message 0x000D successful-ok\n"
        + _JOB
        + "0x03",
        [(d.HEADER, 0x0101, 0x0000, 1)]
        + _HEAD
        + attribute(b"status-message", 0x41, b"successful-ok")
        + _JOB_EVENTS,
    )
    yield (
        "RFC 8010 A.3 Print-Job response, failure",
        "0x0101 0x040B 0x00000001"
        + _OPERATION
        + "0x41 0x000E status-message 0x002F client-error-attributes-or-values-not-supported\n"
        + _UNSUPPORTED
        + "0x03",
        [(d.HEADER, 0x0101, 0x040B, 1)]
        + _HEAD
        + attribute(b"status-message", 0x41, b"client-error-attributes-or-values-not-supported")
        + _UNSUPPORTED_EVENTS,
    )
    yield (
        "RFC 8010 A.4 Print-Job response, success with attributes ignored",
        "0x0101 0x0001 0x00000001"
        + _OPERATION
        + "0x41 0x000E status-message 0x002F successful-ok-ignored-or-substituted-attributes\n"
        + _UNSUPPORTED
        + _JOB
        + "0x03",
        [(d.HEADER, 0x0101, 0x0001, 1)]
        + _HEAD
        + attribute(b"status-message", 0x41, b"successful-ok-ignored-or-substituted-attributes")
        + _UNSUPPORTED_EVENTS
        + _JOB_EVENTS,
    )
    yield (
        "RFC 8010 A.5 Print-URI request",
        "0x0101 0x0003 0x00000001"
        + _OPERATION
        + _PRINTER_URI
        + """
        0x45 0x000C document-uri 0x0019 ftp://foo.example.com/foo
        0x42 0x0008 job-name 0x0006 foobar
        0x02
        0x21 0x0006 copies 0x0004 0x00000001
        0x03
        """,
        [(d.HEADER, 0x0101, 0x0003, 1)]
        + _HEAD
        + attribute(b"printer-uri", 0x45, URI)
        + attribute(b"document-uri", 0x45, b"ftp://foo.example.com/foo")
        + attribute(b"job-name", 0x42, b"foobar")
        + [(d.GROUP, 2)]
        + attribute(b"copies", 0x21, 1),
    )
    yield (
        "RFC 8010 A.6 Create-Job request",
        "0x0101 0x0005 0x00000001" + _OPERATION + _PRINTER_URI + "0x03",
        [(d.HEADER, 0x0101, 0x0005, 1)] + _HEAD + attribute(b"printer-uri", 0x45, URI),
    )
    yield (
        "RFC 8010 A.7 Create-Job request with collection attributes",
        "0x0101 0x0005 0x00000001"
        + _OPERATION
        + _PRINTER_URI
        + """
        0x34 0x0009 media-col 0x0000
        0x4A 0x0000 0x000A media-size
        0x34 0x0000 0x0000
        0x4A 0x0000 0x000B x-dimension
        0x21 0x0000 0x0004 0x00005208
        0x4A 0x0000 0x000B y-dimension
        0x21 0x0000 0x0004 0x00007404
        0x37 0x0000 0x0000
        0x4A 0x0000 0x000A media-type
        0x44 0x0000 0x000A stationery
        0x37 0x0000 0x0000
        0x03
        """,
        [(d.HEADER, 0x0101, 0x0005, 1)]
        + _HEAD
        + attribute(b"printer-uri", 0x45, URI)
        + [(d.ATTRIBUTE, b"media-col"), C, (d.MEMBER, b"media-size"), C]
        + member(b"x-dimension", 0x21, 21000)
        + member(b"y-dimension", 0x21, 29700)
        + [E]
        + member(b"media-type", 0x44, b"stationery")
        + [E],
    )
    yield (
        "RFC 8010 A.8 Get-Jobs request",
        "0x0101 0x000A 0x0000007B"
        + _OPERATION
        + _PRINTER_URI
        + """
        0x21 0x0005 limit 0x0004 0x00000032
        0x44 0x0014 requested-attributes 0x0006 job-id
        0x44 0x0000 0x0008 job-name
        0x44 0x0000 0x000F document-format
        0x03
        """,
        [(d.HEADER, 0x0101, 0x000A, 123)]
        + _HEAD
        + attribute(b"printer-uri", 0x45, URI)
        + attribute(b"limit", 0x21, 50)
        + attribute(b"requested-attributes", 0x44, b"job-id", b"job-name", b"document-format"),
    )
    yield (
        "RFC 8010 A.9 Get-Jobs response (three jobs, nothing about the second)",
        "0x0101 0x0000 0x0000007B"
        + _OPERATION
        + """
        0x41 0x000E status-message 0x000D successful-ok
        0x02
        0x21 0x0006 job-id 0x0004 0x00000093
        0x36 0x0008 job-name 0x000C 0x0005 fr-ca 0x0003 fou
        0x02
        0x02
        0x21 0x0006 job-id 0x0004 0x00000095
        0x36 0x0008 job-name 0x0012 0x0005 de-CH 0x0009 isch 0x20 guet
        0x03
        """,
        [(d.HEADER, 0x0101, 0x0000, 123)]
        + _HEAD
        + attribute(b"status-message", 0x41, b"successful-ok")
        + [(d.GROUP, 2)]
        + attribute(b"job-id", 0x21, 147)
        + attribute(b"job-name", 0x36, (b"fr-ca", b"fou"))
        + [(d.GROUP, 2), (d.GROUP, 2)]
        + attribute(b"job-id", 0x21, 149)
        + attribute(b"job-name", 0x36, (b"de-CH", b"isch guet")),
    )
    yield (
        "RFC 3382 7.2 media-col",
        """
        0x0101 0x0005 0x00000001 0x02
        0x34 0x0009 media-col 0x0000
        0x4A 0x0000 0x000B media-color
        0x44 0x0000 0x0004 blue
        0x4A 0x0000 0x000A media-size
        0x34 0x0000 0x0000
        0x4A 0x0000 0x000B x-dimension
        0x21 0x0000 0x0004 0x00000006
        0x4A 0x0000 0x000B y-dimension
        0x21 0x0000 0x0004 0x00000004
        0x37 0x0000 0x0000
        0x37 0x0000 0x0000
        0x03
        """,
        [(d.HEADER, 0x0101, 0x0005, 1), (d.GROUP, 2), (d.ATTRIBUTE, b"media-col"), C]
        + member(b"media-color", 0x44, b"blue")
        + [(d.MEMBER, b"media-size"), C]
        + member(b"x-dimension", 0x21, 6)
        + member(b"y-dimension", 0x21, 4)
        + [E, E],
    )
    yield (
        "every value tag of RFC 8010 3.5",
        """
        0x0200 0x0000 0x7FFFFFFF 0x04
        0x10 0x0001 a 0x0000        # unsupported
        0x12 0x0001 b 0x0000        # unknown
        0x13 0x0001 c 0x0000        # no-value
        0x15 0x0001 d 0x0000        # not-settable
        0x16 0x0001 e 0x0000        # delete-attribute
        0x17 0x0001 f 0x0000        # admin-define
        0x21 0x0001 g 0x0004 0x80000000
        0x21 0x0000   0x0004 0x7FFFFFFF
        0x21 0x0000   0x0004 0xFFFFFFFF
        0x22 0x0001 h 0x0001 0x00
        0x22 0x0000   0x0001 0x01
        0x23 0x0001 i 0x0004 0x00000005
        0x30 0x0001 j 0x0003 0x00FF0A
        0x31 0x0001 k 0x000B 0x07EA0A02173B3B092D0B1E
        0x32 0x0001 l 0x0009 0x000000CB 0x00000064 0x03
        0x33 0x0001 m 0x0008 0x80000000 0x7FFFFFFF
        0x34 0x0001 n 0x0000 0x37 0x0000 0x0000     # an empty collection
        0x35 0x0001 o 0x0009 0x0002 en 0x0003 sky
        0x36 0x0001 p 0x0006 0x0000    0x0002 hi
        0x41 0x0001 q 0x0004 0xC3BC 0xC39F
        0x42 0x0001 r 0x0000
        0x44 0x0001 s 0x0004 none
        0x45 0x0001 t 0x0006 urn:x:
        0x46 0x0001 u 0x0003 ipp
        0x47 0x0001 v 0x0005 utf-8
        0x48 0x0001 w 0x0002 de
        0x49 0x0001 x 0x0010 image/pwg-raster
        0x7F 0x0001 y 0x0006 0x40000001 hi
        0x7F 0x0000   0x0004 0x00000080
        0x03
        """,
        [(d.HEADER, 0x0200, 0, 0x7FFFFFFF), (d.GROUP, 4)]
        + attribute(b"a", 0x10, b"")
        + attribute(b"b", 0x12, b"")
        + attribute(b"c", 0x13, b"")
        + attribute(b"d", 0x15, b"")
        + attribute(b"e", 0x16, b"")
        + attribute(b"f", 0x17, b"")
        + attribute(b"g", 0x21, -0x80000000, 0x7FFFFFFF, -1)
        + attribute(b"h", 0x22, 0, 1)
        + attribute(b"i", 0x23, 5)
        + attribute(b"j", 0x30, b"\x00\xff\x0a")
        + attribute(b"k", 0x31, b"\x07\xea\x0a\x02\x17\x3b\x3b\x09-\x0b\x1e")
        + attribute(b"l", 0x32, (203, 100, 3))
        + attribute(b"m", 0x33, (-0x80000000, 0x7FFFFFFF))
        + [(d.ATTRIBUTE, b"n"), C, E]
        + attribute(b"o", 0x35, (b"en", b"sky"))
        + attribute(b"p", 0x36, (b"", b"hi"))
        + attribute(b"q", 0x41, b"\xc3\xbc\xc3\x9f")
        + attribute(b"r", 0x42, b"")
        + attribute(b"s", 0x44, b"none")
        + attribute(b"t", 0x45, b"urn:x:")
        + attribute(b"u", 0x46, b"ipp")
        + attribute(b"v", 0x47, b"utf-8")
        + attribute(b"w", 0x48, b"de")
        + attribute(b"x", 0x49, b"image/pwg-raster")
        + attribute(b"y", 0x40000001, b"hi")
        + [(d.VALUE, 0x80, b"")],
    )
    yield (
        "sets of collections, mixed tags, order and repeated groups",
        """
        0x0202 0x003B 0x00000009
        0x02
        0x34 0x0001 b 0x0000
        0x4A 0x0000 0x0001 x  0x21 0x0000 0x0004 0x00000001  0x21 0x0000 0x0004 0x00000002
        0x4A 0x0000 0x0001 y  0x34 0x0000 0x0000
        0x4A 0x0000 0x0001 z  0x44 0x0000 0x0001 k
        0x37 0x0000 0x0000
        0x34 0x0000 0x0000  0x37 0x0000 0x0000
        0x4A 0x0000 0x0001 w  0x13 0x0000 0x0000
        0x37 0x0000 0x0000
        0x34 0x0000 0x0000  0x37 0x0000 0x0000
        0x44 0x0001 a 0x0001 k  0x42 0x0000 0x0001 n
        0x02
        0x0A
        0x02
        0x21 0x0001 a 0x0004 0x00000007
        0x03
        """,
        [(d.HEADER, 0x0202, 0x3B, 9), (d.GROUP, 2), (d.ATTRIBUTE, b"b"), C]
        + member(b"x", 0x21, 1, 2)
        + [(d.MEMBER, b"y"), C]
        + member(b"z", 0x44, b"k")
        + [E, C, E]
        + member(b"w", 0x13, b"")
        + [E, C, E]
        + attribute(b"a", 0x44, b"k")
        + [(d.VALUE, 0x42, b"n"), (d.GROUP, 2), (d.GROUP, 10), (d.GROUP, 2)]
        + attribute(b"a", 0x21, 7),
    )
