"""Attacks by the service that a new device registers with: whatever it answers, the device believes nothing
that it could not use, keeps nothing of it, and asks again a minute later."""

from hostile_mobile_service import REGISTER, SECRET, URI, Service
from hostile_service import begin, finish
from hostile_wire import cut, for_ever, whole

from fetchprint.ipp import tags as t

CONFIG = {"services": [{"uri": URI, "profile": "mobile", "code": "CODE2345"}]}

UUID = b"urn:uuid:9c1c6d3e-52b0-4e5b-8d5c-6f0d6f0c1a11"
GOOD = ((b"printer-uuid", t.URI, UUID), (b"http-credentials", t.TEXT, b"Basic " + SECRET))


def answer(values, code=0):
    """Register-Printer's answer with these attributes."""

    def made(service, request, wire):
        enc = begin(code, request, 3000)
        for name, tag, value in values:
            enc.string(name, tag, value)
        return whole(finish(enc))

    return made


def credentials(value, tag=t.TEXT):
    return answer((GOOD[0], (b"http-credentials", tag, value)))


def called(uuid, tag=t.URI):
    return answer(((b"printer-uuid", tag, uuid), GOOD[1]))


def without_end(service, request, wire):
    enc = begin(0, request)
    head = bytes(enc.buf[: enc.pos])
    return for_ever(b"\x41\0\0\0\1x" * 100, b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
                    b"Content-Length: 99999999\r\n\r\n" + head)  # fmt: skip


_MAY_NOT = "a value that may not be"

# (name, answer, what the log says)
ATTACKS = (
    ("credentials with another header line", credentials(b"Basic abc\r\nX-Evil: 1"), _MAY_NOT),
    ("credentials with a line feed", credentials(b"Bearer abc\nHost: evil"), _MAY_NOT),
    ("credentials with a NUL", credentials(b"Bearer abc\0"), _MAY_NOT),
    ("credentials with escapes of a terminal", credentials(b"Bearer \x1b[2J"), _MAY_NOT),
    ("credentials that are not US-ASCII", credentials(b"Bearer \xc3\xa9"), _MAY_NOT),
    ("credentials of 256 octets", credentials(b"Bearer " + b"x" * 249), _MAY_NOT),
    ("credentials of 900 octets", credentials(b"Bearer " + b"x" * 893), _MAY_NOT),
    ("credentials of another scheme", credentials(b"Negotiate abc"), _MAY_NOT),
    ("credentials of no scheme", credentials(b"Basic"), _MAY_NOT),
    ("credentials of no octets", credentials(b""), _MAY_NOT),
    ("two credentials, the second with a line feed", answer(GOOD + ((b"http-credentials", t.TEXT, b"a\nb"),)), _MAY_NOT),
    ("an identity that is a path", called(b"urn:uuid:../../../../../../../../etc/passwd-x"), _MAY_NOT),
    ("an identity of another kind", called(b"http://evil.example/aaaaaaaaaaaaaaaaaaaaaaaaa"), _MAY_NOT),
    ("an identity with a line end", called(b"urn:uuid:9c1c6d3e-52b0-4e5b-8d5c-6f0d6f0c1\r\n1"), _MAY_NOT),
    ("an identity that is too long", called(UUID + b"0"), _MAY_NOT),
    ("an identity that is too short", called(UUID[:-1]), _MAY_NOT),
    ("no identity", answer((GOOD[1],)), "lacks an identity"),
    ("an identity and nothing to prove it by", answer((GOOD[0],)), "lacks an identity"),
    ("nothing", answer(()), "lacks an identity"),
    ("a refusal with credentials", answer(GOOD, 0x0401), "status 0x0401"),
    ("an answer without end", without_end, "registration"),
    ("an answer that breaks off behind the credentials", lambda s, r, w: cut(answer(GOOD)(s, r, w)[:-1]), "cut short"),
)  # fmt: skip


class Office(Service):
    """Registers devices, and serves only those that show what they were given."""

    def __init__(self):
        Service.__init__(self)
        self.seen = set()

    def answer(self, head, request, wire):
        at = head.find(b"Authorization:")
        value = head[at + 15 :].split(b"\r\n")[0] if at >= 0 else b""
        self.seen.add(value)
        return Service.answer(self, head, request, wire)

    def reply(self, operation, names, request):
        if operation == REGISTER:
            assert names[b"registration-code"] == [b"CODE2345"]
            return answer(GOOD)(self, request, None).split(b"\r\n\r\n", 1)[1]
        return Service.reply(self, operation, names, request)
