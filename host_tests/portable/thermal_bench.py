"""The thermal driver on a bench: its mechanism, and a clock that the test turns."""

from document_samples import noise
from thermal_head import Mechanism

from fetchprint import ticks
from fetchprint.engine import base, thermal_setup


class Bench:
    """A driver and its mechanism. Bus time and milliseconds are two clocks here, as on a real host."""

    def __init__(self, **settings):
        whole = dict(thermal_setup.SETTINGS)
        whole["device"] = ""
        whole.update(settings)
        self.mechanism = Mechanism(whole["width"])
        self.driver = thermal_setup.engine(whole, self.mechanism)
        self.now = ticks.PERIOD - 500

    def turn(self, ms=1):
        self.now = ticks.add(self.now, ms)
        self.mechanism.spend(ms * 1000)
        self.driver.poll(self.now)

    def run(self, ms, step=5):
        for _ in range(ms // step):
            self.turn(step)

    def call(self, function, *args):
        for _ in range(20000):
            answer = function(*args)
            if answer is not None:
                return answer
            self.turn()
        raise AssertionError("never done")

    def ready(self):
        for _ in range(1000):
            if not self.driver.reasons & base.STOPS:
                return self
            self.turn()
        raise AssertionError("never ready")

    def job(self):
        self.call(self.driver.begin_job)

    def page(self, height, width=576):
        """A page of ``noisy`` rows."""
        self.call(self.driver.begin_page, width, height)
        for y in range(height):
            self.call(self.driver.line, noise(72, y), 0, 72)
        self.call(self.driver.end_page)

    def given_up(self, call, *args):
        """The message of the EngineError that ``call`` raises in the end."""
        try:
            self.call(call, *args)
        except base.EngineError as error:
            return str(error)
        raise AssertionError("done")


def noisy(height, white=0):
    """The rows of a page, one at a time, and ``white`` more."""
    for y in range(height):
        yield noise(72, y)
    for _ in range(white):
        yield bytes(72)


def refused(call, *args):
    try:
        call(*args)
    except base.EngineLocalError as error:
        return str(error)
    raise AssertionError("taken")
