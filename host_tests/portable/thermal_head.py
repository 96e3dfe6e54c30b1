"""A thermal head, motor and sensors behind a Bus with its own time. Allocates nothing while it works."""

from fetchprint import ticks

STEPS = 2
PULL_IN_US = 3333  # a line at the start-stop rate, 300 lines/s
ORDER = b"\x00\x03\x01\x02"  # a | b << 1 to its place in the order of steps: 0, b, a and b, a


class Mechanism:
    """``digest`` and ``count`` of the rows that have been on paper, white ones too; see ``digest`` below.

    ``longest``: microseconds of the longest strobe; ``hottest``: most dots strobed at once; ``strobes``.
    ``slow``: microseconds that each call takes besides. ``late``: one wait in so many is late by 2 ms.
    ``out_at``: rows after which the paper is out. ``blind``: strobes without paper or with the head up.
    ``jumps``: steps that a rotor would not have followed. ``broken``: every call fails.
    """

    def __init__(self, width=576):
        self.stride = width // 8
        self.us = ticks.PERIOD - 1000  # every test sees it wrap
        self.digest = self.count = self.strobes = self.longest = self.hottest = self.blind = self.jumps = 0
        self.black = 0  # rows with a dot
        self.slow = self.late = self.out_at = 0
        self.no_paper = self.head_up = 0
        self.supply = 52400
        self.temperature = 32768
        self.broken = False
        self.polls = 0
        self._register = bytearray(self.stride)
        self._latched = bytearray(self.stride)
        self._row = bytearray(self.stride)
        self._waits = 0
        self._phase = 0
        self._windings = 0
        self.enabled = False
        self._step = 0
        self._stepped = self.us
        self._apart = 1 << 20

    # the Bus

    def poll(self, now):
        self._check()
        self.polls += 1

    def write(self, buf, off, n):
        self._check()
        assert n == self.stride and off == 0
        for i in range(n):
            self._register[i] = buf[i]
        self.spend(n * 8 // 10)

    def output(self, name, value=0):
        return Pin(self, name)

    def input(self, name):
        return Pin(self, name)

    analogue = input

    def ticks_us(self):
        return self.us

    def wait_until(self, us):
        self._waits += 1
        if ticks.diff(us, self.us) > 0:
            self.us = us
        if self.late and self._waits % self.late == 0:
            self.spend(2000)

    # what it does

    def spend(self, us):
        self.us = ticks.add(self.us, us + self.slow)

    def _check(self):
        if self.broken:
            raise OSError(5)

    def get(self, name):
        self._check()
        self.spend(1)
        if name == "no_paper":
            return self.no_paper
        if name == "head_up":
            return self.head_up
        return self.supply if name == "supply" else self.temperature

    def set(self, name, value):
        self._check()
        if name == "motor":
            self.enabled = value
        elif name == "phase_a" or name == "phase_b":
            bit = 1 if name == "phase_a" else 2
            self._windings = self._windings & ~bit | (bit if value else 0)
            place = ORDER[self._windings]
            if self.enabled and place == (self._phase + 1 & 3):
                self._forward()
            self._phase = place

    def pulse(self, name, us):
        self._check()
        self.spend(us)
        if name == "latch":
            for i in range(self.stride):
                self._latched[i] = self._register[i]
            return
        assert name == "strobe"
        self.strobes += 1
        self.longest = max(self.longest, us)
        if self.no_paper or self.head_up:
            self.blind += 1
        dots = 0
        for i in range(self.stride):
            octet = self._latched[i]
            self._row[i] |= octet
            while octet:
                dots += octet & 1
                octet >>= 1
        self.hottest = max(self.hottest, dots)

    def _forward(self):
        apart = ticks.diff(self.us, self._stepped)
        self._stepped = self.us
        # From step to step the time may change by a tenth, unless both are slow enough to begin anew.
        slow = PULL_IN_US // STEPS
        if (apart < slow and apart * 10 < min(self._apart, slow) * 9) or (
            self._apart < slow and apart * 9 > self._apart * 10 and not self.late
        ):
            self.jumps += 1
        self._apart = apart
        self._step += 1
        if self._step < STEPS:
            return
        self._step = 0
        black = 0
        for i in range(self.stride):
            octet = self._row[i]
            self.digest = (self.digest * 31 + octet) & 0xFFFFFF
            black |= octet
            self._row[i] = 0
        self.count += 1
        if black:
            self.black += 1
        if self.count == self.out_at:
            self.no_paper = 1


class Pin:
    """Any pin."""

    def __init__(self, mechanism, name):
        self._mechanism = mechanism
        self._name = name

    def set(self, value):
        self._mechanism.set(self._name, value)

    def pulse(self, us):
        self._mechanism.pulse(self._name, us)

    def value(self):
        return self._mechanism.get(self._name)

    read = value


def digest(rows):
    """What ``Mechanism.digest`` becomes when ``rows`` have passed."""
    value = 0
    for row in rows:
        for octet in row:
            value = (value * 31 + octet) & 0xFFFFFF
    return value
