"""The thermal driver against the emulated mechanism; Pillow judges the paper, physics the head and motor."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw, ImageFont

from escpos_wire import document, noise, on_paper, picture
from fetchprint.engine import base
from thermal_pages import PAGES
from thermal_rig import NARROW, Rig

pytestmark = pytest.mark.slow


def clean(rig: Rig) -> None:
    """Nothing went wrong with the mechanism: no missed step, no dot too hot or too cold, no gap."""
    mechanism = rig.mechanism
    assert mechanism.warnings == [] and mechanism.motor.missed == 0 and mechanism.head.dead == 0


@pytest.mark.parametrize("head", [{}, {"width": 640}, NARROW], ids=["80mm", "80mm-640", "58mm"])
@pytest.mark.parametrize("name", PAGES)
def test_pages(name: str, head: dict[str, int]) -> None:
    rig = Rig(**head).ready()
    page = PAGES[name](rig.width)
    rig.print(document(page))
    clean(rig)
    assert rig.driver.pages == 1 and rig.mechanism.lines == page.height + 120
    assert on_paper(page, rig.paper.strip())


def test_twenty_pages() -> None:
    rig = Rig().ready()
    pages = [noise(40, seed, 576).convert("1") for seed in range(20)]
    rig.print(document(*pages))
    clean(rig)
    assert rig.driver.pages == 20
    strip = Image.new("1", (576, 800))
    for number, page in enumerate(pages):
        strip.paste(page, (0, 40 * number))
    assert on_paper(strip, rig.paper.strip())


def test_a_metre_of_receipt() -> None:
    rig = Rig(**NARROW).ready()
    page = Image.new("1", (384, 8000), 1)
    draw = ImageDraw.Draw(page)
    for row in range(200):
        draw.text((10, row * 40), f"{row:3d} {'.' * (row % 30)} 1.00", 0, ImageFont.load_default(30))
    rig.print(document(page))
    clean(rig)
    assert on_paper(page, rig.paper.strip())
    assert rig.mechanism.us < 8000 / 250 * 1e6, "250 lines a second or more"


@pytest.mark.parametrize("seed", range(4))
def test_a_starving_network_and_a_loop_that_is_away_for_long_leave_no_gap(seed: int) -> None:
    rig = Rig().ready()
    page = picture()
    chance = random.Random(seed)
    rig.start(document(page), piece=97)
    while not rig.poll():
        rig.turn(chance.choice((0, 1, 5, 40, 300, 2000)))
    clean(rig)
    assert on_paper(page, rig.paper.strip())
    assert rig.mechanism.head.longest <= 149


@pytest.mark.parametrize("degrees", [0, 10, 40, 60, 69])
@pytest.mark.parametrize("volts", [0.7, 0.8, 0.95])
def test_dots_are_as_dark_hot_or_cold_with_a_full_or_an_empty_battery(degrees: float, volts: float) -> None:
    rig = Rig(**NARROW)
    rig.mechanism.head.volts = 9.0 * volts
    rig.mechanism.heat_to(degrees)
    rig.ready()
    rig.print(document(picture().resize((384, 300))))
    clean(rig)
    least, most = rig.mechanism.head.worst
    assert 0.93 < least <= most < 1.07


def test_too_hot_pauses_and_resumes_without_a_seam() -> None:
    rig = Rig().ready()
    page = picture()
    rig.start(document(page))
    rig.until(lambda: rig.poll() or rig.mechanism.lines > 100)
    rig.mechanism.heat_to(75)
    rig.until(lambda: rig.poll() or rig.driver.reasons == base.SUBUNIT_OVER_TEMPERATURE)
    stood = rig.mechanism.lines
    rig.until(lambda: rig.poll() or rig.mechanism.head.temperature < 64, 60, 20)
    assert rig.mechanism.lines == stood
    rig.until(rig.poll)
    clean(rig)
    assert rig.driver.reasons == 0 and on_paper(page, rig.paper.strip())


@pytest.mark.parametrize(
    ("fault", "mend", "reason"),
    [
        (lambda m: m.paper_out(), lambda m: m.paper_in(), base.MEDIA_EMPTY),
        (lambda m: m.paper_out(m.lines + 3), lambda m: m.paper_in(), base.MEDIA_EMPTY),
        (lambda m: m.cover_open(), lambda m: m.cover_close(), base.COVER_OPEN),
        (lambda m: m.power(False), lambda m: m.power(True), base.OFFLINE),
    ],
    ids=["paper out", "paper out later", "cover", "power"],
)
def test_a_page_that_cannot_go_on_is_given_up_and_the_next_one_prints(fault, mend, reason) -> None:  # type: ignore[no-untyped-def]
    rig = Rig().ready()
    rig.start(document(noise(500).convert("1")))
    rig.until(lambda: rig.poll() or rig.mechanism.lines > 150)
    fault(rig.mechanism)
    rig.until(lambda: rig.poll() or rig.driver.reasons == reason)
    stood = rig.mechanism.lines
    for _ in range(500):
        assert not rig.poll()
        rig.turn(20)
    assert rig.mechanism.lines == stood and rig.driver.pages == 0 and rig.driver.moved
    mend(rig.mechanism)
    with pytest.raises(base.EngineError, match=r"at line 1\d\d of a page of 500"):
        rig.until(rig.poll)
    rig.until(rig.pipe.cancel)
    before = len(rig.paper.current) // 72
    rig.print(document(picture()))
    assert rig.driver.pages == 1 and rig.mechanism.motor.missed == 0
    assert [line for line in rig.mechanism.warnings if "strobed without paper" in line] == []
    assert on_paper(picture(), rig.paper.strip().crop((0, before, 576, rig.paper.strip().height)))


def test_cancel_in_mid_page() -> None:
    rig = Rig().ready()
    rig.start(document(noise(600).convert("1")))
    rig.until(lambda: rig.poll() or rig.mechanism.lines > 150)
    lines = rig.mechanism.lines
    rig.until(rig.pipe.cancel, 3)
    clean(rig)
    assert rig.mechanism.lines == lines + 120 and rig.driver.pages == 0 and rig.driver.moved
    for _ in range(100):
        rig.turn(20)
    assert rig.mechanism.lines == lines + 120 and not rig.mechanism.motor.on


# -- the mechanism itself: what a bad driver would do to it ------------------------------------------


def test_a_strobe_left_on_burns_the_head() -> None:
    mechanism = Rig().mechanism
    mechanism.shift(b"\xff" + bytes(71))
    mechanism.pulse("latch", 1)
    mechanism.set("strobe", 1)
    for _ in range(20):
        mechanism.elapse(100)
    mechanism.set("strobe", 0)
    assert mechanism.head.dead == 0 or "burnt" in mechanism.warnings[0]
    mechanism.pulse("strobe", 5000)
    assert mechanism.head.dead.bit_count() == 8 and "burnt, strobed for 5000 us" in mechanism.warnings[-1]


def test_too_little_and_too_much_heat_can_be_seen() -> None:
    for part, dots in ((0.5, 0), (0.7, 288), (1.0, 576), (1.2, 576)):
        rig = Rig(dots=576)
        mechanism = rig.mechanism
        mechanism.shift(b"\xff" * 72)
        mechanism.pulse("latch", 1)
        mechanism.pulse("strobe", int(293 * part))
        mechanism.set("motor", 1)
        mechanism.elapse(5000)
        mechanism.set("phase_b", 1)
        mechanism.elapse(2000)
        mechanism.set("phase_a", 1)
        mechanism.finish()
        assert sum(octet.bit_count() for octet in rig.paper.current) == dots
        assert bool(mechanism.warnings) == (part < 0.85)
    head = Rig().mechanism.head
    head.shift(bytes(36) + b"\x18" + bytes(35))
    head.latch()
    head.heat(500)
    assert head.row(0)[36] == 0x3C, "the neighbours have colour"


def test_too_many_dots_pull_the_supply_down() -> None:
    head = Rig().mechanism.head
    head.shift(b"\xff" * 72)
    head.latch()
    head.heat(293)
    assert head.row(0) == bytes(72)


def steps(mechanism, *times: int) -> int:  # type: ignore[no-untyped-def]
    """Steps with so many microseconds between them; how many of them the paper was moved by."""
    before = mechanism.lines * 2 + mechanism._step
    pins = (("phase_b", 1), ("phase_a", 1), ("phase_b", 0), ("phase_a", 0))
    mechanism.set("motor", 1)
    for number, us in enumerate(times):
        mechanism.elapse(us)
        mechanism.set(*pins[number % 4])
    return mechanism.lines * 2 + mechanism._step - before  # type: ignore[no-any-return]


def test_a_motor_that_is_led_too_fast_or_left_alone_misses_steps() -> None:
    assert steps(Rig().mechanism, *[1700] * 40) == 40
    mechanism = Rig().mechanism
    assert steps(mechanism, *[1700] * 4, 900, 900) < 6 and "missed a step" in mechanism.warnings[0]
    fast = [int(1e6 / (2 * rate)) for rate in range(240, 600, 5)]
    mechanism = Rig().mechanism
    assert steps(mechanism, *fast) == len(fast) and mechanism.motor.fastest > 580
    mechanism.elapse(50_000)
    assert "slipped, it was left alone" in mechanism.warnings[0]
