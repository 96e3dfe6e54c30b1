"""A scripted HTTP server on 127.0.0.1 that does exactly what it is told, also what no server should.

A script is a list of connections, each a list of steps. Connections beyond the script are
accepted, so that a second send would be seen, and closed after their request.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    """Read one request to the end of its body and record it."""


@dataclass(frozen=True)
class Send:
    """Send ``data``, in pieces of ``piece`` bytes (0: whole), each pushed out at once."""

    data: bytes
    piece: int = 0


@dataclass(frozen=True)
class Drip:
    """Send ``data`` byte by byte, ``pause`` seconds apart, until the peer closes."""

    data: bytes
    pause: float = 0.02


@dataclass(frozen=True)
class Close:
    """Close the sending side properly, then read until the peer closes."""


@dataclass(frozen=True)
class Reset:
    """Abort the connection: the peer gets ECONNRESET."""


@dataclass(frozen=True)
class Stall:
    """Do nothing, not even read, until the server is closed."""


Step = Request | Send | Drip | Close | Reset | Stall


class HostileServer:
    """Use as a context manager. ``requests`` holds the requests seen, head and body."""

    def __init__(self, script: Iterable[Sequence[Step]], receive_buffer: int = 0) -> None:
        self._script = list(script)
        self._listener = socket.socket()
        if receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(16)
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[bytes] = []
        self.connections = 0
        self._stop = threading.Event()
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> HostileServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything; afterwards the counts are final."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            threads = list(self._threads)
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive(), "a server thread does not end"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            with self._lock:
                if self._stop.is_set():
                    connection.close()
                    return
                number = self.connections
                self.connections += 1
                self._open.append(connection)
                steps = self._script[number] if number < len(self._script) else [Request(), Close()]
                thread = threading.Thread(target=self._serve, args=(connection, steps), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, steps: Sequence[Step]) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        buffer = bytearray()
        try:
            for step in steps:
                if isinstance(step, Request):
                    if not self._read_request(connection, buffer):
                        return
                elif isinstance(step, Send):
                    size = step.piece or len(step.data) or 1
                    for at in range(0, len(step.data), size):
                        connection.sendall(step.data[at : at + size])
                elif isinstance(step, Drip):
                    for byte in step.data:
                        connection.sendall(bytes([byte]))
                        if self._stop.wait(step.pause):
                            return
                elif isinstance(step, Close):
                    connection.shutdown(socket.SHUT_WR)
                    self._read_all(connection, buffer)
                elif isinstance(step, Reset):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                else:
                    self._stop.wait()
            # Whatever else arrives is recorded: a second request is seen here.
            self._read_all(connection, buffer)
        except OSError:
            pass  # the peer went away, as it may
        finally:
            with self._lock:
                self._open.remove(connection)
            connection.close()

    def _read_all(self, connection: socket.socket, buffer: bytearray) -> None:
        while self._read_request(connection, buffer):
            pass

    def _read_request(self, connection: socket.socket, buffer: bytearray) -> bool:
        """Record the next request; False when the peer closed first."""
        while True:
            head, blank, rest = bytes(buffer).partition(b"\r\n\r\n")
            if blank:
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length:")
                )
                if len(rest) >= length:
                    self.requests.append(head + blank + rest[:length])
                    buffer[:] = rest[length:]
                    return True
            data = connection.recv(65536)
            if not data:
                return False
            buffer += data
