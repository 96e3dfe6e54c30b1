"""Replies as octets: good ones, and ones to refuse with the words that the error must have."""

from __future__ import annotations

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
PLAIN = OK + b"Content-Length: 5\r\n\r\nhello"
CHUNKED_HEAD = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKED = CHUNKED_HEAD + b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nA: b\r\n\r\n"
HELLO = b"hello"

REFUSED = {
    "both framings": (OK + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello", "both Transfer"),
    "two lengths": (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", "differ"),
    "negative length": (OK + b"Content-Length: -5\r\n\r\nhello", "not a number"),
    "overlong length": (OK + b"Content-Length: " + b"9" * 60 + b"\r\n\r\nhello", "over"),
    "hex length": (OK + b"Content-Length: 0x5\r\n\r\nhello", "not a number"),
    "gzip chunked": (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding"),
    "gzip": (OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", "Content-Encoding"),
    "no length": (OK + b"\r\nhello", "length unknown"),
    "long chunk line": (
        CHUNKED_HEAD + b"5;" + b"x" * 63 + b"\r\nhello\r\n0\r\n\r\n",
        "chunk-size line longer",
    ),
    "chunk garbage": (CHUNKED_HEAD + b"zz\r\nhello\r\n0\r\n\r\n", "hexadecimal"),
    "negative chunk": (CHUNKED_HEAD + b"-5\r\nhello\r\n0\r\n\r\n", "hexadecimal"),
    "huge chunk": (CHUNKED_HEAD + b"FFFFFFFFFFFFFFFF\r\nhello", "body over"),
    "long chunk": (CHUNKED_HEAD + b"4\r\nhello\r\n0\r\n\r\n", "chunk longer"),
    "trailer flood": (CHUNKED_HEAD + b"0\r\n" + b"A: b\r\n" * 300 + b"\r\n", "trailer longer"),
    "header flood": (OK + b"A: b\r\n" * 70 + b"Content-Length: 5\r\n\r\nhello", "header lines"),
    "long header": (OK + b"A: " + b"x" * 2000 + b"\r\nContent-Length: 5\r\n\r\nhello", "header line longer"),
    "long head": (
        OK + (b"A: " + b"x" * 900 + b"\r\n") * 10 + b"Content-Length: 5\r\n\r\nhello",
        "head longer",
    ),
    "folded header": (OK + b"A: b\r\n c\r\nContent-Length: 5\r\n\r\nhello", "folded"),
    "bare line feed": (OK.replace(b"\r\n", b"\n") + b"Content-Length: 5\n\nhello", "carriage return"),
    "moved": (
        b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        "redirect refused",
    ),
    "redirect": (b"HTTP/1.1 307 There\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", "redirect refused"),
    "html": (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\n<p>hi",
        "Content-Type text/html",
    ),
    "not http": (b"SSH-2.0-OpenSSH_9.2\r\n", "not an HTTP/1.1 reply"),
    "switching": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", "101"),
}
