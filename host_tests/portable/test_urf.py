"""The Apple Raster decoder: every split, every truncation, every lie in a header, blank ends of lines."""

from document_samples import Source, grey_lines, noise, u32, urf, urf_header
from heap import locked
from test_pwg import luma

from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, DocumentError
from fetchprint.document.urf import Decoder


def decode(data, piece=4096, dry=False, head=64):
    """[[line]] of a document."""
    decoder = Decoder(bytearray(head))
    decoder.start(Source(data, piece, dry))
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
                lines.append(bytes(decoder.line_buf[: decoder.dots]))
        pages.append(lines)
    raise AssertionError("no end")


def refused(data, **kw):
    try:
        decode(data, **kw)
    except DocumentError as error:
        return error
    raise AssertionError("taken: %r" % data[:20])


GREY = grey_lines(37, 20) + [b"\xff" * 37] * 3
COLOR = [noise(36 * 3, y // 2) + b"\xff" * 3 for y in range(7)] + [b"\xff" * 111]


def test_any_split():
    for pages in ([GREY], [GREY, GREY]):
        for piece in (1, 2, 3, 7, 64, 5000):
            assert decode(urf(pages, 37), piece, dry=True) == pages
    for piece in (1, 2, 3, 7, 64, 5000):
        assert decode(urf([COLOR], 37, 24), piece) == [[luma(line) for line in COLOR]]


def test_a_page_wider_than_the_head():
    for head in (36, 20, 1):
        assert decode(urf([GREY], 37), 9, head=head) == [[line[:head] for line in GREY]]


def test_the_number_of_pages_is_not_relied_on():
    for count in (0, 1, 2, 0xFFFFFFFF):
        assert decode(urf([GREY] * 2, 37, count=count)) == [GREY] * 2


def test_truncated_at_every_length():
    document = urf([grey_lines(9, 6)], 9)
    for n in range(len(document)):
        error = refused(document[:n], piece=97)
        assert error.offset == n, (n, error)
        assert "ends" in error.reason or "no page" in error.reason


def test_hostile_headers():
    lead = b"UNIRAST\0" + u32(1)
    good = urf_header(37, 1)
    for at, value in (
        (0, b"\x10"),
        (0, b"\x18"),
        (0, b"\0"),
        (1, b"\x01"),
        (1, b"\x04"),
        (1, b"\x06"),
        (1, b"\xff"),
        (2, b"\x04"),
        (3, b"\x06"),
        (12, u32(0)),
        (12, u32(65536)),
        (12, u32(0xFFFFFFFF)),
        (16, u32(0)),
        (16, u32(640001)),
        (16, u32(0xFFFFFFFF)),
        (20, u32(0)),
        (20, u32(65536)),
        (20, u32(0xFFFFFFFF)),
    ):
        error = refused(lead + good[:at] + value + good[at + len(value) :] + b"\0\x80")
        assert error.offset == 12 + at - (at in (1, 3)), (at, value, error)
        assert (error.code == FORMAT_NOT_SUPPORTED) == (at < 2)


def test_runs_past_the_line_and_the_page():
    head = b"UNIRAST\0" + u32(1) + urf_header(8, 2)
    for bad in (b"\0\x08\0", b"\0\x06\0\xff12", b"\0\xf8123456789"):
        error = refused(head + bad + bytes(20))
        assert "past the end" in error.reason and len(head) < error.offset < len(head) + 4
    error = refused(head + b"\x02\x80")
    assert error.offset == len(head)
    # blank from the middle, from the start; nothing blank fits behind a whole line
    assert decode(head + b"\0\x02\0\x80" + b"\0\x80") == [[bytes(3) + b"\xff" * 5, b"\xff" * 8]]
    assert refused(head + b"\0\x07\0\x80" + b"\0\x80").offset == len(head) + 3


def test_not_urf():
    for wrong in (b"RaS2", b"UNIRAST1", b"UNIRASTX", b"%PDF-1.7"):
        error = refused(wrong + bytes(50))
        assert "UNIRAST" in error.reason and error.offset < 8


def test_allocates_nothing():
    decoder = Decoder(bytearray(37), True)
    source = Source(urf([COLOR, COLOR], 37, 24), 64)
    decoder.start(source)
    with locked():
        for _ in range(2):
            assert decoder.header(0)
            for _ in range(decoder.height):
                assert decoder.line(0)
        assert decoder.header(0) == 0
