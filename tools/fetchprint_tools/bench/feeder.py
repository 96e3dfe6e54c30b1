"""Both ends of the chain that is measured: what sends documents, and a sink that takes all it can get."""

from __future__ import annotations

import os
import socket
import threading
import tty
from types import TracebackType

CHUNK = 32768
"""Octets of a chunk in a chunked reply: what ippserver sends a stored document in."""

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"
_ROUND = 32
_READ = 1 << 18


def _chunked(data: bytes) -> bytes:
    pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


class Feeder:
    """Listens on two ports of 127.0.0.1: ``reply_port`` answers POST with a document in chunks, ``raw_port``
    sends the octets of ``/raw`` as they are and closes. ``/raw`` is ``octets`` of one pattern, a multiple
    of a megabyte; ``/raster`` is ``raster``.
    """

    def __init__(self, octets: int, raster: bytes = b"") -> None:
        piece = bytes(range(33, 127)) * (CHUNK // 94 + 1)
        self._raw = piece[:CHUNK] * _ROUND
        if octets % len(self._raw):
            raise ValueError(f"give a multiple of {len(self._raw)} octets, not {octets}")
        self._rounds = octets // len(self._raw)
        self._bodies = {b"/raw": [_chunked(self._raw)] * self._rounds, b"/raster": [_chunked(raster)]}
        self._listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        self.reply_port: int = self._listeners[0].getsockname()[1]
        self.raw_port: int = self._listeners[1].getsockname()[1]
        for listener, serve in zip(self._listeners, (self._reply, self._send_raw), strict=True):
            threading.Thread(target=_accept, args=(listener, serve), daemon=True).start()

    def __enter__(self) -> Feeder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners:
            # shutdown, not close, ends an accept that waits in another thread
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _reply(self, connection: socket.socket) -> None:
        request = b""
        while data := connection.recv(4096):
            request += data
            if b"\r\n\r\n" not in request:
                continue
            path = request.split(b" ", 2)[1]
            request = b""
            connection.sendall(_HEAD)
            for piece in self._bodies[path]:
                connection.sendall(piece)
            connection.sendall(_END)

    def _send_raw(self, connection: socket.socket) -> None:
        for _ in range(self._rounds):
            connection.sendall(self._raw)


def _accept(listener: socket.socket, serve: object) -> None:
    assert callable(serve)
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return  # closed: the measurement is over
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                serve(connection)
            except (BrokenPipeError, ConnectionResetError):
                continue  # the device ended; its exit status says why


class SocketSink:
    """A TCP port that reads and forgets; ``name`` is what the script is told."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.name = str(self._listener.getsockname()[1])
        threading.Thread(target=_accept, args=(self._listener, _swallow), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _swallow(connection: socket.socket) -> None:
    buffer = bytearray(_READ)
    while connection.recv_into(buffer):
        pass


class PtySink:
    """A pty whose other end reads and forgets; ``name`` is the device."""

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.name = os.ttyname(self._theirs)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            while os.read(self._ours, _READ):
                pass
        except OSError:
            return  # EIO: nobody has the other end open any more

    def close(self) -> None:
        os.close(self._theirs)
        self._thread.join(5)
        os.close(self._ours)
