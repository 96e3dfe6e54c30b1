"""Deadlines and broken streams, each naming the phase of the exchange. Virtual clock."""

from http_stream import CHUNKED, PLAIN, Wire, body, connection, post

from fetchprint.http.client import Connection
from fetchprint.http.errors import HTTPPeerError
from fetchprint.http.limits import BODY_MS, CONNECT_MS, HEAD_MS, SEND_MS


def late(wire, link, steps, ms, words):
    """The error of polling ``steps`` times, ``ms`` apart."""
    now = 0
    try:
        for _ in range(steps):
            now += ms
            if link.poll(now) is not None:
                while link.fill(now) is not None:
                    link.pos = link.end
    except HTTPPeerError as error:
        assert words in error.reason, error.reason
        assert wire.closed == 1
        return now, error
    raise AssertionError("no deadline")


def test_http_deadlines_per_phase():
    wire = Wire([[]])
    wire.stuck = True
    link = connection(wire)
    link.post(0, 3, 1000)
    now, error = late(wire, link, 1000, 100, "no connection within")
    assert now == CONNECT_MS + 100 and not error.sent

    wire = Wire([[]], step=10)
    link = connection(wire)
    real = wire.write

    def slow(buf, off, n):
        wire.stuck = wire.sent_end >= 10
        return real(buf, off, n)

    wire.write = slow
    link.post(0, 3, 1000)
    now, error = late(wire, link, 1000, 100, "request made no progress")
    assert 0 <= now - SEND_MS <= 200 and error.sent

    wire = Wire([[]])
    link = connection(wire)
    link.post(0, 3, 60000)
    now, error = late(wire, link, 10000, 100, "no reply within 60000 ms")
    assert 60000 < now <= 60200 and error.sent

    drip = []
    for i in range(len(PLAIN)):
        drip += [PLAIN[i : i + 1], None]
    wire = Wire([drip])
    link = connection(wire)
    post(wire, link)
    now, error = late(wire, link, 1000, 500, "head not complete within")
    assert HEAD_MS <= now <= HEAD_MS + 2000

    wire = Wire([[PLAIN[:-2]]])
    link = connection(wire)
    post(wire, link)
    now, error = late(wire, link, 10000, 100, "body made no progress")
    assert BODY_MS <= now <= BODY_MS + 500
    assert error.offset == len(PLAIN) - 2

    # Chunk framing is no progress: here extensions drip without end.
    wire = Wire([[CHUNKED] + [b"1;", b"x", None] * 20])
    link = connection(wire)
    post(wire, link)
    late(wire, link, 1000, 2000, "body made no progress")

    wire = Wire([[b"HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nx"]])
    link = connection(wire)
    post(wire, link)
    now = 0
    while link.poll(now) is None:
        now += 100
    assert now <= 2100 and wire.closed == 1


def test_http_held_reply_outlasts_interim():
    wire = Wire([[b"HTTP/1.1 100 Continue\r\n\r\n"] + [None] * 50 + [PLAIN]])
    link = connection(wire)
    link.post(0, 3, 100000)
    now = 0
    wire.next()
    while link.poll(now) is None:
        now += 1500
    assert now > HEAD_MS
    assert body(link) == b"hello"


def test_http_broken_stream_names_the_phase():
    class Broken(Wire):
        def readinto(self, buf, off, n):
            raise OSError(104)

    wire = Broken([[]])
    link = connection(wire)
    link.post(0, 3, 1000)
    try:
        link.poll(0)
        raise AssertionError("accepted")
    except HTTPPeerError as error:
        assert "while reading the reply" in error.reason and error.sent and wire.closed == 1

    class Refusing(Wire):
        def write(self, buf, off, n):
            raise OSError(111)

    link = connection(Refusing([[]]))
    link.post(0, 3, 1000)
    try:
        link.poll(0)
        raise AssertionError("accepted")
    except HTTPPeerError as error:
        assert "while sending" in error.reason and not error.sent

    def unresolved(host, port):
        raise OSError("cannot resolve %s" % host)

    link = Connection(unresolved, "printers.example", 631, "/", bytearray(400), bytearray(64))
    try:
        link.post(0, 3, 1000)
        raise AssertionError("accepted")
    except HTTPPeerError as error:
        assert "cannot resolve printers.example" in error.reason and not error.sent


def test_http_a_head_that_drips_in_time_for_each_octet_is_too_slow_all_the_same():
    wire = Wire([[PLAIN[i : i + 1] for i in range(len(PLAIN))]])
    link = connection(wire)
    post(wire, link)
    _, error = late(wire, link, len(PLAIN), HEAD_MS // 10, "head not complete")
    assert error.sent
