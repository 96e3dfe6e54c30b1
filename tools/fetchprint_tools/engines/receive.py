"""The receive buffer of an engine: finite, with real-time commands found on arrival.

Real-time commands (DLE EOT, DLE ENQ, DLE DC4) act when their last byte arrives, wherever
they stand, even inside raster data; their bytes stay in the stream all the same. The
interpreter passes over them later, or prints them as the dots they also are.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable

_CLEAR = b"\x08\x01\x03\x14\x01\x06\x02\x08"

REALTIME = re.compile(
    rb"\x10(?:\x04[\x01-\x04]|\x05[\x00-\x02]|\x14\x01[\x00\x01][\x01-\x08]|\x14" + re.escape(_CLEAR) + rb")"
)
"""DLE EOT n (n = 1..4), DLE ENQ n (n = 0..2), DLE DC4 1 m t (pulse), DLE DC4 8 ... (clear buffers)."""


def _unfinished() -> re.Pattern[bytes]:
    """Matches the beginning of a real-time command at the end of the data."""
    tail = b""
    for octet in reversed(_CLEAR[1:-1]):
        tail = rb"(?:" + re.escape(bytes((octet,))) + tail + rb")?"
    return re.compile(rb"\x10(?:\x04|\x05|\x14(?:\x01[\x00\x01]?|\x08" + tail + rb")?)?\Z")


_UNFINISHED = _unfinished()
_TEXT = re.compile(rb"[\x20-\xff]+")


class ReceiveBuffer:
    """At most ``size`` bytes wait here; what does not fit is dropped and counted.

    ``on_realtime(command)`` is called for each complete real-time command when it arrives.
    """

    def __init__(self, size: int, on_realtime: Callable[[bytes], None]) -> None:
        self.size = size
        self.received = 0
        self.dropped = 0
        self._on_realtime = on_realtime
        self._data = bytearray()
        self._consumed = 0
        self._tail = b""
        self._marks: deque[tuple[int, Callable[[], None]]] = deque()

    def __len__(self) -> int:
        return len(self._data)

    @property
    def room(self) -> int:
        return self.size - len(self._data)

    def receive(self, data: bytes) -> None:
        joined = self._tail + data
        before = len(self._tail)
        stored = end = 0
        for match in REALTIME.finditer(joined):
            end = match.end()
            # Stored first: a command that clears the buffer clears what came before it too.
            self._store(data[stored : end - before])
            stored = end - before
            self._on_realtime(match.group())
        self._store(data[stored:])
        unfinished = _UNFINISHED.search(joined, end)
        self._tail = unfinished.group() if unfinished else b""

    def _store(self, data: bytes) -> None:
        self.received += len(data)
        room = self.room
        if len(data) > room:
            self.dropped += len(data) - room
            data = data[:room]
        self._data += data

    def clear(self) -> None:
        self._consumed += len(self._data)
        self._data.clear()
        self._tail = b""

    def mark(self, action: Callable[[], None]) -> None:
        """Call ``action`` when everything received until now has been taken out and carried out."""
        self._marks.append((self._consumed + len(self._data), action))

    def ready(self) -> int:
        """Bytes that can be taken at once; calls the actions of the marks that were reached."""
        while self._marks:
            distance = self._marks[0][0] - self._consumed
            if distance > 0:
                return min(distance, len(self._data))
            self._marks.popleft()[1]()
        return len(self._data)

    def take(self, limit: int) -> bytes:
        """1 to ``limit`` bytes, or none when the buffer is empty."""
        count = min(limit, self.ready())
        data = bytes(self._data[:count])
        del self._data[:count]
        self._consumed += count
        return data

    def take_text(self) -> bytes:
        """The printable bytes that come next, perhaps none."""
        match = _TEXT.match(self._data, 0, self.ready())
        return self.take(match.end()) if match else b""

    def finish(self) -> None:
        """Drop what is left and call the actions of all marks."""
        self.clear()
        self.ready()
