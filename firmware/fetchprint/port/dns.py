"""A name's IPv4 address without waiting, by RFC 1035: MicroPython's getaddrinfo waits while DNS is silent."""

import os
import socket

from fetchprint import ticks
from fetchprint.port.native import micropython

const = micropython.const

_TRY_MS = const(1000)  # between two datagrams
_TRIES = const(5)
_MOST = const(512)  # octets of an answer over UDP (RFC 1035 4.2.1)
_HEAD = const(12)
_EAGAIN = const(11)  # the same on every board


class Query:
    """One question to ``server``: ``poll`` until it gives the address."""

    def __init__(self, server: str, host: str, number: int):
        self._host = host
        self._id = os.urandom(2)
        text = self._id + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
        for label in host.split("."):
            if not 0 < len(label) < 64:
                raise OSError("%s is no host name" % host)
            text += bytes([len(label)]) + label.encode()
        self._question = text + b"\x00\x00\x01\x00\x01"
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        # Connected, so that only the server is heard.
        self._socket.connect(socket.getaddrinfo(server, number)[0][-1])
        self._sent = 0
        self._tries = 0
        self.waiting = True  # no error so far

    def close(self) -> None:
        self._socket.close()

    def poll(self, now: int):
        """None while there is no answer; then the address in dotted form. Raises OSError."""
        self.waiting = False
        found = self._poll(now)
        self.waiting = found is None
        return found

    def _poll(self, now):
        if not self._tries or ticks.diff(now, self._sent) >= _TRY_MS:
            if self._tries == _TRIES:
                raise OSError("DNS is silent about %s" % self._host)
            self._tries += 1
            self._sent = now
            self._socket.write(self._question)
        try:
            answer = self._socket.recv(_MOST)  # one datagram; read would join several
        except OSError as error:
            if error.errno != _EAGAIN:
                raise
            return None
        try:
            return self._address(answer)
        except IndexError:
            raise OSError("the DNS answer about %s is cut short" % self._host)

    def _address(self, a):
        end = len(self._question)
        if a[:2] != self._id or not a[2] & 0x80 or a[_HEAD:end].lower() != self._question[_HEAD:].lower():
            return None  # not the answer to this
        if a[3] & 0x0F:
            raise OSError("DNS knows no %s (code %d)" % (self._host, a[3] & 0x0F))
        at = end
        for _ in range(a[6] << 8 | a[7]):
            while a[at] and a[at] < 0xC0:  # labels, or a pointer to them
                at += a[at] + 1
            at += 2 if a[at] else 1
            kind, size = a[at] << 8 | a[at + 1], a[at + 8] << 8 | a[at + 9]
            at += 10
            if kind == 1 and size == 4:
                return "%d.%d.%d.%d" % (a[at], a[at + 1], a[at + 2], a[at + 3])
            at += size
        raise OSError("DNS has no IPv4 address of %s" % self._host)
