"""The ESC/POS driver on a bench, with its scripted engine."""

import driver_bench
from driver_bench import noisy as noisy
from driver_bench import refused as refused
from escpos_engine import Engine

from fetchprint.engine.escpos import EscPos


class Bench(driver_bench.Bench):
    """A driver, its engine and a clock."""

    def __init__(self, slow=0, **kw):
        self.engine = Engine(slow)
        driver_bench.Bench.__init__(self, EscPos(self.engine, bytearray(kw.pop("tx", 4096)), **kw))


def paper_out(engine, out=True):
    engine.status[1] = 0x1A if out else 0x12
    engine.status[2] = 0x32 if out else 0x12
    engine.status[4] = 0x7E if out else 0x12
