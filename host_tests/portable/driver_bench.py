"""A driver on a bench: a clock that the test turns, and pages of known noise. Each driver adds its engine."""

from document_samples import noise

from fetchprint import ticks
from fetchprint.engine import base

START = ticks.PERIOD - 500  # so that every test sees the clock wrap


class Bench:
    """A subclass makes ``driver`` and says how wide its pages are."""

    step = 1  # ms of a turn
    width = 576  # dots of a page

    def __init__(self, driver):
        self.driver = driver
        self.now = START

    def spend(self, ms):
        """What else takes its time."""

    def turn(self, ms=-1):
        if ms < 0:
            ms = self.step
        self.now = ticks.add(self.now, ms)
        self.spend(ms)
        self.driver.poll(self.now)

    def run(self, ms, step=5):
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
        for _ in range(20000):
            answer = function(*args)
            if answer is not None:
                return answer
            self.turn()
        raise AssertionError("never done")

    def ready(self):
        """Until the engine could print."""
        self.until(lambda: not self.driver.reasons & base.STOPS)
        return self

    def lines(self, count, seed=0):
        """Lines ``seed``, ``seed`` + 1 and so on of ``noisy``."""
        n = (self.width + 7) // 8
        for y in range(seed, seed + count):
            self.call(self.driver.line, noise(n, y), 0, n)

    def page(self, height, width=0, seed=0):
        """A page of ``noisy`` lines."""
        self.call(self.driver.begin_page, width or self.width, height)
        self.lines(height, seed)
        self.call(self.driver.end_page)


def noisy(height, n=72, seed=0):
    """The lines of a page, one at a time: memory is short."""
    for y in range(seed, seed + height):
        yield noise(n, y)


def refused(kind, call, *args):
    """The message of the error that ``call`` raises."""
    try:
        call(*args)
    except kind as error:
        return str(error)
    raise AssertionError("taken")
