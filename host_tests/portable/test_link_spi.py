"""The framed link's driver over SPI, with and without a READY line."""

from document_samples import Source, grey_lines, noise, page
from heap import locked
from link_bench import Bench, Bus, noisy
from link_engine import Engine, digest

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine.link_spi import CHUNK, SPIStream

HEIGHT = 8


def test_a_job():
    for ready in (True, False):
        for slot in (42, 128, 256, 300):
            bench = Bench(tx=8 * slot, slot=slot, spi=ready, longest=246).ready()
            bench.job(60)
            assert bench.engine.page_digests == [digest(noisy(60))] and bench.engine.gap == 0, (ready, slot)


def test_each_frame_lost():
    for ready in (True, False):
        for i in range(24):
            bench = Bench(spi=ready)
            bench.engine.up_frames = {i: -1}
            bench.engine.down_frames = {i // 2: -1}
            bench.ready()
            bench.job(HEIGHT)
            bench.job(HEIGHT)
            assert bench.engine.page_digests == [digest(noisy(HEIGHT))] * 2


def test_octets_damaged():
    for i in range(0, 1500, 7):
        bench = Bench(spi=True)
        bench.engine.up = {i: 0x40}
        bench.engine.down = {i // 4: 0x01}
        bench.ready()
        bench.job(HEIGHT)
        assert bench.engine.page_digests == [digest(noisy(HEIGHT))]


def test_a_frame_is_not_torn_by_zeros():
    engine = Engine(longest=246)
    stream = SPIStream(Bus(engine), True)
    frame = noise(300, 1)
    for octet in b"some answer":
        engine.say(octet)
    assert stream.write(frame, 0, 300) == CHUNK
    buf = bytearray(64)
    assert stream.readinto(buf, 0, 64) == 64 and bytes(buf[:11]) == b"some answer"
    for _ in range(3):
        assert stream.readinto(buf, 0, 64) == 64
    engine.say(1)
    before = stream.bus.transfers
    assert stream.readinto(buf, 0, 64) is None, "the frame goes on in the next transfer"
    assert stream.write(frame, CHUNK, 300 - CHUNK) == 300 - CHUNK
    assert stream.bus.transfers == before + 1


def test_what_comes_in_is_not_lost():
    engine = Engine()
    stream = SPIStream(Bus(engine), True)
    for _ in range(2):
        engine.say(7)
        assert stream.write(b"x", 0, 1) == 1
    engine.say(8)
    assert stream.write(b"x", 0, 1) is None
    buf = bytearray(64)
    sum = 0
    for _ in range(8):
        assert stream.readinto(buf, 0, 64) == 64
        sum += buf[0]
    assert sum == 14
    assert stream.readinto(buf, 0, 64) == 64 and buf[0] == 8


def test_idle_is_quiet():
    bench = Bench(spi=True).ready()
    before = bench.driver.session._stream.bus.transfers
    bench.run(10000)
    assert bench.driver.session._stream.bus.transfers - before <= 25


def test_allocates_nothing():
    bench = Bench(tx=2048, slot=256, width=576, longest=246, spi=True).ready()
    pipe = Pipe(bench.driver)
    source = Source(b"RaS2" + page(grey_lines(577, 20), 577) + page([noise(72)] * 40, 576, 1), 512)
    bench.engine.keep = False
    driver = bench.driver
    pipe.start(source, b"image/pwg-raster")
    now = bench.now
    done = False
    with locked():
        for _ in range(20000):
            now = ticks.add(now, 5)
            driver.poll(now)
            if pipe.poll(now):
                done = True
                break
    assert done and pipe.pages == 2 and bench.engine.lines == 60
