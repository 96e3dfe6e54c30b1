"""A connection over a scripted Stream: requests, keep-alive, wrong calls, memory."""

from heap import locked
from http_stream import CHUNKED, OK, PLAIN, Wire, answer, body, connection, post

from fetchprint.http.client import Connection
from fetchprint.http.errors import HTTPLocalError


def test_http_request_head_and_body_leave_together():
    wire = Wire([[PLAIN]])
    link = connection(wire, authorization="Basic eDp5")
    link.tx[link.body : link.body + 3] = b"abc"
    post(wire, link, 3)
    sent = bytes(wire.sent[: wire.sent_end])
    assert sent.startswith(b"POST /ipp/print HTTP/1.1\r\nHost: 127.0.0.1:631\r\nUser-Agent: fetchprint/")
    assert b"\r\nContent-Type: application/ipp\r\n" in sent
    assert b"\r\nAuthorization: Basic eDp5\r\n" in sent
    assert sent.endswith(b"Content-Length:       3\r\n\r\nabc"), sent
    assert b"Expect" not in sent
    assert wire.to == ("127.0.0.1", 631)
    assert answer(link) == 200
    assert body(link) == b"hello"
    wire.sent_end = 0
    link.post(0, 412, 1000)
    link.poll(0)
    assert b"Content-Length:     412\r\n\r\n" in bytes(wire.sent[: wire.sent_end])
    assert wire.opened == 1


def test_http_short_writes_are_continued():
    wire = Wire([[PLAIN]], step=1)
    link = connection(wire)
    post(wire, link, 100)
    assert wire.sent_end == link.body + 100
    assert answer(link) == 200


def test_http_keep_alive_and_close():
    wire = Wire([[PLAIN], [CHUNKED + b"2\r\nhi\r\n0\r\n\r\n"], [PLAIN]])
    link = connection(wire)
    for expected in (b"hello", b"hi", b"hello"):
        post(wire, link)
        assert answer(link) == 200
        assert body(link) == expected
        assert link.fill(0) == 0
    assert wire.opened == 1 and wire.closed == 0
    for extra in (b"Connection: close\r\n", b"connection: foo , CLOSE\r\n"):
        wire = Wire([[OK + extra + b"Content-Length: 1\r\n\r\nx"]] * 2)
        link = connection(wire)
        for _ in range(2):
            post(wire, link)
            assert answer(link) == 200
            assert body(link) == b"x"
        assert wire.opened == 2 and wire.closed == 2
    wire = Wire([[b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 1\r\n\r\nx"]])
    link = connection(wire)
    post(wire, link)
    assert answer(link) == 200
    assert body(link) == b"x"
    assert wire.closed == 1


def test_http_idle_close_and_unasked_data_reconnect_before_sending():
    for closing, pieces in ((True, [PLAIN]), (False, [PLAIN, b"HTTP/1.1 408 Late\r\n\r\n"])):
        wire = Wire([pieces, [PLAIN]], closing=closing)
        link = connection(wire)
        post(wire, link)
        assert answer(link) == 200 and body(link) == b"hello"
        assert wire.opened == 1
        wire.sent_end = 0
        link.post(0, 3, 1000)
        assert (wire.opened, wire.closed) == (2, 1)
        wire.closing = False
        wire.reply = -1
        assert link.poll(0) is None
        wire.reply = 1
        wire.piece = wire.at = 0
        assert answer(link) == 200 and body(link) == b"hello"


def test_http_bytes_after_the_reply_cost_the_connection():
    wire = Wire([[PLAIN + b"HTTP/1.1 200 OK\r\n"]])
    link = connection(wire, rx=1000)
    post(wire, link)
    assert answer(link) == 200 and body(link) == b"hello"
    assert wire.closed == 1


def test_http_a_connection_that_was_reset_while_idle_is_opened_anew():
    wire = Wire([[PLAIN], [PLAIN]])
    link = connection(wire)
    post(wire, link)
    assert answer(link) == 200 and body(link) == b"hello"

    def reset(buf, off, n):
        raise OSError(104)

    read = wire.readinto
    wire.readinto = reset
    link.post(0, 3, 1000)
    wire.readinto = read
    assert (wire.opened, wire.closed) == (2, 1)


def test_http_another_place_and_other_credentials():
    wire = Wire([[PLAIN], [PLAIN]])
    link = connection(wire, authorization="Basic eDp5")
    post(wire, link)
    assert answer(link) == 200 and body(link) == b"hello"
    wire.sent_end = 0
    link.aim("/other", "Bearer abc")
    assert wire.closed == 1
    wire.reply = -1
    post(wire, link)
    sent = bytes(wire.sent[: wire.sent_end])
    assert sent.startswith(b"POST /other HTTP/1.1\r\n") and b"Bearer abc" in sent and b"Basic" not in sent


def local_error(words, call, *args):
    try:
        call(*args)
    except HTTPLocalError as error:
        assert words in str(error), str(error)
        return
    raise AssertionError("accepted")


def test_http_calls_out_of_order_and_bad_arguments():
    wire = Wire([[PLAIN]])
    link = connection(wire)
    local_error("poll before post", link.poll, 0)
    local_error("does not fit tx", link.post, 0, 1025 - link.body, 1000)
    local_error("does not fit tx", link.post, 0, -1, 1000)
    post(wire, link)
    local_error("still unread", link.post, 0, 3, 1000)
    local_error("before the reply's head", link.fill, 0)
    assert answer(link) == 200
    local_error("still unread", link.post, 0, 3, 1000)
    link.close()
    assert wire.closed == 1
    local_error("poll before post", link.poll, 0)
    link.close()
    wire.reply = -1
    post(wire, link)
    assert answer(link) == 200 and wire.opened == 2
    tx = bytearray(400)
    rx = bytearray(64)
    for host in ("a b", "a\r\nX: y", "", "user@host", "h/x", "caf\xe9"):
        local_error("host", Connection, wire.open, host, 631, "/", tx, rx)
    for path in ("/a b", "/a\r\nX: y", "ipp", "", "/\xe9"):
        local_error("path", Connection, wire.open, "h", 631, path, tx, rx)
    for port in (0, -1, 65536):
        local_error("port", Connection, wire.open, "h", port, "/", tx, rx)
    local_error("authorization", Connection, wire.open, "h", 631, "/", tx, rx, "Basic x\r\nX: y")
    local_error("tx holds", Connection, wire.open, "h", 631, "/", bytearray(100), rx)
    local_error("rx is empty", Connection, wire.open, "h", 631, "/", tx, bytearray(0))
    link = Connection(wire.open, "::1", 80, "/", tx, rx)
    assert b"Host: [::1]\r\n" in bytes(tx)


def run_locked(wire, link, count):
    """``count`` exchanges; returns the body bytes seen. Nothing here may allocate."""
    seen = 0
    for _ in range(count):
        link.post(0, 100, 1000)
        link.poll(0)
        wire.next()
        while link.poll(0) is None:
            pass
        n = link.fill(0)
        while n != 0:
            if n:
                seen += n
                link.pos = link.end
            n = link.fill(0)
    return seen


def test_http_exchanges_allocate_nothing():
    chunked = CHUNKED + b"4;x=y\r\nabcd\r\n" * 50 + b"0\r\nA: b\r\n\r\n"
    error = b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 5\r\n\r\nsorry"
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    wire = Wire([[PLAIN], [PLAIN[:30], None, PLAIN[30:]], [chunked], [interim + PLAIN], [error], [PLAIN]])
    link = connection(wire)
    post(wire, link)  # connecting may allocate
    answer(link)
    body(link)
    seen = 0
    wire.sent_end = 0
    with locked():
        seen = run_locked(wire, link, 5)
    assert seen == 3 * 5 + 200, seen
    assert wire.opened == 1
