"""Frames of the framed link, as docs/link-protocol.md has them: the engine's side, to be ported to C."""

from __future__ import annotations

SYNC = 0xA5
HEAD = 6
OVERHEAD = 10

HELLO = 0x01
POLL = 0x02
CANCEL = 0x03
JOB_BEGIN = 0x10
PAGE_BEGIN = 0x11
PAGE_END = 0x12
JOB_END = 0x13
IDENTIFY = 0x14
LINES = 0x20
LANGUAGE = 0x21
OPTIONAL = 0x30
"""From here on to 0x3F: numbered frames that an engine may pass over when it does not know them."""
CAPABILITIES = 0x81
STATUS = 0x82


def _table() -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ 0xEDB88320 if value & 1 else value >> 1
        table.append(value)
    return table


_CRC = _table()


def crc32(data: bytes | bytearray, start: int, end: int) -> int:
    """The CRC-32 of IEEE 802.3 over ``data[start:end]``."""
    crc = 0xFFFFFFFF
    for at in range(start, end):
        crc = crc >> 8 ^ _CRC[(crc ^ data[at]) & 0xFF]
    return crc ^ 0xFFFFFFFF


def frame(kind: int, number: int, payload: bytes) -> bytes:
    """A whole frame."""
    head = bytes((kind, number)) + len(payload).to_bytes(2, "big")
    body = head + bytes((crc32(head, 0, 4) & 0xFF,)) + payload
    return bytes((SYNC,)) + body + crc32(body, 0, len(body)).to_bytes(4, "big")


class Receiver:
    """Collects octets until a whole frame is there. Its buffer holds the longest frame and no more.

    When ``take`` has answered True the frame is in ``kind``, ``number`` and ``payload()``, until the next
    call of ``take`` or ``next``.
    """

    def __init__(self, longest: int) -> None:
        self.kind = 0
        self.number = 0
        self.damaged = 0
        """Syncs that led to no frame."""
        self._longest = longest
        self._buffer = bytearray(longest + OVERHEAD)
        self._count = 0
        self._frame = 0  # size of the frame given out
        self._need = HEAD  # octets before there is anything to look at

    def take(self, octet: int) -> bool:
        """One octet more; whether a frame is whole. After True call ``next`` until it answers False."""
        self._buffer[self._count] = octet
        self._count += 1
        return self._count >= self._need and self.next()

    def next(self) -> bool:
        """Whether another whole frame is among the octets taken."""
        self._drop(self._frame)
        self._frame = 0
        self._need = HEAD
        while self._count > 0:
            if self._buffer[0] != SYNC:
                self._drop(1)
                continue
            if self._count < HEAD:
                return False
            length = self._buffer[3] << 8 | self._buffer[4]
            if length > self._longest or self._buffer[5] != crc32(self._buffer, 1, 5) & 0xFF:
                self.damaged += 1
                self._drop(1)
                continue
            end = HEAD + length
            if self._count < end + 4:
                self._need = end + 4
                return False
            if int.from_bytes(self._buffer[end : end + 4], "big") != crc32(self._buffer, 1, end):
                self.damaged += 1
                self._drop(1)
                continue
            self.kind = self._buffer[1]
            self.number = self._buffer[2]
            self._frame = end + 4
            return True
        return False

    def payload(self) -> bytes:
        return bytes(self._buffer[HEAD : self._frame - 4])

    def _drop(self, count: int) -> None:
        """Forget the first ``count`` octets: what is left moves to the front."""
        left = self._count - count
        self._buffer[:left] = self._buffer[count : self._count]
        self._count = left
