"""Registration: what a session does first where the configuration asks for it and no identity is kept.

Register-Printer of the 2010 profile is sent again until it is answered (docs/mobile-operations.md 8.1).
Register-Output-Device of INFRA is not: ippserver dies when it comes again for a device that it
knows. So a mark is kept before it leaves, and when its answer is lost it counts as registered; with a
one-time code it may be repeated, as only a service that answers it again understands one.
"""

import json

from fetchprint.errors import LocalError
from fetchprint.port.native import micropython
from fetchprint.proxy.exchange import ServiceError
from fetchprint.proxy.watch import Asker
from fetchprint.service.status import NOT_AUTHENTICATED, NOT_AUTHORIZED, SUCCESS_END

const = micropython.const

_REGISTER = const(1)
_REFUSED_S = const(60)  # services count wrong codes; a person has to do something anyway
_ENTER_S = const(30)  # while a person has not entered the code of this device
_GIVEN_UP_S = const(3600)

_NEW_CODE = "put a new one-time code into the configuration"


class Registration(Asker):
    """In place of the session's Control until ``done``. What it learns is durable before it is used."""

    def __init__(self, session, exchange, random, records, code, put, reply, paths, once):
        """``records``: of this service. ``code``: the one-time code, or an empty text.
        ``put(encoder)`` encodes the request; ``reply``: its sink (``service.registration.Registration``);
        ``paths``: where it is sent, and where all else is; ``once``: it must not come twice."""
        Asker.__init__(self, session, exchange, random)
        self.done = False
        self.private = False  # nobody else can read what is received
        self.present = None  # called with the certificate in PEM, to be shown from then on
        self.own = None  # an OwnCode, in place of a code from the configuration
        self._records = records
        self._code = code
        self._put = put
        self._reply = reply
        self._once = once
        self._paths = paths

    def choose(self, now):
        own = self.own
        if own is not None:
            if not own.shown(now):
                return
            if own.over(now):
                self._say(
                    "given-up", "nobody has entered the code: switch the printer off and on for a new one"
                )
                self.backoff.failed(now, _GIVEN_UP_S)
                return
        if self._once:
            if self._records.kept("registering"):
                self._say("unanswered", "an earlier request was not answered and is not repeated")
                self._finish(None)
                return
            self._records.save("registering", True)
        self._say("registering", "")
        self.exchange.aim(self._paths[0], None)
        self.start_long(now, _REGISTER, self._put, self._reply)

    def take(self, now, doing, status):
        reply = self._reply
        if status == NOT_AUTHORIZED and self.own is not None:
            self.backoff.succeeded()  # it is the same for an hour
            self._later(now, "the code has not been entered at the service", _ENTER_S)
        elif status >= SUCCESS_END:
            hint = _NEW_CODE if status in (NOT_AUTHENTICATED, NOT_AUTHORIZED) else "see what the service says"
            self._refused(now, "status 0x%04x: %s" % (status, hint), 0)
        elif not reply.usable:
            self._refused(now, "its answer lacks an identity or has a value that may not be", 0)
        elif not self.private and reply.credentials():
            self._refused(now, "its answer has credentials, which must only come over TLS: use ipps", 0)
        elif not self._certified():
            self._refused(now, "its certificate cannot be used: it is not for the key in tls.key", 0)
        else:
            identity = {
                "uuid": bytes(reply.uuid[: reply.uuid_length] or self.session.identity.device_uuid).decode(),
                "authorization": reply.credentials().decode(),
                "code": self._code,
            }
            if reply.certificate_length:
                self._records.keep_pem("certificate", self._text())
            self._records.save("identity", identity)
            self._records.remove("registering")
            self._say("done", "")
            self.session.identity.device_uuid = identity["uuid"].encode()
            self._finish(identity["authorization"])

    def _certified(self):
        """Show the certificate that came, if one did, from now on; False when it is none."""
        if self.present is not None and self._reply.certificate_length:
            try:
                self.present(self._text())
            except LocalError as error:
                self.session.log.event("error", message=str(error))
                return False
        return True

    def _text(self):
        return bytes(self._reply.certificate[: self._reply.certificate_length])

    def failed(self, now, error):
        if isinstance(error, ServiceError):
            hint = _NEW_CODE if error.status == 401 else ""
            self._refused(now, "%s %s" % (error, hint), error.retry_after)
            return
        if self._once and getattr(error, "sent", True):
            self._say("unanswered", "%s; it is not repeated" % error)
            self._finish(None)
            return
        self._later(now, str(error), 0)

    def _finish(self, authorization):
        """On to the queue itself, on new connections."""
        session = self.session
        session.registered = True
        for exchange in (session.control.documents, session.watch.exchange):
            exchange.aim(self._paths[1], authorization or None)
        self.done = True

    def _refused(self, now, why, retry_after):
        self._later(now, why, max(retry_after, _REFUSED_S))

    def _later(self, now, why, seconds):
        if self._once:
            self._records.remove("registering")  # it did not come, or was answered
        ms = self.backoff.failed(now, seconds)
        self._say("refused" if seconds else "lost", "%s; next attempt in %.1f s" % (why.rstrip(), ms / 1000))

    def _say(self, state, message):
        self.session.log.event("registration", state=state, message=message)


class Records:
    """What is kept of one service besides its jobs: ``NAME-identity.json`` and the like."""

    def __init__(self, store, service: str):
        """``store``: the port's; ``service`` tells apart the records of several services."""
        self._store = store
        self._name = service + "-"

    def kept(self, name: str) -> bool:
        """Whether there is such a record."""
        return self._store.load(self._name + name + ".json") is not None

    def save(self, name: str, record) -> None:
        """Keep ``record``, which JSON can hold."""
        self._store.save(self._name + name + ".json", json.dumps(record).encode())

    def keep_pem(self, name: str, text) -> None:
        """Keep a text in PEM (bytes or a memoryview)."""
        self._store.save(self._name + name + ".pem", text)

    def remove(self, name: str) -> None:
        """Forget a record of JSON."""
        self._store.remove(self._name + name + ".json")
