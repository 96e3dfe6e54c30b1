"""Reply heads against a scripted Stream: status, headers, interim replies, framing, limits."""

from http_stream import CHUNKED, OK, PLAIN, Wire, answer, body, connection, exchange, post, refused

from fetchprint.http.limits import DISCARD_MAX, HEAD_MAX, HEADERS_MAX, INTERIM_MAX, LINE_MAX, RETRY_AFTER_MAX


def test_http_interim_replies_are_passed_over():
    interim = b"HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\n"
    assert exchange(interim + PLAIN) == (200, b"hello")
    assert exchange(interim * INTERIM_MAX + PLAIN) == (200, b"hello")
    refused(interim * (INTERIM_MAX + 1) + PLAIN, "interim")
    refused(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + PLAIN, "101")


def test_http_framing_that_two_parsers_read_differently_is_refused():
    refused(CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n", "both Transfer-Encoding and Content-Length")
    refused(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "differ")
    assert exchange(OK + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello") == (200, b"hello")
    for value in (b"-1", b"+5", b"0x5", b"5 5", b"5,5", b"", b"five", b"5.0"):
        refused(OK + b"Content-Length: " + value + b"\r\n\r\nhello", "Content-Length is not a number")
    for value in (b"1073741824", b"99999999999999999999", b"1" * 80):
        refused(OK + b"Content-Length: " + value + b"\r\n\r\n", "Content-Length over")
    refused(OK + b"Content-Length: " + b"0" * 100 + b"\r\n\r\n", "Content-Length header longer")
    for value in (b"gzip, chunked", b"identity", b"chunked\r\nTransfer-Encoding: chunked"):
        refused(OK + b"Transfer-Encoding: " + value + b"\r\n\r\n", "Transfer-Encoding is not chunked")
    refused(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "Content-Encoding")
    refused(OK + b"\r\nhello", "length unknown", closing=True)
    refused(
        b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.0"
    )


def test_http_malformed_heads_are_refused():
    strange = (b"HTTP/2 200 OK", b"HTTP/1.2 200 OK", b"http/1.1 200 OK", b"HTTP/1.1  200 OK")
    strange += (b"HTTP/1.1 20 OK", b"HTTP/1.1 2000 OK", b"ICY 200 OK", b"", b"<html>", b"SSH-2.0-OpenSSH_9.2")
    for line in strange:
        refused(line + b"\r\n\r\n", "not an HTTP/1.1 reply")
    refused(b"\x15\x03\x01\x00\x02\x02\x46", "control character")  # a TLS alert
    refused(b"HTTP/1.1 20x OK\r\n\r\n", "status code")
    refused(b"HTTP/1.1 600 Odd\r\n\r\n", "status code")
    refused(b"HTTP/1.1 099 Odd\r\n\r\n", "status code")
    refused(OK + b" folded: x\r\n\r\n", "folded")
    refused(OK + b"\tfolded\r\n\r\n", "folded")
    refused(OK + b"Content-Length : 5\r\n\r\n", "header name")
    refused(OK + b": 5\r\n\r\n", "without a name")
    refused(OK + b"nocolon\r\n\r\n", "without a name")
    refused(OK + b"A: b\n\r\n", "without a carriage return")
    refused(OK + b"A: b\rc\r\n\r\n", "carriage return inside")
    refused(OK + b"A: b\x00c\r\n\r\n", "control character 0")
    refused(OK + b"A: " + b"x" * (LINE_MAX - 2) + b"\r\n\r\n", "header line longer")
    refused(OK + b"A: b\r\n" * (HEADERS_MAX + 1) + b"\r\n", "header lines")
    refused((OK + (b"A: " + b"x" * 1000 + b"\r\n") * 9), "head longer than %d" % HEAD_MAX)
    refused(OK + b"Content-Type: application/ipp\r\n\r\n", "two Content-Type")
    long = b"A: " + b"x" * (LINE_MAX - 3) + b"\r\n"
    assert exchange(OK + long + b"Content-Length: 5\r\n\r\nhello") == (200, b"hello")


def test_http_not_ipp_and_redirects_are_refused():
    html = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 6\r\n\r\n<html>"
    refused(html, "not IPP: Content-Type text/html")
    refused(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "not IPP: Content-Type missing")
    for status in (301, 302, 304, 307, 308):
        head = b"HTTP/1.1 %d Moved\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n" % status
        refused(head, "redirect refused: status %d" % status)
    typed = b"HTTP/1.1 200 OK\r\ncontent-type:Application/IPP ; x=y\r\nContent-Length: 5\r\n\r\nhello"
    assert exchange(typed) == (200, b"hello")


def test_http_what_says_nothing_new_changes_nothing():
    for line in (b"Content-Encoding: Identity", b"Connection: keep-alive, x", b"Content-Length: 5 \t"):
        wire = Wire([[OK + line + b"\r\nContent-Length: 5\r\n\r\nhello"]])
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 200 and body(link) == b"hello" and not wire.closed


def test_http_error_replies_give_code_and_retry_after():
    date = b"Fri, 31 Dec 1999 23:59:59 GMT"
    for value, seconds in ((b"120", 120), (b"0", 0), (b"9" * 13, RETRY_AFTER_MAX), (b"-5", 0), (date, 0)):
        busy = b"HTTP/1.1 503 Busy\r\nRetry-After: " + value + b"\r\nContent-Length: 5\r\n\r\nsorry"
        wire = Wire([[busy], [PLAIN]])
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 503
        assert link.retry_after == seconds
        assert link.fill(0) == 0
        post(wire, link)
        assert answer(link) == 200
        assert link.retry_after == 0
        assert body(link) == b"hello"
        assert wire.opened == 1
    unread = (
        b"Content-Length: %d\r\n\r\n" % (DISCARD_MAX + 1),
        b"\r\nno length",
        b"Connection: close\r\n\r\n",
        b"Content-Length: 9\r\n\r\ncut",
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    )
    for head in unread:
        wire = Wire([[b"HTTP/1.1 401 Who\r\n" + head]], closing=True)
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 401
        assert wire.closed == 1
    assert exchange(b"HTTP/1.1 204 None\r\n\r\n") == (204, b"")
