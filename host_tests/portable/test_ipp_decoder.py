"""The decoder against the RFC's octets in every cut, its accessors, and values longer than its window."""

from ipp_events import decode, octets, outcome
from ipp_samples import DOCUMENT, sample, samples

from fetchprint.errors import LocalError
from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import DecodeError


def refused(function, *arguments):
    try:
        function(*arguments)
    except DecodeError as error:
        return error
    raise AssertionError("accepted: %r" % (arguments,))


# -- samples --


def test_samples_whole():
    dec = d.Decoder()
    for name, data, events in samples():
        assert decode(dec, data) == (events, b""), name
        assert dec.offset == len(data)
        dec.close()


def test_of_long_names_only_the_beginning_is_kept():
    for _, data, events in samples():
        for step in (1, 2, 999):
            dec = d.Decoder(1023, 9)
            kept = [(e[0], e[1][:9]) if e[0] in (d.ATTRIBUTE, d.MEMBER) else e for e in events]
            assert decode(dec, data, step, step) == (kept, b"")


def test_a_name_is_itself_and_not_its_beginning():
    name = b"name-of-20-octets-00"
    enc = Encoder(bytearray(200))
    enc.begin(0x0200, 2, 1)
    enc.group(t.OPERATION)
    enc.integer(name, t.INTEGER, 1)
    enc.begin_collection(name[:12])
    enc.integer(name, t.INTEGER, 2)
    enc.integer(name[:12], t.INTEGER, 3)
    enc.end_collection()
    dec = d.Decoder(64, 12)
    dec.feed(enc.buf, 0, enc.end())
    found = []
    event = dec.next()
    while event != d.END:
        if event == d.ATTRIBUTE:
            found.append(dec.name_is(name[:12]))
            assert not dec.name_is(name[:8])
        if event == d.MEMBER:
            found.append(dec.member_is(name[:12]))
        event = dec.next()
    assert found == [False, True, False, True]


def test_samples_byte_by_byte():
    dec = d.Decoder()
    for name, data, events in samples():
        assert decode(dec, data, 1, 1) == (events, b""), name
        assert decode(dec, data + DOCUMENT, 1, 1) == (events, DOCUMENT), name


def test_samples_in_every_two_pieces_with_a_document_behind():
    dec = d.Decoder()
    for name, data, events in samples():
        body = data + DOCUMENT
        for cut in range(len(body) + 1):
            assert decode(dec, body, cut) == (events, DOCUMENT), (name, cut)
        assert dec.next() == d.END and dec.next() == d.END  # it stays at its end


def test_samples_truncated_at_every_length():
    dec = d.Decoder()
    for name, data, _ in samples():
        for n in range(len(data)):
            assert outcome(dec, data[:n]) == ("message cut short", n), name


def test_piece_inside_a_larger_buffer():
    dec = d.Decoder()
    for _, data, _ in samples():
        dec.reset()
        dec.feed(b"head" + data + b"tail", 4, len(data) + 4)
        while dec.next() != d.END:
            pass
        assert dec.pos == 4 + len(data)


def test_smallest_window():
    dec = d.Decoder(0)
    for name, data, events in samples():
        assert decode(dec, data) == (events, b""), name


def test_empty_pieces():
    dec = d.Decoder()
    _, data, events = sample("RFC 8010 A.1")
    assert decode(dec, data, 0) == (events, b"")
    dec.reset()
    for piece in (b"", data[:5], b"", b"", data[5:-1], b""):
        dec.feed(piece, 0, len(piece))
        while dec.next() != d.NEED_DATA:
            pass
    dec.feed(data, len(data) - 1, 1)
    assert dec.next() == d.END


# -- accessors --


def until(dec, event, count=1):
    while count:
        got = dec.next()
        assert got != d.NEED_DATA and got != d.END
        if got == event:
            count -= 1


def test_names_and_values_are_compared_in_place():
    dec = d.Decoder()
    data = sample("RFC 8010 A.7")[1]  # media-col
    dec.feed(data, 0, len(data))
    until(dec, d.VALUE)
    assert dec.name_is(b"attributes-charset") and dec.value_is(b"utf-8")
    assert not dec.name_is(b"attributes-charse") and not dec.name_is(b"attributes-charset2")
    assert not dec.name_is(b"") and not dec.value_is(b"utf") and not dec.value_is(b"utf-88")
    until(dec, d.MEMBER, 2)
    assert dec.name_is(b"media-col") and dec.member_is(b"x-dimension") and dec.depth == 2
    assert not dec.member_is(b"media-size")
    until(dec, d.END_COLLECTION)
    assert dec.depth == 1 and not dec.member_is(b"media-size") and not dec.member_is(b"x-dimension")
    until(dec, d.VALUE)
    assert dec.member_is(b"media-type") and dec.value_is(b"stationery") and dec.name_is(b"media-col")


def test_copying_a_value():
    dec = d.Decoder()
    data = sample("RFC 8010 A.1")[1]
    dec.feed(data, 0, len(data))
    until(dec, d.VALUE)
    out = bytearray(8)
    assert dec.copy_value(out, 1, 4) == -1 and out == bytearray(8)
    assert dec.copy_value(out, 1, 5) == 5 and bytes(out) == b"\x00utf-8\x00\x00"
    for off, room in ((-1, 5), (0, 9), (4, 5), (0, -1)):
        try:
            dec.copy_value(out, off, room)
            raise AssertionError("copied outside the buffer")
        except LocalError:
            pass
    refused(dec.integer, 2)
    refused(dec.byte, 5)
    assert dec.byte(4) == ord("8")


def test_feeding_outside_a_buffer():
    dec = d.Decoder()
    for off, n in ((-1, 1), (0, 4), (3, 1), (0, -1)):
        try:
            dec.feed(b"abc", off, n)
            raise AssertionError("read outside the buffer")
        except LocalError:
            pass


def test_index_counts_values_across_collections():
    dec = d.Decoder()
    data = sample("sets of")[1]
    dec.feed(data, 0, len(data))
    seen = []
    while True:
        event = dec.next()
        if event == d.END:
            break
        if event in (d.VALUE, d.COLLECTION, d.END_COLLECTION):
            seen.append((event, dec.index))
    V, C, E = d.VALUE, d.COLLECTION, d.END_COLLECTION
    assert seen == [
        (C, 0),
        (V, 0),
        (V, 1),
        (C, 0),
        (V, 0),
        (E, 0),
        (C, 1),
        (E, 1),
        (V, 0),
        (E, 0),
        (C, 1),
        (E, 1),
        (V, 0),
        (V, 1),
        (V, 0),
    ]


# -- long values --


def long_message():
    """One value of 1,024 bytes from offset 15 on, then a short one."""
    head = octets("0x0200 0x0000 0x00000001 0x01 0x41 0x0001 a 0x0400")
    return head + b"0123456789abcdef" * 64 + octets("0x41 0x0000 0x0002 hi 0x03")


def test_long_value_is_skipped_or_read_in_any_pieces():
    dec = d.Decoder(100)
    message = long_message()
    data = message + DOCUMENT
    for size in (1, 7, 100, 1000, 2000):
        for room in (0, 1, 33, 500):
            dec.reset()
            got = 0
            out = bytearray(max(room, 1))
            values = 0
            at = 0
            event = d.NEED_DATA
            while event != d.END:
                if event == d.NEED_DATA:
                    n = min(size, len(data) - at)
                    dec.feed(data, at, n)
                    at += n
                event = dec.next()
                if event == d.VALUE:
                    values += 1
                    if not dec.long:
                        assert dec.value_is(b"hi")
                        continue
                    assert dec.length == 1024 and dec.value() == b"" and not dec.value_is(b"")
                    assert dec.copy_value(out, 0, len(out)) == -1
                    refused(dec.integer)
                    refused(dec.byte)
                    n = None if room else 0
                    while n != 0:
                        n = dec.read(out, 0, room)
                        if n is None:
                            n = min(size, len(data) - at)
                            dec.feed(data, at, n)
                            at += n
                        elif n:
                            assert bytes(out[:n]) == message[15 + got : 15 + got + n]
                            got += n
            assert values == 2 and dec.offset == len(message)
            assert got == (1024 if room else 0)


def test_half_read_long_value():
    dec = d.Decoder(100)
    message = long_message()
    dec.feed(message, 0, len(message))
    until(dec, d.VALUE)
    out = bytearray(10)
    assert dec.read(out, 2, 8) == 8 and bytes(out) == b"\x00\x0001234567"
    until(dec, d.VALUE)
    assert dec.value_is(b"hi") and dec.read(out, 0, 10) == 0
    assert dec.next() == d.END


def test_window_holds_the_longest_value_of_every_type():
    dec = d.Decoder()
    head = octets("0x0200 0x0000 0x00000001 0x01 0x35 0x0001 a 0x0442 0x003F")
    data = head + b"l" * 63 + b"\x03\xff" + b"t" * 1023 + b"\x03"
    events, _ = decode(dec, data)
    assert events[-1] == (d.VALUE, t.TEXT_WITH_LANGUAGE, (b"l" * 63, b"t" * 1023))
    dec = d.Decoder(1089)
    dec.feed(data, 0, len(data))
    until(dec, d.VALUE)
    assert dec.long and dec.length == 1090 and dec.language() == b""
    out = bytearray(1090)
    assert dec.read(out, 0, 1090) == 1090 and bytes(out) == data[15:-1]
    assert dec.next() == d.END
