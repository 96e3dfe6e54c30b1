"""gzip: samples made by zlib whole, in pieces, cut at every octet and damaged at every octet."""

from document_samples import Paper, Source, grey_lines, noise, page
from heap import locked

from fetchprint.document import inflate
from fetchprint.document.errors import DocumentError
from fetchprint.document.pipe import Pipe

TEXT = bytes([b"eeeeeeettttaaonn"[octet & 15] for octet in noise(250)]) + bytes(range(40))
# Made by zlib: TEXT * 3 in a block with a code of its own, 17 octets in the fixed code, 6 octets stored.
DYNAMIC = bytes.fromhex(
    "1f8b0800000000000203ed90b712034108439d73ce3987efa2a08586ff1f4bdcd83fe0f6f60a66d193d8434d"
    "454445d50d35d4f0a94568e0082a350d61132cfb890131231cee10c09984a3832379a7c98b0875b8a9447250"
    "19ca48d8b3090eaf0066bc22c069724784710e910c20f9b56646310a0c02600bd6d485e3f86f113f2c5f5f0c"
    "af546bf546b3d5ee747bfdc170349e4c67f3c572b5de6c77fbc3f174be5c6ff7c7f3f5d67243e586fedcd007"
    "4602aedf66030000"
)
FIXED = bytes.fromhex("1f8b08000000000002034bcbac484d514843900081e6898811000000")
STORED = bytes.fromhex("1f8b0800000000000403010600f9ff73746f7265640bf9435606000000")
# The same fixed block behind a header with all that RFC 1952 section 2.3 allows.
FULL_HEAD = b"\x1f\x8b\x08\x1e\0\0\0\0\0\x03" + b"\x05\0extra" + b"a name\0" + b"a comment\0" + b"\x12\x34"
SAMPLES = (
    (DYNAMIC, TEXT * 3),
    (FIXED, b"fixed fixed fixed"),
    (STORED, b"stored"),
    (FULL_HEAD + FIXED[10:], b"fixed fixed fixed"),
    (FIXED[:3] + b"\x04" + FIXED[4:10] + b"\0\0" + FIXED[10:], b"fixed fixed fixed"),  # an empty extra field
)

UNPACKER = inflate.Inflate()  # one for all: it is large


def unpacked(data, piece=4096, dry=False):
    UNPACKER.start(Source(data, piece, dry))
    out = bytearray()
    for _ in range(10 * len(data) + 100):
        n = UNPACKER.fill(0)
        if n == 0:
            assert UNPACKER.taken == len(data) and UNPACKER.fill(0) == 0
            return bytes(out)
        if n:
            out += UNPACKER.buf[UNPACKER.pos : UNPACKER.end]
            UNPACKER.pos = UNPACKER.end
    raise AssertionError("no end")


def refused(data, **kw):
    try:
        unpacked(data, **kw)
    except DocumentError as error:
        return error
    raise AssertionError("taken: %r" % data[:20])


def test_any_split():
    for packed, plain in SAMPLES:
        for piece in (1, 2, 3, 7, 4096):
            assert unpacked(packed, piece, dry=True) == plain


def test_truncated_at_every_length():
    for packed, _ in SAMPLES:
        for n in range(len(packed)):
            error = refused(packed[:n], piece=50)
            assert "cut short" in error.reason and error.offset == n


def test_every_octet_damaged():
    for packed, plain in SAMPLES:
        for at in range(len(packed)):
            for flip in (1, 0x80, 0xFF):
                bad = bytearray(packed)
                bad[at] ^= flip
                try:
                    # what says nothing of the data may say anything: times, names, bits between octets
                    assert unpacked(bytes(bad), 64) == plain
                except DocumentError as error:
                    assert 0 <= error.offset <= len(bad)


def coded(bits):
    """Octets of bits in the order in which a decoder meets them."""
    out = bytearray((len(bits) + 7) // 8)
    for i in range(len(bits)):
        out[i >> 3] |= (bits[i] == "1") << (i & 7)
    return bytes(out)


def test_what_is_wrong_is_said():
    head = FIXED[:10]
    for body, reason in (
        (b"\x07", "type"),
        (b"\x01\x05\0\x05\0", "contradicts"),
        (b"\x05\xff\xff\xff\xff", "lengths"),
        (coded("1" + "01" + "0" * 14 + "000" * 4), "lengths"),  # none
        (
            coded("1" + "01" + "0" * 14 + "100" * 2 + "000" * 3),
            "lengths",
        ),  # the one before the first
        (coded("1" + "10" + "00110000" * 3000), "cut short"),  # more literals than are handed on at once
        (coded("1" + "10" + "0000001" + "00000"), "back before"),
        (coded("1" + "10" + "00110000" + "0000001" + "00001"), "back before"),
        (coded("1" + "10" + "00110000" + "11000110"), "a code that"),
        (coded("1" + "10" + "00110000" + "0000001" + "11110"), "a code that"),
    ):
        error = refused(head + body + bytes(8))
        assert reason in error.reason, error
    for at, reason in ((-5, "checksum"), (-8, "checksum"), (-4, "announced"), (-1, "announced")):
        bad = bytearray(FIXED)
        bad[at] ^= 1
        assert reason in refused(bytes(bad)).reason
    assert "behind the end" in refused(FIXED + b"\0").reason
    assert "behind the end" in refused(FIXED + FIXED).reason
    for at, value in ((0, 0), (1, 0), (2, 7), (3, 0x20), (3, 0x80)):
        bad = bytearray(FIXED)
        bad[at] = value
        error = refused(bytes(bad))
        assert "not a gzip" in error.reason and error.offset == at


def test_a_header_or_blocks_without_end():
    name = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03" + b"x" * 9000
    for data in (name, FIXED[:10] + b"\0\0\0\xff\xff" * 2000):
        error = refused(data)
        assert "nothing comes" in error.reason and error.offset < 9000


def test_allocates_nothing():
    source = Source(DYNAMIC, 13)
    UNPACKER.start(source)
    total = 0
    with locked():
        while True:
            n = UNPACKER.fill(0)
            if not n:
                break
            total += n
            UNPACKER.pos = UNPACKER.end
    assert total == len(TEXT) * 3


def test_the_pipe_unpacks():
    plain = b"RaS2" + page(grey_lines(9, 3), 9)
    stored = b"\x01" + bytes((len(plain) & 255, len(plain) >> 8, ~len(plain) & 255, ~len(plain) >> 8 & 255))
    crc = 0xFFFFFFFF
    for octet in plain:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0xEDB88320 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    packed = FIXED[:10] + stored + plain + crc.to_bytes(4, "little") + len(plain).to_bytes(4, "little")
    expected = None
    pipe = Pipe(Paper(), inflate=UNPACKER)
    engine = pipe.engine
    for data, format, flag in (
        (plain, b"image/pwg-raster", False),
        (packed, b"image/pwg-raster", True),
        (plain, b"image/pwg-raster", True),  # the quirk
        (packed, b"application/octet-stream", True),
        (packed, b"application/octet-stream", False),
        (plain, b"application/octet-stream", False),
        (plain, b"application/octet-stream", True),
    ):
        for piece in (1, 4096):
            engine.log.clear()
            pipe.start(Source(data, piece, True), format, flag)
            while not pipe.poll(0):
                pass
            expected = expected or list(engine.log)
            assert engine.log == expected, (format, flag)
    try:
        pipe.start(Source(packed), b"image/pwg-raster")
        while not pipe.poll(0):
            pass
        raise AssertionError("unpacked without being told")
    except DocumentError as error:
        assert "RaS2" in error.reason
    assert pipe.compressions == (b"gzip", b"none") and Pipe(Paper()).compressions == (b"none",)
