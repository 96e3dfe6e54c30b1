"""Attacks by HTTP: what is around the messages."""

from hostile_service import FETCH_DOCUMENT, GET_JOBS, JOB_STATUS, NOTIFICATIONS, UPDATE_DEVICE
from hostile_table import HALF, PRINTED, Attack, headers, raw, stream
from hostile_wire import OK, chunk, chunked, cut, dripping, for_ever, silence, whole

FRAMING = "what two parsers understand differently"
LENGTHS = "lengths that lie"
CHUNKS = "chunked games"
ENCODINGS = "encodings nobody asked for"
FLOODS = "floods"
SLOW = "slow peers"
REDIRECT = "redirects"
CREDENTIALS = "credential theft"
POISON = "answers nobody asked for"
WAITS = "being sent away"

_CHUNKED = b"Transfer-Encoding: chunked\r\n"
_START = b"\x02\0\0\0\0\0\0\1\x01"
_HEAD = OK + _CHUNKED + b"\r\n"
_ANOTHER = "Location: http://169.254.169.254/latest/meta-data/\r\nContent-Length: 0\r\n"


def chunks(body):
    return raw(_HEAD + body)


def honest_dripping(ms, first=0):
    """The honest answer to Get-Jobs, an octet each ``ms``; ``first``: octets that come at once."""

    def answer(service, request, wire):
        return dripping(whole(service.list(request, service.jobs)), ms, first)

    return answer


def honest_cut(keep):
    """The honest answer without its last octets, then the service hangs up."""

    def answer(service, request, wire):
        return cut(whole(service.list(request, service.jobs))[:keep])

    return answer


def honest_chunks_cut(service, request, wire):
    """A chunked answer, whole but for the last chunk."""
    return cut(_HEAD + chunk(service.list(request, service.jobs)))


def document_cut(service, request, wire):
    """The document stops in its page, and the chunks end as if it were whole."""
    job = service.jobs[-1]
    body = service.document(request, job)
    return chunked([body, job.data[:-400]])


def one_octet_chunks(service, request, wire):
    """Each octet in a chunk of its own, with an extension that is as long as is allowed."""
    body = service.list(request, service.jobs)
    pieces = [b"1;" + b"x" * 60 + b"\r\n" + body[i : i + 1] + b"\r\n" for i in range(len(body))]
    return _HEAD + b"".join(pieces) + b"0\r\n\r\n"


def two_answers(service, request, wire):
    """Behind the answer stands another, for the next request."""
    body = whole(service.list(request, []))
    return body + body


def later_answer(service, request, wire):
    """The same, a little later, when the connection is idle."""
    body = whole(service.list(request, []))
    yield body
    yield 50
    yield body


def late_redirect(service, request, wire):
    yield 100
    yield b"HTTP/1.1 307 Temporary Redirect\r\nLocation: ipp://evil.example/\r\nContent-Length: 0\r\n\r\n"


def redirect(status):
    return raw(b"HTTP/1.1 " + status + b"\r\n" + _ANOTHER.encode() + b"\r\n")


def refusal(status, more=b""):
    return raw(b"HTTP/1.1 " + status + b"\r\n" + more + b"Content-Length: 0\r\n\r\n")


def error_flood():
    return for_ever(b"x" * 1000, b"HTTP/1.1 500 Oops\r\nContent-Length: 999999999\r\n\r\n")


def error_chunks():
    return chunked(for_ever(b"x" * 1000), b"HTTP/1.1 500 Oops\r\n")


def slow_head():
    return dripping(whole(b"\x02\0"), 29000)


def slow_extension():
    return dripping(_HEAD + b"5;" + b"x" * 50, 29000, len(_HEAD))


def head_flood():
    return for_ever(b"X-Padding: " + b"x" * 900 + b"\r\n", OK)


def header_flood():
    return for_ever(b"a: b\r\n" * 20, OK)


def interim_flood():
    return for_ever(b"HTTP/1.1 100 Continue\r\n\r\n")


def line_flood():
    return for_ever(b"x" * 1000, OK + b"X-Long: ")


def trailer_flood():
    return for_ever(b"X-Trailer: x\r\n", _HEAD + chunk(b"\x02") + b"0\r\n")


ATTACKS = (
    Attack("chunked and Content-Length", FRAMING, GET_JOBS, headers(b"Content-Length: 9\r\n" + _CHUNKED, b"x"),
           "both Transfer-Encoding and Content-Length"),
    Attack("two lengths", FRAMING, GET_JOBS, headers(b"Content-Length: 9\r\nContent-Length: 10\r\n"),
           "two Content-Length headers that differ"),
    Attack("chunked twice", FRAMING, GET_JOBS, headers(_CHUNKED + _CHUNKED), "Transfer-Encoding is not chunked"),
    Attack("chunked in HTTP/1.0", FRAMING, GET_JOBS,
           raw(b"HTTP/1.0 200 OK\r\nContent-Type: application/ipp\r\n" + _CHUNKED + b"\r\n"), "in an HTTP/1.0 reply"),
    Attack("a body that ends by closing", FRAMING, GET_JOBS, headers(b"", _START + b"\x03"), "length unknown"),
    Attack("lines without a carriage return", FRAMING, GET_JOBS, raw(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
           "without a carriage return"),
    Attack("a folded header", FRAMING, GET_JOBS, headers(b"X: a\r\n b\r\n"), "folded"),
    Attack("a blank before the colon", FRAMING, GET_JOBS, headers(b"Content-Length : 9\r\n"), "header name has"),
    Attack("a NUL in a header", FRAMING, GET_JOBS, headers(b"X: a\0b\r\n"), "control character 0"),
    Attack("escapes of a terminal in Content-Type", FRAMING, GET_JOBS,
           raw(b"HTTP/1.1 200 OK\r\nContent-Type: \x1b]0;owned\x07\r\n\r\n"), "control character 27"),
    Attack("Content-Type that is not ASCII", FRAMING, GET_JOBS,
           raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/\xff\xfe\xe2\x80\xae\r\nContent-Length: 0\r\n\r\n"), "not IPP"),
    Attack("HTTP/2", FRAMING, GET_JOBS, raw(b"\0\0\x12\x04\0\0\0\0\0\0\3\0\0\0\x64"), "control character 0"),
    Attack("the banner of another protocol", FRAMING, GET_JOBS, raw(b"SSH-2.0-OpenSSH_9.9\r\n"), "not an HTTP/1.1 reply"),
    Attack("a length of 30 digits", LENGTHS, GET_JOBS, headers(b"Content-Length: " + b"9" * 30 + b"\r\n"),
           "Content-Length over"),
    Attack("a length below 0", LENGTHS, GET_JOBS, headers(b"Content-Length: -1\r\n"), "is not a number"),
    Attack("a length with a sign", LENGTHS, GET_JOBS, headers(b"Content-Length: +9\r\n"), "is not a number"),
    Attack("a length in hexadecimal", LENGTHS, GET_JOBS, headers(b"Content-Length: 0x9\r\n"), "is not a number"),
    Attack("less than announced", LENGTHS, GET_JOBS, honest_cut(-1), "reply cut short in its body"),
    Attack("cut in the head", LENGTHS, GET_JOBS, honest_cut(30), "reply cut short in its head"),
    Attack("hung up at once, five times", LENGTHS, GET_JOBS, honest_cut(0), "closed without a reply", times=5),
    Attack("a chunk size with a sign", CHUNKS, GET_JOBS, chunks(b"-1\r\n"), "not a hexadecimal number"),
    Attack("a chunk size with 0x", CHUNKS, GET_JOBS, chunks(b"0x9\r\n"), "not a hexadecimal number"),
    Attack("a chunk size of 16 digits", CHUNKS, GET_JOBS, chunks(b"fffffffffffffff0\r\n"), "body over"),
    Attack("a chunk size behind a thousand zeros", CHUNKS, GET_JOBS, chunks(b"0" * 1000 + b"9\r\n"),
           "chunk-size line longer"),
    Attack("no chunk size", CHUNKS, GET_JOBS, chunks(b"\r\n"), "not a hexadecimal number"),
    Attack("a bare line feed in a chunk size", CHUNKS, GET_JOBS, chunks(b"9\n"), "not a hexadecimal number"),
    Attack("a chunk longer than its size", CHUNKS, GET_JOBS, chunks(b"1\r\n\x02\0\0\0\r\n"), "chunk longer than"),
    Attack("the last chunk is missing", CHUNKS, GET_JOBS, honest_chunks_cut, "reply cut short in its body"),
    Attack("chunks of one octet with 60 around it", CHUNKS, GET_JOBS, one_octet_chunks, "job-end", PRINTED),
    Attack("trailers without end", CHUNKS, UPDATE_DEVICE, stream(trailer_flood), "trailer longer than 1024"),
    Attack("a part of a document in whole chunks", CHUNKS, FETCH_DOCUMENT, document_cut, "the document ends in page",
           HALF),
    Attack("gzip around the message", ENCODINGS, GET_JOBS, headers(b"Content-Encoding: gzip\r\nContent-Length: 9\r\n"),
           "Content-Encoding refused"),
    Attack("gzip around gzip around the document", ENCODINGS, FETCH_DOCUMENT,
           headers(b"Content-Encoding: gzip, gzip\r\n" + _CHUNKED), "Content-Encoding refused"),
    Attack("gzip as a transfer coding", ENCODINGS, GET_JOBS, headers(b"Transfer-Encoding: gzip, chunked\r\n"),
           "Transfer-Encoding is not chunked"),
    Attack("another protocol", ENCODINGS, GET_JOBS,
           raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), "status 101"),
    Attack("header lines without end", FLOODS, GET_JOBS, stream(header_flood), "more than 64 header lines"),
    Attack("a head without end", FLOODS, GET_JOBS, stream(head_flood), "longer than 8192 bytes"),
    Attack("a header line without end", FLOODS, GET_JOBS, stream(line_flood), "header line longer than 1024"),
    Attack("100 Continue without end", FLOODS, GET_JOBS, stream(interim_flood), "more than 8 interim"),
    Attack("an error page without end", FLOODS, GET_JOBS, stream(error_chunks), "HTTP status 500"),
    Attack("an error page of a gigabyte", FLOODS, GET_JOBS, stream(error_flood), "HTTP status 500"),
    Attack("an octet of the head each 29 s", SLOW, GET_JOBS, stream(slow_head), "not complete within 10000 ms"),
    Attack("an octet of the body each 29 s", SLOW, GET_JOBS, honest_dripping(29000, 80), "body slower than"),
    Attack("an octet of a chunk extension each 29 s", SLOW, GET_JOBS, stream(slow_extension), "body "),
    Attack("an octet of the body each 120 ms", SLOW, GET_JOBS, honest_dripping(120, 75), "job-end", PRINTED),
    Attack("no answer at all", SLOW, GET_JOBS, stream(silence), "no reply within"),
    Attack("no answer to a held request for a day", SLOW, NOTIFICATIONS, stream(silence), "job-end", PRINTED),
    Attack("sent to a cloud's credentials", REDIRECT, GET_JOBS, redirect(b"302 Found"), "redirect refused: status 302"),
    Attack("sent there with its request", REDIRECT, UPDATE_DEVICE, redirect(b"307 Temporary Redirect"),
           "redirect refused: status 307"),
    Attack("sent there for good", REDIRECT, FETCH_DOCUMENT, redirect(b"308 Permanent Redirect"),
           "redirect refused: status 308"),
    Attack("sent there while it is held", REDIRECT, NOTIFICATIONS, late_redirect, "job-end", PRINTED),
    Attack("asked for a password", CREDENTIALS, GET_JOBS,
           refusal(b"401 Unauthorized", b'WWW-Authenticate: Basic realm="evil"\r\n'), "wants credentials"),
    Attack("asked for a password by a proxy", CREDENTIALS, GET_JOBS,
           refusal(b"407 Proxy Authentication Required", b"Proxy-Authenticate: Basic\r\n"), "HTTP status 407"),
    Attack("two answers to one request", POISON, GET_JOBS, two_answers, "", PRINTED),
    Attack("an answer to the next request", POISON, GET_JOBS, later_answer, "", PRINTED),
    Attack("sent away for a year", WAITS, GET_JOBS,
           refusal(b"503 Service Unavailable", b"Retry-After: 31536000\r\n"), "next attempt in 3600.0 s"),
    Attack("sent away for 10^30 seconds", WAITS, GET_JOBS,
           refusal(b"503 Service Unavailable", b"Retry-After: 1" + b"0" * 30 + b"\r\n"), "next attempt in 3600.0 s"),
    Attack("sent away until a date", WAITS, GET_JOBS,
           refusal(b"503 Service Unavailable", b"Retry-After: Fri, 31 Dec 2999 23:59:59 GMT\r\n"),
           "next attempt in 0."),
    Attack("a report answered by 500, ten times", WAITS, JOB_STATUS, refusal(b"500 Oops"), "HTTP status 500",
           times=10),
)  # fmt: skip
