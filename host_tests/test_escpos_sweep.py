"""Every fault at every line of a page: the job ends as it is told, the next prints, nothing prints twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from escpos_wire import Wire, document, noise, on_paper
from fetchprint.engine import base
from fetchprint_tools.engines.escpos import EscPosPrinter

HEIGHT = 20
PAGE = noise(HEIGHT, 7)
NEXT = noise(12, 8)
pytestmark = pytest.mark.slow

LINES = range(HEIGHT)

STOPS: dict[str, tuple[Callable[[EscPosPrinter], None], Callable[[EscPosPrinter], None], int]] = {
    "paper": (EscPosPrinter.paper_out, EscPosPrinter.paper_in, base.MEDIA_EMPTY),
    "cover": (EscPosPrinter.cover_open, EscPosPrinter.cover_close, base.COVER_OPEN),
    "jam": (EscPosPrinter.jam, lambda printer: printer.jam(False), base.MEDIA_JAM),
    "hot": (EscPosPrinter.hot, lambda printer: printer.hot(False), base.OTHER),
    "off-line": (EscPosPrinter.off_line, lambda printer: printer.off_line(False), base.OFFLINE),
}


def begun(line: int, **options: object) -> Wire:
    """A page that has been printed up to ``line``."""
    wire = Wire(400, 512, 115200, flow=True, **options).ready()
    wire.start(document(PAGE))
    wire.until(lambda: wire.poll() or wire.printer.lines >= line, 10)
    return wire


def rest(wire: Wire, seconds: float) -> None:
    for _ in range(int(seconds * 100)):
        wire.turn(10)


def strips(wire: Wire) -> list[Image.Image]:
    """The pages, each down to its last dot."""
    wire.paper.finish()
    cut = []
    for n in range(len(wire.paper.pages)):
        page = wire.paper.image(n)
        box = page.point(lambda dot: 255 - dot).getbbox()
        cut.append(page.crop((0, 0, page.width, box[3] if box else 0)))
    return cut


def next_job(wire: Wire) -> None:
    wire.until(lambda: not wire.driver.reasons & base.STOPS, 40)
    before = wire.driver.pages
    wire.print(document(NEXT))
    assert wire.driver.pages == before + 1
    assert on_paper(NEXT, wire.paper.image(len(wire.paper.pages) - 1))


@pytest.mark.parametrize("busy_offline", [False, True])
@pytest.mark.parametrize("fault", STOPS)
def test_stopped_and_on_again(fault: str, busy_offline: bool) -> None:
    stop, go, reason = STOPS[fault]
    for line in LINES:
        wire = begun(line, busy_offline=busy_offline, cover_error=line % 2 and not busy_offline)
        stop(wire.printer)
        # One that is busy when it is off line cannot be asked, and has not yet been told to say by itself.
        seen = reason | base.OFFLINE if busy_offline and not line else reason
        wire.until(lambda wire=wire, seen=seen: wire.driver.reasons & seen, 10)
        rest(wire, 5)
        assert wire.driver.reasons & seen and wire.driver.pages == 0, f"line {line}"
        go(wire.printer)
        wire.until(wire.poll, 60)
        assert wire.driver.reasons == 0 and wire.driver.pages == 1, f"line {line}"
        assert [on_paper(PAGE, page) for page in strips(wire)] == [True], f"line {line}"
        next_job(wire)


@pytest.mark.parametrize("fault", STOPS)
def test_stopped_and_cancelled(fault: str) -> None:
    stop, go, reason = STOPS[fault]
    for line in LINES:
        wire = begun(line, cover_error=bool(line % 2))
        stop(wire.printer)
        wire.until(lambda wire=wire, reason=reason: wire.driver.reasons & reason, 10)
        wire.until(wire.pipe.cancel, 5)
        assert wire.driver.pages == 0 and not wire.driver.in_job, f"line {line}"
        assert wire.driver.moved or not wire.printer.lines
        go(wire.printer)
        next_job(wire)
        assert len(strips(wire)) <= 2, "the cancelled page is on the paper once at most"


@pytest.mark.parametrize("flow", [True, False])
@pytest.mark.parametrize("off_seconds", [2, 8])
def test_power_cut(off_seconds: int, flow: bool) -> None:
    """``flow``: without power the line is busy, and what was on it arrives afterwards; or it is lost. A cut
    of less than a second on a busy line cannot be told from an engine that thinks for a moment."""
    for line in LINES:
        wire = begun(line)
        wire.flow = flow
        wire.printer.power(False)
        rest(wire, off_seconds)
        wire.printer.power(True)
        try:
            wire.until(wire.poll, 90, 20)
        except base.EngineError:
            assert wire.driver.pages == 0, f"line {line}"
            wire.until(wire.pipe.cancel, 90, 20)
        else:
            assert any(on_paper(PAGE, page) for page in strips(wire)), f"a torn page counted at line {line}"
        assert wire.driver.moved
        next_job(wire)


def test_cancelled() -> None:
    for line in LINES:
        wire = begun(line)
        wire.until(wire.pipe.cancel, 5)
        fed = wire.printer.lines
        rest(wire, 1)
        assert wire.printer.lines == fed and wire.driver.pages == 0, f"line {line}"
        next_job(wire)
        assert len(strips(wire)) <= 2
