"""A wire between a printer and its service over which the service's octets come one by one, or not at all."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType

_CHANGE = 20  # ChangeCipherSpec: the record after it is the Finished
_PAUSE = 0.0003
"""Between two octets, so that each is a segment of its own and wakes who waits for it."""


class SlowRelay:
    """Listens on ``port`` and passes on to ``target`` (another port) what comes; a context manager.

    The first ``single`` octets of each connection come back one by one; after ``most`` nothing comes back any
    more and the connection stays open. ``single`` and ``most`` may be changed at any time.
    """

    def __init__(self, target: int, single: int = 0, most: int | None = None) -> None:
        self.single = single
        self.most = most
        self.passed: list[bytearray] = []
        """What came back on each connection so far."""
        self._target = target
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> SlowRelay:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):  # it is gone already
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return  # closed: the test is over
            near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open += [near, far]
            self.passed.append(bytearray())
            threading.Thread(target=self._there, args=(near, far), daemon=True).start()
            threading.Thread(target=self._back, args=(near, far, self.passed[-1]), daemon=True).start()

    def _there(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while data := near.recv(4096):
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # either end has gone, which the other is told below
        finally:
            near.close()

    def _back(self, near: socket.socket, far: socket.socket, passed: bytearray) -> None:
        try:
            while data := far.recv(4096):
                at = 0
                while at < len(data):
                    single = len(passed) < self.single
                    size = 1 if single else len(data) - at
                    if self.most is not None:
                        size = min(size, self.most - len(passed))
                    if not size:
                        return
                    passed += data[at : at + size]
                    near.sendall(data[at : at + size])
                    at += size
                    if single:
                        time.sleep(_PAUSE)
            near.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def handshake(octets: bytes) -> list[int]:
    """Where each record of a service's handshake ends, with TLS 1.2: the last is its Finished ."""
    ends: list[int] = []
    at, before = 0, 0
    while before != _CHANGE:
        before = octets[at]
        at += 5 + int.from_bytes(octets[at + 3 : at + 5])
        ends.append(at)
    return [*ends, at + 5 + int.from_bytes(octets[at + 3 : at + 5])]
