"""Registration by a code of the device: shown, asked with until it is entered, given up in the end."""

import json

from mobile_device import Paper, Printer, assert_printed
from mobile_samples import DEVICE, ESCPOS, begin, finish, outer, print_job
from mobile_service import Service

from fetchprint.engine.base import MEDIA_EMPTY, EngineError
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.proxy.own_code import OwnCode
from fetchprint.proxy.registration import Records, Registration
from fetchprint.service import registration

REGISTER = 0x6F06
UNKNOWN = outer(b"", 0x0403, b"")
SECRET = b"Bearer c2VjcmV0"


class Slips(Paper):
    """Takes text as its own language."""

    formats = (ESCPOS, b"text/plain")


class Broken(Slips):
    def write(self, buf, off, n):
        raise EngineError("the wire is gone")


def registered():
    enc = Encoder(bytearray(300))
    begin(enc, 0, 5)
    enc.string(b"printer-uuid", t.URI, DEVICE)
    enc.string(b"http-credentials", t.TEXT, SECRET)
    return finish(enc)


def new_printer(service, paper):
    """A printer that is to register before anything else."""
    printer = Printer(service, paper=paper)
    session = printer.session
    own = OwnCode(session, lambda n: bytes(range(224, 224 + n)))
    exchange = session.watch.exchange

    def put(enc):
        return registration.register_printer(
            enc, session.identity, printer.engine, b"till", own.code.encode(), b""
        )

    records = Records(printer.store, "x")
    reply = registration.Registration()
    first = Registration(
        session, exchange, lambda n: b"\xff\xff", records, "", put, reply, ("/q", "/q"), False
    )
    first.private = True
    first.own = own
    session.registration = first
    service.scripted[REGISTER] = [UNKNOWN] * 1000
    return printer, own


def asked(service):
    """The codes that the service was asked with."""
    return [request[1][b"registration-code"] for request in service.all(REGISTER)]


def said(printer, state):
    return [
        fields for kind, fields in printer.log.events if kind == "registration" and fields["state"] == state
    ]


def test_it_is_shown_and_asked_with_until_it_is_entered():
    service = Service()
    printer, own = new_printer(service, Slips())
    assert own.code == "ABCDEFGHIJ"
    printer.until(lambda: asked(service))
    slip = bytes(printer.engine.out).decode()
    assert "ABCDE FGHIJ" in slip and printer.session.uri in slip
    assert [fields["code"] for fields in said(printer, "code")] == ["ABCDEFGHIJ"]
    assert printer.device.owner is None and not printer.session.job.on_engine
    printer.run(6010)  # a minute
    assert asked(service) == [[b"ABCDEFGHIJ"]] * 3 and printer.engine.jobs == 1
    service.scripted[REGISTER] = [registered()]
    printer.engine.out = bytearray()
    printer.engine.jobs = 0
    service.offer, service.job = print_job(), 3
    printer.until(lambda: printer.ended(), 6000)
    assert_printed(printer, service)
    assert service.aimed == ("/q", SECRET.decode())
    # At the next start nothing tells it from a registration without a code.
    assert json.loads(printer.store.records["x-identity.json"])["code"] == ""


def test_it_waits_for_paper_and_for_who_prints():
    service = Service()
    printer, own = new_printer(service, Slips())
    printer.engine.reasons = MEDIA_EMPTY
    printer.run(200)
    assert said(printer, "code") and not printer.engine.out and not asked(service)
    printer.engine.reasons = 0
    other = Printer(Service()).session
    other.job.on_engine = True
    printer.device.owner = other
    printer.run(200)
    assert not printer.engine.out and not asked(service)
    printer.device.owner = None
    printer.until(lambda: asked(service))
    assert own.code[:5].encode() in bytes(printer.engine.out)


def test_where_no_text_is_printed_it_is_only_logged():
    service = Service()
    printer, own = new_printer(service, Paper())
    printer.until(lambda: asked(service))
    assert not printer.engine.jobs and said(printer, "code")[0]["code"] == own.code


def test_it_is_given_up_after_an_hour():
    service = Service()
    printer, _own = new_printer(service, Paper())
    for _ in range(2 * 130):
        printer.run(2)
        printer.now += 15000
    sent = len(asked(service))
    assert 100 < sent <= 121 and said(printer, "given-up")
    for _ in range(100):
        printer.run(3)
        printer.now += 100000
    assert len(asked(service)) == sent and len(said(printer, "given-up")) <= 4


def test_an_engine_that_fails_over_it_holds_nothing_up():
    service = Service()
    printer, _own = new_printer(service, Broken())
    printer.until(lambda: asked(service))
    assert printer.device.owner is None and not printer.engine.in_job
    assert [
        f["message"] for kind, f in printer.log.events if kind == "error" and "not printed" in f["message"]
    ]


def test_a_stop_in_the_middle_of_the_slip():
    service = Service()
    printer, _own = new_printer(service, Slips())
    printer.engine.waits = True
    printer.run(20)
    assert printer.session.job.on_engine
    printer.session.stop()
    printer.run(20)
    assert not printer.session.stopped
    printer.engine.waits = False
    printer.until(lambda: printer.session.stopped)
    assert printer.device.owner is None
