"""The thermal driver on a bench, with its mechanism."""

import driver_bench
from thermal_head import Mechanism

from fetchprint.engine import base, thermal_setup


class Bench(driver_bench.Bench):
    """A driver and its mechanism. Bus time and milliseconds are two clocks here, as on a real host."""

    def __init__(self, **settings):
        whole = dict(thermal_setup.SETTINGS)
        whole["device"] = ""
        whole.update(settings)
        self.mechanism = Mechanism(whole["width"])
        driver_bench.Bench.__init__(self, thermal_setup.engine(whole, self.mechanism))

    def spend(self, ms):
        self.mechanism.spend(ms * 1000)

    def job(self):
        self.call(self.driver.begin_job)

    def given_up(self, call, *args):
        """The message of the EngineError that ``call`` raises in the end."""
        try:
            self.call(call, *args)
        except base.EngineError as error:
            return str(error)
        raise AssertionError("done")


def noisy(height, white=0):
    """The rows of a page, one at a time, and ``white`` more."""
    yield from driver_bench.noisy(height)
    for _ in range(white):
        yield bytes(72)


def refused(call, *args):
    """The message of the EngineLocalError that ``call`` raises."""
    return driver_bench.refused(base.EngineLocalError, call, *args)
