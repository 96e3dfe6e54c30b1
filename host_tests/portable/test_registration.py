"""The first step of a session: marks before requests, nothing repeated that must not be, what is kept."""

import json

from fetchprint.errors import LocalError
from fetchprint.http.errors import HTTPPeerError
from fetchprint.proxy.exchange import ServiceError
from fetchprint.proxy.registration import Records, Registration

UUID = b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"
SECRET = b"Bearer c2VjcmV0"


class Store:
    def __init__(self):
        self.records = {}

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.records[name] = bytes(data)

    def remove(self, name):
        self.records.pop(name, None)


class Log:
    def __init__(self):
        self.states = []
        self.text = ""

    def event(self, kind, **fields):
        self.states.append(fields.get("state", kind))
        self.text = fields["message"]


class Exchange:
    """Answers ``answer``: a status, an error to raise, or None for not yet."""

    encoder = None

    def __init__(self):
        self.answer = None
        self.sent = 0
        self.aimed = []
        self.store = None
        self.marked = []

    def aim(self, path, authorization):
        self.aimed.append((path, authorization))

    def start_long(self, now, who, put, sink):
        put(self.encoder)
        self.sent += 1
        self.marked.append("x-registering.json" in self.store.records)

    def poll(self, now):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def abandon(self):
        pass


class Reply:
    usable = True
    uuid = UUID
    uuid_length = 45
    certificate = b"PEM\n...."
    certificate_length = 4

    def credentials(self):
        return SECRET


class Session:
    def __init__(self, exchange):
        self.exchange = exchange
        self.documents = exchange
        self.log = Log()
        self.control = self.watch = self.identity = self
        self.device_uuid = b"urn:uuid:00000000-0000-4000-8000-000000000000"
        self.request_id = 1
        self.registered = False
        self.work = 0


def make(once, store=None):
    store = store or Store()
    exchange = Exchange()
    exchange.store = store
    session = Session(exchange)
    first = Registration(
        session,
        exchange,
        lambda n: b"\xff\xff",
        Records(store, "x"),
        "" if once else "CODE2345",
        lambda enc: 1,
        Reply(),
        ("/ipp/system", "/ipp/print"),
        once,
    )
    first.private = True
    return first, session, exchange, store


def turns(first, exchange, answer, now=0):
    exchange.answer = answer
    for _ in range(3):
        first.poll(now)
        if first.done:
            break


def test_what_comes_back_is_kept_and_used():
    for once in (True, False):
        first, session, exchange, store = make(once)
        turns(first, exchange, 0)
        assert first.done and session.registered and session.device_uuid == UUID
        assert exchange.sent == 1 and exchange.marked == [once]
        assert exchange.aimed[0] == ("/ipp/system", None)
        assert exchange.aimed[-1] == ("/ipp/print", SECRET.decode())
        kept = json.loads(store.records["x-identity.json"])
        code = "" if once else "CODE2345"
        assert kept == {"uuid": UUID.decode(), "authorization": SECRET.decode(), "code": code}
        assert store.records["x-certificate.pem"] == b"PEM\n"
        assert "x-registering.json" not in store.records
        assert SECRET.decode() not in session.log.text


def test_credentials_that_anybody_could_read_are_not_taken():
    first, session, exchange, store = make(False)
    first.private = False
    turns(first, exchange, 0)
    assert not first.done and "must only come over TLS" in session.log.text
    assert "x-identity.json" not in store.records


def test_a_certificate_that_cannot_be_shown_is_not_kept():
    shown = []

    def present(pem):
        shown.append(pem)
        if len(shown) == 1:
            raise LocalError("certificate: not for the key")

    first, session, exchange, store = make(False)
    first.present = present
    turns(first, exchange, 0)
    assert not first.done and not store.records and "tls.key" in session.log.text
    first, session, exchange, store = make(False)
    first.present = present
    turns(first, exchange, 0)
    assert first.done and shown == [b"PEM\n"] * 2 and store.records["x-certificate.pem"] == b"PEM\n"


class Cut(Exception):
    """The power is cut."""


class FailingStore(Store):
    """Loses power at the operation ``at``: before it, or just after."""

    def __init__(self, records, at, after):
        Store.__init__(self)
        self.records = dict(records)
        self.at = at
        self.after = after

    def _step(self, act, *arguments):
        self.at -= 1
        if self.at == 0 and not self.after:
            raise Cut()
        act(self, *arguments)
        if self.at == 0:
            raise Cut()

    def save(self, name, data):
        self._step(Store.save, name, data)

    def remove(self, name):
        self._step(Store.remove, name)


def test_rotation_survives_a_power_cut_at_any_moment():
    """The identity is what switches: it never names the new code beside an old certificate."""
    old = {
        "x-identity.json": b'{"uuid": "u", "authorization": "Bearer old", "code": "OLDOLD23"}',
        "x-certificate.pem": b"OLD\n",
    }
    cuts = 0
    for after in (False, True):
        at = 1
        while True:
            store = FailingStore(old, at, after)
            first, _, exchange, _ = make(False, store)
            try:
                turns(first, exchange, 0)
            except Cut:
                cuts += 1
            else:
                break
            at += 1
            identity = json.loads(store.records["x-identity.json"])
            if identity["code"] == "CODE2345":
                assert store.records["x-certificate.pem"] == b"PEM\n"
                assert identity["authorization"] == SECRET.decode()
            # Whatever was lost, the next start asks again and ends with both new.
            again, _, exchange, store = make(False, FailingStore(store.records, 0, False))
            turns(again, exchange, 0)
            assert again.done and json.loads(store.records["x-identity.json"])["code"] == "CODE2345"
            assert store.records["x-certificate.pem"] == b"PEM\n"
    assert cuts == 6, cuts


def test_without_an_identity_in_the_answer_the_own_one_stays():
    first, session, exchange, store = make(True)
    first._reply.uuid_length = 0
    own = session.device_uuid
    turns(first, exchange, 1)
    assert first.done and session.device_uuid == own
    assert json.loads(store.records["x-identity.json"])["uuid"] == own.decode()


def test_a_lost_answer_is_not_asked_for_again_where_that_would_kill():
    first, session, exchange, store = make(True)
    turns(first, exchange, HTTPPeerError("cut short", 5, True))
    assert first.done and exchange.sent == 1 and session.log.states == ["registering", "unanswered"]
    assert exchange.aimed[-1] == ("/ipp/print", None)
    # Nor after a restart, also when the power went before any answer.
    again, session, exchange, store = make(True, store)
    turns(again, exchange, 0)
    assert again.done and exchange.sent == 0 and session.log.states == ["unanswered"]


def test_a_lost_answer_is_asked_for_again_where_a_code_is():
    first, _session, exchange, _store = make(False)
    turns(first, exchange, HTTPPeerError("cut short", 5, True))
    assert not first.done and exchange.sent == 1
    turns(first, exchange, 0, 600)
    assert first.done and exchange.sent == 2


def test_what_never_left_may_be_sent_again():
    first, _session, exchange, store = make(True)
    turns(first, exchange, HTTPPeerError("no connection", -1, False))
    assert not first.done and "x-registering.json" not in store.records
    turns(first, exchange, 0, 600)
    assert first.done and exchange.sent == 2


def test_who_is_refused_hears_what_to_do_and_waits_a_minute():
    for answer, hint in (
        (0x0403, "new one-time code"),
        (0x0402, "new one-time code"),
        (0x0501, "what the service says"),
        (ServiceError(401, 0), "new one-time code"),
        (ServiceError(503, 90), "HTTP status 503"),
    ):
        first, session, exchange, _store = make(False)
        turns(first, exchange, answer)
        assert not first.done and session.log.states[-1] == "refused", answer
        assert hint in session.log.text and "next attempt in" in session.log.text, session.log.text
        assert "CODE2345" not in session.log.text
        turns(first, exchange, 0, 59000)
        assert exchange.sent == 1
        turns(first, exchange, 0, 90000)
        assert first.done and exchange.sent == 2


def test_an_answer_that_cannot_be_believed_changes_nothing():
    first, session, exchange, store = make(False)
    first._reply.usable = False
    turns(first, exchange, 0)
    assert not first.done and not store.records and not session.registered
