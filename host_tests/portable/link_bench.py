"""The framed link's driver on a bench: its engine of ``link_engine``, and a clock that the test turns."""

from document_samples import noise
from link_engine import Engine

from fetchprint import ticks
from fetchprint.engine import base, link_setup
from fetchprint.engine.link import FramedLink

START = ticks.PERIOD - 500  # so that every test sees the clock wrap


class Bench:
    """A driver, its engine and a clock. ``tx``, ``slot``: as the driver takes them."""

    def __init__(self, tx=336, slot=42, **kw):
        self.engine = Engine(**kw)
        self.driver = FramedLink(self.engine, bytearray(tx), slot, 500)
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
