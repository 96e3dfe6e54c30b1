"""The ESC/POS driver against a scripted engine: order, confirmation, status, faults, cancelling."""

from document_samples import Source, grey_lines, noise, page
from escpos_bench import Bench, noisy, refused
from escpos_engine import digest
from heap import locked

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base, escpos
from fetchprint.engine.escpos import EscPos


def test_a_page_in_bands():
    for slow in (0, 1, 7, 1000):
        bench = Bench(slow).ready()
        driver = bench.driver
        assert driver.begin_job() and not driver.moved
        bench.page(60)
        bench.call(driver.end_job)
        engine = bench.engine
        assert engine.digest == digest(noisy(60)) and engine.count == 72 * 60
        assert engine.bands == 3 and engine.tallest == 24 and engine.cuts == 1 and engine.inits == 1
        assert engine.text_n == 0 and engine.in_flight <= 4096
        assert driver.pages == 1 and driver.moved and not driver.in_job and driver.confirmed


def test_bands_fit_the_smaller_buffer():
    for tx, buffer, band in (
        (4096, 4096, 24),
        (2048, 4096, 14),
        (4096, 1024, 6),
        (4096, 512, 2),
        (240, 4096, 1),
    ):
        bench = Bench(tx=tx, buffer=buffer).ready()
        bench.engine.confirming = False
        bench.driver.begin_job()
        bench.driver.begin_page(576, 1000)
        assert not bench.driver.moved
        for _ in range(300):
            bench.driver.line(bytes(72), 0, 72)
            bench.turn()
        assert bench.engine.tallest == band and bench.engine.in_flight <= buffer + 16
        # two messages are on their way: the initialisation and one band
        assert bench.engine.bands == 1 and bench.engine.owed == 2
        assert bench.driver.moved
    assert "hold no line" in refused(base.EngineLocalError, EscPos, None, bytearray(160))
    assert "multiple of 8" in refused(base.EngineLocalError, lambda: EscPos(None, bytearray(4096), width=570))


def test_widths():
    for width, stride, last in (
        (575, 72, 0xFE),
        (569, 72, 0x80),
        (8, 1, 0xFF),
        (1, 1, 0x80),
        (583, 72, 0xFF),
    ):
        bench = Bench().ready()
        bench.driver.begin_job()
        bench.call(bench.driver.begin_page, width, 1)
        line = b"\xff" * ((width + 7) // 8)
        bench.call(bench.driver.line, line, 0, len(line))
        bench.call(bench.driver.end_page)
        assert bench.engine.count == stride
        assert bench.engine.digest == digest([b"\xff" * (stride - 1) + bytes([last])])
    driver = Bench().ready().driver
    driver.begin_job()
    for width, height in ((584, 1), (0, 1), (576, 0)):
        assert "does not fit" in refused(base.EngineLocalError, driver.begin_page, width, height)


def test_a_page_counts_when_it_is_confirmed_and_not_before():
    bench = Bench().ready()
    driver = bench.driver
    driver.begin_job()
    bench.run(20)
    bench.engine.confirming = False
    driver.begin_page(576, 2)
    for _ in range(2):
        assert driver.line(bytes(72), 0, 72)
    assert driver.end_page() is None
    bench.run(5000)
    assert bench.engine.bands == 1 and bench.engine.cuts == 1
    assert driver.end_page() is None and driver.pages == 0
    # neither a status byte nor flow control is a confirmation
    for octet in (0x12, 0x1A, 0x11, 0x13, 0x7E):
        bench.engine.say(octet)
    bench.engine.say(0x10)  # Automatic Status Back that nobody asked for
    for octet in (0, 0, 0):
        bench.engine.say(octet)
    bench.run(50)
    assert driver.end_page() is None and driver.pages == 0
    bench.engine.confirm()
    bench.turn()
    assert driver.end_page() and driver.pages == 1


def test_transmit_only():
    bench = Bench(status=False)
    bench.engine.answering = bench.engine.confirming = False
    driver = bench.driver
    assert driver.reasons == base.UNKNOWN and not driver.confirmed
    driver.begin_job()
    began = bench.now
    bench.page(800)
    assert ticks.diff(bench.now, began) >= 2000, "800 lines take two seconds of paper"
    bench.call(driver.end_job)
    assert bench.engine.asked == 0 and bench.engine.owed == 0
    assert driver.pages == 1 and driver.reasons == base.UNKNOWN


def test_cuts():
    for cut, pages, job in ((escpos.CUT_NONE, 0, 0), (escpos.CUT_PAGE, 2, 2), (escpos.CUT_JOB, 0, 1)):
        bench = Bench(cut=cut).ready()
        bench.driver.begin_job()
        for _ in range(2):
            bench.page(3)
        assert bench.engine.cuts == pages
        bench.call(bench.driver.end_job)
        assert bench.engine.cuts == job and bench.engine.feeds == (cut == escpos.CUT_NONE)


def test_own_language():
    bench = Bench(5).ready()
    driver = bench.driver
    text = b"Hello\n" * 40
    driver.begin_job()
    sent = 0
    while sent < len(text):
        sent += bench.call(driver.write, text, sent, len(text) - sent)
        if sent == 5:
            asked = bench.engine.asked
            assert driver.moved
    bench.run(2000)
    assert bench.engine.asked == asked, "no request between the octets of a document"
    # while it passes through, the engine reports by itself
    for octet in b"\x38\x00\x03\x00":
        bench.engine.say(octet)
    bench.run(10)
    assert driver.reasons == base.COVER_OPEN | base.MEDIA_LOW
    assert driver.write(text, 0, 6) is None
    for octet in b"\x10\x00\x00\x00":
        bench.engine.say(octet)
    bench.run(10)
    assert driver.reasons == 0
    bench.call(driver.end_job)
    assert bytes(bench.engine.text[: bench.engine.text_n]) == text
    assert not driver.in_job and bench.engine.owed == 0 and bench.engine.cuts == 0


def test_identify():
    bench = Bench()
    assert bench.driver.identify() is None
    bench.ready()
    assert bench.driver.identify()
    bench.run(50)
    assert bytes(bench.engine.text[: bench.engine.text_n]) == b"* * *\n" and bench.engine.feeds == 1
    bench.call(bench.driver.begin_job)
    assert bench.driver.identify() is None


def test_calls_out_of_order():
    bench = Bench().ready()
    driver = bench.driver
    for call in (
        lambda: driver.begin_page(8, 8),
        lambda: driver.line(bytes(72), 0, 72),
        driver.end_page,
        driver.end_job,
        lambda: driver.write(b"x", 0, 1),
    ):
        refused(base.EngineLocalError, call)
    assert driver.begin_job()
    refused(base.EngineLocalError, driver.begin_job)
    driver.begin_page(16, 1)
    refused(base.EngineLocalError, driver.line, bytes(1), 0, 1)
    refused(base.EngineLocalError, driver.end_job)
    bench.call(driver.line, bytes(2), 0, 2)
    refused(base.EngineLocalError, driver.line, bytes(2), 0, 2)


def test_base_engine_and_keywords():
    engine = base.Engine()
    for call in (engine.begin_job, engine.end_page, engine.cancel, engine.end_job, lambda: engine.poll(0)):
        refused(base.EngineLocalError, call)
    refused(base.EngineLocalError, engine.line, b"", 0, 0)
    words = []
    i = base.next_reason(base.COVER_OPEN | base.MEDIA_LOW | base.MEDIA_EMPTY, 0)
    while i >= 0:
        words.append(base.KEYWORDS[i])
        i = base.next_reason(base.COVER_OPEN | base.MEDIA_LOW | base.MEDIA_EMPTY, i + 1)
    assert words == [b"media-empty", b"cover-open", b"media-low"]
    assert not base.STOPS & (base.MEDIA_LOW | base.UNKNOWN)


def test_media_fit_the_head():
    for width, dpi in ((576, 203), (384, 203), (640, 203), (832, 300)):
        for medium in EscPos(None, bytearray(4096), width=width, dpi=dpi).media:
            assert width - 16 < medium[1] * dpi // 2540 <= width


def test_allocates_nothing():
    bench = Bench().ready()
    pipe = Pipe(bench.driver)
    source = Source(b"RaS2" + page(grey_lines(577, 20), 577) + page([noise(72)] * 80, 576, 1), 512)
    engine = bench.engine
    driver = bench.driver
    pipe.start(source, b"image/pwg-raster")
    now = bench.now
    done = False
    with locked():
        for turn in range(20000):
            now = ticks.add(now, 1)
            driver.poll(now)
            if turn == 50:
                engine.status[4] = 0x1E
            if pipe.poll(now):
                done = True
                break
    assert done and pipe.pages == 2 and engine.count == 72 * 100
    assert engine.cuts == 2
