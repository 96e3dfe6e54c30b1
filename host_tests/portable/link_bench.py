"""The framed link's driver on a bench, with its engine of ``link_engine``."""

import driver_bench
from driver_bench import refused as refused
from link_engine import Engine

from fetchprint.engine import link_setup
from fetchprint.engine.link import FramedLink
from fetchprint.engine.link_spi import SPIStream


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


class Bench(driver_bench.Bench):
    """A driver, its engine and a clock. ``tx``, ``slot``: as the driver takes them. ``spi``: None for a
    serial line, else whether READY is wired."""

    step = 5

    def __init__(self, tx=336, slot=42, spi=None, **kw):
        self.engine = Engine(**kw)
        self.width = self.engine.width
        stream = self.engine if spi is None else SPIStream(Bus(self.engine), spi)
        driver_bench.Bench.__init__(self, FramedLink(stream, bytearray(tx), slot, 500))

    def spend(self, ms):
        self.engine.tell()

    def run(self, ms, step=20):
        driver_bench.Bench.run(self, ms, step)

    def ready(self):
        """Until the engine has told what it is and could print."""
        self.until(lambda: self.driver.session.told is not None)
        link_setup.describe(self.driver, self.driver.session.told)
        return driver_bench.Bench.ready(self)

    def job(self, height, seed=0):
        """A job of one page."""
        self.call(self.driver.begin_job)
        self.page(height, seed=seed)
        self.call(self.driver.end_job)


def noisy(height, n=9, seed=0):
    """See ``driver_bench``."""
    return driver_bench.noisy(height, n, seed)
