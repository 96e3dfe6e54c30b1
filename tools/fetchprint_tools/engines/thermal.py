"""An emulated thermal printing mechanism on a bus: head, motor, paper and sensors, in the bus's own time.

Nothing in it thinks. What the firmware clocks in, strobes and steps is what happens to the paper: a
line that is stepped twice leaves a gap, one that is strobed too briefly is grey, a motor that is led
too fast misses steps. Such things are warned of as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from fetchprint_tools.engines.benchwire import Bench
from fetchprint_tools.engines.paper import MemoryPaper, Paper
from fetchprint_tools.engines.printhead import PrintHead
from fetchprint_tools.engines.stepper import Stepper

_BUFFER_ROWS = 64

_SUPPLY = 0.8
"""Of the full scale of the supply's analogue input: 24 V where that is 30 V."""


class ThermalMechanism(Bench):
    """The mechanism that ``settings`` (of the thermal driver, whole) describe.

    ``paper`` may be replaced at any time and gets the dot lines.
    """

    def __init__(self, settings: Mapping[str, Any], paper: Paper | None = None) -> None:
        width = int(settings["width"])
        super().__init__(width, MemoryPaper(width) if paper is None else paper)
        self._full_scale = settings["volts"] / 1000
        self.head = PrintHead(
            width,
            settings["resistance"],
            settings["energy"] / 1_000_000,
            settings["dots"],
            self._full_scale * _SUPPLY,
            self.warn,
        )
        self.motor = Stepper(int(settings["steps"]), self.warn)
        self.lines = 0
        """Dot lines of paper that have passed."""
        self.us = 0
        """Microseconds since the mechanism was made."""
        self.burning_us = 0
        self.octets = 0
        """Octets that were clocked in."""
        self._levels = {"phase_a": 0, "phase_b": 0, "strobe": 0}
        self._paper_out = self._head_up = False
        self._out_at: int | None = None
        self._step = 0
        self._rows = bytearray()

    # -- the bus ----------------------------------------------------------------------------------

    def elapse(self, us: int) -> None:
        self.us += us
        self.head.cool(us)
        self.motor.rest(self.us)
        if self._levels["strobe"]:
            self._heat(us)

    def shift(self, data: bytes) -> bytes:
        self.octets += len(data)
        return self.head.shift(data)

    def set(self, pin: str, level: int) -> None:
        before = self._levels.get(pin, 0)
        self._levels[pin] = level
        if pin == "latch":
            if level and not before:
                self.head.latch()
        elif pin == "strobe":
            self.head.strobe_ends()
        elif pin == "motor":
            self.motor.switch(bool(level) and self.head.powered, self.us)
        elif pin in ("phase_a", "phase_b"):
            self._move(self.motor.turn(self._levels["phase_a"], self._levels["phase_b"], self.us))

    def pulse(self, pin: str, us: int) -> None:
        self.set(pin, 1)
        self.elapse(us)
        self.set(pin, 0)

    def level(self, pin: str) -> int:
        return int(self._paper_out if pin == "no_paper" else self._head_up)

    def analogue(self, pin: str) -> int:
        if pin == "supply":
            return int(65535 * self.head.volts / self._full_scale) if self.head.powered else 0
        ohms = 30_000 * math.exp(3950 * (1 / (self.head.temperature + 273.15) - 1 / 298.15))
        return int(65535 * ohms / (ohms + 30_000))

    # -- the paper --------------------------------------------------------------------------------

    def _heat(self, us: int) -> None:
        self.burning_us += us
        self.head.heat(us)
        if self._paper_out or self._head_up:
            self.warn("head: strobed without paper")

    def _move(self, steps: int) -> None:
        if not steps or self._head_up:
            return  # lifted, the paper slips
        self._step += steps
        if self._step < 0:
            self.warn("motor: the paper went backwards")
            self._step = 0
        if self._step < self.motor.steps:
            return
        self._step = 0
        row = self.head.row(self.lines)
        if self._paper_out:
            return
        self._rows += row
        self.lines += 1
        if len(self._rows) >= _BUFFER_ROWS * self.width // 8:
            self._lay_down()
        if self._out_at is not None and self.lines >= self._out_at:
            self.paper_out()

    def _lay_down(self) -> None:
        rows, self._rows = bytes(self._rows), bytearray()
        if rows:
            self.paper.rows(rows)

    def mark(self, action: Callable[[], None]) -> None:
        self._lay_down()
        action()

    def transmit(self) -> bytes:
        self._lay_down()
        return super().transmit()

    def finish(self) -> None:
        self._lay_down()

    # -- faults and people ------------------------------------------------------------------------

    def paper_out(self, at_line: int | None = None) -> None:
        """The paper ends: now, or when ``lines`` has reached ``at_line``."""
        if at_line is not None and at_line > self.lines:
            self._out_at = at_line
            return
        self._out_at = None
        self._paper_out = True

    def paper_in(self) -> None:
        """A new roll is put in."""
        self._out_at = None
        self._paper_out = False

    def cover_open(self) -> None:
        """The cover has the platen roller: the head is not on the paper."""
        self._head_up = True

    def cover_close(self) -> None:
        self._head_up = False

    def power(self, on: bool) -> None:
        """The supply of head and motor."""
        self.head.powered = on
        self.motor.switch(on and bool(self._levels.get("motor")), self.us)

    def heat_to(self, degrees: float) -> None:
        """The head is at so many degrees Celsius now; it cools down by itself."""
        self.head.temperature = degrees
