"""The thermal driver against a mechanism in its own time: rows, strobes, ramps, memory."""

from document_samples import Source, grey_lines, noise, page
from heap import locked
from thermal_bench import Bench, noisy, refused
from thermal_head import digest

from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base, thermal_setup
from fetchprint.engine.thermal_heat import PULSE_MAX_US, Heat, passes, portion

FEED = 120


def test_a_page():
    bench = Bench().ready()
    driver, mechanism = bench.driver, bench.mechanism
    bench.job()
    assert not driver.moved
    bench.page(100)
    assert driver.pages == 1 and driver.moved and driver.confirmed
    assert mechanism.count == 100 and mechanism.digest == digest(noisy(100))
    bench.call(driver.end_job)
    assert not driver.in_job and mechanism.count == 100 + FEED
    assert mechanism.digest == digest(noisy(100, FEED))
    # half of 260 uJ * 650 ohms / (24 V) ** 2 for each of two steps; never more dots than the supply can heat
    assert 140 <= mechanism.longest <= 149 and 180 < mechanism.hottest <= 192
    assert mechanism.jumps == 0 and mechanism.blind == 0
    bench.run(1000)
    assert not mechanism.enabled, "the motor is let go"


def test_widths():
    for width, octets, last in (
        (575, 72, 0xFE),
        (569, 72, 0x80),
        (8, 1, 0xFF),
        (1, 1, 0x80),
        (583, 72, 0xFF),
    ):
        bench = Bench().ready()
        bench.job()
        bench.call(bench.driver.begin_page, width, 1)
        line = b"\xff" * ((width + 7) // 8)
        bench.call(bench.driver.line, line, 0, len(line))
        bench.call(bench.driver.end_page)
        row = b"\xff" * (octets - 1) + bytes([last]) + bytes(72 - octets)
        assert bench.mechanism.digest == digest([row])
    for width, height in ((584, 1), (0, 1), (576, 0)):
        assert "does not fit" in refused(bench.driver.begin_page, width, height)


def test_other_heads():
    for width in (384, 640):
        bench = Bench(width=width, resistance=176, volts=9000, dots=64, steps=2).ready()
        bench.job()
        bench.driver.begin_page(width, 50)
        for y in range(50):
            bench.call(bench.driver.line, noise(width // 8, y), 0, width // 8)
        bench.call(bench.driver.end_page)
        assert bench.mechanism.digest == digest([noise(width // 8, y) for y in range(50)])
        assert bench.mechanism.hottest <= 64 and bench.mechanism.jumps == 0


def test_a_line_is_divided_so_that_no_strobe_heats_too_many_dots():
    part = bytearray(9)
    for limit in (8, 9, 20, 64, 100):
        for line in (bytes(9), b"\xff" * 9, noise(9), b"\0\0\xff\0\0\0\0\0\0", b"\0" * 8 + b"\x01"):
            whole = bytearray(9)
            begin = times = 0
            while begin < 9 and any(line[begin:]):
                begin = portion(part, line, 0, begin, 9, limit)
                assert 0 < sum([bin(octet).count("1") for octet in part]) <= limit
                for i in range(9):
                    assert not whole[i] & part[i]
                    whole[i] |= part[i]
                times += 1
            assert bytes(whole) == line and times == passes(line, 0, 9, limit)


def test_strobe_follows_voltage_and_temperature():
    heat = Heat(260, 650, 30000)
    assert heat.measure(52429, 32768) == 0 and heat.temperature == 25
    normal = heat.pulse
    assert abs(normal - 293) < 10
    heat.measure(52429 * 10 // 12, 32768)
    assert abs(heat.pulse - normal * 144 // 100) < 25
    heat.measure(52429, 17306)
    assert heat.temperature == 50 and abs(heat.pulse - normal * 80 // 100) < 5
    assert heat.measure(0, 32768) == base.OFFLINE and heat.measure(65535, 32768) == base.OTHER
    for broken in (0, 1000, 60000, 65535):
        assert heat.measure(52429, broken) == base.SUBUNIT_THERMISTOR_FAILURE
    # hot at 70, good again at 62
    hot = base.SUBUNIT_OVER_TEMPERATURE
    for thermistor, reasons in ((10000, 0), (9700, hot), (11313, hot), (11900, hot), (12700, 0), (10000, 0)):
        assert heat.measure(52429, thermistor) == reasons, (thermistor, heat.temperature)
    for supply in range(0, 65536, 77):
        for thermistor in range(0, 65536, 1999):
            heat.measure(supply, thermistor)
            assert heat.pulse <= PULSE_MAX_US


def test_any_poll_timing():
    for slow, late, ms in ((0, 0, 0), (0, 0, 100), (40, 0, 1), (200, 0, 7), (0, 13, 3), (20, 5, 0)):
        bench = Bench().ready()
        mechanism = bench.mechanism
        mechanism.slow = slow
        mechanism.late = late
        bench.job()
        bench.driver.begin_page(576, 150)
        for y in range(150):
            while not bench.driver.line(noise(72, y), 0, 72):
                bench.turn(ms)
        bench.call(bench.driver.end_page)
        assert mechanism.digest == digest(noisy(150))
        assert mechanism.longest <= 149
        if not slow and not late:
            assert mechanism.jumps == 0


def test_a_poll_blocks_no_longer_than_it_says():
    for burst in (5, 25, 60):
        bench = Bench(burst=burst).ready()
        bench.job()
        bench.driver.begin_page(576, 400)
        y = longest = 0
        while y < 400:
            while y < 400 and bench.driver.line(noise(72, y), 0, 72):
                y += 1
            began = bench.mechanism.us
            bench.turn(0)
            longest = max(longest, ticks.diff(bench.mechanism.us, began))
        assert longest <= burst * 1000 + 5000 + 3000, "one line, and the motor's settling"


def test_ramps():
    bench = Bench(burst=500, queue=200, start=240, speed=600).ready()
    bench.job()
    bench.driver.begin_page(576, 190)
    for _ in range(190):
        bench.call(bench.driver.line, bytes(71) + b"\x01", 0, 72)
    began = bench.mechanism.us
    bench.call(bench.driver.end_page)
    took = ticks.diff(bench.mechanism.us, began)
    # 24 lines up and 24 down in 57 ms each, the others at 600 lines/s
    assert 330000 < took < 380000 and bench.mechanism.jumps == 0


def test_a_heavy_line_is_slowed_down_for_in_time():
    bench = Bench(burst=500, queue=200).ready()
    bench.job()
    bench.driver.begin_page(576, 180)
    for y in range(180):
        black = y % 60 == 59
        bench.call(bench.driver.line, b"\xff" * 72 if black else bytes(72), 0, 72)
    bench.call(bench.driver.end_page)
    assert bench.mechanism.count == 180 and bench.mechanism.black == 3 and bench.mechanism.jumps == 0


def test_a_source_that_starves_leaves_no_gap():
    bench = Bench().ready()
    bench.job()
    bench.driver.begin_page(576, 150)
    for y in range(150):
        bench.call(bench.driver.line, noise(72, y), 0, 72)
        bench.run(y % 11 * 20)
    bench.call(bench.driver.end_page)
    assert bench.mechanism.count == 150 and bench.mechanism.digest == digest(noisy(150))
    assert bench.mechanism.jumps == 0


def test_a_long_way_from_poll_to_poll():
    bench = Bench().ready()
    assert bench.driver.pause == 20
    bench.job()
    bench.driver.begin_page(576, 100)
    for y in range(40):
        bench.call(bench.driver.line, noise(72, y), 0, 72)
    bench.turn()
    assert bench.driver.pause == 0 or bench.mechanism.count > 0
    bench.run(60000, 1000)
    assert 0 < bench.mechanism.count < 40, "what is left waits for more, or for the end of the page"


def test_calls_out_of_order():
    bench = Bench().ready()
    driver = bench.driver
    white = bytes(72)
    for call in (lambda: driver.line(white, 0, 72), driver.end_page, driver.end_job):
        refused(call)
    refused(driver.begin_page, 8, 8)
    bench.job()
    refused(driver.begin_job)
    refused(driver.write, b"x", 0, 1)
    driver.begin_page(16, 1)
    refused(driver.line, bytes(1), 0, 1)
    refused(driver.end_job)
    bench.call(driver.line, bytes(2), 0, 2)
    refused(driver.line, bytes(2), 0, 2)


def test_impossible_settings():
    settings = dict(thermal_setup.SETTINGS)
    settings["device"] = ""
    for key, value, message in (
        ("width", 570, "multiple of 8"),
        ("dots", 7, "8 or more"),
        ("queue", 1, "2 or more"),
        ("start", 700, "a motor of"),
        ("ramp", 128, "fewer than 256 steps"),
    ):
        wrong = dict(settings)
        wrong[key] = value
        assert message in refused(thermal_setup.make, wrong, Port()), key


class Port:
    """Has a bus to give."""

    def open_bus(self, path, hz):
        return Bench().mechanism


def test_allocates_nothing():
    bench = Bench().ready()
    driver, mechanism = bench.driver, bench.mechanism
    pipe = Pipe(driver)
    source = Source(b"RaS2" + page(grey_lines(577, 20), 577) + page([noise(72)] * 80, 576, 1), 512)
    pipe.start(source, b"image/pwg-raster")
    now = bench.now
    done = False
    with locked():
        for turn in range(20000):
            now = ticks.add(now, 1)
            mechanism.spend(1000)
            driver.poll(now)
            if turn == 3:
                mechanism.temperature = 9000
            if turn == 700:
                mechanism.temperature = 32768
            if pipe.poll(now):
                done = True
                break
    assert done and pipe.pages == 2 and mechanism.count == 100 + FEED
