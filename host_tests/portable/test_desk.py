"""The large buffer that several services share: one request at a time, and heads that stay whole."""

from http_stream import OK, Wire, answer, body, connection

from fetchprint.ipp.decoder import Decoder
from fetchprint.proxy.desk import Desk
from fetchprint.proxy.exchange import Exchange

REPLY = OK + b"Content-Length: 2\r\n\r\nhi"


def make(name):
    wire = Wire([[REPLY]] * 3)
    link = connection(wire, tx=400, authorization="Basic " + name)
    return wire, link, Exchange(link, link.tx, Decoder(64))


def test_the_long_request_leaves_from_the_desk_and_the_next_from_the_own_buffer():
    wire, link, exchange = make("QQ==")
    own = link.tx
    large = bytearray(2000)
    desk = Desk(large)
    assert desk.lend(exchange)
    assert link.tx is large and exchange.encoder.buf is large
    start = link.body
    large[start : start + 1200] = b"L" * 1200
    wire.stuck = True
    link.post(0, 1200, 1000)
    assert link.poll(0) is None
    desk.settle(exchange)
    assert link.tx is large  # nothing has left yet
    wire.stuck = False
    wire.step = 700
    assert link.poll(1) is None
    desk.settle(exchange)
    assert link.tx is own and exchange.encoder.buf is own
    sent = bytes(wire.sent[: wire.sent_end])
    assert sent.endswith(b"L" * 1200) and b"Authorization: Basic QQ==\r\n" in sent
    assert b"Content-Length:    1200\r\n" in sent, sent[:300]
    wire.next()
    assert answer(link) == 200 and body(link) == b"hi"
    wire.sent_end = 0
    own[start : start + 2] = b"ok"
    link.post(2, 2, 1000)
    assert link.poll(2) is None
    assert bytes(wire.sent[: wire.sent_end]) == bytes(own[: start + 2])


def test_one_at_a_time_and_nobody_keeps_it():
    wire, link, exchange = make("QQ==")
    _other_wire, other_link, other = make("Qg==")
    desk = Desk(bytearray(2000))
    assert desk.lend(exchange) and desk.lend(exchange)
    assert not desk.lend(other)
    desk.settle(other)  # has nothing to give back
    assert not desk.lend(other)
    wire.stuck = True
    link.post(0, 5, 1000)
    link.poll(0)
    desk.settle(exchange)
    assert not desk.lend(other)
    link.close()  # no connection within its time
    desk.settle(exchange)
    assert desk.lend(other)
    assert b"Qg==" in bytes(other_link.tx[: other_link.body]) and b"QQ==" in bytes(link.tx[: link.body])
