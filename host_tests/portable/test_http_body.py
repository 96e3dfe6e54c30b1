"""Reply bodies against a scripted Stream: every split, every cut, chunks and their limits."""

from http_stream import CHUNKED, OK, PLAIN, exchange, refused

from fetchprint.http.framing import UNKNOWN, Framing
from fetchprint.http.limits import CHUNK_LINE_MAX, OFFSET_MAX, TRAILER_MAX


def test_http_content_length_at_every_split():
    for cut in range(1, len(PLAIN)):
        assert exchange([PLAIN[:cut], None, PLAIN[cut:]]) == (200, b"hello"), cut
    for rx in (1, 2, 3, 7, 100, 1000):
        assert exchange(PLAIN, rx) == (200, b"hello"), rx
    assert exchange([PLAIN[i : i + 1] for i in range(len(PLAIN))]) == (200, b"hello")


def test_http_chunked_at_every_split():
    reply = CHUNKED + b'1\r\na\r\n4;x="y"\r\nbcde\r\n00A ; q\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\n'
    for cut in range(1, len(reply)):
        assert exchange([reply[:cut], None, reply[cut:]]) == (200, b"abcde0123456789"), cut
    for rx in (1, 2, 3, 7, 100, 1000):
        assert exchange(reply, rx) == (200, b"abcde0123456789"), rx


def test_http_empty_bodies():
    assert exchange(OK + b"Content-Length: 0\r\n\r\n") == (200, b"")
    assert exchange(CHUNKED + b"0\r\n\r\n") == (200, b"")


def test_http_short_body_is_an_error_at_every_length():
    for whole in (PLAIN, CHUNKED + b"5\r\nhello\r\n0\r\n\r\n"):
        for n in range(1, len(whole)):
            error = refused([whole[:n]], "cut short", closing=True)
            assert error.offset == n, (n, error.offset)


def test_http_closed_without_a_reply():
    assert refused([], "closed without a reply", closing=True).offset == -1


def test_http_malformed_chunks_are_refused():
    not_hex = "not a hexadecimal number"
    for line in (b"", b"-5", b"+5", b"0x5", b"5g", b" 5", b"5 ", b";a=b", b"5 5", b"zz"):
        refused(CHUNKED + line + b"\r\nhello\r\n0\r\n\r\n", not_hex)
    refused(CHUNKED + b"5\nhello\r\n0\r\n\r\n", "")
    refused(CHUNKED + b"5\r\nhelloX\r\n0\r\n\r\n", "chunk longer than")
    for size in (b"40000000", b"FFFFFFFFFFFFFFFF", b"7fffffff"):
        refused(CHUNKED + size + b"\r\n", "body over")
    fits = b"5;" + b"e" * (CHUNK_LINE_MAX - 2)
    assert exchange(CHUNKED + fits + b"\r\nhello\r\n0\r\n\r\n") == (200, b"hello")
    refused(CHUNKED + fits + b"e\r\nhello\r\n0\r\n\r\n", "chunk-size line longer than %d" % CHUNK_LINE_MAX)
    refused(CHUNKED + b"0" * 65 + b"\r\n", "chunk-size line longer")
    refused(CHUNKED + b"0\r\n" + b"A: b\r\n" * (TRAILER_MAX // 6 + 1) + b"\r\n", "trailer longer")
    refused(CHUNKED + b"0\r\nA: b\n\r\n", "control character")
    refused(CHUNKED + b"0\r\nA: b\rc\r\n\r\n", "carriage return inside a trailer line")
    refused(CHUNKED + b"5\rhello", "carriage return inside a chunk-size line")
    refused(CHUNKED + b"5;a\x01\r\n", "control character 1 in a chunk extension")


def test_http_places_are_counted_as_far_as_small_numbers_go():
    framing = Framing()
    framing.start(UNKNOWN, True)
    framing.offset = OFFSET_MAX
    assert framing.body(bytearray(b"5\r\n"), 0, 3) == 3
    framing.took(5)
    assert framing.offset == OFFSET_MAX and not framing.done
