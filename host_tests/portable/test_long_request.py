"""A request longer than the buffer it leaves from: encoded in pieces, each when the one before has left."""

from http_stream import OK, Wire, answer, body, connection

from fetchprint.http.errors import HTTPLocalError
from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import Decoder
from fetchprint.ipp.encoder import Encoder
from fetchprint.proxy.exchange import Exchange
from fetchprint.service.replies import Reply
from fetchprint.service.request import Identity, begin

REPLY = OK + b"Content-Length: 9\r\n\r\n"


def reply_to(request_id):
    enc = Encoder(bytearray(50))
    enc.begin(0x0200, 0, request_id)
    return bytes(enc.buf[: enc.end()])


def put_with(who):
    def put(enc):
        begin(enc, who, 0x0049)
        for i in range(30):
            enc.string(b"attribute-%d" % i, t.KEYWORD, b"value-%d" % i * 3)
        return enc.end()

    return put


def identity():
    return Identity(b"ipp://127.0.0.1/ipp/print", b"urn:uuid:00000000-0000-0000-0000-000000000000")


def test_it_leaves_whole_whatever_the_wire_takes_at_once():
    who = identity()
    put = put_with(who)
    whole = Encoder(bytearray(3000))
    length = put(whole)
    who.request_id -= 1
    for step in (1, 100, 4096):
        for room in (400, 500, 900, length + 300):
            wire = Wire([[REPLY + reply_to(1)], [REPLY + reply_to(2)]], step=step)
            link = connection(wire, tx=room)
            exchange = Exchange(link, link.tx, Decoder(64))
            who.request_id = 0
            exchange.start_long(0, who, put, Reply())
            while link.refill is not None:
                assert exchange.poll(0) is None
                who.request_id = 7  # the other connection goes on meanwhile
            wire.next()
            sent = bytes(wire.sent[: wire.sent_end])
            head, _, rest = sent.partition(b"\r\n\r\n")
            assert b"Content-Length: %7d" % length in head
            assert rest == bytes(whole.buf[:length]), (step, room)
            assert who.request_id == 7
            # The next one is short again, and may not be longer than the buffer.
            while exchange.poll(0) is None:
                pass
            wire.sent_end = 0
            who.request_id = 1
            begin(exchange.encoder, who, 0x0009)
            exchange.start(0, exchange.encoder.end(), 2, Reply())
            assert exchange.poll(0) is None
            wire.next()
            while exchange.poll(0) is None:
                pass


def test_only_who_can_give_the_rest_may_ask_for_it():
    wire = Wire([[OK + b"Content-Length: 2\r\n\r\nhi"]])
    link = connection(wire, tx=300)
    try:
        link.post(0, 300, 1000)
        raise AssertionError("sent")
    except HTTPLocalError as error:
        assert "does not fit" in str(error)
    asked = []
    link.refill = asked.append
    link.post(0, 400, 1000)
    link.poll(0)
    wire.next()
    assert answer(link) == 200 and body(link) == b"hi"
    assert asked and asked[0] == 300 - link.body
    assert wire.sent_end == link.body + 400
