"""The adafruit transport where its library, its caller or its connection misbehaves: no sockets, virtual
time. What both transports have in common is in test_http_conformance."""

from __future__ import annotations

from typing import Any

import adafruit_requests
import pytest
from http_stream import OK, PLAIN, Wire

from fetchprint.http.adafruit import Connection
from fetchprint.http.errors import Abandoned, HTTPLocalError, HTTPPeerError
from fetchprint.http.limits import CONNECT_MS, HEAD_MS


class Service(Wire):
    """Answers when the request is there. ``spent``: ms that each read takes."""

    def __init__(self, *replies: Any) -> None:
        Wire.__init__(self, [reply if isinstance(reply, list) else [reply] for reply in replies])
        self.now = 0
        self.spent = 0

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        moved: int | None = Wire.write(self, buf, off, n)
        if moved:
            self.next()
            self.sent_end = 0
        return moved

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        self.now += self.spent
        moved: int | None = Wire.readinto(self, buf, off, n)
        return moved

    def wait(self, ms: int) -> None:
        self.now += ms


def connection(service: Service, authorization: str | None = None, rx: int = 64) -> Connection:
    return Connection(
        service.open,
        "127.0.0.1",
        631,
        "/ipp/print",
        bytearray(1024),
        bytearray(rx),
        authorization,
        clock=lambda: service.now,
        wait=service.wait,
    )


def posted(*replies: Any) -> tuple[Service, Connection]:
    service = Service(*replies)
    link = connection(service)
    link.post(0, 3, 1000)
    return service, link


def body(link: Connection) -> bytes:
    data = b""
    while n := link.fill(0):
        data += bytes(link.buf[link.pos : link.end])
        assert n == link.end - link.pos
    return data


def test_an_exchange_with_and_without_credentials() -> None:
    for authorization in (None, "Basic eDp5"):
        service = Service(PLAIN, PLAIN)
        link = connection(service, authorization)
        assert link.idle is None
        for _ in range(2):
            link.post(0, 3, 1000)
            assert link.poll(0) == 200 and link.poll(0) == 200 and link.sent
            assert body(link) == b"hello" and link.fill(0) == 0
        assert service.opened == 1
        link.close()


def test_what_it_needs() -> None:
    service = Service()
    with pytest.raises(HTTPLocalError, match="needs clock and wait"):
        Connection(service.open, "h", 1, "/", bytearray(400), bytearray(9))
    with pytest.raises(HTTPLocalError, match="rx is empty"):
        connection(service, rx=0)


def test_another_series_of_the_library_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(adafruit_requests.Response, "_readinto")
    with pytest.raises(HTTPLocalError, match=r"not of the 4\.1 series"):
        connection(Service())


def test_calls_out_of_order() -> None:
    service = Service(PLAIN)
    link = connection(service)
    with pytest.raises(HTTPLocalError, match="poll before post"):
        link.poll(0)
    link.post(0, 3, 1000)
    with pytest.raises(HTTPLocalError, match="before the reply's head"):
        link.fill(0)
    with pytest.raises(HTTPLocalError, match="still unread"):
        link.post(0, 3, 1000)


def test_a_library_that_fails_or_ends_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*arguments: Any, **more: Any) -> int:
        raise ValueError("no such thing")

    service, link = posted(PLAIN)
    with monkeypatch.context() as patch:
        patch.setattr(adafruit_requests.Session, "post", fails)
        with pytest.raises(HTTPPeerError, match="cannot do the request: no such thing"):
            link.poll(0)
    for readinto, words in ((fails, "cannot read the body"), (lambda *_: 0, "ended the body before its end")):
        service, link = posted(PLAIN)
        assert link.poll(0) == 200
        with monkeypatch.context() as patch:
            patch.setattr(adafruit_requests.Response, "_readinto", readinto)
            with pytest.raises(HTTPPeerError, match=words):
                link.fill(0)
        assert service.closed == 1


def test_a_caller_that_closes_while_it_waits() -> None:
    _, link = posted([])
    link.idle = link.close
    with pytest.raises(Abandoned):
        link.poll(0)


def test_nothing_is_sent_twice() -> None:
    service, link = posted(PLAIN)
    wire = link._wire
    wire.socket()
    with pytest.raises(HTTPPeerError, match="tried to send the request again"):
        wire.socket()
    with pytest.raises(HTTPPeerError, match="tried to send the request again"):
        wire.gather(bytes(2000))
    assert not service.sent_end


def test_a_connection_that_takes_nothing() -> None:
    service, link = posted(PLAIN)
    service.stuck = True
    with pytest.raises(HTTPPeerError, match=f"no connection within {CONNECT_MS} ms"):
        link.poll(0)


def test_a_head_that_drips() -> None:
    service, link = posted([bytes([octet]) for octet in PLAIN])
    service.spent = HEAD_MS // 20
    with pytest.raises(HTTPPeerError, match="head not complete"):
        link.poll(0)


def test_a_library_that_asks_on_behind_the_end() -> None:
    _, link = posted(OK + b"Content-Length: 0\r\n\r\n")
    assert link.poll(0) == 200 and body(link) == b""
    assert link._wire.give(bytearray(9), 9) == 0
