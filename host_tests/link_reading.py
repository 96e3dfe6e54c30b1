"""Frames as either end of a framed link finds them, and a stream for the host's end."""

from __future__ import annotations

from fetchprint.engine import link_frames
from fetchprint_tools.engines.link import frames

LONGEST = 64
"""Octets of a payload."""
Found = list[tuple[int, bytes]]


def by_host(data: bytes) -> tuple[Found, int]:
    reader = link_frames.Reader(bytearray(LONGEST + link_frames.OVERHEAD))
    found = []
    at = 0
    while at < len(data):
        at += reader.put(data, at, min(len(data), at + 1 + at % 50))
        while reader.find():
            found.append((reader.kind, bytes(reader.buf[6 : 6 + reader.length])))
    return found, reader.damaged


def by_engine(data: bytes) -> tuple[Found, int]:
    receiver = frames.Receiver(LONGEST)
    found = []
    for octet in data:
        more = receiver.take(octet)
        while more:
            found.append((receiver.kind, receiver.payload()))
            more = receiver.next()
    return found, receiver.damaged


class Talker:
    """A Stream that says what it was given and takes everything."""

    def __init__(self) -> None:
        self.says = b""

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        data, self.says = self.says[:n], self.says[n:]
        buf[off : off + len(data)] = data
        return len(data) or None

    def write(self, buf: bytearray, off: int, n: int) -> int:
        return n
