"""The scripted engine behind a slow line, with a small buffer and a paper speed; what overflows is lost."""

from document_samples import noise
from escpos_engine import Engine

from fetchprint import ticks
from fetchprint.engine.escpos import EscPos

BAUD = 115200
BUFFER = 512
MARGIN = 128  # free octets below which it says XOFF
LINE = 72


class Ring:
    """Octets first in, first out; allocates nothing."""

    def __init__(self, size):
        self.buf = bytearray(size)
        self.size = size
        self.at = self.n = 0

    def put(self, octet):
        self.buf[(self.at + self.n) % self.size] = octet
        self.n += 1

    def take(self):
        octet = self.buf[self.at]
        self.at = (self.at + 1) % self.size
        self.n -= 1
        return octet


class SlowEngine(Engine):
    """``cts``: the port takes no more than the buffer has room for. Otherwise it takes 2 kB at once, as
    ports with a buffer of their own do. ``xon_xoff``: the engine says them. ``speed``: lines a second."""

    def __init__(self, speed, cts=False, xon_xoff=False, answering=True):
        Engine.__init__(self)
        self.wire = Ring(2048)
        self.held = Ring(BUFFER)
        self.speed = speed
        self.cts = cts
        self.xon_xoff = xon_xoff
        self.answering = self.confirming = answering
        self.dropped = 0
        self.stopped = False
        self.busiest = 0
        self._off = False
        self._credit = 0  # thousandths of an octet on the line
        self._paper = 0  # thousandths of a line
        self._tail = 0  # the last two octets that arrived

    def write(self, buf, off, n):
        n = min(n, self.wire.size - self.wire.n)
        if self.cts:
            n = min(n, BUFFER - self.held.n - self.wire.n)
        for i in range(n):
            self.wire.put(buf[off + i])
        return n if n > 0 else None

    def step(self):
        """A millisecond passes."""
        self._credit = min(self._credit + BAUD // 10, 32000)
        while self.wire.n and self._credit >= 1000:
            self._credit -= 1000
            self._arrives(self.wire.take())
        self._paper = min(self._paper + self.speed, 2000)
        held = self.held
        while held.n and not self.stopped:
            if self._raster and self._raster % LINE == 0:
                if self._paper < 1000 or held.n < LINE:  # a line is printed when it is whole
                    break
                self._paper -= 1000
            Engine._take(self, held.take())
        if self.xon_xoff:
            free = BUFFER - held.n
            if self._off and free >= 2 * MARGIN or not self._off and free < MARGIN:
                self._off = not self._off
                self.say(0x13 if self._off else 0x11)

    def _arrives(self, octet):
        if self._tail == 0x1004 and 1 <= octet <= 4:
            if self.answering:
                self.say(self.status[octet])
        self._tail = (self._tail << 8 | octet) & 0xFFFF
        if self.held.n == BUFFER:
            self.dropped += 1
        else:
            self.held.put(octet)
        self.busiest = max(self.busiest, self.held.n)

    def _real_time(self, octet):
        """It has acted when it arrived."""


class SlowBench:
    """The driver on it; every turn is a millisecond."""

    def __init__(self, engine, **kw):
        self.engine = engine
        self.driver = EscPos(engine, bytearray(2048), buffer=BUFFER, baud=BAUD, **kw)
        self.now = ticks.PERIOD - 300

    def turn(self):
        self.now = ticks.add(self.now, 1)
        self.engine.step()
        self.driver.poll(self.now)

    def call(self, function, *args):
        for _ in range(30000):
            answer = function(*args)
            if answer is not None:
                return answer
            self.turn()
        raise AssertionError("never done")

    def page(self, height):
        self.call(self.driver.begin_job)
        self.call(self.driver.begin_page, 576, height)
        for y in range(height):
            self.call(self.driver.line, noise(72, y), 0, 72)
        self.call(self.driver.end_page)
        self.call(self.driver.end_job)
