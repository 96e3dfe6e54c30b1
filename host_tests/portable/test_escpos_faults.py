"""The ESC/POS driver when things go wrong: status, paper, cover, silence, cancelling, a closed port."""

from document_samples import noise
from escpos_bench import Bench, noisy, paper_out, refused
from escpos_engine import digest

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine.escpos_link import CONFIRM_MS, STALL_MS
from fetchprint.engine.escpos_status import ASK_BUSY_MS, ASK_IDLE_MS, REPLY_MS


def test_unheard_is_offline():
    bench = Bench()
    driver = bench.driver
    assert driver.reasons == base.OFFLINE
    bench.engine.answering = False
    bench.run(10000)
    assert driver.reasons == base.OFFLINE and driver.begin_job() is None
    bench.engine.answering = True
    bench.run(2 * REPLY_MS)
    assert driver.reasons == 0 and driver.begin_job()


def test_reasons_while_idle():
    bench = Bench().ready()
    status = bench.engine.status
    for answers, reasons in (
        (b"\x1a\x32\x12\x7e", base.MEDIA_EMPTY),
        (b"\x1a\x16\x12\x12", base.COVER_OPEN),
        (b"\x12\x12\x12\x1e", base.MEDIA_LOW),
        (b"\x1a\x12\x12\x12", base.OFFLINE),
        (b"\x1a\x52\x1a\x12", base.MEDIA_JAM),
        (b"\x1a\x52\x32\x12", base.OTHER),
        (b"\x1a\x36\x12\x7e", base.MEDIA_EMPTY | base.COVER_OPEN),
        (b"\x12\x12\x12\x12", 0),
    ):
        for i in range(4):
            status[i + 1] = answers[i]
        bench.run(2 * ASK_IDLE_MS)
        assert bench.driver.reasons == reasons, (answers, bench.driver.reasons)
    bench.engine.answering = False
    bench.run(5000)
    assert bench.driver.reasons == base.OFFLINE
    bench.engine.answering = True
    bench.run(2500)
    assert bench.driver.reasons == 0


def test_what_a_cancelled_job_left_is_cleared_with_the_error():
    bench = Bench().ready()
    driver = bench.driver
    driver.begin_job()
    bench.run(20)
    driver.begin_page(576, 30)
    bench.engine.confirming = False
    bench.lines(26)
    for n, octet in ((1, 0x1A), (2, 0x56), (3, 0x16)):  # the cover, in mid-page
        bench.engine.status[n] = octet
    bench.run(1000)
    bench.call(driver.cancel)
    assert bench.engine.clears == 0
    bench.engine.status[2] = 0x52  # closed again: only the error is left
    bench.run(12000)
    assert bench.engine.clears == 1 and bench.engine.owed == 0 and driver.reasons == 0
    bench.engine.confirming = True
    bench.call(driver.begin_job)


def test_latched_error_is_recovered_from():
    bench = Bench().ready()
    for n, octet in ((1, 0x1A), (2, 0x56), (3, 0x16)):
        bench.engine.status[n] = octet
    bench.run(3000)
    assert bench.driver.reasons & base.COVER_OPEN and bench.engine.recovers == 0
    bench.engine.status[2] = 0x52
    bench.run(3000)
    assert bench.driver.reasons == 0 and bench.engine.recovers == 1


def test_idle_is_quiet():
    bench = Bench().ready()
    before = bench.engine.asked
    bench.run(10000)
    assert 30 <= bench.engine.asked - before <= 44


def test_paper_out_in_mid_page():
    bench = Bench().ready()
    driver = bench.driver
    driver.begin_job()
    driver.begin_page(576, 200)
    bench.lines(100)
    sent = 100
    paper_out(bench.engine)
    bench.engine.confirming = False
    bench.run(4 * ASK_BUSY_MS)
    while driver.line(noise(72, sent), 0, 72):
        sent += 1
    bench.run(4 * ASK_BUSY_MS)
    assert driver.reasons == base.MEDIA_EMPTY
    bands = bench.engine.bands
    bench.run(10 * CONFIRM_MS, 100)
    # nothing more is fed, nothing is given up, nothing is called done
    assert bench.engine.bands == bands and driver.line(bytes(72), 0, 72) is None and driver.pages == 0
    paper_out(bench.engine, False)
    bench.engine.confirming = True
    bench.engine.confirm()
    bench.run(2 * ASK_BUSY_MS)
    bench.lines(200 - sent, sent)
    bench.call(driver.end_page)
    assert driver.reasons == 0 and driver.pages == 1
    assert bench.engine.digest == digest(noisy(200))


def test_strays_out_of_raster_change_nothing():
    bench = Bench().ready()
    driver = bench.driver
    bench.call(driver.begin_job)
    driver.begin_page(576, 2400)
    bench.engine.status[4] = 0x12
    for y in range(2400):
        if y % 24 == 0:
            bench.engine.say(0x1E)  # as DLE EOT 4 in the raster elicits when paper is low
        bench.call(driver.line, bytes(72), 0, 72)
        bench.turn()
        assert driver.reasons == 0, y
    bench.call(driver.end_page)
    assert driver.pages == 1


def test_offline_in_mid_page():
    bench = Bench().ready()
    driver = bench.driver
    driver.begin_job()
    driver.begin_page(576, 48)
    bench.lines(48)
    bench.engine.answering = bench.engine.confirming = False
    for _ in range(8000):
        assert driver.end_page() is None
        bench.turn()
    assert driver.reasons == base.OFFLINE
    bench.engine.answering = bench.engine.confirming = True
    bench.engine.confirm()
    bench.call(driver.end_page)
    bench.run(REPLY_MS + 500)
    assert driver.pages == 1 and driver.reasons == 0


def test_an_engine_that_takes_nothing_is_offline():
    bench = Bench().ready()
    bench.engine.blocked = True
    bench.driver.begin_job()
    bench.run(STALL_MS + 500)
    assert bench.driver.reasons == base.OFFLINE
    bench.engine.blocked = False
    bench.run(3000)
    assert bench.driver.reasons == 0


def test_no_request_inside_a_band():
    # The scripted engine counts a request that stands inside raster as raster, and fails on what follows.
    bench = Bench(11).ready()
    bench.driver.begin_job()
    asked = bench.engine.asked
    bench.page(240)
    assert bench.engine.digest == digest(noisy(240))
    assert bench.engine.asked >= asked + 4, "status must be read while printing"


def test_cancel_before_anything_moved():
    bench = Bench().ready()
    bench.driver.begin_job()
    bench.driver.begin_page(576, 100)
    bench.driver.line(bytes(72), 0, 72)
    bench.call(bench.driver.cancel)
    assert bench.engine.bands == 0 and bench.engine.cuts == 0 and not bench.driver.moved
    assert bench.driver.cancel() is True and not bench.driver.in_job


def test_cancel_in_mid_band():
    bench = Bench(50).ready()
    driver = bench.driver
    driver.begin_job()
    driver.begin_page(576, 100)
    sent = 0
    while bench.engine.count < 100:
        if driver.line(noise(72, sent), 0, 72):
            sent += 1
        bench.turn()
    began = bench.now
    bench.call(driver.cancel)
    assert ticks.diff(bench.now, began) < 2000
    # the band was finished, nothing of it became text, the paper was parted and the end confirmed
    assert bench.engine.bands == 1 and bench.engine.count == 72 * 24
    assert bench.engine.digest == digest(noisy(24))
    assert bench.engine.cuts == 1 and bench.engine.text_n == 0 and bench.engine.owed == 0
    assert driver.pages == 0 and not driver.in_job
    bench.engine.slow = 0
    bench.call(driver.begin_job)
    bench.page(100)
    assert driver.pages == 1


def test_cancel_while_out_of_paper():
    bench = Bench().ready()
    driver = bench.driver
    driver.begin_job()
    driver.begin_page(576, 100)
    bench.lines(60)
    paper_out(bench.engine)
    bench.engine.confirming = False
    bench.run(2000)
    assert driver.reasons == base.MEDIA_EMPTY
    began = bench.now
    bench.call(driver.cancel)
    assert ticks.diff(bench.now, began) < 2000 and not driver.in_job
    assert driver.begin_job() is None
    # with new paper the end of the old job comes first, then the next job
    paper_out(bench.engine, False)
    bench.engine.confirming = True
    bench.engine.confirm()
    bench.call(driver.begin_job)
    assert bench.engine.cuts == 1 and driver.reasons == 0
    bench.page(1)
    assert driver.pages == 1


def test_port_that_closes():
    for how in ("before", "in a page"):
        bench = Bench().ready()
        driver = bench.driver
        if how == "in a page":
            driver.begin_job()
            driver.begin_page(576, 500)
        bench.engine.broken = True
        bench.run(50)
        assert driver.reasons == base.OFFLINE and driver.fault is not None
        if how == "before":
            assert driver.begin_job() is None
        else:
            for _ in range(30):
                try:
                    driver.line(bytes(72), 0, 72)
                except base.EngineError as error:
                    assert "port is gone" in str(error)
                    break
            else:
                raise AssertionError("no error")
            assert driver.cancel() and not driver.in_job


def test_cancel_own_language_in_mid_command():
    bench = Bench().ready()
    driver = bench.driver
    driver.begin_job()
    # 100 lines of raster are announced, and ten come
    data = b"Hi\x1dv0\x00\x48\x00\x64\x00" + bytes(720)
    sent = 0
    while sent < len(data):
        sent += bench.call(driver.write, data, sent, len(data) - sent)
    bench.call(driver.cancel)
    assert bench.engine.cuts == 1 and not driver.in_job
    bench.call(driver.begin_job)
    bench.page(1)
    assert driver.pages == 1


def test_never_confirmed():
    bench = Bench().ready()
    bench.driver.begin_job()
    bench.run(20)
    bench.engine.confirming = False
    bench.driver.begin_page(576, 1)
    bench.driver.line(bytes(72), 0, 72)
    bench.driver.end_page()
    bench.run(CONFIRM_MS - 1000, 50)
    assert bench.driver.end_page() is None
    bench.run(2000, 50)
    assert "not confirmed" in refused(base.EngineError, bench.driver.end_page)
    assert bench.driver.pages == 0
    bench.driver.cancel()
    bench.run(CONFIRM_MS + 2000, 50)
    refused(base.EngineError, bench.driver.cancel)
    assert not bench.driver.in_job
    # what was lost is forgotten in time, and the next job prints
    bench.engine.confirming = True
    bench.engine.owed = 0
    bench.call(bench.driver.begin_job)
    bench.page(1)
    assert bench.driver.pages == 1
