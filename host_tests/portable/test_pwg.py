"""The PWG Raster decoder: every split, every truncation, every lie in a header."""

from document_samples import Source, grey_lines, noise, page, page_header
from heap import locked

from fetchprint.document import pwg
from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, DocumentError, DocumentLocalError


def decode(data, piece=4096, dry=False, head=583, center=False):
    """[(width, height, bits, [line])] of a document."""
    decoder = pwg.Decoder(bytearray(head), center)
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
        n = (decoder.dots * decoder.bits + 7) // 8
        while len(lines) < decoder.height:
            if decoder.line(0):
                lines.append(bytes(decoder.line_buf[:n]))
        pages.append((decoder.dots, decoder.height, decoder.bits, lines))
    raise AssertionError("no end")


def refused(data, **kw):
    try:
        decode(data, **kw)
    except DocumentError as error:
        return error
    raise AssertionError("taken: %r" % data[:20])


def masked(lines, last):
    """The octets of lines of black_1, with ``last`` for the dots of the last one."""
    return [line[:-1] + bytes((line[-1] & last,)) for line in lines]


def luma(line):
    """ITU-R BT.601 grey of RGB pixels, in integers as Pillow has it."""
    rgb = range(0, len(line), 3)
    return bytes([(19595 * line[i] + 38470 * line[i + 1] + 7471 * line[i + 2] + 32768) >> 16 for i in rgb])


def inverted(lines):
    return [bytes([octet ^ 255 for octet in line]) for line in lines]


GREY = grey_lines(37, 20)
BLACK = [noise(5, y // 3) for y in range(11)]
COLOR = [noise(36 * 3, y // 2) + b"\x10\x80\xf0" for y in range(7)] + [b"\x01\x02\x03" * 37]
DOCUMENT = (
    b"RaS2"
    + page(GREY, 37)
    + page(BLACK, 37, 1)
    + page([bytes(1)], 1)
    + page(COLOR, 37, 24)
    + page(inverted(GREY), 37, at_400=3)
)
EXPECTED = [
    (37, 20, 8, GREY),
    (37, 11, 1, masked(BLACK, 0xF8)),
    (1, 1, 8, [bytes(1)]),
    (37, 8, 8, [luma(line) for line in COLOR]),
    (37, 20, 8, GREY),
]


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
        (372, 65536),
        (372, 0xFFFFFFFF),
        (376, 0),
        (376, 640001),
        (376, 0xFFFFFFFF),
        (392, 36),
        (392, 38),
        (392, 0xFFFFFFFF),
        (384, 0),
        (384, 16),
        (388, 0),
        (388, 24),
        (388, 1),
        (388, 0x101),
        (388, 0xFFFFFFFF),
        (396, 1),
        (396, 2),
        (396, 0xFFFFFFFF),
        (400, 0),
        (400, 17),
        (400, 20),
        (400, 0xFFFFFFFF),
        (276, 0),
        (276, 0x10000),
        (280, 0),
        (280, 0xFFFFFFFF),
        (268, 5),
        (272, 2),
        (300, 2),
        (304, 5),
        (308, 4),
        (344, 4),
        (368, 2),
        (420, 2),
        (420, 3),
        (456, 2),
        (456, 0xFFFFFFFF),
        (460, 0xFFFFFFFF),
        (484, 6),
        (512, 1089),
        (512, 0xFFFFFFFF),
    ):
        bad = b"RaS2" + page_header(37, 1, **{"at_%d" % at: value}) + line
        assert refused(bad).offset == 4 + at, (at, value)


def test_types_that_are_not_taken():
    for at, space, bits, stride in (
        (400, 20, 24, 111),
        (400, 6, 32, 148),
        (400, 48, 8, 37),
        (388, 19, 8, 37),
        (388, 18, 1, 5),
        (388, 18, 16, 74),
        (388, 19, 48, 222),
        (388, 3, 24, 111),
    ):
        header = page_header(37, 1, at_400=space, at_384=bits, at_388=bits, at_392=stride)
        error = refused(b"RaS2" + header)
        assert error.code == FORMAT_NOT_SUPPORTED and error.offset == 4 + at


def test_a_page_wider_than_the_head():
    wide = grey_lines(100, 9)
    bits = [noise(13, y) for y in range(9)]
    color = [noise(300, y) for y in range(9)]
    data = b"RaS2" + page(wide, 100) + page(bits, 100, 1) + page(color, 100, 24)
    for head in (99, 64, 61, 8, 1):
        for piece in (1, 7, 5000):
            grey, black, reduced = decode(data, piece, head=head)
            assert grey == (head, 9, 8, [line[:head] for line in wide])
            n = (head + 7) // 8
            assert black == (head, 9, 1, masked([line[:n] for line in bits], 0xFF & (0xFF << (n * 8 - head))))
            assert reduced == (head, 9, 8, [luma(line)[:head] for line in color])


def test_a_page_in_the_middle():
    for head, left in ((64, 8), (52, 0), (53, 8), (38, 0), (37, 0)):
        pages = decode(DOCUMENT, 50, head=head, center=True)
        right = head - left - 37
        assert pages[0] == (head, 20, 8, [b"\xff" * left + line + b"\xff" * right for line in GREY])
        n = (head + 7) // 8
        expected = [(bytes(left // 8) + line + bytes(n))[:n] for line in masked(BLACK, 0xF8)]
        assert pages[1] == (head, 11, 1, expected)
        assert pages[3][3] == [b"\xff" * left + luma(line) + b"\xff" * right for line in COLOR]


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
    decoder = pwg.Decoder(bytearray(64))
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
    decoder = pwg.Decoder(bytearray(576), True)
    data = page(grey_lines(577, 8), 577) + page([noise(72)] * 300, 570, 1) + page([noise(99)] * 3, 33, 24)
    source = Source(b"RaS2" + data, 1024)
    decoder.start(source)
    with locked():
        for _ in range(3):
            assert decoder.header(0)
            for _ in range(decoder.height):
                assert decoder.line(0)
        assert decoder.header(0) == 0
