"""The framed link's driver when things go wrong on the wire: each octet, each frame, in both directions."""

from document_samples import noise
from link_bench import Bench, noisy, refused
from link_engine import digest

from fetchprint.engine import base, link_frames
from fetchprint.engine.link_window import MISSES

HEIGHT = 8


def whole(bench, jobs=1):
    """The page came out once for each job and as it should."""
    assert bench.engine.page_digests == [digest(noisy(HEIGHT))] * jobs
    assert bench.engine.lines == HEIGHT * jobs and bench.engine.half_pages == 0


def plain():
    """A session without faults: octets and frames up and down until the job begins, and at its end."""
    bench = Bench().ready()
    engine = bench.engine
    begin = (engine.up_n, engine.down_n, engine.up_frame_n, engine.down_frame_n)
    bench.job(HEIGHT)
    whole(bench)
    return begin, (engine.up_n, engine.down_n, engine.up_frame_n, engine.down_frame_n)


def damaged(faults):
    """A session with ``faults``, in two jobs, so that what a fault leaves behind is seen too."""
    bench = Bench()
    engine = bench.engine
    engine.up, engine.down, engine.up_frames, engine.down_frames = faults
    bench.ready()
    bench.job(HEIGHT)
    bench.job(HEIGHT)
    whole(bench, 2)
    return bench


def test_each_octet_lost_flipped_or_doubled():
    _, end = plain()
    for fault in (-1, 0x10, -2):
        for i in range(end[0] + 5):
            damaged(({i: fault}, {}, {}, {}))
        for i in range(0, end[1] + 5, 3):
            damaged(({}, {i: fault}, {}, {}))


def test_each_frame_lost_or_doubled():
    _, end = plain()
    for fault in (-1, -2):
        for i in range(end[2] + 2):
            damaged(({}, {}, {i: fault}, {}))
            damaged(({}, {}, {i: fault, i + 1: fault}, {}))
        for i in range(end[3] + 2):
            damaged(({}, {}, {}, {i: fault}))


def test_all_statuses_lost_for_a_while():
    for first in range(2, 12):
        damaged(({}, {}, {}, {i: -1 for i in range(first, first + 4)}))


def test_what_is_lost_again_when_it_is_sent_again():
    for first in range(1, 9):
        for times in range(2, 5):
            damaged(({}, {}, {first + 9 * i: -1 for i in range(times)}, {first: -1}))


def test_a_slow_engine_gets_nothing_twice():
    bench = Bench(piece=3).ready()
    bench.call(bench.driver.begin_job)
    bench.run(200)
    bench.engine.reasons = 1
    bench.driver.begin_page(72, HEIGHT)
    bench.lines(HEIGHT)
    for _ in range(2000):
        bench.driver.end_page()
        bench.turn(20)
    sent = bench.engine.up_frame_n - bench.engine.polls - bench.engine.hellos
    bench.engine.reasons = 0
    bench.engine.work()
    bench.call(bench.driver.end_page)
    assert bench.engine.up_frame_n - bench.engine.polls - bench.engine.hellos == sent == 1 + 1 + 3 + 1
    assert bench.engine.gap == 0
    whole(bench)


def test_garbage_between_frames():
    for seed in range(40):
        bench = Bench().ready()
        junk = noise(40, seed)
        for octet in junk:
            bench.engine.say(octet)
        for octet in b"\xa5" * 7 + b"\xa5\x82\0\0\x13":
            bench.engine.say(octet)
        bench.job(HEIGHT)
        whole(bench)


def test_reader_finds_each_frame_behind_anything():
    frame = bytearray(32)
    n = link_frames.close(frame, 0, 0x82, 0, 21)
    for i in range(6, 27):
        frame[i] = 0xA5  # what looks like syncs
    link_frames.close(frame, 0, 0x82, 0, 21)
    good = bytes(frame[:n])
    for cut in range(n):
        reader = link_frames.Reader(bytearray(522))
        found = 0
        # part of a frame, then whole ones: the part may swallow octets, and gives them back
        for octet in good[:cut] + good + good + bytes(600):
            if reader.put(bytes([octet]), 0, 1):
                while reader.find():
                    assert reader.kind == 0x82 and reader.length == 21 and bytes(reader.buf[:n]) == good
                    found += 1
        assert found == 2, cut
    for i in range(n):
        for bit in range(8):
            bad = bytearray(good)
            bad[i] ^= 1 << bit
            reader = link_frames.Reader(bytearray(522))
            found = 0
            for octet in bytes(bad) + good:
                if reader.put(bytes([octet]), 0, 1):
                    while reader.find():
                        found += 1
            assert found <= 1
            for _ in range(530):
                if reader.put(b"\0", 0, 1):
                    while reader.find():
                        found += 1
            assert found == 1, (i, bit)


def test_silence_is_offline_and_ends():
    bench = Bench().ready()
    bench.call(bench.driver.begin_job)
    bench.driver.begin_page(72, HEIGHT)
    bench.lines(HEIGHT)
    bench.engine.silent = True
    bench.run(5000)
    assert bench.driver.window.misses >= MISSES and bench.driver.reasons == base.OFFLINE
    bench.run(200000, 500)
    assert bench.driver.end_page() is None, "silence is no reason to give a job up"
    bench.engine.silent = False
    bench.until(lambda: bench.driver.reasons == 0)
    bench.call(bench.driver.end_page)
    whole(bench)


def test_a_port_that_closes():
    for how in ("before", "in a page"):
        bench = Bench().ready()
        driver = bench.driver
        if how == "in a page":
            bench.call(driver.begin_job)
            bench.call(driver.begin_page, 72, 500)
        bench.engine.broken = True
        bench.run(100)
        assert driver.reasons == base.OFFLINE and driver.fault is not None
        if how == "before":
            assert driver.begin_job() is None
        else:
            assert "port is gone" in refused(base.EngineError, driver.line, bytes(9), 0, 9)
            assert driver.cancel() and not driver.in_job


def test_another_engine_is_noticed():
    bench = Bench().ready()
    bench.engine.width = 80
    bench.engine.power_cut()
    bench.run(2500)
    assert bench.driver.reasons == base.OFFLINE and "another engine" in bench.driver.fault


def test_another_version_is_refused():
    bench = Bench()
    caps = bytearray(12)
    caps[0] = 2
    caps[2:4] = b"\x01\xf4"
    bench.engine.silent = True
    bench.run(20)
    bench.engine.silent = False
    bench.engine.send(0x81, caps, 12)
    bench.run(40)
    assert "version 2" in bench.driver.fault and bench.driver.session.told is None
