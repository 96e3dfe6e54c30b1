"""Plain text: lines, pages, damage. How it is wrapped and looks is judged in test_document_text."""

from document_samples import Paper, Source
from heap import locked

from fetchprint.document import font
from fetchprint.document.errors import DocumentError
from fetchprint.document.pipe import Pipe
from fetchprint.document.text import Decoder


def printed(data, piece=4096, dry=False, slow=False, engine=None):
    """The pages, each a list of lines of dots."""
    engine = engine or Paper(width=160, slow=slow)
    pipe = Pipe(engine, text=Decoder)
    pipe.start(Source(data, piece, dry), b"text/plain")
    for turn in range(100000):
        if pipe.poll(turn):
            break
    assert pipe.octets == len(data)
    return engine.log[2:-1:2]


def rows(*texts):
    """The dots of lines of ASCII in a head of 160 dots, from the font as it is described."""
    out = []
    for text in texts:
        cells = []
        for char in text:
            at = 0
            for _ in range(ord(char) - 32):
                at += 2 + 2 * (font.GLYPHS[at + 1] - 48)
            cells.append(at)
        for y in range(20):
            bits = 0
            for at in cells:
                bits <<= 10
                row = y - (font.GLYPHS[at] - 48)
                if 0 <= row < font.GLYPHS[at + 1] - 48:
                    bits |= (font.GLYPHS[at + 2 + 2 * row] - 48) << 5 | font.GLYPHS[at + 3 + 2 * row] - 48
            out.append((bits << (10 * (16 - len(text)))).to_bytes(20, "big"))
    return out


def test_lines():
    for piece, dry, slow in ((4096, False, False), (1, True, True), (3, False, True)):
        assert printed(b"Hello\nWorld!", piece, dry, slow) == [rows("Hello", "World!")]
        assert printed(b"Hello\r\n\r\nWorld!\r", piece, dry, slow) == [rows("Hello", "", "World!")]
        assert printed(b"a\tb\n\tc", piece, dry, slow) == [rows("a       b", "        c")]


def test_pages():
    assert printed(b"one\fthree\n\f") == [rows("one"), rows("three")]
    assert printed(b"\f\fone\n\f\f\ftwo\n\f\f") == [rows("one"), rows("two")]
    assert printed(b"\n\n") == [rows("", "")]


def test_wrapping():
    assert printed(b"The quick brown fox jumps") == [rows("The quick brown", "fox jumps")]
    # a word ends with the line: no blanks are carried over, and no empty line follows
    assert printed(b"The quick browns    fox") == [rows("The quick browns", "fox")]
    assert printed(b"The quick browns    \nfox") == [rows("The quick browns", "fox")]
    assert printed(b"0123456789abcdef0123\n") == [rows("0123456789abcdef", "0123")]
    assert printed(b"  0123456789abcdef") == [rows("  0123456789abcd", "ef")]


def test_what_is_no_text_is_seen():
    box = printed(b"\xef\xbf\xbd")
    for data in (
        b"\x00",
        b"\x1b",
        b"\x7f",
        b"\xff",
        b"\xc3",
        b"\xe2\x82",
        b"\xe4\xb8\xad",
        b"\xf0\x9f\x98\x80",
    ):
        assert printed(data) == box, data
    # no long codings, no surrogates, nothing above 0x10FFFF: each octet is one
    boxes = printed(b"\xef\xbf\xbd" * 3)
    for data in (b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\xc0", b"\xc0\x80\xff"):
        assert printed(data) == boxes, data
    full = b"0123456789abcdef"  # the box begins the next line
    assert printed(full + b"\xe2") == printed(full + b"\xe2\n") == printed(full + b"\n\xe2")
    assert printed(b"\xe2\x82A") == printed(b"\xef\xbf\xbdA")
    assert printed(b"\xef\xbb\xbfA") == printed(b"A") != printed(b"A\xef\xbb\xbf")


def test_no_text():
    for data in (b"", b"\f", b"\f\f", b"\xef\xbb\xbf"):
        try:
            printed(data)
            raise AssertionError("taken: %r" % data)
        except DocumentError as error:
            assert error.offset == len(data)


class Sheets(Paper):
    """Cut sheets with margins: two lines fit."""

    continuous = False
    # 20 mm x 8 mm at 203 dpi: 63 lines, 7 and 15 of them margins
    media = ((b"custom_20x8mm_20x8mm", 2000, 800, 200, 100, 100, 200),)


def test_sheets():
    first, second = printed(b"one\ntwo\nthree", engine=Sheets(width=160))
    assert len(first) == len(second) == 63
    blank = [bytes(20)]
    left = 15

    def moved(lines):
        return [(int.from_bytes(line, "big") >> left).to_bytes(20, "big") for line in lines]

    assert first == blank * 7 + moved(rows("one", "two")) + blank * 16
    assert second == blank * 7 + moved(rows("three")) + blank * 36
    # 13 columns between the margins
    (page,) = printed(b"0123456789abcdef", engine=Sheets(width=160))
    assert page[7:47] == moved(rows("0123456789abc", "def"))


def test_the_font_grows_with_the_resolution():
    for dpi, scale in ((150, 1), (203, 1), (210, 1), (300, 2), (600, 3)):
        engine = Paper(width=160)
        engine.resolution = dpi
        (page,) = printed(b"A", engine=engine)
        assert len(page) == 20 * scale
        small = rows("A")
        for y in range(20):
            wide = 0
            for x in range(16):
                dot = small[y][x >> 3] >> (7 - (x & 7)) & 1
                for _ in range(scale):
                    wide = wide << 1 | dot
            line = (wide << (160 - 16 * scale)).to_bytes(20, "big")
            assert page[y * scale : (y + 1) * scale] == [line] * scale


def test_work_is_bounded():
    pipe = Pipe(Paper(width=160), text=Decoder)
    pipe.start(Source(b"\f" * 20000, 20000), b"text/plain")
    before = pipe.work
    assert pipe.poll(0) is None and pipe.octets <= 4096 and pipe.work != before


def test_allocates_nothing():
    data = b"The quick brown fox jumps\n\xe2\x82\xac 1\tover\xff\r\nthe\flazy dog. " * 3
    engine = Paper(width=160, keep=False)
    decoder = Decoder(bytearray(160), engine)
    decoder.start(Source(data, 11))
    with locked():
        while decoder.header(0):
            while decoder.line(0):
                pass
    assert decoder.page == 4
