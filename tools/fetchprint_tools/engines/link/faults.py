"""A wire that spoils octets: one direction of a serial line or of an SPI bus, with seeded faults."""

from __future__ import annotations

import random
from collections import deque

FAULTS = ("drop", "flip", "duplicate", "truncate", "delay")
"""What can happen: an octet is lost, a bit of it changes, it comes twice, the rest of what is on the wire is
lost, everything from it on comes later."""

_TRUNCATED = 64
_DELAY = 0.03


class FaultWire:
    """Octets go in by ``carry`` and come out, as they came or worse, in order.

    ``set(fault, every)``: from now on the fault befalls one in ``every`` octets on average, 0 for never.
    The same seed and the same octets give the same faults. ``counts``: how many of each there were.
    """

    def __init__(self, seed: int = 1) -> None:
        self.counts = dict.fromkeys(FAULTS, 0)
        self._random = random.Random(seed)
        self._every: dict[str, int] = {}
        self._next: dict[str, int] = {}
        """Octets until the next fault of each kind."""
        self._lost = 0
        self._late: deque[tuple[float, bytes]] = deque()

    def set(self, fault: str, every: int) -> None:
        if fault not in FAULTS:
            raise ValueError(f"a wire's faults are {', '.join(FAULTS)}, not {fault}")
        self._every.pop(fault, None)
        self._next.pop(fault, None)
        if every:
            self._every[fault] = every
            self._next[fault] = self._distance(fault)

    def _distance(self, fault: str) -> int:
        return int(self._random.expovariate(1 / self._every[fault]))

    def carry(self, data: bytes, now: float) -> bytes:
        """``data`` goes onto the wire; what comes out at the other end at ``now``."""
        due = bytearray(self.due(now))
        late = self._late[-1][0] if self._late else 0.0
        out = bytearray()
        for octet in data:
            out += self._octet(octet)
            if self._next.get("delay") == -1:
                self._next["delay"] = self._distance("delay")
                self._late.append((late, bytes(out[:-1])))
                late = max(now, late) + _DELAY
                out = out[-1:]
        if late > now:
            self._late.append((late, bytes(out)))
            return bytes(due) + self.due(now)
        return bytes(due) + self.due(now) + bytes(out)

    def _octet(self, octet: int) -> bytes:
        hit = []
        for fault in self._next:
            self._next[fault] -= 1
            if self._next[fault] < 0:
                self.counts[fault] += 1
                hit.append(fault)
                if fault != "delay":
                    self._next[fault] = self._distance(fault)
        if "truncate" in hit:
            self._lost = self._random.randrange(1, _TRUNCATED)
        if self._lost:
            self._lost -= 1
            return b""
        if "drop" in hit:
            return b""
        if "flip" in hit:
            octet ^= 1 << self._random.randrange(8)
        return bytes((octet, octet)) if "duplicate" in hit else bytes((octet,))

    def due(self, now: float) -> bytes:
        """What was delayed and arrives by ``now``."""
        out = b""
        while self._late and self._late[0][0] <= now:
            out += self._late.popleft()[1]
        return out

    def wait(self, now: float) -> float | None:
        """Seconds until something delayed arrives; None when nothing is."""
        return max(0.0, self._late[0][0] - now) if self._late else None
