"""The framed link's driver on a bench: its engine of ``link_engine``, and a clock that the test turns."""

from document_samples import noise
from link_engine import Engine

from fetchprint import ticks
from fetchprint.engine import base, link_setup
from fetchprint.engine.link import FramedLink
from fetchprint.engine.link_spi import SPIStream

START = ticks.PERIOD - 500  # so that every test sees the clock wrap


class Bus:
    """SPI with ``engine`` as the slave, and its READY line."""

    def __init__(self, engine):
        self.engine = engine
        self.transfers = 0

    def poll(self, now):
        """Nothing waits here."""

    def input(self, name):
        assert name == "ready"
        return self

    def value(self):
        self.engine.tell()
        return self.engine.waiting() > 0

    def exchange(self, tx, rx, off, n):
        assert off == 0 and n == len(tx) == len(rx) == 256
        self.transfers += 1
        got = self.engine.readinto(rx, 0, n) or 0
        for i in range(got, n):
            rx[i] = 0
        self.engine.write(tx, 0, n)


class Bench:
    """A driver, its engine and a clock. ``tx``, ``slot``: as the driver takes them. ``spi``: None for a
    serial line, else whether READY is wired."""

    def __init__(self, tx=336, slot=42, spi=None, **kw):
        self.engine = Engine(**kw)
        stream = self.engine if spi is None else SPIStream(Bus(self.engine), spi)
        self.driver = FramedLink(stream, bytearray(tx), slot, 500)
        self.now = START

    def turn(self, ms=5):
        self.now = ticks.add(self.now, ms)
        self.engine.tell()
        self.driver.poll(self.now)

    def run(self, ms, step=20):
        for _ in range(ms // step):
            self.turn(step)

    def until(self, condition, turns=5000):
        for _ in range(turns):
            if condition():
                return
            self.turn()
        raise AssertionError("in vain")

    def call(self, function, *args):
        """Call until it is done."""
        for _ in range(5000):
            answer = function(*args)
            if answer is not None:
                return answer
            self.turn()
        raise AssertionError("never done")

    def ready(self):
        """Until the engine has told what it is and could print."""
        self.until(lambda: self.driver.session.told is not None)
        link_setup.describe(self.driver, self.driver.session.told)
        self.until(lambda: not self.driver.reasons & base.STOPS)
        return self

    def lines(self, count, seed=0):
        n = (self.engine.width + 7) // 8
        for y in range(seed, seed + count):
            self.call(self.driver.line, noise(n, y), 0, n)

    def page(self, height, seed=0):
        """A page of ``noisy`` lines."""
        self.call(self.driver.begin_page, self.engine.width, height)
        self.lines(height, seed)
        self.call(self.driver.end_page)

    def job(self, height, seed=0):
        """A job of one page."""
        self.call(self.driver.begin_job)
        self.page(height, seed)
        self.call(self.driver.end_job)


def noisy(height, n=9, seed=0):
    """The lines of a page, one at a time: memory is short."""
    for y in range(seed, seed + height):
        yield noise(n, y)


def refused(kind, call, *args):
    try:
        call(*args)
    except kind as error:
        return str(error)
    raise AssertionError("taken")
