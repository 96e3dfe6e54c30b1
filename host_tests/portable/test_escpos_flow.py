"""Each flow control at 115,200 baud with a buffer of 512 octets: no line is lost, nothing prints as text."""

from document_samples import Source
from escpos_bench import noisy
from escpos_engine import digest
from escpos_slow import SlowBench, SlowEngine
from heap import locked

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.engine.escpos_link import CTS, PACE, STALL_MS, XON_XOFF
from fetchprint.engine.xonxoff import XonXoff

ESCPOS = b"application/vnd.epson.escpos"
HEIGHT = 90


def perfect(engine):
    assert engine.dropped == 0, "%d octets were dropped" % engine.dropped
    assert engine.text_n == 0, "garbage: %r" % bytes(engine.text[:20])
    assert engine.count == 72 * HEIGHT and engine.digest == digest(noisy(HEIGHT))


def test_raster_with_answers():
    for speed in (100, 400, 2000):
        for flow in (CTS, XON_XOFF, PACE):
            engine = SlowEngine(speed, flow == CTS, flow == XON_XOFF)
            SlowBench(engine, flow=flow, speed=speed).page(HEIGHT)
            perfect(engine)


def test_raster_without_answers():
    for speed in (60, 400, 1200):
        for flow in (CTS, XON_XOFF, PACE):
            engine = SlowEngine(speed, flow == CTS, flow == XON_XOFF, False)
            bench = SlowBench(engine, flow=flow, speed=speed, status=False)
            bench.page(HEIGHT)
            assert bench.driver.reasons == base.UNKNOWN and not bench.driver.confirmed
            perfect(engine)


def test_without_any_of_them_lines_are_lost():
    engine = SlowEngine(100, answering=False)
    try:
        SlowBench(engine, flow=CTS, status=False).page(HEIGHT)
    except AssertionError:
        pass  # garbage that is not in the scripted engine's language
    assert engine.dropped > 0, "the other tests do not reach what they are for"


def text(length):
    return b"receipt line\n" * (length // 13)


def test_own_language():
    for flow in (CTS, XON_XOFF):
        engine = SlowEngine(60, flow == CTS, flow == XON_XOFF)
        bench = SlowBench(engine, flow=flow)
        pipe = Pipe(bench.driver)
        # 300 octets of text, then raster that is slower than the line
        lines = bytes(range(72)) * 60
        document = text(300) + b"\x1dv0\x00\x48\x00\x3c\x00" + lines
        pipe.start(Source(document, 512), ESCPOS)
        bench.call(pipe.poll, 0)  # nothing here looks at the time
        assert engine.dropped == 0 and bytes(engine.text[: engine.text_n]) == text(300)
        assert engine.count == len(lines) and engine.busiest > 300
    assert ESCPOS not in SlowBench(SlowEngine(400), flow=PACE).driver.formats
    assert ESCPOS not in SlowBench(SlowEngine(400), status=False).driver.formats


def test_xoff_for_long_is_offline_and_xon_ends_it():
    engine = SlowEngine(400, xon_xoff=True, answering=False)
    bench = SlowBench(engine, flow=XON_XOFF, status=False, speed=400)
    driver = bench.driver
    driver.begin_job()
    driver.begin_page(576, HEIGHT)
    engine.stopped = True
    y = 0
    for _ in range(STALL_MS + 3000):
        if driver.line(bytes(72), 0, 72):
            y += 1
        bench.turn()
    assert driver.reasons == base.OFFLINE and engine.dropped == 0 and y < 20
    engine.stopped = False
    for _ in range(50):
        bench.turn()
    assert driver.reasons == base.UNKNOWN
    for _ in range(y, HEIGHT):
        bench.call(driver.line, bytes(72), 0, 72)
    bench.call(driver.end_page)
    assert engine.dropped == 0 and engine.count == 72 * HEIGHT


class Line:
    """A Stream that takes everything and says what it is told to."""

    def __init__(self):
        self.said = b""
        self.taken = 0

    def readinto(self, buf, off, n):
        for i in range(len(self.said)):
            buf[off + i] = self.said[i]
        n = len(self.said)
        self.said = b""
        return n or None

    def write(self, buf, off, n):
        self.taken += n
        return n


def test_xon_xoff_are_taken_out_and_obeyed():
    line = Line()
    flow = XonXoff(line, 9600)
    data = bytes(500)
    rx = bytearray(8)
    flow.poll(ticks.PERIOD - 1)
    assert flow.write(data, 0, 500) is None, "no time has passed"
    flow.poll(9)
    assert flow.write(data, 0, 500) == 9, "10 ms at 9600 baud"
    flow.poll(5009)
    assert flow.write(data, 0, 500) == 64, "a long pause earns no burst"
    line.said = b"\x13"
    assert flow.readinto(rx, 0, 8) is None and flow.held
    flow.poll(5109)
    assert flow.write(data, 0, 500) is None and flow.urgent(data, 0, 3) == 3
    line.said = b"\x12\x11\x00\x13\x11"
    assert flow.readinto(rx, 2, 6) == 2 and rx[2:4] == b"\x12\x00" and not flow.held
    assert flow.write(data, 0, 500) == 61
    assert flow.readinto(rx, 0, 8) is None


def test_allocates_nothing():
    for flow in (XON_XOFF, PACE):
        engine = SlowEngine(800, xon_xoff=flow == XON_XOFF, answering=False)
        bench = SlowBench(engine, flow=flow, speed=800, status=False)
        driver = bench.driver
        bench.call(driver.begin_job)
        driver.begin_page(576, HEIGHT)
        line = bytes(72)
        now = bench.now
        y = 0
        with locked():
            for _ in range(3000):
                if y < HEIGHT and driver.line(line, 0, 72):
                    y += 1
                now = ticks.add(now, 1)
                engine.step()
                driver.poll(now)
        assert y == HEIGHT
