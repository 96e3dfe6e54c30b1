"""The thermal driver when things go wrong: paper, head, supply, heat, cancelling, a bus that is gone."""

from document_samples import noise
from thermal_bench import Bench, noisy
from thermal_head import digest

from fetchprint.engine import base

FEED = 120


def begin(bench, height, turns=200):
    """A page is begun and as much of it given as the driver takes."""
    bench.job()
    bench.driver.begin_page(576, height)
    y = 0
    for _ in range(turns):
        while y < height and bench.driver.line(noise(72, y), 0, 72):
            y += 1
        bench.turn()
    return y


def test_reasons_while_idle():
    bench = Bench()
    assert bench.driver.reasons == base.OFFLINE and bench.driver.begin_job() is None
    bench.turn()
    assert bench.driver.reasons == 0
    mechanism = bench.mechanism
    for name, value, good, reasons in (
        ("no_paper", 1, 0, base.MEDIA_EMPTY),
        ("head_up", 1, 0, base.COVER_OPEN),
        ("supply", 0, 52400, base.OFFLINE),
        ("supply", 65500, 52400, base.OTHER),
        ("temperature", 9000, 32768, base.SUBUNIT_OVER_TEMPERATURE),
        ("temperature", 65000, 32768, base.SUBUNIT_THERMISTOR_FAILURE),
    ):
        setattr(mechanism, name, value)
        bench.turn()
        assert bench.driver.reasons == reasons and bench.driver.begin_job() is None
        setattr(mechanism, name, good)
        bench.run(400)
        assert bench.driver.reasons == 0
    assert mechanism.count == 0 and mechanism.strobes == 0


def test_a_sensor_that_bounces():
    bench = Bench().ready()
    for _ in range(10):
        bench.mechanism.head_up = 1
        bench.turn()
        bench.mechanism.head_up = 0
        bench.run(100)
        assert bench.driver.reasons == base.COVER_OPEN
    bench.run(300)
    assert bench.driver.reasons == 0


FAULTS = (
    ("no_paper", 1, 0, base.MEDIA_EMPTY),
    ("head_up", 1, 0, base.COVER_OPEN),
    ("supply", 0, 52400, base.OFFLINE),
)


def test_every_fault_at_every_line():
    height = 24
    for fault, bad, good, reason in FAULTS:
        for line in range(height):
            bench = Bench(burst=5 + line % 7 * 20).ready()
            driver, mechanism = bench.driver, bench.mechanism
            bench.job()
            driver.begin_page(576, height)
            if fault == "no_paper" and line:
                mechanism.out_at = line  # in mid burst
            y = 0
            gone = fault == "no_paper" and line > 0
            for _ in range(100):
                while y < height and driver.line(noise(72, y), 0, 72):
                    y += 1
                if mechanism.count >= line and not gone:
                    gone = True
                    setattr(mechanism, fault, bad)
                bench.turn()
            assert driver.reasons == reason and mechanism.blind == 0, (fault, line)
            mechanism.out_at = 0
            setattr(mechanism, fault, good)
            if driver.moved and (mechanism.black < height or fault == "supply"):
                give = (driver.line, noise(72, y), 0, 72) if y < height else (driver.end_page,)
                assert "of a page of 24" in bench.given_up(*give)
                assert driver.pages == 0
                bench.call(driver.cancel)
            else:
                for rest in range(y, height):
                    bench.call(driver.line, noise(72, rest), 0, 72)
                bench.call(driver.end_page)
                assert driver.pages == 1
                bench.call(driver.end_job)
            pages = driver.pages
            black = mechanism.black
            bench.job()
            bench.page(10)
            bench.call(driver.end_job)
            assert driver.pages == pages + 1 and mechanism.black == black + 10 and driver.reasons == 0


def test_the_page_waits_for_paper_when_nothing_of_it_is_printed():
    bench = Bench().ready()
    driver, mechanism = bench.driver, bench.mechanism
    bench.job()
    bench.page(30)
    mechanism.no_paper = 1
    bench.run(100)
    driver.begin_page(576, 20)
    for y in range(20):
        assert driver.line(noise(72, y), 0, 72)
    bench.run(10000, 50)
    assert driver.end_page() is None and mechanism.count == 30
    mechanism.no_paper = 0
    bench.call(driver.end_page)
    assert driver.pages == 2 and mechanism.count == 50


def test_too_hot_in_mid_page_goes_on_where_it_stood():
    bench = Bench().ready()
    driver, mechanism = bench.driver, bench.mechanism
    bench.job()
    driver.begin_page(576, 200)
    for y in range(200):
        bench.call(driver.line, noise(72, y), 0, 72)
        if y == 100:
            mechanism.temperature = 9500
            bench.run(2000)
            stood = mechanism.count
            bench.run(5000)
            assert driver.reasons == base.SUBUNIT_OVER_TEMPERATURE and mechanism.count == stood
            mechanism.temperature = 25000
    bench.call(driver.end_page)
    assert driver.pages == 1 and mechanism.digest == digest(noisy(200)) and mechanism.jumps == 0


def test_the_supply_fails_after_the_last_line():
    bench = Bench(burst=500).ready()
    driver, mechanism = bench.driver, bench.mechanism
    bench.job()
    driver.begin_page(576, 20)
    for y in range(20):
        bench.call(driver.line, noise(72, y), 0, 72)
    bench.turn()
    assert mechanism.count == 20
    mechanism.supply = 0
    bench.run(100)
    assert driver.end_page() is None, "the last lines may have been burnt without power"
    mechanism.supply = 52400
    assert "supply failed" in bench.given_up(driver.end_page)


def test_paper_out_while_running_to_the_tear_bar_is_no_failure():
    bench = Bench().ready()
    bench.mechanism.out_at = 40
    bench.job()
    bench.page(30)
    bench.call(bench.driver.end_job)
    assert bench.driver.pages == 1 and not bench.driver.in_job
    assert bench.driver.reasons == base.MEDIA_EMPTY


def test_cancel():
    bench = Bench().ready()
    driver, mechanism = bench.driver, bench.mechanism
    assert driver.cancel() is True
    bench.job()
    bench.call(driver.cancel)
    assert not driver.moved and mechanism.count == 0
    begin(bench, 500)
    mechanism.no_paper = 0
    black = mechanism.black
    bench.call(driver.cancel)
    assert mechanism.black == black and mechanism.count == black + FEED and driver.pages == 0
    assert mechanism.jumps == 0
    bench.job()
    bench.page(10)
    assert driver.pages == 1
    # while the paper is out it is over at once
    mechanism.no_paper = 1
    bench.turn()
    assert driver.cancel() is True and not driver.in_job


def test_identify():
    bench = Bench()
    assert bench.driver.identify() is None
    bench.ready()
    assert bench.driver.identify() is True
    assert bench.driver.identify() is None and bench.driver.begin_job() is None
    bench.run(3000)
    assert bench.mechanism.count == 240 and bench.mechanism.strobes == 0
    bench.job()
    assert bench.driver.identify() is None and not bench.driver.moved


def test_a_bus_that_is_gone():
    for when in ("before", "in a page"):
        bench = Bench().ready()
        driver = bench.driver
        if when == "in a page":
            begin(bench, 200, 3)
        bench.mechanism.broken = True
        bench.run(50)
        assert driver.reasons == base.OFFLINE and driver.fault is not None
        if when == "before":
            assert driver.begin_job() is None
        else:
            assert "bus is gone" in bench.given_up(driver.line, bytes(72), 0, 72)
            assert driver.cancel() is True and not driver.in_job


def test_a_head_that_gets_too_hot_in_a_burst_finishes_its_line():
    bench = Bench().ready()
    driver, mechanism = bench.driver, bench.mechanism
    head = driver._head
    measure = head._measure
    left = [2]

    def hot():
        left[0] -= 1
        return base.SUBUNIT_OVER_TEMPERATURE if left[0] == 0 else measure()

    bench.job()
    driver.begin_page(576, 200)
    for y in range(200):
        if y == 100:
            head._measure = hot
        bench.call(driver.line, noise(72, y), 0, 72)
    bench.call(driver.end_page)
    assert (
        left[0] < 0 and driver.pages == 1 and mechanism.digest == digest(noisy(200)) and mechanism.jumps == 0
    )
