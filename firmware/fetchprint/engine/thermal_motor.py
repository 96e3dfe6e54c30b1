"""The stepper motor that moves the paper past a thermal head: two windings, full steps, ramps.

A stepper follows at once up to its start-stop rate; to run faster it has to be led there and back.
So each step has an index into a ramp: 0 is the rate ``start``, the last ``speed``, and from one step to
the next the index goes up or down by at most 1. At index 0 the motor may stop.
"""

from array import array

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.port.native import micropython

const = micropython.const

_SETTLE_US = const(3000)  # for the rotor to find its place when the windings are switched on


class Motor:
    """``index``: of the last step; -1 after a rest."""

    def __init__(self, steps: int, start: int, speed: int, ramp: int):
        """``steps`` a line; ``start`` and ``speed`` in lines a second; ``ramp``: lines from one to the
        other."""
        if not 0 < start <= speed <= 4000 or not 0 < steps <= 8 or not 0 < ramp * steps < 256:
            raise base.EngineLocalError(
                "a motor of %d steps a line from %d to %d lines/s in %d lines: give 1 to 8 steps,"
                " speeds up to 4000 and fewer than 256 steps of ramp" % (steps, start, speed, ramp)
            )
        self.steps = steps
        self.top = ramp * steps
        self.index = -1
        self.on = False
        self._bus = self._enable = self._a = self._b = None
        self._phase = 0
        self._last = 0  # when the last step was
        self._interval = array("H", bytes(2 * self.top + 2))
        self._down = array("I", bytes(4 * self.top + 4))
        total = 0
        for i in range(self.top + 1):
            # constant acceleration: the square of the speed grows by as much with every step
            rate = (start * start + (speed * speed - start * start) * i / self.top) ** 0.5
            self._interval[i] = min(0xFFFF, int(1000000 / (rate * steps)))
            total += self._interval[i]
            self._down[i] = total

    def connect(self, bus):
        """The pins: ``motor`` switches the windings on, ``phase_a`` and ``phase_b`` are their directions."""
        self._bus = bus
        self._enable = bus.output("motor")
        self._a = bus.output("phase_a")
        self._b = bus.output("phase_b")

    def fastest(self, us: int) -> int:
        """The highest index at which a line takes ``us`` microseconds or more; 0 when none does."""
        i = self.top
        while i and self._interval[i] * self.steps < us:
            i -= 1
        return i

    def down(self, index: int) -> int:
        """Microseconds from the step with ``index`` until the motor may stop."""
        return self._down[index]

    def begin(self):
        """Before the first step after a rest."""
        if not self.on:
            self._enable.set(1)
            self.on = True
            self._bus.wait_until(ticks.add(self._bus.ticks_us(), _SETTLE_US))
        self.index = -1
        self._last = self._bus.ticks_us()

    def step(self, index: int):
        """One step, not before its time."""
        bus = self._bus
        due = ticks.add(self._last, self._interval[index])
        bus.wait_until(due)
        phase = self._phase = self._phase + 1 & 3
        if phase & 1:
            self._b.set(phase == 1)
        else:
            self._a.set(phase == 2)
        now = bus.ticks_us()
        if ticks.diff(now, due) > self._interval[index] >> 2:
            # Late: the rotor is slower than it was to be, and is led on from there.
            actual = ticks.diff(now, self._last)
            while index and self._interval[index] < actual:
                index -= 1
        self.index = index
        self._last = now

    def off(self):
        """Let go: windings that hold still make heat."""
        self._enable.set(0)
        self.on = False
