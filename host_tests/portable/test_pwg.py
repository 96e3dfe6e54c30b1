"""The PWG Raster decoder: every split, every truncation, every lie in a header."""

from document_samples import Source, grey_lines, noise, page, page_header
from heap import locked

from fetchprint.document import pwg
from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, DocumentError, DocumentLocalError


def decode(data, piece=4096, dry=False, max_width=583):
    """[(width, height, bits, [line])] of a document."""
    decoder = pwg.Decoder(max_width)
    source = Source(data, piece, dry)
    decoder.start(source)
    pages = []
    for _ in range(10 * len(data) + 100):
        answer = decoder.header(0)
        if answer is None:
            continue
        if answer == 0:
            assert decoder.octets == len(data)
            return pages
        lines = []
        while len(lines) < decoder.height:
            if decoder.line(0):
                lines.append(bytes(decoder.line_buf[: decoder.stride]))
        pages.append((decoder.width, decoder.height, decoder.bits, lines))
    raise AssertionError("no end")


def refused(data, **kw):
    try:
        decode(data, **kw)
    except DocumentError as error:
        return error
    raise AssertionError("taken: %r" % data[:20])


GREY = grey_lines(37, 20)
BLACK = [noise(5, y // 3) for y in range(11)]
DOCUMENT = b"RaS2" + page(GREY, 37) + page(BLACK, 37, 1) + page([bytes(1)], 1)
EXPECTED = [(37, 20, 8, GREY), (37, 11, 1, BLACK), (1, 1, 8, [bytes(1)])]


def test_whole():
    assert decode(DOCUMENT) == EXPECTED


def test_any_split():
    for piece in (1, 2, 3, 7, 64, 1000, 1801):
        assert decode(DOCUMENT, piece, dry=True) == EXPECTED


def test_truncated_at_every_length():
    document = b"RaS2" + page(grey_lines(9, 6), 9)
    for n in range(len(document)):
        error = refused(document[:n], piece=97)
        assert error.offset == n, (n, error)
        assert "ends" in error.reason or "no page" in error.reason


def test_no_page():
    assert "no page" in refused(b"RaS2").reason
    assert refused(b"").offset == 0


def test_not_pwg():
    for wrong in (b"UNIRAST\0", b"RaS3" + page(GREY, 37), b"2SaR", b"%PDF-1.7"):
        error = refused(wrong)
        assert "RaS2" in error.reason and error.offset < 4


def test_data_after_the_last_page():
    error = refused(b"RaS2" + page(GREY, 37) + b"\0")
    assert error.offset == 4 + len(page(GREY, 37))
    assert "or the end" in error.reason
    # a second sync word is no page either
    assert refused(b"RaS2" + page(GREY, 37) + b"RaS2").offset == 4 + len(page(GREY, 37))


def test_hostile_headers():
    line = b"\0" + b"\x24\0"
    for at, value in (
        (372, 0),
        (372, 584),
        (372, 0xFFFFFFFF),
        (376, 0),
        (376, 640001),
        (376, 0xFFFFFFFF),
        (392, 36),
        (392, 38),
        (392, 0xFFFFFFFF),
        (384, 0),
        (384, 16),
        (388, 24),
        (388, 1),
        (396, 1),
        (400, 0),
        (400, 19),
        (400, 3),
        (276, 0),
        (280, 0),
        (280, 0xFFFFFFFF),
    ):
        bad = b"RaS2" + page_header(37, 1, **{"at_%d" % at: value}) + line
        error = refused(bad)
        # the first field that cannot be right is the one named
        assert error.offset in (4 + at, 4 + 384, 4 + 392), (at, value, error)


def test_types_that_are_not_taken():
    for space, bits, stride in ((19, 8, 111), (3, 8, 37), (20, 8, 37), (18, 1, 5), (6, 8, 148)):
        header = page_header(37, 1, at_400=space, at_384=bits, at_388=bits, at_392=stride)
        error = refused(b"RaS2" + header)
        assert error.code == FORMAT_NOT_SUPPORTED


def test_runs_past_the_line():
    head = b"RaS2" + page_header(8, 2)
    for bad in (b"\0\x08\0", b"\0\x06\0\xff12", b"\0\xf8123456789"):
        error = refused(head + bad + bytes(20))
        assert "past the end" in error.reason
        assert len(head) < error.offset < len(head) + 4
    assert "reserved" in refused(head + b"\0\x80").reason


def test_repeats_past_the_page():
    head = b"RaS2" + page_header(8, 2)
    error = refused(head + b"\x02\x07\0")
    assert error.offset == len(head)
    assert decode(head + b"\x01\x07\0") == [(8, 2, 8, [bytes(8)] * 2)]


def test_calls_out_of_order():
    decoder = pwg.Decoder(64)
    decoder.start(Source(b"RaS2" + page([bytes(8)], 8)))
    try:
        decoder.line(0)
        raise AssertionError("a line before its header")
    except DocumentLocalError:
        pass
    assert decoder.header(0)
    try:
        decoder.header(0)
        raise AssertionError("a header before the lines")
    except DocumentLocalError:
        pass


def test_allocates_nothing():
    decoder = pwg.Decoder(583)
    source = Source(b"RaS2" + page(grey_lines(577, 8), 577) + page([noise(73)] * 300, 577, 1), 1024)
    decoder.start(source)
    with locked():
        for _ in range(2):
            assert decoder.header(0)
            for _ in range(decoder.height):
                assert decoder.line(0)
        assert decoder.header(0) == 0
