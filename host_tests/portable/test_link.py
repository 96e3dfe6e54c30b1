"""The framed link's driver: frames, sessions, jobs and pages, with an engine that does as it should."""

import binascii

from document_samples import Source, grey_lines, noise, page
from heap import locked
from link_bench import Bench, noisy, refused
from link_engine import digest

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base, link_frames, link_setup
from fetchprint.engine.link_window import Window


def test_crc_is_that_of_zlib():
    for n in range(0, 40):
        buf = bytearray(3 + n + link_frames.OVERHEAD)
        for i in range(n):
            buf[3 + link_frames.HEAD + i] = noise(n, n)[i]
        assert link_frames.close(buf, 3, 0x20, n, n) == n + 10
        assert bytes(buf[:3]) == b"\0\0\0" and buf[3] == 0xA5 and buf[4] == 0x20 and buf[5] == n
        assert buf[8] == binascii.crc32(bytes(buf[4:8])) & 0xFF
        crc = binascii.crc32(bytes(buf[4:-4]))
        assert bytes(buf[-4:]) == bytes((crc >> 24, crc >> 16 & 255, crc >> 8 & 255, crc & 255))


def test_a_job():
    for piece in (1, 2, 3, 7, 41, 1000):
        bench = Bench(piece=piece).ready()
        driver = bench.driver
        assert driver.width == 72 and driver.resolution == 203 and driver.make_and_model == b"ACME"
        assert driver.identify_actions == (b"flash",) and len(driver.media) == 3
        assert driver.device_id == b"MFG:A;\n" and driver.formats == (b"image/pwg-raster", b"text/plain")
        assert bench.call(driver.begin_job) and not driver.moved
        bench.page(20)
        bench.page(7, seed=20)
        bench.call(driver.end_job)
        engine = bench.engine
        assert engine.page_digests == [digest(noisy(20)), digest(noisy(7, seed=20))]
        assert engine.lines == 27 and engine.pages == driver.pages == 2 and engine.jobs == 1
        assert driver.moved and not driver.in_job and driver.confirmed and not engine.in_job
        assert engine.gap == 0 and engine.over == 0 and engine.hellos == 1


def test_sequence_numbers_wrap():
    bench = Bench().ready()
    bench.job(1000)
    bench.job(1000)
    assert bench.engine.page_digests == [digest(noisy(1000))] * 2
    assert bench.engine.up_frame_n > 2 * 256 and bench.engine.gap == 0


def test_credit_is_kept():
    for limit, height in ((42, 20), (43, 20), (84, 20), (100, 20), (336, 40)):
        bench = Bench(limit=limit).ready()
        bench.job(height)
        assert bench.engine.page_digests == [digest(noisy(height))] and bench.engine.over == 0, limit


def test_no_more_is_sent_than_the_credit():
    bench = Bench(limit=100).ready()
    bench.call(bench.driver.begin_job)
    bench.run(100)
    bench.engine.reasons = 1
    before = bench.engine.up_n
    bench.driver.begin_page(72, 100)
    sent = 0
    for _ in range(2000):
        if bench.driver.line(noise(9, sent), 0, 9):
            sent += 1
        bench.turn()
    # PAGE_BEGIN and two frames of lines, beside a POLL of 13 octets now and then
    polls = bench.engine.polls
    assert bench.engine.expected == 4 and bench.engine.up_n - before <= 16 + 84 + 13 * polls
    bench.engine.reasons = 0
    bench.engine.work()
    bench.lines(100 - sent, sent)
    bench.call(bench.driver.end_page)
    assert bench.engine.page_digests == [digest(noisy(100))] and bench.engine.over == 0


def test_slots_are_a_power_of_two():
    for octets, slot, count in ((336, 42, 8), (335, 42, 4), (42, 42, 1), (8192, 32, 64), (2048, 256, 8)):
        assert Window(None, bytearray(octets), slot).count == count
    bench = Bench(tx=42).ready()
    bench.job(5)
    assert bench.engine.page_digests == [digest(noisy(5))]


def test_a_page_counts_when_it_is_done_and_not_before():
    bench = Bench().ready()
    driver = bench.driver
    bench.call(driver.begin_job)
    driver.begin_page(72, 2)
    bench.engine.stop_at = 1
    bench.lines(2)
    for _ in range(1000):
        assert driver.end_page() is None
        bench.turn()
    assert driver.pages == 0 and driver.reasons == base.MEDIA_EMPTY and driver.moved
    bench.engine.reasons = 0
    bench.engine.work()
    bench.call(driver.end_page)
    assert driver.pages == 1 and driver.reasons == 0 and bench.engine.lines == 2


def test_widths():
    for width, stride, last in ((71, 9, 0xFE), (65, 9, 0x80), (8, 1, 0xFF), (1, 1, 0x80), (79, 9, 0xFF)):
        bench = Bench().ready()
        bench.call(bench.driver.begin_job)
        bench.call(bench.driver.begin_page, width, 1)
        line = b"\xff" * ((width + 7) // 8)
        bench.call(bench.driver.line, line, 0, len(line))
        bench.call(bench.driver.end_page)
        assert bench.engine.page_digests == [digest([b"\xff" * (stride - 1) + bytes([last])])]
    driver = Bench().ready().driver
    driver.begin_job()
    for width, height in ((80, 1), (0, 1), (72, 0)):
        assert "does not fit" in refused(base.EngineLocalError, driver.begin_page, width, height)


def test_reasons_one_to_one():
    bench = Bench().ready()
    for bit in range(len(base.KEYWORDS)):
        bench.engine.reasons = 1 << bit
        bench.run(40)
        assert bench.driver.reasons == 1 << bit
    for bits in (0x800200, 0x20000200):
        bench.engine.reasons = bits
        bench.run(40)
        assert bench.driver.reasons == base.OTHER | base.DOOR_OPEN
    assert bench.driver.begin_job() is None
    bench.engine.reasons = 0
    bench.run(40)
    assert bench.driver.reasons == 0 and bench.driver.begin_job()


def test_own_language():
    bench = Bench(piece=5).ready()
    driver = bench.driver
    text = noise(200, 1)
    bench.call(driver.begin_job)
    sent = 0
    while sent < len(text):
        sent += bench.call(driver.write, text, sent, len(text) - sent)
    bench.call(driver.end_job)
    assert bench.engine.passed == 200 and bench.engine.digest == digest([text]) and driver.moved


def test_identify():
    bench = Bench()
    assert bench.driver.identify() is None
    bench.ready()
    assert bench.driver.identify()
    bench.run(50)
    assert bench.engine.identified == 1
    bench.call(bench.driver.begin_job)
    assert bench.driver.identify() is None


def test_idle_is_quiet():
    bench = Bench().ready()
    before = bench.engine.up_frame_n
    bench.run(10000)
    assert 8 <= bench.engine.up_frame_n - before <= 11


def test_calls_out_of_order():
    bench = Bench().ready()
    driver = bench.driver
    for call in (
        lambda: driver.begin_page(8, 8),
        lambda: driver.line(bytes(9), 0, 9),
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


def test_impossible_capabilities():
    told = bytearray(b"\1\1\x01\xf4\0\1\0\x40\x00\x48\0\xcb\1\4ACME")
    driver = Bench().driver
    link_setup.describe(driver, bytes(told))
    for at, octet, what in ((1, 0, "one bit"), (9, 0, "0 dots"), (11, 0, "0 dpi"), (7, 31, "frames of 31")):
        bad = bytearray(told)
        bad[at] = octet
        assert what in refused(base.EngineError, link_setup.describe, driver, bytes(bad))
    medium = b"iso_a4_210x297mm 21000 29700 300 300 423 424"
    link_setup.describe(driver, bytes(told) + b"\5" + bytes([len(medium)]) + medium)
    assert driver.media == ((b"iso_a4_210x297mm", 21000, 29700, 300, 300, 423, 424),)
    for bad in (medium[:-4], medium[:-3] + b"4x2"):
        bad = bytes(told) + b"\5" + bytes([len(bad)]) + bad
        assert "no medium" in refused(base.EngineError, link_setup.describe, driver, bad)
    for n in range(12, len(told)):
        if n not in (12, 13):
            assert "octet 12" in refused(base.EngineError, link_setup.describe, driver, bytes(told[:n]))


def test_allocates_nothing():
    bench = Bench(tx=2048, slot=256, width=576, longest=246).ready()
    pipe = Pipe(bench.driver)
    source = Source(b"RaS2" + page(grey_lines(577, 20), 577) + page([noise(72)] * 40, 576, 1), 512)
    engine = bench.engine
    engine.keep = False
    engine.up_frames = {5: -1, 9: -1}
    engine.down_frames = {4: -1}
    driver = bench.driver
    pipe.start(source, b"image/pwg-raster")
    now = bench.now
    done = False
    with locked():
        for turn in range(20000):
            now = ticks.add(now, 5)
            driver.poll(now)
            engine.reasons = 128 if turn & 64 else 0
            engine.tell()
            if pipe.poll(now):
                done = True
                break
    assert done and pipe.pages == 2 and engine.lines == 60 and engine.gap
