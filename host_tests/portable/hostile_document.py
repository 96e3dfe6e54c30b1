"""Documents that attack the engine, the paper or the memory."""

from document_samples import coded_lines, noise, page, page_header, u32, urf, urf_header
from hostile_service import ESCPOS, FETCH_DOCUMENT, PWG, TEXT
from hostile_table import ABORTED, CANCELED, COMPLETED, HALF, Attack
from hostile_wire import chunked, for_ever, whole

HEADERS = "page headers that lie"
RUNS = "runs that lie"
CUT = "truncated documents"
FORMATS = "formats that were not declared"
BOMBS = "compression bombs"
REAL_TIME = "commands smuggled to the engine"
PAPER = "endless paper"

URF = b"image/urf"
OCTETS = b"application/octet-stream"
_LINE = noise(72)


def document(name, threat, data, says, mime=PWG, end=ABORTED):
    """A document that is refused."""
    return Attack(name, threat, FETCH_DOCUMENT, None, says, end, 0, data, mime)


def header(says, name, **fields):
    """PWG Raster whose page header has a field that is wrong."""
    width = fields.pop("width", 576)
    return document(
        name, HEADERS, b"RaS2" + page_header(width, 16, 1, **fields) + coded_lines([_LINE] * 16), says
    )


def lines(says, name, data, threat=RUNS, end=HALF):
    """A header that is good, and what is wrong behind it."""
    return document(name, threat, b"RaS2" + page_header(576, 16, 1) + data, says, end=end)


def told(mime=None, compression=None, times=1):
    """The honest document, called something else."""

    def answer(service, request, wire):
        job = service.jobs[-1]
        return whole(service.document(request, job, mime, compression) + job.data)

    return answer


def pages_for_ever(pages):
    """A document of these octets again and again, until the service cancels the job after some time."""

    def answer(service, request, wire):
        job = service.jobs[-1]
        job.cancel_after = 40
        body = service.document(request, job)

        def pieces():
            yield body + pages[0]
            while True:
                job.cancel_after -= 1
                if not job.cancel_after:
                    job.state = 7
                yield pages[1]
                yield 100

        return chunked(pieces())

    return answer


def with_gzip(service, job):
    job.compression = b"gzip"


ATTACKS = (
    header("a width of 0", "a page without width", at_372=0, at_392=0),
    header("a height of 0", "a page without height", at_376=0),
    header("a width of 65536", "a page of 65,536 dots", at_372=65536, at_392=8192),
    header("a height of 640001", "a page of 640,001 lines", at_376=640001),
    header("a height of 4294967295", "a page of 4,294,967,295 lines", at_376=0xFFFFFFFF),
    header("contradict octets a line", "lines of 2 GB", at_392=0x7FFFFFFF),
    header("contradict octets a line", "lines of no octets", at_392=0),
    header("bits per pixel", "64 bits a dot", at_388=64),
    header("contradict bits per color", "7 bits a color", at_384=7),
    header("a color space of 4294967295", "a color space that is none", at_400=0xFFFFFFFF),
    header("a color order of 1", "planes of color", at_396=1),
    header("contradicts a number of colors", "60,000 colors", at_420=60000),
    header("a resolution of 0", "0 dpi", at_276=0),
    header("this engine prints 203 dpi", "203 x 65,535 dpi", at_280=65535),
    header("a header field of 4294967295", "a vendor's field of 4 GB", at_512=0xFFFFFFFF),
    document("a page header of another kind", HEADERS, b"RaS2" + b"PwgRast\0\0\0" + bytes(1785), "begins PwgRaster"),
    document("pages of another byte order", HEADERS, b"2SaR" + page([_LINE] * 16, 576, 1), "the sync word is wrong"),
    lines("equal lines with 16 left", "a line 256 times on a page of 16", b"\xff" + b"\x47\0"),
    lines("a run past the end of its line", "a run longer than its line", b"\0\x7f\0"),
    lines("a run past the end of its line", "dots beyond the end of the line", b"\0\x40\0\x90" + _LINE * 2),
    lines("run code 128 is reserved", "a run code that is none", b"\0\x80"),
    lines("the document ends in page 1", "cut in a line", b"\0\x20", CUT),
    lines("the document ends in page 1", "a page without a line", b"", CUT),
    document("cut in the header", CUT, b"RaS2" + page_header(576, 16, 1)[:900], "the document ends in the header"),
    document("a sync word and no page", CUT, b"RaS2", "the document has no page"),
    document("no octet", CUT, b"", "", mime=PWG),
    document("no octet of the engine's language", CUT, b"", "the document is empty", mime=ESCPOS),
    document("octets behind the last page", HEADERS, b"RaS2" + page([_LINE] * 2, 576, 1) + b"\x1b@\x1bp\0", "expected the next page header",
             end=HALF),
    document("Apple Raster with fewer pages than it says", CUT,
             urf([[b"\xff" * 576] * 4], 576, count=0xFFFFFFFF), "job-end", mime=URF, end=COMPLETED),
    document("Apple Raster without width", HEADERS, b"UNIRAST\0" + u32(1) + urf_header(0, 4), "a width of 0", URF),
    document("Apple Raster of 2^31 lines", HEADERS, b"UNIRAST\0" + u32(1) + urf_header(576, 1 << 31),
             "but a height", URF),
    document("Apple Raster of 48 bits", HEADERS, b"UNIRAST\0" + u32(1) + b"\x30\1\1\4" + urf_header(576, 4)[4:],
             "bits in color space", URF),
    document("a program", FORMATS, b"\x7fELF\2\1\1" + bytes(200), "octet-stream that is no raster", OCTETS),
    document("PDF", FORMATS, b"%PDF-1.7\n", "is not supported", b"application/pdf"),
    document("PostScript with a file operator", FORMATS, b"%!\n(/etc/passwd)(r)file", "is not supported",
             b"application/postscript"),
    document("a format with escapes of a terminal", FORMATS, b"x", "is not supported", b"text/\x1b[31mplain"),
    document("a format that is not UTF-8", FORMATS, b"x", "is not supported", b"image/\xff\xfe\xc0"),
    document("a format of 255 octets", FORMATS, b"x", "is not supported", b"a/" + b"x" * 253),
    document("a format that ends a JSON text", FORMATS, b"x", "is not supported", b'a"}\n{"event":"job-end"'),
    Attack("raster that is called text", FORMATS, FETCH_DOCUMENT, told(TEXT), "job-end", COMPLETED),
    Attack("raster that is called Apple Raster", FORMATS, FETCH_DOCUMENT, told(URF), "", ABORTED),
    Attack("gzip that was not accepted", BOMBS, FETCH_DOCUMENT, told(None, b"gzip"), "came compressed", ABORTED),
    Attack("deflate", BOMBS, FETCH_DOCUMENT, told(None, b"deflate"), "came compressed", ABORTED),
    Attack("a compression that does not exist", BOMBS, FETCH_DOCUMENT, told(None, b"\x1b[2J"), "came compressed",
           ABORTED),
    document("a command without a length", REAL_TIME, b"Hello\n\x1b\x07\x1b(A\0\0", "", ESCPOS, HALF),
    document("opening the drawer within a picture", REAL_TIME, b"\x1dv0\0\1\0\x04\0\0\x10\x14\1" + b"\x1d\xff", "", ESCPOS,
             HALF),
    document("the setup of the engine", REAL_TIME, b"\x1d(E\3\0\1INHello\n", "job-end", ESCPOS, COMPLETED),
    document("a pulse to the drawer", REAL_TIME, b"\x1bp\0\x19\xfaHello\n", "job-end", ESCPOS, COMPLETED),
    document("a pulse in real time, and power off", REAL_TIME, b"Hi\x10\x14\1\0\1\x10\x14\2\1\x08\n", "job-end", ESCPOS,
             COMPLETED),
    Attack("pages of raster without end", PAPER, FETCH_DOCUMENT,
           pages_for_ever((b"RaS2", page([_LINE] * 8, 576, 1))), "canceled", CANCELED),
    Attack("text without end", PAPER, FETCH_DOCUMENT, pages_for_ever((b"", b"again and again\n")), "canceled",
           CANCELED, data=b"", mime=TEXT),
)  # fmt: skip


_BLOCK = b"\x1f\x8b\x08\0\0\0\0\0\0\3"
_FIXED = bytes.fromhex("1f8b08000000000002034bcbac484d514843900081e6898811000000")  # "fixed fixed fixed"

# What zlib makes of zeros: a block in whose code an octet of 0 is four matches of 258, so 1,032 octets.
_BOMB = _BLOCK + bytes.fromhex("edc101010000008090feafee080a")


def bomb(service, request, wire):
    """Each octet becomes a thousand, without end."""
    return chunked(for_ever(bytes(64), service.document(request, service.jobs[-1]) + _BOMB))


def gzipped(name, data, says, mime=TEXT):
    return Attack(name, BOMBS, FETCH_DOCUMENT, None, says, HALF, 0, data, mime, with_gzip)


GZIP = (
    Attack("a gzip bomb", BOMBS, FETCH_DOCUMENT, bomb, "octets come of", HALF, 1, b"", ESCPOS, with_gzip),
    gzipped("gzip of which nothing comes", _BLOCK[:3] + b"\x08" + _BLOCK[4:] + b"x" * 5000, "of which nothing comes"),
    gzipped("empty blocks without end", _BLOCK + b"\0\0\0\xff\xff" * 2000, "of which nothing comes"),
    gzipped("gzip in gzip", _BLOCK + b"\1" + b"\x1c\0\xe3\xff" + _FIXED + bytes(8), "gzip:"),
    gzipped("gzip with a checksum of something else", _FIXED[:-8] + bytes(8), "does not match its checksum"),
    gzipped("gzip with a length of something else", _FIXED[:-4] + b"\x12\0\0\0", "as many as announced"),
    gzipped("gzip that is cut", _FIXED[:-9], "is cut short"),
    gzipped("octets behind gzip", _FIXED + b"\x1b@", "behind the end of the gzip document"),
    gzipped("a match before the beginning", _BLOCK + bytes([0b01100011, 0b00000000, 0b01111110, 0xFF, 0xFF]), "gzip:"),
    gzipped("a block of a kind that is none", _BLOCK + b"\x07", "gzip:"),
    gzipped("a stored block whose lengths differ", _BLOCK + b"\1\5\0\5\0hello", "gzip:"),
    gzipped("codes that contradict each other", _BLOCK + b"\x05" + b"\xff" * 60, "gzip:"),
    gzipped("not gzip, though it is said and begins so", b"\x1f\x8b\x09" + bytes(20), "not a gzip document"),
)  # fmt: skip
