"""What is fuzzed: each target takes octets from outside and may refuse them, and nothing else. It answers
with what it made of them, which is the same on CPython and on MicroPython (``replay.py``).

``host_targets`` are those that need a judge which MicroPython has not.
"""

import hashlib
import struct

import rfc8010
from document_samples import Paper, Source, coded_lines, page_header, urf
from ipp_samples import samples
from mobile_device import Log, Store

from fetchprint.document import inflate
from fetchprint.document.errors import DocumentError
from fetchprint.document.pipe import Pipe
from fetchprint.document.text import Decoder as Text
from fetchprint.http.errors import HTTPPeerError
from fetchprint.http.reply import Reply
from fetchprint.ipp import decoder as d
from fetchprint.ipp.errors import DecodeError
from fetchprint.port.x509 import Certificate, CertificateError
from fetchprint.proxy.journal import Journal

_UNPACKER = inflate.Inflate()
_MOST_CALLS = 20000


class Kept(Store):
    """A flash that has the same record under each name."""

    def __init__(self, data):
        Store.__init__(self)
        self._data = data

    def load(self, name):
        return self._data


def ipp(data):
    """What the decoder takes, an independent reader reads as the same items."""
    dec = d.Decoder()
    found = []
    try:
        dec.feed(data, 0, len(data))
        while True:
            event = dec.next()
            if event == d.NEED_DATA:
                dec.close()
            elif event == d.GROUP:
                found.append(("group", dec.group))
            elif event == d.COLLECTION:
                found.append(("collection",))
            elif event == d.END_COLLECTION:
                found.append(("end",))
            elif event == d.MEMBER:
                found.append(("member", dec.member()))
            elif event == d.VALUE:
                found.append(("value", dec.tag, dec.value() if not dec.long else dec.length))
            elif event == d.END:
                break
    except DecodeError as error:
        return str(error)
    assert found == rfc8010.items(data, dec.offset), (found, rfc8010.items(data, dec.offset))
    return "%d items" % len(found)


def http(data):
    """A reply's head and framing, whole and octet by octet: the same verdict and the same body."""
    outcomes = []
    for piece in (len(data) or 1, 1):
        reply = Reply()
        body = bytearray()
        verdict = "unfinished"
        at = 0
        try:
            while at < len(data) and not reply.done:
                end = min(at + piece, len(data))
                if not reply.started:
                    at = reply.head(data, at, end)
                    continue
                at = reply.body(data, at, end)
                n = min(end - at, reply.left)
                if n > 0:
                    body += data[at : at + n]
                    reply.took(n)
                    at += n
                elif at < end:
                    break
            verdict = "done" if reply.done else "unfinished"
        except HTTPPeerError as error:
            verdict = error.reason
        outcomes.append((verdict, bytes(body)))
    assert outcomes[0] == outcomes[1], outcomes
    return "%s, %d octets" % (outcomes[0][0], len(outcomes[0][1]))


def _document(mime):
    def target(data):
        engine = Paper(keep=False)
        pipe = Pipe(engine, text=Text)
        try:
            pipe.start(Source(data, 700), mime)
            for _ in range(_MOST_CALLS):
                if pipe.poll(0):
                    return "%d pages" % pipe.pages
        except DocumentError as error:
            return str(error)
        return "goes on"

    return target


def gzip(data):
    """What unpacks is within the bounds of ratio."""
    _UNPACKER.start(Source(data, 700))
    out = 0
    verdict = "goes on"
    try:
        for _ in range(_MOST_CALLS):
            n = _UNPACKER.fill(0)
            if n == 0:
                verdict = "done"
                break
            if n:
                out += n
                _UNPACKER.pos = _UNPACKER.end
    except DocumentError as error:
        verdict = str(error)
    assert out <= 262144 + 256 * (len(data) + 1) + 65536, out
    return "%s, %d octets" % (verdict, out)


def journal(data):
    """A journal that is read has a job that can be restored; else it is kept aside."""
    jobs = []
    for record in (data, b"FPJ1" + hashlib.sha256(data).digest()[:4] + data):  # as it is, and with its check
        kept = Journal(Kept(record), "x", Log())
        assert kept.job is None or len(kept.job) == 8
        kept.outcome_of("urn:uuid:1")
        jobs.append(kept.job)
    return repr(jobs)


def x509(data):
    """What is read of a certificate can be compared."""
    try:
        certificate = Certificate(data)
    except CertificateError as error:
        return str(error)
    for host in ("till.example", "127.0.0.1", "::1", ""):
        certificate.is_for(host)
    return "%d names, %s" % (len(certificate.names) + len(certificate.addresses), certificate.serves)


TARGETS = {
    "ipp": ipp,
    "http": http,
    "pwg": _document(b"image/pwg-raster"),
    "urf": _document(b"image/urf"),
    "text": _document(b"text/plain"),
    "gzip": gzip,
    "journal": journal,
    "x509": x509,
}


def seeds(name):
    """What the fuzzer begins with."""
    line = [b"\xff\x00" * 36] * 4
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
    found = {
        "ipp": [octets for _, octets, _ in samples()],
        "http": [
            ok + b"Content-Length: 3\r\n\r\nabc",
            ok + b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 0\r\n\r\n",
        ],
        "pwg": [b"RaS2" + page_header(576, 4, 1) + coded_lines(line)],
        "urf": [urf([[bytes(24)] * 3], 24)],
        "text": [b"Hello\tworld\r\n\x0cagain\x1b[1m \xc3\xa9\xff\n"],
        "gzip": [bytes.fromhex("1f8b08000000000002034bcbac484d514843900081e6898811000000")],
        "journal": [struct.pack(">IBBIIIBBB", 9, 2, 0, 7, 3, 4096, 5, 4, 2) + b"urn:xnoneOK" + bytes(16)],
    }
    return found.get(name, [])
