"""Attacks by a service of the 2010 profile: messages in messages, offers out of their order, and documents
that are somewhere else (SSRF)."""

from hostile_mobile_service import ACCEPT, ADDRESSES, FETCH, REPORT_JOB, REPORT_PRINTER, SECRET
from hostile_service import CANCELED, status
from hostile_table import ABORTED, HALF, PRINTED, UNASKED, Attack, raw
from hostile_table import CANCELED as GONE
from hostile_wire import chunked, cut, dripping, for_ever, silence, whole
from mobile_samples import embedded, outer

from fetchprint.ipp import tags as t

INSIDE = "messages in messages"
TEXT = "hostile text"
ORDER = "offers out of their order"
LOST_ANSWER = "lost answer after a committed operation"
HOSTS = "documents that are somewhere else"
PAGES = "hosts that attack"

_OCTETS = b"\x02\0\0\2\0\0\0\7\1"  # an embedded Print-Job Request as far as its first group
_TYPE = b"Content-Type: image/pwg-raster\r\n"


def offers(says, name, threat=INSIDE, end=ABORTED, change=(), template=(), behind=b"", **told):
    """An offer of which something is wrong."""

    def answer(service, request, wire):
        job = service.jobs[-1]
        return whole(service.offer(request, job, change, template, **told) + (behind or job.data))

    return Attack(name, threat, FETCH, answer, says, end)


def inside(says, name, octets, end=ABORTED):
    """These octets where the embedded request is expected."""

    def answer(service, request, wire):
        job = service.jobs[-1]
        job.fetches += 1
        message = outer(b"print-job-request", uuid=job.uuid)
        return whole(message[:4] + request[4:8] + message[8:] + octets)

    return Attack(name, INSIDE, FETCH, answer, says, end)


def reported(name, at, says, end, times=1, code=0, **change):
    """The job is not as it was, in the answer to ``at``."""

    def answer(service, request, wire):
        job = service.jobs[-1]
        if change.get("state", 0) >= CANCELED:
            job.state = CANCELED
        return whole(service.report(request, job, code, **change))

    return Attack(name, ORDER, at, answer, says, end, times)


def refused(name, at, code, says, end, times=1):
    def answer(service, request, wire):
        if end != PRINTED:
            service.jobs[-1].state = CANCELED
        return whole(status(code, request))

    return Attack(name, ORDER, at, answer, says, end, times)


def lost(name, at, end=PRINTED, times=1):
    return Attack(name, LOST_ANSWER, at, lambda s, r, w: None, "closed without a reply", end, times)


def another(service, request, wire):
    """The offer of another job, when this one is asked for again."""
    job = service.jobs[-1]
    return whole(service.offer(request, job, uuid=job.uuid[:-1] + b"x") + job.data)


def nothing(service, request, wire):
    return whole(service.report(request, service.jobs[-1], 0))


def larger_than_the_reply(service, request, wire):
    """The Print-Job Request goes on behind the end of the reply."""
    job = service.jobs[-1]
    body = service.offer(request, job)
    return whole(body[:-60])


def document_in_a_small_reply(service, request, wire):
    """The reply announces less than the document is, and the rest comes as if it were the next reply."""
    job = service.jobs[-1]
    body = service.offer(request, job)
    return whole(body + job.data[:900]) + job.data[900:]


def breaks_off(service, request, wire):
    job = service.jobs[-1]
    return cut(whole(service.offer(request, job) + job.data)[:-700])


def at(uri, setup=None):
    def refer(service, job):
        job.uri = uri
        if setup:
            setup(service)

    return refer


def elsewhere(says, name, uri, end=UNASKED):
    """A document-uri that nobody is to be asked for."""
    return Attack(name, HOSTS, FETCH, None, says, end, 0, None, None, at(uri))


_LONGEST = b"http://files.example/" + b"x" * 1002


def too_long(service, request, wire):
    """One octet more than a uri may have."""
    return whole(
        service.offer(request, service.jobs[-1]).replace(b"\x03\xff" + _LONGEST, b"\x04\0" + _LONGEST + b"x")
    )


def page(says, name, answer, end=ABORTED):
    """The host that is allowed answers so."""

    def setup(service):
        service.page = answer

    return Attack(name, PAGES, FETCH, None, says, end, 0, None, None, at(b"http://files.example/a", setup))


def sent_to(code, place):
    return raw(b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (code, place))


_HEAD = b"HTTP/1.1 200 OK\r\n" + _TYPE
_DEEP = b"\x34\0\5media\0\0" + b"\x4a\0\0\0\1x\x34\0\0\0\0" * 7

MESSAGES = (
    offers("not what embedded-message says", "Print-URI where Print-Job is announced", operation=3,
           change=((b"document-uri", t.URI, b"http://files.example/a"),)),
    offers("neither Print-Job nor Print-URI", "Get-Jobs inside", operation=0x000A),
    offers("neither Print-Job nor Print-URI", "Fetch-Print-Job inside", operation=0x6F01),
    offers("neither Print-Job nor Print-URI", "operation 0 inside", operation=0, charset=b""),
    inside("unknown version", "IPP version 9.9 inside", b"\x09\x09" + embedded()[2:]),
    inside("malformed", "an embedded request of no octets", b""),
    inside("malformed", "an embedded request of seven octets", b"\x02\0\0\2\0\0\0"),
    inside("malformed", "an embedded value longer than the message", _OCTETS + b"\x47\0\1x\x7f\xff" + b"x" * 40),
    inside("malformed", "an embedded value length with its sign bit", _OCTETS + b"\x47\0\1x\xff\xff" + b"x" * 40),
    inside("malformed", "an embedded name of 32,768 octets", _OCTETS + b"\x47\x80\0" + b"x" * 40),
    inside("malformed", "an embedded integer of three octets", _OCTETS + b"\x21\0\6job-id\0\3\0\0\1\3"),
    inside("malformed", "embedded collections seven deep", _OCTETS + _DEEP),
    inside("malformed", "an embedded member without a value", _OCTETS + b"\x34\0\1x\0\0\x4a\0\0\0\1y\x37\0\0\0\0\3"),
    inside("malformed", "an end of attributes in the middle of a collection", _OCTETS + b"\x34\0\1x\0\0\3"),
    inside("malformed", "an embedded request without end", _OCTETS + b"\x44\0\1x\0\1y" * 20000),
    inside("malformed", "an embedded request of nothing but groups", _OCTETS + b"\2\1" * 20000),
    Attack("a message in a message in a message", INSIDE, FETCH,
           lambda s, r, w: whole(s.offer(r, s.jobs[-1]) + s.offer(r, s.jobs[-1])), "", HALF),
    Attack("an embedded request larger than the reply", INSIDE, FETCH, larger_than_the_reply, "malformed", ABORTED),
    Attack("a document larger than the reply", INSIDE, FETCH, document_in_a_small_reply, "the document ends in the header",
           ABORTED),
    offers("an offer without a job-uuid", "an offer without a job-uuid", end=PRINTED, uuid=b""),
    offers("not that of the offer", "another job-uuid inside than outside",
           change=((b"job-uuid", t.URI, b"urn:uuid:11111111-0000-4000-8000-000000000001"),)),
    offers("not that of the offer", "no job-uuid inside", change=((b"job-uuid", 0, b""),)),
    offers("not that of the offer", "a job-uuid that is a number", change=((b"job-uuid", t.INTEGER, 9),)),
    offers("has no job-id", "no job-id", change=((b"job-id", 0, 0),)),
    offers("has no job-id", "a job-id below 0", change=((b"job-id", t.INTEGER, -5),)),
    offers("has no job-id", "a job-id that is text", change=((b"job-id", t.NAME, b"../../etc"),)),
    offers("has no document-format", "no document-format", change=((b"document-format", 0, b""),)),
    offers("not in utf-8", "UTF-16", charset=b"utf-16"),
    offers("compressed in a way", "deflate", change=((b"compression", t.KEYWORD, b"deflate"),)),
    offers("compressed in a way", "a compression that does not exist",
           change=((b"compression", t.KEYWORD, b"\x1b[2J"),)),
    offers("does not take documents of that format", "a program", change=((b"document-format", t.MIME_MEDIA_TYPE,
           b"application/x-elf"),)),
    offers("does not take documents of that format", "a format with escapes of a terminal", TEXT,
           change=((b"document-format", t.MIME_MEDIA_TYPE, b"text/\x1b[31mplain"),)),
    offers("does not take documents of that format", "a format of 255 octets", TEXT,
           change=((b"document-format", t.MIME_MEDIA_TYPE, b"a/" + b"x" * 253),)),
    offers("not supported", "an attribute of 200 octets that is to be obeyed", TEXT,
           change=((b"ipp-attribute-fidelity", t.BOOLEAN, True),), template=((b"\x1b" * 200, t.KEYWORD, b"x"),)),
    offers("not supported", "1,000,000 copies that are to be obeyed",
           change=((b"ipp-attribute-fidelity", t.BOOLEAN, True),), template=((b"copies", t.INTEGER, 1000000),)),
    offers("job-end", "1,000,000 copies", end=PRINTED, template=((b"copies", t.INTEGER, 1000000),)),
    offers("job-end", "a user's name with escapes of a terminal", TEXT, PRINTED,
           change=((b"requesting-user-name", t.NAME, b"\x1b]0;x\x07\r\n{"),)),
    reported("another device's job in the way", FETCH, "no record of the job", ABORTED, code=0x0404, state=5),
    reported("a job in the way whose uuid is a path", FETCH, "", PRINTED, code=0x0404, state=5,
             uuid=b"../../../../../../../../../../../etc/passwd-x"),
    reported("a job in the way whose uuid is text to a terminal", FETCH, "character", PRINTED, code=0x0404, state=5,
             uuid=b"urn:uuid:\x1b[2J0000-0000-4000-8000-000000000001"),
    refused("an unknown printer, whatever is asked", FETCH, 0x0404, "did not make this device known", PRINTED, 4),
    refused("an offer that is forbidden", FETCH, 0x0403, "status 0x0403", PRINTED, 3),
    refused("Accept for a job that is not known", ACCEPT, 0x0406, "status 0x0406", GONE),
    refused("Accept for a job that another printer has", ACCEPT, 0x0404, "status 0x0404", GONE),
    refused("Accept is forbidden", ACCEPT, 0x0403, "Accept-Print-Job: status 0x0403", PRINTED),
    reported("cancelled as it is accepted", ACCEPT, "", GONE, state=7),
    reported("about to be cancelled as it is accepted", ACCEPT, "canceled", GONE, reason=b"processing-to-stop-point"),
    reported("completed as it is accepted", ACCEPT, "", GONE, state=9),
    Attack("HTML instead of the acceptance", ORDER, ACCEPT, raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
           b"Content-Length: 6\r\n\r\n<html>"), "not IPP", PRINTED),
    refused("a report about a job that is not known", REPORT_JOB, 0x0406, "", PRINTED, 0),
    reported("a report that another job is cancelled", REPORT_JOB, "job-end", PRINTED, 0, state=7, job_id=99999),
    refused("the printer's report is forbidden", REPORT_PRINTER, 0x0403, "job-end", PRINTED, 0),
    lost("the offer is lost", FETCH),
    lost("the offer is lost four times", FETCH, times=4),
    lost("the answer to the acceptance is lost", ACCEPT),
    Attack("a document that breaks off", ORDER, FETCH, breaks_off, "cut short", PRINTED),
)  # fmt: skip

REFERENCES = tuple(
    elsewhere("host cannot be reached", "a name that is %s" % ".".join(["%d" % b for b in address]),
              b"http://" + name.encode() + b"/latest/meta-data/")
    for name, address in sorted(ADDRESSES.items()) if name != "files.example"
) + (
    elsewhere("a host or port", "a cloud's credentials", b"http://169.254.169.254/latest/meta-data/"),
    elsewhere("a host or port", "this device", b"http://127.0.0.1/"),
    elsewhere("a host or port", "this device by name", b"http://localhost:631/"),
    elsewhere("a host or port", "this device in one number", b"http://2130706433/"),
    elsewhere("a host or port", "this device in hexadecimal", b"http://0x7f000001/"),
    elsewhere("a host or port", "this device in octal", b"http://0177.0.0.1/"),
    elsewhere("a host or port", "this device in IPv6", b"http://[::1]/"),
    elsewhere("a host or port", "this device, IPv4 in IPv6", b"http://[::ffff:127.0.0.1]/"),
    elsewhere("a host or port", "a printer's raw port", b"http://files.example:9100/"),
    elsewhere("a host or port", "a host that begins as one that is allowed", b"http://files.example.evil/"),
    elsewhere("user information", "a name and a password", b"http://me:secret@files.example/"),
    elsewhere("user information", "a host that looks like one that is allowed", b"http://files.example:80@evil/"),
    elsewhere("a character", "a backslash before the real host", b"http://evil\\@files.example/"),
    elsewhere("a character", "a second request", b"http://files.example/\r\nX: y\r\n\r\nPOST / HTTP/1.1"),
    elsewhere("not fetched by this scheme", "a file", b"file:///etc/passwd"),
    elsewhere("not fetched by this scheme", "FTP", b"ftp://files.example/a"),
    elsewhere("not fetched by this scheme", "another protocol in gopher", b"gopher://files.example:6379/_x"),
    elsewhere("not fetched by this scheme", "TLS that was not configured", b"https://files.example/a"),
    elsewhere("not fetched by this scheme", "IPP", b"ipp://127.0.0.1/ipp/print/till"),
    elsewhere("has no document-uri", "no document-uri", b""),
    Attack("a document-uri of 1,024 octets", HOSTS, FETCH, too_long, "document-uri is too long", UNASKED, 1, None, None, at(_LONGEST)),
    page("redirect refused: status 301", "sent to the local network", sent_to(301, b"http://10.0.0.9/")),
    page("redirect refused: status 302", "sent to another host", sent_to(302, b"http://evil.example/a")),
    page("redirect refused: status 307", "sent to a file", sent_to(307, b"file:///etc/passwd")),
    page("redirect refused: status 308", "sent to itself", sent_to(308, b"http://files.example/a")),
    page("HTTP status 401", "asked for the password of the service", raw(
        b'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="' + SECRET + b'"\r\nContent-Length: 0\r\n\r\n')),
    page("Content-Length over", "4 GB, as it says", raw(_HEAD + b"Content-Length: 4000000000\r\n\r\n")),
    page("document of 100001 bytes", "an octet more than allowed", raw(_HEAD + b"Content-Length: 100001\r\n\r\n")),
    page("longer than 100000 bytes", "without end", lambda s, r, w: chunked(for_ever(s.jobs[-1].data[4:], s.jobs[-1].data), _HEAD), HALF),
    page("slower than", "an octet each 29 s", lambda s, r, w: dripping(whole(s.jobs[-1].data, _HEAD), 29000, 100), HALF),
    page("no reply within", "no answer", lambda s, r, w: silence()),
    page("cut short", "half of it", lambda s, r, w: cut(whole(s.jobs[-1].data, _HEAD)[:-500]), HALF),
    page("length unknown", "as long as the connection", raw(_HEAD + b"\r\nRaS2")),
    page("Content-Encoding refused", "gzip around it", raw(_HEAD + b"Content-Encoding: gzip\r\nContent-Length: 9\r\n\r\n")),
    page("the sync word is wrong", "HTML", raw(_HEAD + b"Content-Length: 12\r\n\r\n<html></html")),
    page("job-end", "the document", lambda s, r, w: whole(s.jobs[-1].data, _HEAD), PRINTED),
)  # fmt: skip
