"""The examples of RFC 8010 appendix A as octet tables, one attribute a line, and beside each what it
says, written by hand: encoder and decoder are each judged by the RFC, not by the other.
"""

from ipp_events import C, E, attribute, member

from fetchprint.ipp import decoder as d

URI = b"ipp://printer.example.com/ipp/print/pinetree"

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


def tables():
    """(section, octet table, events) of one example after the other."""
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
