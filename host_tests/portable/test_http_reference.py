"""Documents fetched by reference: what is asked of whom, and what is refused. Virtual clock; then the
real ports for what a name turns out to be."""

import sys

from http_stream import Wire, body

from fetchprint.http.errors import HTTPPeerError
from fetchprint.http.reference import Reference
from fetchprint.http.rules import PRIVATE, Rules, kind

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

HOSTS = ("files.example", "files.example:8080", "127.0.0.1", "[::1]:8000")
URI = b"http://files.example/a/page.pwg?x=1"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/pwg-raster\r\n"
GET = b"GET /a/page.pwg?x=1 HTTP/1.1\r\nHost: files.example\r\nUser-Agent: fetchprint/"


class Dial(Wire):
    """Also remembers whether the caller brought rules for the address."""

    address = b"\x05\x09\x01\x02"

    def dial(self, host, port, allows):
        if not allows(self.address):
            raise OSError("the address of %s is not allowed" % host)
        return self.open(host, port)


def make(reply, most=1 << 26, closing=True, private=False):
    wire = Dial([reply if isinstance(reply, list) else [reply]], closing)
    return wire, Reference(wire.dial, Rules(("http",), HOSTS, private), most)


def fetch(reply, uri=URI, most=1 << 26, closing=True):
    wire, reference = make(reply, most, closing)
    reference.start(0, uri)
    reference.fill(0)
    wire.next()
    return body(reference)


def refused(call, *arguments):
    try:
        got = call(*arguments)
    except HTTPPeerError as error:
        return error
    raise AssertionError("not refused: %r -> %r" % (arguments, got))


def why(reply, **options):
    return refused(lambda: fetch(reply, **options)).reason


def test_one_get_and_nothing_that_is_secret():
    wire, reference = make(HEAD + b"Content-Length: 5\r\n\r\nhello")
    reference.start(0, URI)
    assert reference.fill(0) is None
    sent = bytes(wire.sent[: wire.sent_end])
    assert sent.startswith(GET) and sent.endswith(b"\r\n\r\n"), sent
    fields = [line.split(b":")[0] for line in sent[:-4].split(b"\r\n")[1:]]
    assert fields == [b"Host", b"User-Agent", b"Accept-Encoding", b"Connection"], fields
    assert wire.to == ("files.example", 80)
    wire.next()
    assert body(reference) == b"hello"
    assert wire.closed == 1
    assert reference.schemes == (b"http",)


def test_a_document_whole_and_byte_by_byte():
    for framed in (
        b"Content-Length: 9\r\n\r\nRaS2\0page",
        b"Transfer-Encoding: chunked\r\n\r\n9\r\nRaS2\0page\r\n0\r\n\r\n",
    ):
        reply = HEAD + framed
        assert fetch(reply) == b"RaS2\0page"
        assert fetch([reply[i : i + 1] for i in range(len(reply))]) == b"RaS2\0page"
        for cut in range(len(reply)):
            assert why([reply[:cut]] if cut else []), cut


def test_many_documents_one_after_the_other():
    wire, reference = make(HEAD + b"Content-Length: 2\r\n\r\nhi")
    wire.replies = wire.replies * 3
    for n in range(3):
        reference.start(0, URI)
        wire.next()
        assert body(reference) == b"hi"
        assert wire.opened == n + 1


def test_no_redirect_is_followed():
    for status in (301, 302, 303, 307, 308):
        for place in (b"http://files.example/b", b"http://169.254.169.254/", b"//127.0.0.1/", b"/b"):
            wire, reference = make(
                b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, place)
            )
            reference.start(0, URI)
            reference.fill(0)
            wire.next()
            error = refused(body, reference)
            assert "redirect refused: status %d" % status == error.reason
            assert wire.opened == 1 and wire.closed == 1


def test_what_is_no_document():
    for status in (201, 204, 206, 400, 401, 404, 500, 503):
        reply = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status
        assert why(reply) == "HTTP status %d instead of the document" % status
    assert "length unknown" in why(HEAD + b"\r\nto the end")
    assert "Content-Encoding refused" in why(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"
    )
    assert "not an HTTP/1.1 reply" in why(b"RaS2" * 20 + b"\r\n\r\n")


def test_no_more_than_allowed():
    assert fetch(HEAD + b"Content-Length: 5\r\n\r\nhello", most=5) == b"hello"
    assert why(HEAD + b"Content-Length: 6\r\n\r\nhello!", most=5) == "document of 6 bytes: at most 5"
    chunks = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"2\r\nhi\r\n" * 3 + b"0\r\n\r\n"
    assert fetch(chunks, most=6) == b"hihihi"
    assert why(chunks, most=5) == "document longer than 5 bytes"


def test_who_drips_is_left():
    wire, reference = make([HEAD + b"Content-Length: 1000000\r\n\r\n"] + [b"x", None] * 100, closing=False)
    reference.start(0, URI)
    reference.fill(0)
    wire.next()
    now = got = 0
    reason = ""
    while not reason:
        n = None
        try:
            n = reference.fill(now)
        except HTTPPeerError as error:
            reason = error.reason
        if n:
            reference.pos = reference.end
            got += 1
        else:
            now += 1000
    assert reason == "body slower than 250 bytes a second"
    assert 29 <= got <= 32, got


def test_uris_that_are_refused_before_anything_is_asked():
    for uri, what in (
        (b"https://files.example/a", "scheme"),
        (b"ftp://files.example/a", "scheme"),
        (b"file:///etc/passwd", "scheme"),
        (b"gopher://files.example:80/_x", "scheme"),
        (b"files.example/a", "scheme"),
        (b"//files.example/a", "scheme"),
        (b"http:/files.example/a", "scheme"),
        (b"", "scheme"),
        (b"http://", "host"),
        (b"http:///a", "host"),
        (b"http://:80/a", "host"),
        (b"http://other.example/a", "host"),
        (b"http://files.example.evil/a", "host"),
        (b"http://evil.files.example/a", "host"),
        (b"http://files.example./a", "host"),
        (b"http://files%2eexample/a", "host"),
        (b"http://files.example:8081/a", "host"),
        (b"http://files.example:0/a", "port"),
        (b"http://files.example:65536/a", "port"),
        (b"http://files.example:/a", "port"),
        (b"http://files.example:+80/a", "port"),
        (b"http://files.example:80:80/a", "host"),
        (b"http://me@files.example/a", "user"),
        (b"http://files.example@evil/a", "user"),
        (b"http://files.example:80@evil/a", "user"),
        (b"http://files.example\\@evil/a", "character"),
        (b"http://evil\\files.example/a", "character"),
        (b"http://files.example/a#b", "character"),
        (b"http://files.example/a b", "character"),
        (b"http://files.example/a\r\nX: y", "character"),
        (b"http://files.example/\x00", "character"),
        (b"http://files.example\t/a", "character"),
        (b"http://fil\xc3\xa9s.example/a", "character"),
        (b"http://2130706433/", "host"),  # 127.0.0.1 in other notations, none of them listed
        (b"http://0x7f000001/", "host"),
        (b"http://0177.0.0.1/", "host"),
        (b"http://127.1/", "host"),
        (b"http://[::ffff:127.0.0.1]/", "host"),
        (b"http://[::1]/", "host"),
        (b"http://169.254.169.254/latest/meta-data/", "host"),
        (b"http://localhost/", "host"),
    ):
        wire, reference = make(b"")
        for call in (reference.check, lambda uri, r=reference: r.start(0, uri)):
            error = refused(call, uri)
            assert what in error.reason and error.offset >= 0 and not error.sent, (uri, str(error))
        assert not wire.opened, uri


def test_uris_that_are_taken():
    rules = Rules(("http",), HOSTS)
    for uri, host, port, path in (
        (URI, "files.example", 80, "/a/page.pwg?x=1"),
        (b"HTTP://Files.Example", "files.example", 80, "/"),
        (b"http://files.example:80/A%20b", "files.example", 80, "/A%20b"),
        (b"http://files.example:8080?q", "files.example", 8080, "/?q"),
        (b"http://[::1]:8000/x", "::1", 8000, "/x"),
        (b"http://files.example/@b:c", "files.example", 80, "/@b:c"),
    ):
        rules.split(uri)
        assert (rules.host, rules.port, rules.path) == (host, port, path), uri


def test_a_uri_as_long_as_may_be():
    path = b"x" * (1023 - len(b"http://files.example/"))
    assert fetch(HEAD + b"Content-Length: 1\r\n\r\n!", b"http://files.example/" + path) == b"!"
    assert "tx holds" in refused(fetch, b"", b"http://files.example/" + path * 2).reason


def test_the_address_counts_that_is_connected_to_and_nothing_tells_the_service():
    texts = []
    for address in (b"\x7f\x00\x00\x01", b"\xa9\xfe\xa9\xfe", b"\x0a\x00\x00\x01"):
        wire, reference = make(HEAD)
        wire.address = address
        error = refused(reference.start, 0, URI)
        assert not wire.opened and not error.sent and "not allowed" in reference.detail
        texts.append(str(error))
    wire, reference = make(HEAD)
    wire.stuck = True  # no answer to the SYN
    reference.start(0, URI)
    texts.append(str(refused(reference.fill, 15001)))
    assert "no connection" in reference.detail
    assert texts == [texts[0]] * 4 and "files" not in texts[0]
    refused(reference.start, 0, b"ftp://files.example/")
    assert not reference.detail  # that was the one before


def test_https_goes_over_tls_only():
    wire, other = Dial([[HEAD]]), Dial([[HEAD + b"Content-Length: 2\r\n\r\nhi"]], True)
    reference = Reference(wire.dial, Rules(("http", "https"), HOSTS + ("files.example:8443",)), 0, other.dial)
    reference.start(0, b"https://files.example:8443/x")
    reference.fill(0)
    other.next()
    assert body(reference) == b"hi"
    assert other.to == ("files.example", 8443) and not wire.opened
    for address in (b"\x7f\x00\x00\x01", b"\xa9\xfe\xa9\xfe"):
        other.address = address
        refused(reference.start, 0, b"https://files.example/x")
    assert other.opened == 1 and not wire.opened
    reference.start(0, URI)
    assert wire.opened == 1 and wire.to == ("files.example", 80)


def test_private_addresses_where_the_operator_allows_them():
    wire, reference = make(HEAD + b"Content-Length: 2\r\n\r\nhi", private=True)
    wire.address = b"\x7f\x00\x00\x01"
    reference.start(0, URI)
    reference.fill(0)
    wire.next()
    assert body(reference) == b"hi"
    wire.address = b"\xa9\xfe\xa9\xfe"
    refused(reference.start, 0, URI)


def test_whatever_the_name_the_port_asks_about_the_address():
    port = Port()
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0177.0.0.1"):
        asked = []

        def never(raw, asked=asked):
            asked.append(bytes(raw))
            return False

        try:
            port.connect(host, 9, never)
        except OSError as error:
            assert "not allowed" in str(error) and host in str(error)
        else:
            raise AssertionError("%s was connected to" % host)
        assert len(asked) == 1 and kind(asked[0]) == PRIVATE, (host, asked)
    assert not port.streams
