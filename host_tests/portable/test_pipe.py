"""The document pipe: from a Source to an engine, whatever either of them makes it wait for."""

from document_samples import Paper, Source, grey_lines, noise, page, urf

from fetchprint.document.errors import FORMAT_ERROR, FORMAT_NOT_SUPPORTED, DocumentError, DocumentLocalError
from fetchprint.document.halftone import ErrorDiffusion, Threshold
from fetchprint.document.pipe import LINES_PER_POLL, Pipe
from fetchprint.errors import PeerError

GREY = grey_lines(61, 40)
BLACK = [noise(8, y) for y in range(9)]
DOCUMENT = b"RaS2" + page(GREY, 61) + page(BLACK, 64, 1)


def halftoned(lines, width):
    method = ErrorDiffusion(width)
    method.start(width)
    out = []
    for line in lines:
        dots = bytearray((width + 7) // 8)
        method.line(line, dots)
        out.append(bytes(dots))
    return out


def drain(pipe):
    for turn in range(100000):
        if pipe.poll(turn):
            return turn
    raise AssertionError("no end")


def expected_log():
    return ["job", (61, 40), halftoned(GREY, 61), (64, 9), BLACK, "end"]


def test_raster():
    for piece, dry, slow in ((4096, False, False), (1, True, True), (100, True, False), (7, False, True)):
        engine = Paper(slow=slow)
        pipe = Pipe(engine)
        pipe.start(Source(DOCUMENT, piece, dry), b"image/pwg-raster")
        drain(pipe)
        assert engine.log == expected_log()
        assert pipe.pages == 2 and pipe.octets == len(DOCUMENT)
        assert pipe.poll(0) is True


def test_apple_raster():
    for format in (b"image/urf", b"application/octet-stream"):
        engine = Paper(slow=True)
        pipe = Pipe(engine)
        data = urf([GREY, GREY], 61)
        pipe.start(Source(data, 3, True), format)
        drain(pipe)
        one = [(61, 40), halftoned(GREY, 61)]
        assert engine.log == ["job"] + one + one + ["end"]
        assert pipe.pages == 2 and pipe.octets == len(data) and not pipe.clipped


def test_what_is_declared():
    pipe = Pipe(Paper())
    assert pipe.formats == (b"image/pwg-raster", b"application/vnd.epson.escpos", b"image/urf")
    assert pipe.raster_types == (b"black_1", b"sgray_8", b"black_8", b"srgb_8")
    assert b"RS203" in pipe.urf and b"W8" in pipe.urf and b"SRGB24" in pipe.urf
    engine = Paper()
    engine.formats = (b"application/vnd.epson.escpos",)
    pipe = Pipe(engine)
    assert pipe.formats == engine.formats and pipe.raster_types == pipe.urf == ()
    for format in (b"image/pwg-raster", b"image/urf"):
        try:
            pipe.start(Source(b""), format)
            raise AssertionError("taken")
        except DocumentError as error:
            assert error.code == FORMAT_NOT_SUPPORTED


def test_a_page_wider_than_the_head():
    lines = grey_lines(600, 5)
    for width, clipped in ((576, 0), (583, 0), (584, 8), (600, 24)):
        engine = Paper()
        pipe = Pipe(engine, Threshold())
        first = page([line[:width] for line in lines], width)
        pipe.start(Source(b"RaS2" + first + page(BLACK, 64, 1), 999), b"image/pwg-raster")
        drain(pipe)
        expected = []
        for line in lines:
            dots = bytearray(72)
            for x in range(576):
                dots[x >> 3] |= (line[x] < 128) << (7 - (x & 7))
            expected.append(bytes(dots))
        assert engine.log == ["job", (576, 5), expected, (64, 9), BLACK, "end"]
        assert pipe.clipped == clipped
    pipe.start(Source(DOCUMENT), b"image/pwg-raster")
    assert pipe.clipped == 0


def test_a_page_in_the_middle():
    engine = Paper(width=96)
    pipe = Pipe(engine, Threshold(), True)
    pipe.start(Source(b"RaS2" + page([bytes(64)], 64) + page([b"\x81" * 7], 50, 1)), b"image/pwg-raster")
    drain(pipe)
    dots = bytes(2) + b"\xff" * 8 + bytes(2)
    black = bytes(2) + b"\x81" * 6 + b"\x80" + bytes(3)
    assert engine.log == ["job", (96, 1), [dots], (96, 1), [black], "end"]


def test_work_is_bounded():
    engine = Paper(keep=False)
    pipe = Pipe(engine, Threshold())
    pipe.start(Source(b"RaS2" + page([bytes(8)] * 600, 64, 1)), b"image/pwg-raster")
    before = 0
    while not pipe.poll(0):
        assert engine.count - before <= LINES_PER_POLL
        before = engine.count
    assert engine.count == 600


def test_own_language():
    data = bytes(range(256)) * 3
    for piece, dry, slow in ((64, False, False), (1, True, True)):
        engine = Paper(slow=slow)
        pipe = Pipe(engine)
        pipe.start(Source(data, piece, dry), b"application/vnd.epson.escpos")
        drain(pipe)
        assert bytes(engine.octets) == data
        assert engine.log == ["job", "end"]
        assert pipe.pages == 0 and pipe.octets == len(data)


def test_octet_stream_is_sniffed():
    engine = Paper()
    pipe = Pipe(engine)
    pipe.start(Source(DOCUMENT, 3), b"application/octet-stream")
    drain(pipe)
    assert engine.log == expected_log() and pipe.octets == len(DOCUMENT)
    for wrong in (b"%PDF-1.7", b"RaS", b"", b"Receipt"):
        engine = Paper()
        pipe = Pipe(engine)
        pipe.start(Source(wrong, 3), b"application/octet-stream")
        error = failure(pipe)
        assert error.code == FORMAT_NOT_SUPPORTED and engine.log == []
        assert pipe.cancel()


def test_octet_stream_goes_through_where_the_engine_takes_it():
    for data in (b"Receipt\n", b"Ra", b"x" * 100):
        engine = Paper()
        engine.formats = (b"image/pwg-raster", b"application/octet-stream")
        pipe = Pipe(engine)
        pipe.start(Source(data, 3), b"application/octet-stream")
        drain(pipe)
        assert bytes(engine.octets) == data and pipe.octets == len(data)


def failure(pipe):
    try:
        drain(pipe)
    except DocumentError as error:
        return error
    raise AssertionError("taken")


def test_unsupported_format():
    pipe = Pipe(Paper())
    try:
        pipe.start(Source(b""), b"application/pdf")
        raise AssertionError("taken")
    except DocumentError as error:
        assert error.code == FORMAT_NOT_SUPPORTED and "application/pdf" in error.reason
    pipe.start(Source(DOCUMENT), b"image/pwg-raster")
    drain(pipe)


def test_bad_documents():
    first = b"RaS2" + page(GREY, 61)
    for data, pages, offset in (
        (b"", 0, 0),
        (b"RaS2", 0, 4),
        (first + b"x", 1, len(first)),
        (first[:-1], 0, len(first) - 1),
        (b"RaS2" + page([bytes(9)], 9, at_372=65536), 0, 4 + 372),
        (b"RaS2" + page(GREY, 61, dpi=300), 0, 4 + 276),
    ):
        engine = Paper()
        pipe = Pipe(engine)
        pipe.start(Source(data, 50), b"image/pwg-raster")
        error = failure(pipe)
        assert error.offset == offset, error
        assert error.code in (FORMAT_ERROR, FORMAT_NOT_SUPPORTED)
        assert pipe.pages == pages
        assert pipe.cancel() and not engine.in_job
        # and the next document prints
        engine.log.clear()
        pipe.start(Source(DOCUMENT), b"image/pwg-raster")
        drain(pipe)
        assert engine.log == expected_log()


def test_empty_document_of_the_own_language():
    engine = Paper()
    pipe = Pipe(engine)
    pipe.start(Source(b""), b"application/vnd.epson.escpos")
    assert "empty" in failure(pipe).reason


def test_cancel():
    for polls in range(12):
        engine = Paper(slow=True)
        pipe = Pipe(engine)
        pipe.start(Source(DOCUMENT, 100, True), b"image/pwg-raster")
        for _ in range(polls):
            pipe.poll(0)
        begun = engine.in_job
        while not pipe.cancel():
            pass
        assert not engine.in_job
        assert ("cancel" in engine.log) == begun
        assert pipe.cancel()


def test_several_documents_in_one_job():
    engine = Paper()
    pipe = Pipe(engine)
    assert engine.begin_job()
    for _ in range(2):
        pipe.start(Source(DOCUMENT), b"image/pwg-raster")
        drain(pipe)
        assert engine.in_job
    assert engine.end_job()
    body = expected_log()[1:-1]
    assert engine.log == ["job"] + body + body + ["end"]


class Broken(Source):
    def fill(self, now):
        if self.at:
            raise PeerError("the body was cut short", self.at)
        return Source.fill(self, now)


def test_errors_of_the_source_come_through():
    engine = Paper()
    pipe = Pipe(engine)
    pipe.start(Broken(DOCUMENT, 2000), b"image/pwg-raster")
    try:
        drain(pipe)
        raise AssertionError("taken")
    except DocumentError:
        raise AssertionError("the document is not to blame")
    except PeerError as error:
        assert error.offset == 2000
    assert pipe.cancel()


def test_calls_out_of_order():
    pipe = Pipe(Paper())
    for call in (lambda: pipe.poll(0), lambda: pipe.start(Source(b""), b"image/pwg-raster")):
        try:
            call()
            call()
            raise AssertionError("taken")
        except DocumentLocalError:
            pass
    try:
        Pipe(Paper()).start(Source(b""), b"image/pwg-raster", True)
        raise AssertionError("taken")
    except DocumentLocalError as error:
        assert "nothing compressed" in str(error)
