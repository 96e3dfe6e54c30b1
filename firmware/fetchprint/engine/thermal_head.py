"""A bare thermal head with its motor and sensors: lines queued, burnt and stepped in bursts.

The head has no memory beyond the line that is being burnt, so whoever holds the lines is the engine's
controller: that is this module. The paper moves in bursts. Each begins and ends at a rate at which the
motor may stand still, so that the rest of the firmware can do its work in between for as long as it
needs, and the queue may run dry, without a gap, a seam or a lost step on the paper.
"""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine.thermal_heat import Heat, passes, portion
from fetchprint.engine.thermal_motor import Motor
from fetchprint.port.native import micropython, ptr8

const = micropython.const

_LATCH_US = const(1)  # heads want some 100 ns
_LINE_US = const(60)  # for the calls around one strobe; on slow boards it is more, and the motor follows
_MEASURE_LINES = const(8)  # between two looks at supply and temperature
_BOUNCE_MS = const(300)  # a sensor that says "ready" has to say so for this long
_HOLD_MS = const(200)  # the motor holds for this long after a burst

SPOILS = base.MEDIA_EMPTY | base.COVER_OPEN | base.OFFLINE
"""After these the paper is not where it was: a page in the middle of which they come cannot go on."""


@micropython.viper
def _copy(dst: ptr8, at: int, src: ptr8, off: int, n: int, last: int):
    i = 0
    while i < n:
        dst[at + i] = src[off + i]
        i += 1
    dst[at + n - 1] = int(dst[at + n - 1]) & last


class Head:
    """``queued``: lines that wait; ``room``: most of them. ``feed``: white lines to run after those.
    ``done``: lines burnt and stepped since ``done`` was set. ``reasons`` as ``base.Engine`` has them.
    ``moved`` is set before the paper moves. ``spoilt`` is set when a page cannot go on, see SPOILS;
    its owner sets ``height``, the lines of the page, or 0 without one.
    """

    def __init__(self, bus, heat: Heat, motor: Motor, width: int, lines: int, dots: int, burst: int):
        """``width`` of the head in dots. ``lines``: how many the queue holds. ``dots``: how many the supply
        can heat at once. ``burst``: milliseconds of the longest burst. The pins are ``strobe``, ``latch``;
        ``no_paper``, ``head_up``, 1 when it is so; ``temperature`` and ``supply``, analogue."""
        self._bus = bus
        self._strobe = bus.output("strobe")  # low first of all
        self._latch = bus.output("latch")
        self._no_paper = bus.input("no_paper")
        self._head_up = bus.input("head_up")
        self._temperature = bus.analogue("temperature")
        self._supply = bus.analogue("supply")
        self._heat = heat
        self._motor = motor
        motor.connect(bus)
        self._stride = width // 8
        self._dots = dots
        self._burst = burst * 1000
        self._lines = bytearray(lines * self._stride)
        self._passes = bytearray(lines)
        self._limits = bytearray(lines)  # highest index into the ramp with which a line may be stepped
        self._shift = bytearray(self._stride)
        start = bus.ticks_us()
        bus.write(self._shift, 0, self._stride)
        self._shift_us = ticks.diff(bus.ticks_us(), start) + _LINE_US
        self.room = lines
        self.queued = self.feed = self.done = self.height = 0
        self._first = 0  # the queue's oldest line
        self.reasons = base.OFFLINE
        self.moved = self.spoilt = False
        self._now = self._bad_at = self._rest_at = 0
        self._looked = self._unchecked = False

    # between bursts

    def settled(self) -> bool:
        """Whether all that was given is on paper, and the sensors have been read since."""
        return not (self.queued or self.feed or self._unchecked)

    def look(self, now: int):
        """Read the sensors; once in each poll."""
        self._now = now
        if not self._looked:
            self._looked = True
            self._bad_at = ticks.add(now, -_BOUNCE_MS)
        found = self._sensors() | self._measure()
        if found & SPOILS:
            self._bad_at = now
            # The supply is not measured at every line: it may have gone before the last ones.
            if 0 < self.done < self.height or self.height and self._unchecked and found & base.OFFLINE:
                self.spoilt = True
        elif ticks.diff(now, self._bad_at) < _BOUNCE_MS:
            found |= self.reasons & SPOILS
        self.reasons = found
        self._unchecked = False
        if self._motor.on and ticks.diff(now, self._rest_at) > _HOLD_MS:
            self._motor.off()

    def put(self, buf, off: int, n: int, last: int):
        """Queue a line: ``n`` octets of ``buf`` from ``off``, with ``last`` masking the last of them; the
        rest of the head's width is white. Not when ``queued`` is ``room``."""
        motor = self._motor
        stride = self._stride
        at = (self._first + self.queued) % self.room
        begin = at * stride
        _copy(self._lines, begin, buf, off, n, last)
        for i in range(begin + n, begin + stride):
            self._lines[i] = 0
        count = passes(self._lines, begin, stride, self._dots)
        self._passes[at] = count
        limit = motor.top
        if count:
            # An eighth more than a line takes now: the head may get colder.
            limit = motor.fastest(count * ((self._heat.pulse * 9 >> 3) + self._shift_us * motor.steps))
        self._limits[at] = limit
        self.queued += 1
        # The lines before it have to slow down in time.
        for _ in range(self.queued - 1):
            limit += motor.steps
            at = (at or self.room) - 1
            if self._limits[at] <= limit:
                break
            self._limits[at] = limit

    def drop(self):
        """Forget the lines that wait."""
        self.queued = 0

    # a burst

    def run(self):
        """Burn and step what waits, and no longer than ``burst`` and one line. The motor may stand still
        afterwards."""
        motor = self._motor
        bus = self._bus
        steps = motor.steps
        began = bus.ticks_us()
        motor.begin()
        closing = False
        burn = True
        look = 0
        while self.queued or self.feed:
            if burn:
                found = self._sensors()
                if not look:
                    look = _MEASURE_LINES
                    found |= self._measure()
                look -= 1
                if found & base.STOPS:
                    self.reasons |= found
                    closing = True
                    if found & SPOILS:
                        burn = False
                        self._bad_at = self._now
                        self.spoilt = self.spoilt or 0 < self.done < self.height
            if closing and motor.index <= 0:
                break
            at = self._first
            queued = self.queued > 0
            count = self._passes[at] if queued and burn else 0
            top = self._limits[at] if queued else motor.top
            then = motor.top
            if self.queued > 1:
                then = self._limits[at + 1 if at + 1 < self.room else 0]
            left = (self.queued or self.feed) * steps
            self.moved = True
            for step in range(steps):
                if count:
                    self._burn(at * self._stride, count, step)
                left -= 1
                index = motor.index
                if not closing and index >= 0:
                    closing = ticks.diff(bus.ticks_us(), began) + motor.down(index) > self._burst
                index += -1 if closing else 1
                index = max(0, min(index, top, then + steps - step, left))
                motor.step(index)
            if queued:
                self.queued -= 1
                self._first = at + 1 if at + 1 < self.room else 0
                self.done += burn
            else:
                self.feed -= 1
        self.reasons |= self._sensors()  # with that answer, all of the burst has happened
        self._rest_at = self._now
        self._unchecked = True

    def _burn(self, at, count, step):
        """One of the strobes of the line at ``at``: each step of a line has its share of the heat."""
        bus = self._bus
        us = self._heat.pulse // self._motor.steps
        if count == 1 and step:
            self._strobe.pulse(us)  # it is still latched
            return
        begin = 0
        for _ in range(count):
            begin = portion(self._shift, self._lines, at, begin, self._stride, self._dots)
            bus.write(self._shift, 0, self._stride)
            self._latch.pulse(_LATCH_US)
            self._strobe.pulse(us)

    def _sensors(self):
        found = 0
        if self._no_paper.value():
            found = base.MEDIA_EMPTY
        if self._head_up.value():
            found |= base.COVER_OPEN
        return found

    def _measure(self):
        return self._heat.measure(self._supply.read(), self._temperature.read())
