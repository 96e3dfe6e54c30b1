"""A thermal head's row of dots: shift register, latch, heat, and what that leaves on the paper.

``fetchprint/engine/thermal_heat.py`` has the data sheets' formula; here it is physics, in floating point.
"""

from __future__ import annotations

import math
from collections.abc import Callable

AMBIENT = 25.0
_COLOUR = 150.0
_CAPACITY = 8.0
"""Joules that warm the head by one degree."""
_COOLING_S = 20.0
"""Seconds in which a head left alone loses all but 1/e of its warmth."""

FAINT = 0.6
"""Of the energy that a black dot needs: with less there is nothing to be seen."""
GREY = 0.85
"""With less a dot is grey, which is drawn as every other dot."""
SMEARED = 1.35
"""With more it colours its neighbours."""
_DESTROYED = 4.0
"""In one strobe, or with the strobe left on: the dot is gone for good."""


class PrintHead:
    """``width`` dots of ``resistance`` ohms that need ``energy`` joules each at 25 degrees; ``most`` of them
    at once is what the supply of ``volts`` can give. ``temperature`` in degrees Celsius."""

    def __init__(
        self,
        width: int,
        resistance: float,
        energy: float,
        most: int,
        volts: float,
        warn: Callable[[str], None],
    ) -> None:
        self.width = width
        self.volts = volts
        self.powered = True
        self.temperature = AMBIENT
        self.longest = 0
        """Microseconds of the longest strobe so far."""
        self.worst: tuple[float, float] = (math.inf, 0.0)
        """Least and most of the energy a dot needs, of all dots so far that were to be black."""
        self.dead = 0
        """Dots that are burnt out, as bits."""
        self._resistance = resistance
        self._energy = energy
        self._most = most
        self._warn = warn
        self._register = bytes(width // 8)
        self._latched = 0
        self._row: list[tuple[int, float]] = []
        self._strobing = 0

    @property
    def needed(self) -> float:
        """Joules for a black dot now."""
        return self._energy * (_COLOUR - self.temperature) / (_COLOUR - AMBIENT)

    def shift(self, data: bytes) -> bytes:
        """Octets in; what falls out at the other end."""
        whole = self._register + data
        self._register = whole[len(data) :]
        return whole[: len(data)]

    def latch(self) -> None:
        self._latched = int.from_bytes(self._register, "big")

    def heat(self, us: int) -> None:
        """The strobe is on for this long."""
        self._strobing += us
        self.longest = max(self.longest, self._strobing)
        dots = self._latched.bit_count()
        if not dots or not self.powered:
            return
        volts = self.volts
        if dots > self._most:
            self._warn(f"head: {dots} dots at once pull the supply of {self._most} down")
            volts *= self._most / dots
        energy = volts * volts / self._resistance * us / 1_000_000
        self.temperature += energy * dots / _CAPACITY
        if energy > _DESTROYED * self.needed:
            self._warn(f"head: burnt, strobed for {self._strobing} us")
            self.dead |= self._latched
        self._add(self._latched & ~self.dead, energy)

    def strobe_ends(self) -> None:
        self._strobing = 0

    def cool(self, us: int) -> None:
        """Time passes."""
        warmth = (self.temperature - AMBIENT) * math.exp(-us / 1_000_000 / _COOLING_S)
        self.temperature = AMBIENT + warmth

    def _add(self, dots: int, energy: float) -> None:
        """Heat the paper under ``dots``; those that had some get more."""
        row = []
        for old, had in self._row:
            both = old & dots
            if both:
                row.append((both, had + energy))
                dots &= ~both
                old &= ~both
            if old:
                row.append((old, had))
        if dots:
            row.append((dots, energy))
        self._row = row

    def row(self, number: int) -> bytes:
        """What is on the paper of row ``number``, when it has been moved on."""
        black = 0
        for dots, energy in self._row:
            part = energy / self.needed
            self.worst = min(self.worst[0], part), max(self.worst[1], part)
            if part < GREY:
                self._warn(f"head: row {number} has {part:.0%} of the heat it needs")
                pattern = (0x55 if number & 1 else 0xAA).to_bytes(1, "big") * (self.width // 8)
                dots = dots & int.from_bytes(pattern, "big") if part >= FAINT else 0
            elif part > SMEARED:
                self._warn(f"head: row {number} has {part:.0%} of the heat it needs")
                dots |= (dots << 1 | dots >> 1) & ((1 << self.width) - 1)
            black |= dots
        self._row = []
        return black.to_bytes(self.width // 8, "big")
