"""Messages made to harm the decoder: each is refused cleanly, with the offset of what is wrong."""

from ipp_events import decode, octets, outcome
from ipp_samples import sample

from fetchprint.ipp import decoder as d
from fetchprint.ipp.errors import DecodeError


def whole_and_bytewise(data):
    """The outcome, which must not depend on the cut."""
    dec = d.Decoder()
    whole = outcome(dec, data)
    assert outcome(dec, data, 1, 1) == whole, (data, whole)
    return whole


def refused(function):
    try:
        function()
    except DecodeError as error:
        return error
    raise AssertionError("accepted")


_START = "0x0200 0x0000 0x00000001 0x01 "  # 9 octets
_SEVEN = _START + "0x34 0x0001 c 0x0000 " + "0x4A 0x0000 0x0001 c 0x34 0x0000 0x0000 " * 6

# octets, offset of what is wrong, part of the reason
HOSTILE = (
    # header
    ("0x0000 0x0000 0x00000001 0x03", 0, "version 0.0"),
    ("0x0300 0x0000 0x00000001 0x03", 0, "version 3.0"),
    ("0xFFFF 0x0000 0x00000001 0x03", 0, "version 255.255"),
    ("0x0200 0x0000 0x00000000 0x03", 4, "request-id 0"),
    ("0x0200 0x0000 0x80000000 0x03", 4, "request-id -2147483648"),
    # tags
    ("0x0200 0x0000 0x00000001 0x00 0x03", 8, "reserved tag 0x00"),
    ("0x0200 0x0000 0x00000001 0x41 0x0001 a 0x0000 0x03", 8, "before the first group"),
    (_START + "0x80 0x0001 a 0x0000 0x03", 9, "tag 0x80 is reserved"),
    (_START + "0xFF 0x0001 a 0x0000 0x03", 9, "tag 0xff is reserved"),
    (_START + "0x4A 0x0000 0x0001 m 0x03", 9, "outside a collection"),
    (_START + "0x37 0x0000 0x0000 0x03", 9, "outside a collection"),
    # names
    (_START + "0x41 0x0000 0x0001 x 0x03", 10, "without an attribute name"),
    (_START + "0x41 0x0100 a", 10, "name of 256 bytes"),
    (_START + "0x41 0x8000 a", 10, "name of 32768 bytes"),
    (_START + "0x41 0xFFFF a", 10, "name of 65535 bytes"),
    (_START + "0x41 0x0001 a 0x0001 x 0x02 0x41 0x0000 0x0001 x 0x03", 18, "without an attribute name"),
    # lengths that lie
    (_START + "0x41 0x0001 a 0x8000 x", 13, "sign bit"),
    (_START + "0x41 0x0001 a 0xFFFF x", 13, "sign bit"),
    (_START + "0x41 0x0001 a 0x7FFF x 0x03", 17, "cut short"),
    (_START + "0x41 0x00FF a 0x0001 x 0x03", 17, "cut short"),
    # exact sizes
    (_START + "0x21 0x0001 a 0x0003 0x000000 0x03", 13, "value of 3 bytes, tag 0x21 has 4"),
    (_START + "0x21 0x0001 a 0x0000 0x03", 13, "value of 0 bytes"),
    (_START + "0x23 0x0001 a 0x0008 0x0000000000000000 0x03", 13, "tag 0x23 has 4"),
    (_START + "0x22 0x0001 a 0x0000 0x03", 13, "tag 0x22 has 1"),
    (_START + "0x22 0x0001 a 0x0002 0x0000 0x03", 13, "tag 0x22 has 1"),
    (_START + "0x22 0x0001 a 0x0001 0x02 0x03", 15, "boolean 0x02"),
    (_START + "0x31 0x0001 a 0x000A 0x00000000000000000000 0x03", 13, "tag 0x31 has 11"),
    (_START + "0x31 0x0001 a 0x000C 0x000000000000000000000000 0x03", 13, "tag 0x31 has 11"),
    (_START + "0x32 0x0001 a 0x0008 0x0000000000000000 0x03", 13, "tag 0x32 has 9"),
    (_START + "0x33 0x0001 a 0x0009 0x000000000000000000 0x03", 13, "tag 0x33 has 8"),
    (_START + "0x34 0x0001 a 0x0001 x 0x03", 13, "tag 0x34 has 0"),
    (_START + "0x13 0x0001 a 0x0004 none 0x03", 13, "tag 0x13 has 0"),
    (_START + "0x10 0x0001 a 0x0001 x 0x03", 13, "tag 0x10 has 0"),
    # text with language: both inner lengths fill the value
    (_START + "0x35 0x0001 a 0x0000 0x03", 15, "do not fill"),
    (_START + "0x35 0x0001 a 0x0003 0x000000 0x03", 15, "do not fill"),
    (_START + "0x36 0x0001 a 0x0006 0x0002 en 0x0001 0x03", 15, "do not fill"),
    (_START + "0x36 0x0001 a 0x0006 0x0003 en 0x0000 0x03", 15, "do not fill"),
    (_START + "0x36 0x0001 a 0x0006 0xFFFF en 0x0000 0x03", 15, "do not fill"),
    (_START + "0x36 0x0001 a 0x0007 0x0002 en 0x0000 x 0x03", 15, "do not fill"),
    # extension tags
    (_START + "0x7F 0x0001 a 0x0003 0x400000 0x03", 13, "extension value of 3 bytes"),
    (_START + "0x7F 0x0001 a 0x0004 0x80000000 0x03", 15, "extension tag"),
    (_START + "0x7F 0x0001 a 0x0008 0x00000021 0x00000000 0x03", 15, "extension tag 33"),
    (_START + "0x7F 0x0001 a 0x0008 0x0000004A evil 0x03", 15, "extension tag 74"),
    # collections
    (_SEVEN, 79, "deeper than 6"),
    (_START + "0x34 0x0001 a 0x0000 0x21 0x0000 0x0004 0x00000001 0x03", 16, "without a member name"),
    (_START + "0x34 0x0001 a 0x0000 0x34 0x0000 0x0000 0x03", 16, "without a member name"),
    (_START + "0x34 0x0001 a 0x0000 0x37 0x0000 0x0001 x", 18, "end of collection with a value"),
    (_START + "0x34 0x0001 a 0x0000 0x4A 0x0000 0x0001 m 0x37 0x0000 0x0000", 24, "member without a value"),
    (_START + "0x34 0x0001 a 0x0000 0x4A 0x0000 0x0001 m 0x4A 0x0000 0x0001 n", 24, "member without a value"),
    (_START + "0x34 0x0001 a 0x0000 0x4A 0x0000 0x0000", 18, "member name of 0 bytes"),
    (_START + "0x34 0x0001 a 0x0000 0x4A 0x0000 0x0100", 18, "member name of 256 bytes"),
    (_START + "0x34 0x0001 a 0x0000 0x4A 0x0001 m 0x0001 m", 16, "attribute name inside"),
    (_START + "0x34 0x0001 a 0x0000 0x37 0x0001 m 0x0000", 16, "attribute name inside"),
    (_START + "0x34 0x0001 a 0x0000 0x02", 15, "group tag 0x02 inside"),
    (_START + "0x34 0x0001 a 0x0000 0x03", 15, "group tag 0x03 inside"),
    (_START + "0x34 0x0001 a 0x0000 0x00", 15, "group tag 0x00 inside"),
    (_START + "0x34 0x0001 a 0x0000", 15, "cut short"),
)


def test_hostile_messages():
    for table, offset, reason in HOSTILE:
        got, at = whole_and_bytewise(octets(table))
        assert at == offset and reason in got, (table, at, got)


def test_six_collections_are_accepted():
    table = _START + "0x34 0x0001 c 0x0000 " + "0x4A 0x0000 0x0001 c 0x34 0x0000 0x0000 " * 5
    events, _ = decode(d.Decoder(), octets(table + "0x37 0x0000 0x0000 " * 6 + "0x03"))
    assert events.count((d.COLLECTION,)) == events.count((d.END_COLLECTION,)) == 6


def test_unknown_tags_are_handed_on():
    """Reserved value types and groups are for the consumer to ignore (RFC 8010 3.5)."""
    for tag in (0x20, 0x24, 0x2F, 0x38, 0x40, 0x43, 0x4B, 0x5F, 0x7E):
        data = octets(_START) + bytes([tag]) + octets("0x0001 a 0x0003 xyz 0x0F 0x03")
        events, _ = decode(d.Decoder(), data)
        assert events[-2:] == [(d.VALUE, tag, b"xyz"), (d.GROUP, 15)]


def test_refused_until_reset():
    dec = d.Decoder()
    data = octets(HOSTILE[3][0])
    dec.feed(data, 0, len(data))
    first = refused(dec.next)
    for function in (dec.next, dec.close, dec.next):
        again = refused(function)
        assert again.offset == first.offset and "refused" in again.reason
    dec.feed(data, 0, len(data))
    refused(dec.next)
    assert dec.request_id == 0 and dec.version == 0x0200  # enough for a service to answer
    _, data, events = sample("RFC 8010 A.1")
    assert decode(dec, data) == (events, b"")


# -- floods --


def flood(head, unit, limit):
    """Feed ``unit`` again and again: (units taken, offset and reason of the refusal)."""
    dec = d.Decoder()
    dec.feed(head, 0, len(head))
    n = -1
    try:
        while n < limit:
            while dec.next() != d.NEED_DATA:
                pass
            dec.feed(unit, 0, len(unit))
            n += 1
    except DecodeError as error:
        return n, error.offset, error.reason
    raise AssertionError("no end to it")


def test_flood_of_attributes():
    head = octets(_START)
    unit = octets("0x13 0x0001 a 0x0000")
    n, offset, reason = flood(head, unit, 1 << 20)
    assert n == d.MAX_ATTRIBUTES - 1 and "20000 attributes" in reason  # the group counts, too
    assert offset == 9 + 6 * n + 1


def test_flood_of_members():
    head = octets(_START + "0x34 0x0001 c 0x0000")
    unit = octets("0x4A 0x0000 0x0001 m 0x13 0x0000 0x0000")
    n, offset, reason = flood(head, unit, 1 << 20)
    assert n == d.MAX_ATTRIBUTES - 2 and "attributes" in reason
    assert offset == 15 + 11 * n + 3


def test_flood_of_values():
    n, offset, reason = flood(octets(_START + "0x13 0x0001 a 0x0000"), octets("0x13 0x0000 0x0000"), 1 << 20)
    assert n == d.MAX_SET - 1 and "2000 values" in reason
    assert offset == 15 + 5 * n + 1


def test_flood_of_member_values():
    head = octets(_START + "0x34 0x0001 c 0x0000 0x4A 0x0000 0x0001 m 0x13 0x0000 0x0000")
    n, _, reason = flood(head, octets("0x13 0x0000 0x0000"), 1 << 20)
    assert n == d.MAX_SET - 1 and "2000 values" in reason


def test_flood_of_collections():
    head = octets(_START + "0x34 0x0001 c 0x0000 0x37 0x0000 0x0000")
    unit = octets("0x34 0x0000 0x0000 0x4A 0x0000 0x0001 m 0x13 0x0000 0x0000 0x37 0x0000 0x0000")
    n, _, reason = flood(head, unit, 1 << 20)
    assert n == d.MAX_SET - 1 and "2000 values" in reason


def test_full_set_is_accepted():
    head = octets(_START + "0x34 0x0001 c 0x0000 0x4A 0x0000 0x0001 m 0x13 0x0000 0x0000")
    tail = octets("0x37 0x0000 0x0000 0x03")
    dec = d.Decoder()
    dec.feed(head, 0, len(head))
    n = 0
    left = d.MAX_SET - 1
    event = None
    while event != d.END:
        event = dec.next()
        n += event == d.VALUE
        if event == d.NEED_DATA:
            piece = octets("0x13 0x0000 0x0000") if left else tail
            dec.feed(piece, 0, len(piece))
            left -= 1
    assert n == d.MAX_SET


def test_message_of_the_longest_length():
    """Long values up to the last byte allowed; one byte more is refused before it is read."""
    size = 6 + 0x07FA  # an attribute of 2 kB
    head = octets(_START)
    unit = octets("0x30 0x0001 a 0x07FA") + bytes(0x07FA)
    n, offset, reason = flood(head, unit, 1 << 20)
    assert n == (d.MAX_MESSAGE - 9) // size and "1048576 bytes" in reason
    assert offset == 9 + size * n + 6
    for more in (0, 1):
        dec = d.Decoder()
        dec.feed(head, 0, 9)
        for _ in range(n):
            while dec.next() != d.NEED_DATA:
                pass
            dec.feed(unit, 0, size)
        while dec.next() != d.NEED_DATA:
            pass
        left = d.MAX_MESSAGE - dec.offset - 1 - 6 + more
        dec.feed(unit[:4] + bytes([left >> 8, left & 255]), 0, 6)
        if more:
            while dec.next() != d.VALUE:
                pass
            dec.feed(unit, 0, left)
            assert refused(dec.next).offset == d.MAX_MESSAGE
        else:
            while dec.next() != d.VALUE:
                pass
            dec.feed(unit, 0, left)
            assert dec.next() == d.NEED_DATA
            dec.feed(b"\x03", 0, 1)
            assert dec.next() == d.END and dec.offset == d.MAX_MESSAGE


def test_flood_of_groups():
    n, offset, reason = flood(octets(_START), b"\x02", 1 << 20)
    assert n == d.MAX_ATTRIBUTES - 1 and "attributes and groups" in reason and offset == 9 + n
