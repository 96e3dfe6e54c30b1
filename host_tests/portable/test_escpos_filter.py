"""What a document in ESC/POS may not do is found by its place among the commands, however it is cut."""

from heap import locked

from fetchprint.document.errors import DocumentError
from fetchprint.engine.escpos_filter import Filter


class Link:
    """Takes ``slow`` octets a call, every other time none."""

    def __init__(self, slow=1000):
        self.slow = slow
        self.taken = bytearray(4096)
        self.n = 0
        self._turn = False

    def write(self, buf, off, n):
        if self.slow < 1000:
            self._turn = not self._turn
            if self._turn:
                return None
            n = min(n, self.slow)
        for i in range(n):
            self.taken[self.n + i] = buf[off + i]
        self.n += n
        return n


def passed(document, piece=1000, slow=1000):
    link = Link(slow)
    filter = Filter(link)
    at = 0
    while at < len(document):
        n = filter.write(document, at, min(piece, len(document) - at))
        assert n is None or 0 < n <= piece
        at += n or 0
    while not filter.flush():
        pass
    return bytes(link.taken[: link.n])


RASTER = b"\x1dv0\x00\x03\x00\x02\x00"
CASES = (
    (b"Total 12.00\n\x1b@\x1bE\x01bold\x1dV\x00", b"Total 12.00\n\x1b@\x1bE\x01bold\x1dV\x00"),
    (b"a\x1bp\x00\x19\xfab", b"ab"),
    (b"a\x1bp0pp\x1bp1\x1b\x1bb", b"ab"),
    (b"a\x10\x14\x01\x00\x05b\x10\x14\x02\x01\x08c", b"abc"),
    (b"a\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08b", b"ab"),
    (b"a\x10\x04\x01b\x10\x05\x02c", b"a\x10\x04\x01b\x10\x05\x02c"),
    # what looks like it in the data of a command is data
    (RASTER + b"\x1bp\x00\x19\xfa\x1bEND", RASTER + b"\x1bp\x00\x19\xfa\x1bEND"),
    # but engines look for DLE DC4 there, too
    (RASTER + b"\x10\x14\x01\x00\x01\x00END", RASTER + b"\x10\x15\x01\x00\x01\x00END"),
    (RASTER + b"abcde\x10\x14\x01\x00\x01", RASTER + b"abcde\x10\x01\x00\x01"),
    (b"\x1d!\x10\x14\x01\x00\x01", b"\x1d!\x10\x01\x00\x01"),
    (b"\x1d!\x10\x1bp\x00\x01\x01\x14\x01", b"\x1d!\x10\x01"),
    (b"\x1d!\x10 \x14\x01", b"\x1d!\x10 \x14\x01"),
    (b"\x1bD\x10\x14\x01\x00END", b"\x1bD\x10\x15\x01\x00END"),
    (b"\x1dk\x04CODE\x00\x1dk\x49\x03A\x1bp*", b"\x1dk\x04CODE\x00\x1dk\x49\x03A\x1bq*"),
    (b"\x1dk\x04CO\x1bp\x00p", b"\x1dk\x04CO\x1bq\x00p"),
    (b"\x1dk\x49\x02A\x1bp*", b"\x1dk\x49\x02A\x1b*"),
    # real-time commands switched on again, memory switches
    (b"a\x1d(D\x05\x00\x14\x01\x01\x02\x01b\x1d(E\x03\x00\x01INb", b"abb"),
    (b"\x1d(L\x02\x00\x30\x02", b"\x1d(L\x02\x00\x30\x02"),
    (b"\x1b*\x21\x02\x00\x1bp\x00\x01\x01\x01a", b"\x1b*\x21\x02\x00\x1bp\x00\x01\x01\x01a"),
    (b"\x1dVB\x03a\x1dV\x30b", b"\x1dVB\x03a\x1dV\x30b"),
    (b"\x1d8L\x03\x00\x00\x00\x1bp\x00a", b"\x1d8L\x03\x00\x00\x00\x1bq\x00a"),
    (b"\x1c!\x01a\x1d*\x01\x01" + b"\x1bpabcdef*", b"\x1c!\x01a\x1d*\x01\x01" + b"\x1bqabcdef*"),
    (b"end\x1b", b"end"),
    (b"end\x1dv0", b"end"),
)


def test_cases_however_they_are_cut():
    for document, wanted in CASES:
        for piece in (1, 2, 3, 5, 1000):
            for slow in (1, 1000):
                got = passed(document, piece, slow)
                assert got == wanted, (document, piece, slow, got)


def test_what_has_no_known_length_is_refused():
    for document, at in (
        (b"abc\x1b\x07", 3),
        (b"\x1d\xffabc", 0),
        (b"ab\x10\x99", 2),
        (b"\x1b*\x02\x01\x00a", 0),
        (b"\x1d(k\x10\x14abc", 0),  # DLE DC4 as its length
        (b"\x1dv0\x00\x10\x14\x01\x00", 0),
    ):
        try:
            passed(document)
        except DocumentError as error:
            assert error.offset == at, (document, error.offset)
        else:
            raise AssertionError(document)


def test_allocates_nothing():
    document = b"".join([case[0] for case in CASES[:15]]) + RASTER + b"123456"
    link = Link()
    filter = Filter(link)
    at = 0
    with locked():
        while at < len(document):
            at += filter.write(document, at, len(document) - at) or 0
        filter.flush()
    assert link.n > 100
