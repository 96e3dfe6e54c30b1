"""The head of every request: constant but for the length, so it is written once."""

from fetchprint import VERSION
from fetchprint.http.errors import HTTPLocalError
from fetchprint.http.limits import LENGTH_DIGITS


def _check(what: str, text: str, lowest: int) -> None:
    """Refuse characters that could end a line or a word of the head and so forge another."""
    for c in text:
        if not lowest <= ord(c) <= 0x7E:
            raise HTTPLocalError("%s has the character %r, which HTTP does not allow there" % (what, c))


def host_field(host: str, port: int) -> str:
    """The Host header's value (RFC 9110 section 7.2); the port is named unless it is HTTP's own."""
    _check("host", host, 0x21)
    if not host or "/" in host or "@" in host:
        raise HTTPLocalError("host %r is not a name or address" % host)
    if not 0 < port < 65536:
        raise HTTPLocalError("port %d is not in 1..65535" % port)
    if ":" in host:
        host = "[" + host + "]"
    return host if port in (80, 443) else "%s:%d" % (host, port)


def check_target(path: str, authorization) -> None:
    """Refuse a path or an Authorization value that cannot be sent as it is."""
    _check("path", path, 0x21)
    if not path.startswith("/"):
        raise HTTPLocalError("path %r does not start with /" % path)
    if authorization is not None:
        _check("authorization", authorization, 0x20)


def write_head(tx: bytearray, host: str, port: int, path: str, authorization) -> int:
    """Write the head at the start of ``tx``; returns its size, where the body goes.

    The Content-Length field is ``LENGTH_DIGITS`` wide and starts as blanks, which RFC 9110
    section 5.5 allows before a value; ``write_length`` fills it in.
    """
    check_target(path, authorization)
    head = "POST %s HTTP/1.1\r\nHost: %s\r\n" % (path, host_field(host, port))
    head += "User-Agent: fetchprint/%s\r\n" % VERSION
    head += "Content-Type: application/ipp\r\nAccept: application/ipp\r\n"
    if authorization is not None:
        head += "Authorization: %s\r\n" % authorization
    head += "Content-Length:" + " " * (LENGTH_DIGITS + 1) + "\r\n\r\n"
    size = len(head)
    if size >= len(tx):
        raise HTTPLocalError("tx holds %d bytes, the request head alone needs %d" % (len(tx), size))
    tx[:size] = head.encode()
    return size


def write_get(tx: bytearray, host: str, port: int, path: str) -> int:
    """Write a GET that leads nowhere else: no credentials, no cookie, no Referer. Returns its size."""
    check_target(path, None)
    head = "GET %s HTTP/1.1\r\nHost: %s\r\n" % (path, host_field(host, port))
    head += "User-Agent: fetchprint/%s\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n" % VERSION
    size = len(head)
    if size > len(tx):
        raise HTTPLocalError("tx holds %d bytes, the request needs %d" % (len(tx), size))
    tx[:size] = head.encode()
    return size


def write_length(tx: bytearray, body: int, length: int) -> None:
    """Write ``length`` (0 to 10**LENGTH_DIGITS - 1) into the head that ends before ``body``."""
    at = body - 5
    for _ in range(LENGTH_DIGITS):
        if length or at == body - 5:
            tx[at] = 0x30 + length % 10
        else:
            tx[at] = 0x20
        length //= 10
        at -= 1
