"""The ESC/POS driver on a bench: its scripted engine, and a clock that the test turns."""

from document_samples import noise
from escpos_engine import Engine

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine.escpos import EscPos

START = ticks.PERIOD - 500  # so that every test sees the clock wrap


class Bench:
    """A driver, its engine and a clock."""

    def __init__(self, slow=0, **kw):
        self.engine = Engine(slow)
        self.driver = EscPos(self.engine, bytearray(kw.pop("tx", 4096)), **kw)
        self.now = START

    def turn(self, ms=1):
        self.now = ticks.add(self.now, ms)
        self.driver.poll(self.now)

    def run(self, ms, step=5):
        for _ in range(ms // step):
            self.turn(step)

    def until(self, condition, ms=5000):
        for _ in range(ms):
            if condition():
                return
            self.turn()
        raise AssertionError("in vain")

    def call(self, function, *args):
        """Call until it is done."""
        for _ in range(20000):
            answer = function(*args)
            if answer is not None:
                return answer
            self.turn()
        raise AssertionError("never done")

    def ready(self):
        self.until(lambda: not self.driver.reasons & base.STOPS)
        return self

    def lines(self, count, seed=0):
        """Lines ``seed``, ``seed`` + 1 and so on of ``noisy``."""
        for y in range(seed, seed + count):
            self.call(self.driver.line, noise(72, y), 0, 72)

    def page(self, height, width=576):
        """A page of ``noisy`` lines."""
        self.call(self.driver.begin_page, width, height)
        self.lines(height)
        self.call(self.driver.end_page)


def noisy(height):
    """The lines of a page, one at a time: memory is short."""
    for y in range(height):
        yield noise(72, y)


def refused(kind, call, *args):
    try:
        call(*args)
    except kind as error:
        return str(error)
    raise AssertionError("taken")


def paper_out(engine, out=True):
    engine.status[1] = 0x1A if out else 0x12
    engine.status[2] = 0x32 if out else 0x12
    engine.status[4] = 0x7E if out else 0x12
