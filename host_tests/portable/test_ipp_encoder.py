"""The encoder against the RFC's octets, full buffers and values that IPP does not allow."""

from ipp_events import decode, encode, new_encoder
from ipp_samples import samples

from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import MAX_DEPTH, Encoder
from fetchprint.ipp.errors import EncodeError


def refused(function, *arguments):
    try:
        function(*arguments)
    except EncodeError as error:
        return str(error)
    raise AssertionError("accepted: %r" % (arguments,))


def begun(size=2000):
    enc = new_encoder(size)
    enc.begin(0x0200, 2, 1)
    enc.group(t.OPERATION)
    return enc


def test_samples_octet_for_octet():
    for name, octets, events in samples():
        enc = new_encoder()
        assert encode(enc, events) == len(octets) == enc.length, name
        assert bytes(enc.buf[: enc.pos]) == octets, name


def test_message_behind_other_bytes():
    for _, octets, events in samples():
        buf = bytearray(b"h" * 700)
        enc = Encoder(buf, 37)
        assert encode(enc, events) == len(octets)
        assert bytes(buf) == b"h" * 37 + octets + b"h" * (663 - len(octets))


def test_encoder_is_used_again():
    enc = new_encoder()
    for _, octets, events in list(samples())[:4] * 2:
        encode(enc, events)
        assert bytes(enc.buf[: enc.pos]) == octets


def test_full_buffer_of_every_size_leaves_whole_attributes():
    dec = d.Decoder()
    for name, octets, events in samples():
        wholes = []
        enc = new_encoder()
        encode(enc, events, wholes)
        for size in range(len(octets)):
            enc = new_encoder(size)
            try:
                encode(enc, events)
                raise AssertionError("%s fitted in %d bytes" % (name, size))
            except EncodeError as error:
                if size < 9:
                    assert enc.pos == 0 and "full" in str(error)
                    continue
            assert enc.pos == max([p for p in wholes if p < size]), (name, size)
            assert bytes(enc.buf[: enc.pos]) == octets[: enc.pos]
            enc.end()  # there is always room for it
            assert decode(dec, bytes(enc.buf[: enc.pos]))[1] == b""
        enc = new_encoder(len(octets))
        assert encode(enc, events) == len(octets)


def putter(events):
    return lambda enc: encode(enc, events)


def test_pieces_of_every_size_make_up_the_message():
    for name, octets, events in samples():
        for room in (1, 2, 3, 7, 64, len(octets) - 1, len(octets), len(octets) + 1):
            buf = bytearray(b"h" * (5 + room))
            enc = Encoder(buf, 5)
            got = b""
            while len(got) < len(octets):
                assert enc.piece(putter(events), len(got)) == len(octets), (name, room)
                assert buf[:5] == b"hhhhh"
                got += bytes(buf[5:])[: len(octets) - len(got)]
            assert got == octets, (name, room)
        enc = new_encoder(len(octets) - 1)
        enc.piece(putter(events), 0)
        assert "full" in refused(encode, enc, events)  # the next message has to fit again


def test_error_takes_back_its_attribute_and_no_other():
    enc = begun()
    enc.integer(b"before", t.INTEGER, 1)
    before = enc.pos
    assert "32 bits" in refused(enc.integer, b"b", t.INTEGER, 1 << 31)
    assert enc.pos == before
    refused(enc.integer, None, t.INTEGER, 2)  # would have joined the attribute before
    assert enc.pos == before
    enc.integer(b"c", t.INTEGER, 1)
    enc.integer(None, t.INTEGER, 2)
    refused(enc.integer, None, t.INTEGER, -(1 << 31) - 1)
    assert enc.pos == before  # values of one attribute stand or fall together
    enc.begin_collection(b"d")
    enc.begin_collection(b"e")
    enc.integer(b"f", t.INTEGER, 1)
    refused(enc.string, b"g", t.INTEGER, b"x")
    assert enc.pos == before
    refused(enc.end_collection)
    enc.begin_collection(b"d")
    refused(enc.end)
    assert enc.pos == before
    enc.begin_collection(b"d")
    refused(enc.group, t.JOB)
    assert enc.pos == before
    enc.end()
    events, _ = decode(d.Decoder(), bytes(enc.buf[: enc.pos]))
    assert events[1:] == [(d.GROUP, 1), (d.ATTRIBUTE, b"before"), (d.VALUE, t.INTEGER, 1)]


LONGEST = (
    (t.OCTET_STRING, 1023),
    (t.TEXT, 1023),
    (t.NAME, 255),
    (t.KEYWORD, 255),
    (t.URI, 1023),
    (t.URI_SCHEME, 63),
    (t.CHARSET, 63),
    (t.NATURAL_LANGUAGE, 63),
    (t.MIME_MEDIA_TYPE, 255),
)


def test_strings_up_to_the_bounds_of_rfc_8011():
    source = b"x" * 1024
    for tag, longest in LONGEST:
        enc = begun(2100)
        enc.string(b"a", tag, b"x" * longest)
        enc.string_at(None, tag, source, 1, longest)
        assert enc.length == 9 + 1 + 2 * (5 + longest)
        assert ("allows %d" % longest) in refused(enc.string, b"b", tag, b"x" * (longest + 1))
        refused(enc.string_at, b"b", tag, source, 0, longest + 1)
        refused(enc.string, None, tag, b"x" * (longest + 1))
    for tag in range(256):
        if tag not in [pair[0] for pair in LONGEST]:
            refused(begun().string, b"a", tag, b"x")


def test_text_with_language_bounds():
    enc = begun()
    enc.with_language(b"a", t.TEXT_WITH_LANGUAGE, b"l" * 63, b"x" * 1023)
    enc.with_language(b"b", t.NAME_WITH_LANGUAGE, b"l" * 63, b"x" * 255)
    for tag, longest in ((t.TEXT_WITH_LANGUAGE, 1023), (t.NAME_WITH_LANGUAGE, 255)):
        refused(enc.with_language, b"c", tag, b"l" * 64, b"x")
        refused(enc.with_language, b"c", tag, b"en", b"x" * (longest + 1))
    refused(enc.with_language, b"c", t.TEXT, b"en", b"x")


def test_string_at_stays_inside_its_source():
    enc = begun()
    source = bytearray(b"0123456789")
    enc.string_at(b"a", t.NAME, source, 3, 4)
    assert bytes(enc.buf[enc.pos - 4 : enc.pos]) == b"3456"
    for off, n in ((-1, 2), (0, 11), (10, 1), (0, -1)):
        refused(enc.string_at, b"a", t.NAME, source, off, n)


class TooLong:
    """More than a value-length can say, without the memory."""

    def __len__(self):
        return 32768 - 4


def test_values_out_of_range():
    enc = begun()
    for value in (1 << 31, -(1 << 31) - 1, 1 << 40):
        for tag in (t.INTEGER, t.ENUM):
            refused(enc.integer, b"a", tag, value)
        refused(enc.range, b"a", value, value)
    refused(enc.range, b"a", 2, 1)
    refused(enc.integer, b"a", t.BOOLEAN, 1)
    refused(enc.integer, b"a", t.KEYWORD, 1)
    for x, y, units in ((0, 1, 3), (1, 0, 3), (1, 1, 2), (1, 1, 5), (1 << 31, 1, 3), (1, 1 << 31, 3)):
        refused(enc.resolution, b"a", x, y, units)
    for n in (0, 10, 12):
        refused(enc.date_time, b"a", b"x" * n)
    for tag in (0x00, 0x0F, 0x20, t.INTEGER, t.EXTENSION):
        refused(enc.out_of_band, b"a", tag)
    for tag in (-1, 0, 0x21, 0x7F, 1 << 31):
        refused(enc.extension, b"a", tag, b"x")
    assert "range" in refused(enc.extension, b"a", 0x40000000, TooLong())


def test_names():
    enc = begun()
    enc.boolean(b"n" * 255, True)
    refused(enc.boolean, b"n" * 256, True)
    refused(enc.boolean, b"", True)
    enc.begin_collection(b"c")
    enc.boolean(b"n" * 255, True)
    refused(enc.boolean, b"n" * 256, True)


def test_calls_out_of_order():
    enc = new_encoder()
    refused(enc.group, t.JOB)
    refused(enc.end)
    refused(enc.boolean, b"a", True)
    refused(enc.end_collection)
    enc.begin(0x0101, 0, 1)
    refused(enc.boolean, b"a", True)  # no group yet
    for tag in (0, t.END, 0x10, 0x47, -1):
        refused(enc.group, tag)
    enc.group(t.JOB)
    refused(enc.boolean, None, True)  # a further value of nothing
    enc.boolean(b"a", True)
    enc.group(t.JOB)
    refused(enc.boolean, None, True)  # nor across a group
    enc.begin_collection(b"c")
    refused(enc.boolean, None, True)  # nor of a member that is not there
    enc.end()
    refused(enc.end)
    refused(enc.group, t.JOB)
    refused(enc.boolean, b"a", True)
    refused(enc.boolean, None, True)


def test_header_fields():
    enc = new_encoder()
    for version, code, request_id in (
        (-1, 0, 1),
        (0x10000, 0, 1),
        (0x0200, -1, 1),
        (0x0200, 0x10000, 1),
        (0x0200, 0, 0),
        (0x0200, 0, 1 << 31),
    ):
        refused(enc.begin, version, code, request_id)


def test_depth():
    enc = begun()
    for _ in range(MAX_DEPTH):
        enc.begin_collection(b"c")
    refused(enc.begin_collection, b"c")
    for _ in range(MAX_DEPTH):
        enc.begin_collection(b"c")
    for _ in range(MAX_DEPTH):
        enc.end_collection()
    refused(enc.end_collection)
    enc.end()
    events, rest = decode(d.Decoder(), bytes(enc.buf[: enc.pos]))
    assert rest == b"" and events.count((d.COLLECTION,)) == events.count((d.END_COLLECTION,)) == MAX_DEPTH
