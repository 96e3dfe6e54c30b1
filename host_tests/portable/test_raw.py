"""The raw driver: octets as they are, and no more said of the engine than is known."""

from document_samples import Source, noise
from heap import locked

from fetchprint import ticks
from fetchprint.document.errors import DocumentError
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base, raw_setup
from fetchprint.engine.raw import STALL_MS, Raw

PDF = b"application/pdf"
START = ticks.PERIOD - 2000  # the clock wraps meanwhile


class Sink:
    """A Stream that takes ``slow`` octets a call and keeps their sum; ``said``: octets from the engine."""

    def __init__(self, slow=4096):
        self.slow = slow
        self.count = 0
        self.digest = 0
        self.said = 0
        self.closed = self.broken = False

    def readinto(self, buf, off, n):
        if self.closed:
            return 0
        if not self.said:
            return None
        n = min(n, self.said)
        self.said -= n
        return n

    def write(self, buf, off, n):
        if self.broken:
            raise OSError(5)
        if not self.slow:
            return None
        n = min(n, self.slow)
        for i in range(n):
            self.digest = (self.digest * 31 + buf[off + i]) & 0xFFFFFF
        self.count += n
        return n


def digest(data):
    sink = Sink(len(data))
    sink.write(data, 0, len(data))
    return sink.digest


def driver(sink, formats=(PDF,)):
    made = Raw(sink, formats, b"Acme Raw", b"MFG:Acme;MDL:Raw;")
    made.poll(START)
    return made


def test_a_document_goes_through_as_it_is():
    for slow in (1, 7, 4096):
        sink = Sink(slow)
        engine = driver(sink)
        pipe = Pipe(engine)
        data = b"RaS2%PDF-1.7" + noise(3000)  # what looks like raster is none of our business
        pipe.start(Source(data, 512, True), PDF)
        now = START
        while not pipe.poll(now):
            now = ticks.add(now, 1)
            engine.poll(now)
        assert sink.count == len(data) and sink.digest == digest(data)
        assert engine.moved and not engine.in_job and not engine.confirmed
        assert engine.pages == 0 and engine.reasons == base.UNKNOWN


def test_raster_formats_pass_through_too():
    sink = Sink()
    engine = driver(sink, (b"image/pwg-raster", b"application/octet-stream"))
    pipe = Pipe(engine)
    for mime in engine.formats:
        before = sink.count
        pipe.start(Source(b"RaS2 and no page", 512), mime)
        while not pipe.poll(START):
            pass
        assert sink.count == before + 16


def test_formats_that_are_not_its_own_are_refused():
    engine = driver(Sink())
    pipe = Pipe(engine)
    for mime in (b"image/pwg-raster", b"application/octet-stream"):
        try:
            pipe.start(Source(b"RaS2", 512), mime)
            pipe.poll(START)
        except DocumentError:
            pipe.cancel()
        else:
            raise AssertionError("taken")
    assert not engine.in_job and not engine.moved


def test_a_port_that_takes_nothing_is_offline_until_it_does():
    sink = Sink()
    engine = driver(sink)
    assert engine.begin_job() and not engine.moved
    sink.slow = 0
    now = START
    assert engine.write(b"abc", 0, 3) is None and not engine.moved
    for _ in range(2):
        now = ticks.add(now, STALL_MS - 10)
        engine.poll(now)
        assert engine.write(b"abc", 0, 3) is None
        if ticks.diff(now, START) < STALL_MS:
            assert engine.reasons == base.UNKNOWN
    assert engine.reasons == base.OFFLINE | base.UNKNOWN
    sink.slow = 10
    assert engine.write(b"abc", 0, 3) == 3
    engine.poll(now)
    assert engine.reasons == base.UNKNOWN and engine.moved
    assert engine.end_job() and engine.begin_job() and not engine.moved
    sink.slow = 0
    engine.write(b"abc", 0, 3)
    assert engine.cancel() and not engine.in_job
    engine.poll(ticks.add(now, 2 * STALL_MS))
    assert engine.reasons == base.UNKNOWN, "nothing waits any more"


def test_a_port_that_is_gone():
    for how in ("closed", "broken"):
        sink = Sink()
        engine = driver(sink)
        engine.begin_job()
        setattr(sink, how, True)
        engine.poll(START)
        try:
            engine.write(b"abc", 0, 3)
        except base.EngineError:
            pass
        else:
            raise AssertionError("taken")
        engine.poll(START)
        assert engine.reasons == base.OFFLINE and engine.fault is not None
        assert engine.cancel() and engine.begin_job() is None


def test_what_the_engine_says_is_taken_and_means_nothing():
    sink = Sink()
    engine = driver(sink)
    sink.said = 1000
    for _ in range(10):
        engine.poll(START)
    assert sink.said == 0 and engine.reasons == base.UNKNOWN


def test_calls_out_of_order():
    engine = driver(Sink())
    for call in (lambda: engine.write(b"x", 0, 1), engine.end_job, lambda: engine.begin_page(8, 8)):
        try:
            call()
        except base.EngineLocalError:
            pass
        else:
            raise AssertionError("taken")
    assert engine.cancel() and engine.identify() is None


def test_settings():
    class Port:
        def open_device(self, path):
            assert path == "/dev/ttyS0"
            return Sink()

    settings = {"device": "/dev/ttyS0", "make_and_model": "M", "device_id": "MFG:M;"}
    made = raw_setup.make(dict(settings, formats="application/pdf, image/urf"), Port())
    assert made.formats == (PDF, b"image/urf") and made.width == 0 and made.media == ()
    for formats in ("pdf", " , "):
        try:
            raw_setup.make(dict(settings, formats=formats), Port())
        except base.EngineLocalError as error:
            assert "engine.formats" in str(error)
        else:
            raise AssertionError("taken")


def test_allocates_nothing():
    sink = Sink(100)
    engine = driver(sink)
    pipe = Pipe(engine)
    pipe.start(Source(noise(8000), 512), PDF)
    done = False
    with locked():
        for _ in range(1000):
            engine.poll(START)
            if pipe.poll(START):
                done = True
                break
    assert done and sink.count == 8000
