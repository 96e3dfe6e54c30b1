"""The POSIX ports over real loopback sockets: streams, waiting, addresses, the store, memory."""

import os
import select
import socket
import sys

from heap import locked

from fetchprint import ticks
from fetchprint.http.client import Connection

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nhel\r\n2;x\r\nlo\r\n0\r\n\r\n"
)


class Peer:
    """A listening socket, and what it accepted."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port = 0
        for _ in range(50):
            number = 20000 + int.from_bytes(os.urandom(2), "big") % 40000
            try:
                self.listener.bind(socket.getaddrinfo("127.0.0.1", number)[0][-1])
            except OSError:
                continue  # taken
            self.port = number
            break
        self.listener.listen(4)
        self.sockets = []

    def accept(self):
        accepted, _ = self.listener.accept()
        self.sockets.append(accepted)
        return accepted

    def close(self):
        for accepted in self.sockets:
            accepted.close()
        self.listener.close()


def pump(port, call, *arguments):
    """What ``call`` gives once it is not None; waits in between."""
    for _ in range(500):
        got = call(*arguments)
        if got is not None:
            return got
        port.wait(20)
    raise AssertionError("nothing moves")


def connected(port, peer):
    stream = port.connect("127.0.0.1", peer.port)
    assert pump(port, stream.write, bytearray(b"xyz"), 1, 1) == 1
    accepted = peer.accept()
    assert accepted.recv(10) == b"y"
    return stream, accepted


def elapsed(port, ms):
    start = port.now()
    port.wait(ms)
    return ticks.diff(port.now(), start)


def raises(call, *arguments):
    try:
        call(*arguments)
    except OSError as error:
        return error
    raise AssertionError("no OSError")


def test_http_port_streams_move_bytes_and_end():
    port = Port()
    peer = Peer()
    stream, accepted = connected(port, peer)
    buf = bytearray(8)
    assert stream.readinto(buf, 0, 8) is None
    accepted.send(b"abcdefghij")
    assert pump(port, stream.readinto, buf, 0, 8) == 8
    assert buf == b"abcdefgh"
    assert pump(port, stream.readinto, buf, 0, 1) == 1
    assert pump(port, stream.readinto, buf, 5, 3) == 1
    assert buf == b"ibcdejgh"
    accepted.close()
    assert pump(port, stream.readinto, buf, 0, 8) == 0
    stream.close()
    stream.close()
    assert port.streams == []
    assert "closed" in str(raises(stream.readinto, buf, 0, 8))
    assert "closed" in str(raises(stream.write, buf, 0, 8))
    peer.close()


def test_http_port_writes_are_short_and_then_none():
    port = Port()
    peer = Peer()
    stream, accepted = connected(port, peer)
    data = bytearray(8000)
    total = 0
    while total < 100000000:
        n = stream.write(data, 0, len(data))
        if n is None:
            break
        total += n
    assert n is None
    assert elapsed(port, 30) >= 25  # not writable: sleeps
    read = 0
    while read < total:
        read += len(accepted.recv(8000))
    assert elapsed(port, 10000) < 5000  # writable again
    assert stream.write(data, 0, 1) == 1
    stream.close()
    peer.close()


def test_http_port_refused_connection_is_an_error():
    port = Port()
    peer = Peer()
    number = peer.port
    peer.close()
    stream = port.connect("127.0.0.1", number)
    buf = bytearray(8)

    def attempt():
        stream.write(buf, 0, 8)

    try:
        pump(port, attempt)
        raise AssertionError("connected")
    except OSError as error:
        assert error.errno == 111
    stream.close()
    error = raises(port.connect, "no-such-host.invalid", 631)
    assert "cannot resolve no-such-host.invalid" in str(error)


def test_http_port_waits_for_what_answered_none_only():
    port = Port()
    peer = Peer()
    assert 15 <= elapsed(port, 20) < 5000
    assert elapsed(port, 0) < 15
    first, far = connected(port, peer)
    second, _ = connected(port, peer)
    buf = bytearray(8)
    assert elapsed(port, 30) >= 25  # neither asked for anything
    assert first.readinto(buf, 0, 8) is None
    assert second.readinto(buf, 0, 8) is None
    assert elapsed(port, 30) >= 25
    far.send(b"x")
    assert elapsed(port, 10000) < 5000
    # One waking for one None: who does not ask again is not woken again.
    assert elapsed(port, 30) >= 25
    assert first.readinto(buf, 0, 8) == 1
    # A stream that the peer closed wakes once, and again only when asked.
    assert first.readinto(buf, 0, 8) is None
    far.close()
    assert elapsed(port, 10000) < 5000
    assert elapsed(port, 30) >= 25
    assert first.readinto(buf, 0, 8) == 0
    assert elapsed(port, 30) >= 25
    second.close()
    first.close()
    assert elapsed(port, 30) >= 25
    peer.close()


def run_locked(port, stream, accepted, buf, count):
    """Bytes both ways; the peer's end is a MicroPython socket too, so it allocates nothing either."""
    moved = 0
    for _ in range(count):
        while stream.write(buf, 3, 50) is None:
            port.wait(100)
        n = accepted.readinto(buf, 50)
        accepted.write(buf, 0, n)
        n = stream.readinto(buf, 0, len(buf))
        while n is None:
            port.wait(100)
            n = stream.readinto(buf, 0, len(buf))
        moved += n
        assert stream.readinto(buf, 0, len(buf)) is None
        port.wait(0)
        port.now()
    return moved


def exchange_locked(port, link, accepted, reply, buf, count):
    seen = 0
    for _ in range(count):
        link.post(port.now(), 20, 10000)
        while link.poll(port.now()) is None:
            # The request is whole in the peer's socket once the first wait is over.
            port.wait(0)
            if accepted.readinto(buf, len(buf)) is not None:
                accepted.write(reply, 0, len(reply))
        n = link.fill(port.now())
        while n != 0:
            if n is None:
                port.wait(100)
            else:
                seen += n
                link.pos = link.end
            n = link.fill(port.now())
    return seen


def test_http_port_streams_allocate_nothing():
    if sys.implementation.name != "micropython":
        return  # there is no heap to lock, and its sockets have no readinto
    port = Port()
    peer = Peer()
    stream, accepted = connected(port, peer)
    buf = bytearray(100)
    moved = 0
    with locked():
        moved = run_locked(port, stream, accepted, buf, 20)
    assert moved == 20 * 50
    stream.close()
    peer.close()


def test_http_port_exchanges_over_a_real_socket_allocate_nothing():
    if sys.implementation.name != "micropython":
        return
    port = Port()
    peer = Peer()
    link = Connection(port.connect, "127.0.0.1", peer.port, "/ipp", bytearray(600), bytearray(64))
    buf = bytearray(600)
    link.post(port.now(), 20, 10000)
    assert link.poll(port.now()) is None
    accepted = peer.accept()
    accepted.setblocking(False)
    link.close()
    link.post(port.now(), 20, 10000)
    link.poll(port.now())
    accepted = peer.accept()
    accepted.setblocking(False)
    pump(port, accepted.readinto, buf, len(buf))
    accepted.send(REPLY)
    assert pump(port, link.poll, port.now()) == 200
    while link.fill(port.now()) != 0:
        link.pos = link.end
    seen = 0
    with locked():
        seen += exchange_locked(port, link, accepted, REPLY, buf, 10)
        seen += exchange_locked(port, link, accepted, CHUNKED, buf, 10)
    assert seen == 100
    link.close()
    assert port.streams == []
    peer.close()


def test_http_port_store_keeps_records_whole():
    port = Port()
    path = "/tmp/fetchprint-%s/a/b" % "".join(["%02x" % b for b in port.random(8)])
    store = port.store(path)
    assert store.load("journal") is None
    store.remove("journal")
    store.save("journal", b"one")
    store.save("journal", b"\x00two\xff")
    assert port.store(path).load("journal") == b"\x00two\xff"
    assert os.listdir(path) == ["journal"]
    for name in ("", "../x", "a/b", ".x"):
        try:
            store.save(name, b"")
            raise AssertionError("saved %r" % name)
        except ValueError as error:
            assert "record" in str(error)
    store.remove("journal")
    assert store.load("journal") is None
    for part in (path, path[:-2], path[:-4]):
        os.rmdir(part)
    assert raises(store.save, "journal", b"x").errno == 2
    assert raises(port.store, "/proc/none/there").errno in (2, 13, 30)


def test_http_port_clock_and_randomness():
    port = Port()
    now = port.now()
    assert 0 <= now < ticks.PERIOD
    assert ticks.diff(port.now(), now) >= 0
    assert len(port.random(16)) == 16 and port.random(16) != port.random(16)
    heap = port.heap()
    assert heap is None or heap[0] > 0 and heap[1] > 0
    port.collect()
    assert select.POLLIN  # both ports wait with poll
