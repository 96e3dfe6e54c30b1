"""A wire between a printer and its service that loses chosen replies after the service has acted."""

from __future__ import annotations

import re
import socket
import threading
from types import TracebackType

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_SECONDS = 40.0
"""Longer than a service holds Get-Notifications."""


class LossyRelay:
    """Listens on ``port`` and passes requests on to ``target``.

    ``lose(operation)``: the next request of that operation-id reaches the service, which answers,
    but the connection breaks before a byte of the answer is passed on. ``lost`` lists what was
    lost, ``seen`` all that has come. ``keep``: bytes of that answer that still come through.
    ``change(old, new)``: octets that become others of the same length in every answer from now on.
    """

    def __init__(self, target: int) -> None:
        self.seen: list[int] = []
        self.lost: list[int] = []
        self._target = target
        self._losing: dict[int, int] = {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._changed = (b"", b"")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> LossyRelay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        with self._lock:
            for end in self._open:
                end.close()

    def lose(self, operation: int, keep: int = 0) -> None:
        with self._lock:
            self._losing[operation] = keep

    def change(self, old: bytes, new: bytes) -> None:
        assert len(old) == len(new)
        self._changed = (old, new)

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return  # closed: the test is over
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._target), _SECONDS)
        near.settimeout(_SECONDS)
        with self._lock:
            self._open |= {near, far}
        losing: list[int] = []  # bytes to keep of the answer that is to be lost, once there is one
        pump = threading.Thread(target=self._pump, args=(far, near, losing), daemon=True)
        pump.start()
        try:
            while request := _request(near):
                operation = int.from_bytes(request[request.index(b"\r\n\r\n") + 6 :][:2], "big")
                with self._lock:
                    self.seen.append(operation)
                    if operation in self._losing:
                        losing.append(self._losing.pop(operation))
                        self.lost.append(operation)
                far.sendall(request)
        except OSError:
            pass  # either side has gone, as a wire's ends do
        for end in (near, far):
            end.close()
        with self._lock:
            self._open -= {near, far}

    def _pump(self, far: socket.socket, near: socket.socket, losing: list[int]) -> None:
        """What the service says, on to the printer, until an answer is to be lost."""
        try:
            while piece := far.recv(65536):
                if self._changed[0]:
                    piece = piece.replace(*self._changed)
                if losing:
                    piece = piece[: losing[0]]
                    losing[0] -= len(piece)
                near.sendall(piece)
                if losing and not losing[0]:
                    break
            near.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # one of the two has been closed


def _request(near: socket.socket) -> bytes:
    """The whole next request, empty when there is none."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = near.recv(65536)
        if not piece:
            return b""
        data += piece
    found = _LENGTH.search(data)
    assert found is not None
    whole = data.index(b"\r\n\r\n") + 4 + int(found[1])
    while len(data) < whole:
        piece = near.recv(65536)
        if not piece:
            return b""
        data += piece
    return data
