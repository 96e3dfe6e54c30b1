"""The framed link's driver when the engine stops, starts again or gives up, and when a job is cancelled."""

from document_samples import noise
from link_bench import Bench, noisy, refused
from link_engine import digest

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine.link import CONFIRM_MS

HEIGHT = 8


def next_job_prints(bench):
    pages = len(bench.engine.page_digests)
    bench.job(HEIGHT, 100)
    assert bench.engine.page_digests[pages:] == [digest(noisy(HEIGHT, seed=100))]


def test_paper_out_at_each_line():
    for line in range(HEIGHT):
        bench = Bench().ready()
        driver = bench.driver
        bench.engine.stop_at = line
        bench.call(driver.begin_job)
        bench.call(driver.begin_page, 72, HEIGHT)
        bench.lines(HEIGHT)
        for _ in range(200):
            assert driver.end_page() is None
            bench.turn()
        assert driver.reasons == base.MEDIA_EMPTY and bench.engine.lines == line
        assert driver.pages == 0 and driver.moved
        bench.run(3 * CONFIRM_MS, 500)
        assert driver.end_page() is None and driver.reasons == base.MEDIA_EMPTY
        bench.engine.reasons = 0
        bench.engine.work()
        bench.call(driver.end_page)
        bench.call(driver.end_job)
        assert bench.engine.page_digests == [digest(noisy(HEIGHT))] and driver.reasons == 0
        next_job_prints(bench)


def test_power_cut_at_each_frame():
    bench = Bench().ready()
    first = bench.engine.up_frame_n
    bench.job(HEIGHT)
    last = bench.engine.up_frame_n
    for at in range(first, last + 1):
        bench = Bench().ready()
        driver = bench.driver
        engine = bench.engine
        engine.restart_at = at
        paged = ended = False
        try:
            bench.call(driver.begin_job)
            bench.page(HEIGHT)
            paged = True
            bench.call(driver.end_job)
            ended = True
        except base.EngineError as error:
            assert "started again" in str(error)
            # told truthfully: whatever came out is known to have moved
            assert driver.moved or not engine.lines
            bench.call(driver.cancel)
        # never both an error and a page that is taken for printed, never a page twice
        assert len(engine.page_digests) <= 1
        assert not paged or engine.page_digests == [digest(noisy(HEIGHT))]
        assert ended == paged
        assert not driver.in_job
        engine.restart_at = -1
        next_job_prints(bench)
        assert engine.hellos == 2 or at == last


def test_power_cut_between_the_last_page_and_the_end():
    bench = Bench().ready()
    bench.call(bench.driver.begin_job)
    bench.page(HEIGHT)
    bench.engine.power_cut()
    bench.run(500)
    # the page was confirmed: the job has been printed
    assert bench.driver.end_job() and not bench.driver.in_job and bench.driver.moved
    next_job_prints(bench)
    bench.call(bench.driver.begin_job)
    bench.call(bench.driver.write, b"x", 0, 1)
    bench.run(100)
    bench.engine.power_cut()
    bench.run(500)
    assert "started again" in refused(base.EngineError, bench.driver.end_job)


def test_power_cut_while_idle():
    bench = Bench().ready()
    bench.job(HEIGHT)
    bench.engine.power_cut()
    bench.run(2500)
    assert bench.driver.reasons == 0 and bench.engine.hellos == 2 and bench.driver.pages == 0
    next_job_prints(bench)


def test_host_that_starts_again_in_mid_page():
    bench = Bench().ready()
    bench.call(bench.driver.begin_job)
    bench.driver.begin_page(72, HEIGHT)
    bench.lines(6)
    bench.run(100)
    engine = bench.engine
    assert engine.lines
    bench = Bench()
    bench.driver.session._number = 501
    bench.engine = bench.driver._engine = engine
    bench.driver.session._stream = bench.driver.window._stream = engine
    bench.ready()
    next_job_prints(bench)


def test_cancel_at_each_line():
    for sent in range(HEIGHT + 1):
        for turns in (0, 1, 3):
            bench = Bench().ready()
            driver = bench.driver
            bench.call(driver.begin_job)
            bench.call(driver.begin_page, 72, HEIGHT)
            bench.lines(sent)
            for _ in range(turns):
                bench.turn()
            bench.call(driver.cancel)
            engine = bench.engine
            assert not driver.in_job and not engine.in_job and not engine.in_page
            assert driver.moved == (engine.lines > 0 or engine.digest > 0) and driver.pages == 0
            assert driver.cancel() is True
            next_job_prints(bench)


def test_cancel_lost_and_doubled():
    for fault in (-1, -2):
        for at in range(12):
            bench = Bench().ready()
            bench.call(bench.driver.begin_job)
            bench.call(bench.driver.begin_page, 72, HEIGHT)
            bench.lines(3)
            frame = bench.engine.up_frame_n
            bench.engine.up_frames = {frame + at // 2: fault}
            bench.engine.down_frames = {bench.engine.down_frame_n + at % 6: fault}
            bench.call(bench.driver.cancel)
            assert not bench.engine.in_job
            next_job_prints(bench)


def test_cancel_while_out_of_paper():
    bench = Bench().ready()
    driver = bench.driver
    bench.engine.stop_at = 2
    bench.call(driver.begin_job)
    bench.driver.begin_page(72, HEIGHT)
    bench.lines(HEIGHT)
    bench.run(500)
    assert driver.reasons == base.MEDIA_EMPTY
    began = bench.now
    bench.call(driver.cancel)
    assert ticks.diff(bench.now, began) < 100 and driver.moved and driver.begin_job() is None
    bench.engine.reasons = 0
    next_job_prints(bench)
    assert bench.engine.lines == 2 + HEIGHT


def test_cancel_while_silent():
    bench = Bench().ready()
    driver = bench.driver
    bench.call(driver.begin_job)
    bench.driver.begin_page(72, HEIGHT)
    bench.lines(5)
    bench.run(50)
    bench.engine.silent = True
    bench.run(5000)
    began = bench.now
    bench.call(driver.cancel)
    assert ticks.diff(bench.now, began) < 2000 and driver.moved
    assert driver.begin_job() is None and driver.reasons == base.OFFLINE
    bench.engine.silent = False
    next_job_prints(bench)
    assert bench.engine.half_pages <= 1


def test_engine_that_gives_up():
    bench = Bench().ready()
    driver = bench.driver
    bench.call(driver.begin_job)
    bench.call(driver.begin_page, 72, 100)
    bench.lines(10)
    bench.run(50)
    for error, why in ((1, "jam"), (2, "type"), (3, "order"), (9, "given the job up")):
        bench.engine.error = error
        bench.engine._due = True
        bench.run(20)
        assert why in refused(base.EngineError, driver.line, bytes(9), 0, 9)
    bench.call(driver.cancel)
    bench.run(100)
    next_job_prints(bench)


def test_engine_that_never_prints():
    bench = Bench().ready()
    bench.call(bench.driver.begin_job)
    bench.run(20)
    bench.driver.begin_page(72, 1)
    bench.driver.line(noise(9, 0), 0, 9)
    bench.engine.work = bench.engine.tell
    bench.driver.end_page()
    bench.run(CONFIRM_MS - 1000, 50)
    assert bench.driver.end_page() is None
    bench.run(2000, 50)
    assert "done nothing" in refused(base.EngineError, bench.driver.end_page)
    assert bench.driver.pages == 0
