"""Small parts of the proxy: time, backoff, configuration, what replies leave behind."""

import json
from os import remove

from fetchprint import config, ticks
from fetchprint.errors import LocalError
from fetchprint.http.errors import Abandoned
from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.proxy import watch
from fetchprint.proxy.backoff import Backoff
from fetchprint.proxy.renewal import Renewal
from fetchprint.service import infra_replies, replies


def refused(call, *args):
    try:
        call(*args)
    except config.ConfigError as error:
        return str(error)
    raise AssertionError("not refused: %r" % (args,))


def test_time_wraps_without_anybody_noticing():
    late = ticks.PERIOD - 5
    after = ticks.add(late, 12)
    assert after == 7 and ticks.diff(after, late) == 12 and ticks.diff(late, after) == -12
    assert ticks.past(after, late) == late and ticks.past(late, after) != after
    for hours in (0, 1, 74, 75, 140):
        now = ticks.add(ticks.add(after, hours * 1800000), hours * 1800000)
        assert ticks.diff(now, ticks.past(now, late)) == (600000 if hours else 12)
    assert ticks.add(after, -12) == late


def test_backoff_doubles_with_jitter_up_to_a_limit():
    for chance in (b"\x00\x00", b"\xff\xff"):
        backoff = Backoff(lambda n, chance=chance: chance)
        now = ticks.PERIOD - 100
        expected = 500
        for _ in range(12):
            ms = backoff.failed(now)
            assert expected // 2 <= ms <= expected, (ms, expected)
            assert not backoff.ready(ticks.add(now, ms - 1))
            assert backoff.ready(ticks.add(now, ms))
            expected = min(expected * 2, 120000)
        backoff.succeeded()
        assert backoff.failed(now) <= 500


def test_backoff_obeys_retry_after_but_not_for_ever():
    backoff = Backoff(lambda n: b"\x00\x00")
    assert backoff.failed(0, 30) == 30000
    assert backoff.failed(0, 1000000) == 3600000


def test_service_uris():
    uri = config.ServiceURI("ipp://print.example/ipp/print/infra")
    assert (uri.host, uri.port, uri.path) == ("print.example", 631, "/ipp/print/infra")
    assert uri.printer_uri() == b"ipp://print.example:631/ipp/print/infra"
    uri = config.ServiceURI("http://127.0.0.1:8000")
    assert (uri.host, uri.port, uri.path) == ("127.0.0.1", 8000, "/")
    for bad, why in (
        ("ftp://h/q", "scheme must be ipps, https, ipp or http"),
        ("ippss://h/q", "scheme must be"),
        ("/ipp/print", "scheme must be"),
        ("ipp:///ipp", "has no host"),
        ("ipp://h:0/q", "port must be 1 to 65535"),
        ("ipp://h:x/q", "port must be 1 to 65535"),
        ("ipp://h:/q", "port must be 1 to 65535"),
        ("ipp://me:secret@h/q", "credentials do not belong"),
        ("ipp://h/q r", "blank or control character"),
        ("ipp://h/q\r\nX: y", "blank or control character"),
    ):
        assert why in refused(config.ServiceURI, bad), bad


def test_a_configuration_is_checked_whole():
    text = '{"services": [{"uri": "ipp://h/q"}], "engine": {"driver": "escpos", "device": "/dev/x"}, '
    text += '"state": "s"}'
    config.check(json.loads(text))
    for change, why in (
        ('"state": "s", "colour": 1', "unknown key 'colour'"),
        ('"transport": "carrier pigeon"', "'state' is missing"),
        ('"state": "s", "transport": "carrier pigeon"', "expected one of native, adafruit"),
        ('"state": "s", "services": {}', "a list of services"),
        ('"state": "s", "services": []', "expected 1 to 4, found 0"),
        ('"state": "s", "services": [5]', "services[0]: expected an object"),
        ('"state": "s", "services": [{"uri": 5}]', "services[0].uri: a service URI is a text"),
        ('"state": "s", "services": [{"uri": "ipp://h/q", "printer-uri": "h"}]', "services[0].printer-uri: "),
        ('"state": "s", "services": [{"uri": "ipp://h/q", "authorization": "s3cret"}]', "expected Basic or"),
        ('"state": "s", "services": [{}]', "'uri' is missing"),
        ('"state": "s", "services": [{"uri": "ipp://h/q", "uuid": "5"}]', "expected urn:uuid:"),
        ('"state": "s", "services": [{"uri": "ipp://h/q", "profile": "fax"}]', "one of infra, mobile"),
        ('"state": "s", "engine": {"driver": "escpos", "device": "/dev/x", "width": -8}', "a number above 0"),
        ('"state": "s", "engine": []', "expected an object"),
    ):
        assert why in refused(config.check, json.loads(text.replace('"state": "s"', change))), change


def services(*entries):
    return {"services": list(entries), "engine": {"driver": "escpos", "device": "/dev/x"}, "state": "s"}


def test_several_services_at_once():
    a, b = {"uri": "ipp://h/q"}, {"uri": "ipp://h/r", "uuid": "urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"}
    config.check(services(a, b))
    for pair, why in (
        ((a, a), "services[1]: the same service as services[0]"),
        ((b, a, {"uri": "http://h:631/q"}), "services[2]: the same service as services[1]"),
        ((b, {"uri": "ipp://h/x", "uuid": b["uuid"]}), "services[1]: the same uuid as services[0]"),
        ([{"uri": "ipp://h/%d" % i} for i in range(5)], "expected 1 to 4, found 5"),
    ):
        assert why in refused(config.check, services(*pair)), why
    both = services(a, b)
    both["transport"] = "adafruit"
    assert "can serve only one" in refused(config.check, both)


def test_records_are_kept_by_what_the_service_is_and_not_by_its_place():
    key = config.service_key({"uri": "ipp://h/q"})
    assert key == "infra-292df96c", key
    assert key == config.service_key({"uri": "http://h:631/q"})
    assert key == config.service_key({"uri": "ipp://10.0.0.7/q", "printer-uri": "ipp://h/q", "uuid": "x"})
    assert key != config.service_key({"uri": "ipp://h/r"})


def test_credentials_are_not_shown():
    wrong = refused(config.check, services({"uri": "ipp://h/q", "authorization": "s3cret"}))
    assert "s3cret" not in wrong


def feed(sink, message):
    dec = d.Decoder()
    dec.feed(message, 0, len(message))
    while True:
        event = dec.next()
        sink.on_event(dec, event)
        if event == d.END:
            return sink


def jobs(*entries):
    enc = Encoder(bytearray(2000))
    enc.begin(0x0200, 0, 1)
    enc.group(t.OPERATION)
    enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
    for entry in entries:
        job_id, state = entry[:2]
        enc.group(t.JOB)
        enc.integer(b"job-id", t.INTEGER, job_id)
        if state is None:
            enc.out_of_band(b"job-state", t.UNKNOWN)
        else:
            enc.integer(b"job-state", t.ENUM, state)
        for reason in (b"job-fetchable",) + entry[2:]:
            enc.string(b"job-state-reasons", t.KEYWORD, reason)
    return bytes(enc.buf[: enc.end()])


def test_the_oldest_job_that_is_not_over_is_next():
    sink = infra_replies.FetchableJobs()
    assert feed(sink, jobs()).job_id == 0
    assert feed(sink, jobs((9, 6), (7, 6), (8, 6))).job_id == 7  # ippserver: newest first
    assert feed(sink, jobs((7, 7), (8, 6))).job_id == 8  # cancelled jobs stay listed there
    assert feed(sink, jobs((7, None), (8, 6))).job_id == 7
    assert feed(sink, jobs((7, 6, b"job-completed-successfully"), (8, 6))).job_id == 8  # and completed ones
    sink.after = 7
    assert feed(sink, jobs((9, 3), (7, 3), (3, 3))).job_id == 9
    assert feed(sink, jobs((7, 3), (3, 3))).job_id == 0


def test_a_cancel_shows_in_the_state_or_in_the_reasons():
    for state, reason, canceled, ended in (
        (5, b"job-printing", False, False),
        (7, b"none", True, False),
        (6, b"job-canceled-by-user", True, False),
        (5, b"processing-to-stop-point", True, False),
        (5, b"job-completed-successfully", False, True),
        (6, b"aborted-by-system", False, True),
        (9, b"none", False, True),
    ):
        enc = Encoder(bytearray(500))
        enc.begin(0x0200, 0, 1)
        enc.group(t.JOB)
        enc.integer(b"job-state", t.ENUM, state)
        enc.string(b"job-state-reasons", t.KEYWORD, b"job-fetchable")
        enc.string(None, t.KEYWORD, reason)
        info = feed(replies.JobInfo(), bytes(enc.buf[: enc.end()]))
        assert (info.found, info.canceled, info.ended) == (True, canceled, ended), reason


def test_replies_with_more_than_was_asked_for():
    enc = Encoder(bytearray(600))
    enc.begin(0x0200, 0, 1)
    enc.group(t.OPERATION)
    enc.integer(b"x", t.INTEGER, 1)
    enc.group(t.SUBSCRIPTION)
    enc.integer(b"notify-job-id", t.INTEGER, 8)
    enc.integer(b"notify-subscription-id", t.INTEGER, 7)
    enc.group(t.EVENT_NOTIFICATION)
    enc.integer(b"notify-job-id", t.INTEGER, 8)
    enc.string(b"printer-state-reasons", t.KEYWORD, b"none")
    enc.integer(b"notify-sequence-number", t.INTEGER, 5)
    enc.group(t.EVENT_NOTIFICATION)
    enc.integer(b"notify-sequence-number", t.INTEGER, 4)
    n = enc.end()
    subscription = infra_replies.Subscription()
    events = infra_replies.Notifications()
    dec = d.Decoder()
    dec.feed(enc.buf, 0, n)
    event = dec.next()
    while event != d.END:
        subscription.on_event(dec, event)
        events.on_event(dec, event)
        event = dec.next()
    assert (subscription.id, subscription.lease) == (7, 0)
    assert (events.lowest, events.last, events.identify) == (4, 5, False)


class Exchange:
    """Of a request that the transport gives up."""

    def __init__(self):
        self.abandoned = 0
        self.aimed = []

    def start(self, *arguments):
        pass

    def poll(self, now):
        raise Abandoned("abandoned", -1, True)

    def abandon(self):
        self.abandoned += 1

    def aim(self, path, value):
        self.aimed.append((path, value))


class Session:
    """Of a service whose requests are given up; both of its connections are ``documents``."""

    def __init__(self):
        self.work = 0
        self.identity = self.control = self.watch = self.log = self
        self.request_id = 1
        self.exchange = self.documents = Exchange()
        self.said = ""

    def event(self, kind, message):
        self.said = message


def test_a_request_that_is_given_up_for_another_is_no_failure():
    session = Session()
    asker = watch.Asker(session, session.exchange, None)
    asker.start(0, watch.JOB, 0, None)
    asker.poll(0)
    assert asker.doing == watch.NONE and session.exchange.abandoned == 1 and session.work == 1
    assert asker.backoff.ready(0)


def test_credentials_are_read_again_when_they_are_refused():
    path = "/tmp/fetchprint-test-renewal-%d" % id(Session)

    def kept(text):
        with open(path, "w") as file:
            file.write(text)

    session = Session()
    renewal = Renewal(path, "/ipp/print")
    try:
        renewal.read()
        raise AssertionError("read")
    except LocalError as error:
        assert "cannot be read" in str(error)
    kept("Bearer one\n")
    try:
        assert renewal.read() == "Bearer one"
        assert not renewal.renew(session) and not session.exchange.aimed
        kept("Basic two")
        assert renewal.renew(session) and renewal.used
        assert session.exchange.aimed == [("/ipp/print", "Basic two")] * 2
        kept("Basic three")
        assert not renewal.renew(session)  # they are used, after a pause
        assert len(session.exchange.aimed) == 4
        for text in ("secret", "Negotiate secret", "Basic " + "secret" * 400):
            kept(text)
            assert not renewal.renew(session)
            assert "expected Basic or Bearer" in session.said and "secret" not in session.said
    finally:
        remove(path)
