"""The checks: what happens to a driver, and what it should make of it. Each gets a fresh ``Rig``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from fetchprint.engine import base
from fetchprint_tools.engine_check.judge import lines, perfect, printed, same, told, usable, wanted
from fetchprint_tools.engine_check.rig import Failed, Rig, Start


@dataclass(frozen=True)
class Check:
    """``needs``: methods that the emulated engine must have; ``raster``: for drivers that print lines."""

    name: str
    what: str
    run: Callable[[Start], None]
    raster: bool = True
    needs: tuple[str, ...] = ()


def _require(condition: object, what: str) -> None:
    if not condition:
        raise Failed(what)


def _page(rig: Rig, height: int, seed: int) -> str:
    return f"page {rig.engine.width} {height} {seed}"


def _printing(rig: Rig, height: int, seed: int, after: int) -> None:
    """A job whose page is being printed, ``after`` lines of it."""
    rig.order("begin_job", _page(rig, height, seed), "end_job")
    rig.until(lambda: len(printed(rig)) >= after, 60, f"{after} lines on the paper")


def _next_job(rig: Rig) -> None:
    """Another job prints as if nothing had been."""
    usable(rig)
    before = len(printed(rig))
    pages = rig.pages
    rig.run("begin_job", _page(rig, 30, 900), "end_job")
    _require(not rig.error, f"the next job failed: {rig.error}")
    _require(rig.pages == pages + 1, "the next job's page was not counted")
    rig.rest(1.0)
    got = printed(rig)
    expected = wanted(rig, (30, 900))
    _require(len(got) >= before, "the paper got shorter")
    same(got[-len(expected) :], expected)


def capabilities(start: Start) -> None:
    rig = start()
    say = rig.describe()
    for name, most in (("make_and_model", 127), ("device_id", 1023)):
        _require(0 < len(say[name]) <= most, f"{name} has {len(say[name])} octets, not 1 to {most}")
    _require(say["formats"], "it takes no format")
    for mime in say["formats"]:
        _require(re.fullmatch(r"[\w.+-]+/[\w.+-]+", mime), f"{mime!r} is no MIME type")
    _require(say["sides"] and say["sides"][0] == "one-sided", "sides does not begin with one-sided")
    _require(say["copies"] >= 1, "copies is below 1")
    if say["width"]:
        _require(say["resolution"] > 0, "it prints lines, but resolution is 0")
        _require(
            rig.engine.width == say["width"], f"its width is {say['width']}, the engine's {rig.engine.width}"
        )
        _require("image/pwg-raster" in say["formats"], "it prints lines, but does not take image/pwg-raster")
        _require(say["raster_types"], "raster_types is empty")
        _require(say["media"], "media is empty")
    for name, *sizes in say["media"]:
        _require(len(sizes) == 6 and min(sizes) >= 0, f"medium {name} needs width, length and four margins")
        dots = (sizes[0] - sizes[2] - sizes[3]) * say["resolution"] // 2540
        _require(
            not say["width"] or dots <= say["width"] + say["overhang"],
            f"medium {name} is wider than the head",
        )


def normal(start: Start) -> None:
    rig = start()
    usable(rig)
    _require(not rig.moved, "moved is set before a job")
    rig.order("begin_job", _page(rig, 60, 0), _page(rig, 25, 100), "end_job")
    while not rig.done:
        _require(rig.milliseconds < 120_000, "the job did not end within 120 s")
        before = rig.pages
        rig.turn()
        if rig.confirmed and rig.pages > before:
            _require(
                len(printed(rig)) >= (60, 85)[rig.pages - 1], "a page counted before it was on the paper"
            )
        _require(not rig.reasons & base.STOPS, "a reason stops the engine though nothing is wrong")
    _require(not rig.error, rig.error)
    rig.rest(1.0)
    perfect(rig, (60, 0), (25, 100))
    _require(rig.pages == 2, f"pages is {rig.pages} after two pages")
    _require(rig.moved and not rig.in_job, "after the job moved should be set and in_job not")


def pass_through(start: Start) -> None:
    _passed(start())
    _passed(start(buffer=start.adapter.small_buffer, speed=start.adapter.slow))


def _passed(rig: Rig) -> None:
    usable(rig)
    document = rig.adapter.document
    before = len(rig.sent)
    rig.run("begin_job", f"write {document.hex()}", "end_job")
    _require(not rig.error, rig.error)
    rig.rest(2.0)
    _require(document in bytes(rig.sent[before:]), "the document did not arrive as it is")
    _require(not rig.engine.dropped, f"{rig.engine.dropped} octets were dropped")
    _require(rig.moved and not rig.in_job, "after the job moved should be set and in_job not")


def order(start: Start) -> None:
    rig = start()
    usable(rig)
    calls = ["begin_page", "line", "end_page", "write", "end_job"]
    rig.run(*[f"refused {call}" for call in calls], "cancel", "begin_job", "refused begin_job", "cancel")
    _require(not rig.in_job, "in_job is set after cancel")


def slow_engine(start: Start) -> None:
    rig = start(speed=start.adapter.slow)
    usable(rig)
    rig.order("begin_job", _page(rig, 150, 0), "end_job")
    while not rig.done:
        rig.turn()
        _require(rig.milliseconds < 300_000, "the job did not end within 300 s")
        _require(not rig.reasons & base.STOPS, "slow paper was taken for a fault")
    _require(not rig.error, rig.error)
    rig.rest(2.0)
    perfect(rig, (150, 0))


def full_buffer(start: Start) -> None:
    rig = start(buffer=start.adapter.small_buffer, speed=start.adapter.slow * 2)
    usable(rig)
    rig.run("begin_job", _page(rig, 120, 0), "end_job", seconds=300)
    _require(not rig.error, rig.error)
    rig.rest(2.0)
    perfect(rig, (120, 0))


def lost_bytes(start: Start) -> None:
    rig = start()
    usable(rig)
    state = {"left": 1500}

    def lose(data: bytes) -> bytes:
        state["left"] -= len(data)
        if -len(data) <= state["left"] < 0:
            return data[:-1]
        return data

    rig.corrupt = lose
    rig.order("begin_job", _page(rig, 80, 0), "end_job")
    rig.until(lambda: rig.done, 120, "an end of the job")
    _require(state["left"] < 0, "nothing was lost: the page is too short for this check")
    if not rig.error:
        rig.rest(1.0)
        same(printed(rig), wanted(rig, (80, 0)))
    elif rig.pages:
        raise Failed("the job failed, but its page was counted")
    rig.corrupt = lambda data: data
    _next_job(rig)


def _stop_and_go(start: Start, stop: str, go: str, bit: int) -> None:
    rig = start()
    usable(rig)
    _printing(rig, 200, 0, 60)
    getattr(rig.engine, stop)()
    told(rig, bit)
    fed = lines(rig)
    rig.rest(20.0)
    _require(
        rig.pages == 0 and not rig.done, "the page counted, or the job ended, while the engine stood still"
    )
    _require(rig.reasons & bit, "the reason went away while the engine still stood")
    _require(lines(rig) == fed, "the paper moved")
    getattr(rig.engine, go)()
    rig.until(lambda: rig.done, 120, "the end of the job after the engine could go on")
    usable(rig)
    rig.rest(1.0)
    if rig.error:
        _require(rig.pages == 0, "the job failed, but its page was counted")
    else:
        same(printed(rig), wanted(rig, (200, 0)))
    _next_job(rig)


def paper_out(start: Start) -> None:
    _stop_and_go(start, "paper_out", "paper_in", base.MEDIA_EMPTY)


def cover_open(start: Start) -> None:
    _stop_and_go(start, "cover_open", "cover_close", base.COVER_OPEN)


def cancel(start: Start) -> None:
    rig = start()
    usable(rig)
    _printing(rig, 2000, 0, 60)
    rig.run("cancel", seconds=10)
    _require(not rig.in_job, "in_job is set after cancel")
    fed = lines(rig)
    rig.rest(3.0)
    _require(lines(rig) == fed, "the paper moved after the driver had said that it stood still")
    _require(rig.pages == 0, "the cancelled page was counted")
    got = printed(rig)
    same(got, wanted(rig, (2000, 0))[: len(got)])
    _next_job(rig)


def cancel_while_stopped(start: Start) -> None:
    rig = start()
    usable(rig)
    _printing(rig, 2000, 0, 60)
    rig.engine.paper_out()
    told(rig, base.MEDIA_EMPTY)
    rig.run("cancel", seconds=10)
    _require(rig.pages == 0 and not rig.in_job, "the cancelled page was counted, or in_job is still set")
    rig.engine.paper_in()
    _next_job(rig)


def power_loss(start: Start) -> None:
    rig = start()
    usable(rig)
    _printing(rig, 400, 0, 60)
    rig.engine.power(False)
    rig.until(lambda: rig.reasons & base.STOPS or rig.error, 15, "an engine without power is noticed")
    rig.rest(2.0)
    rig.engine.power(True)
    rig.until(lambda: rig.done, 120, "the end of the job after the engine was off")
    _require(rig.error, "the job ended as if nothing had been, though part of its page was lost")
    _require(rig.pages == 0, "the torn page was counted")
    _require(rig.moved, "moved is not set though paper had moved")
    _next_job(rig)


def power_off_at_first(start: Start) -> None:
    rig = start(powered=False)
    rig.rest(8.0)
    _require(rig.reasons & base.STOPS, "an engine without power counts as usable")
    rig.order("begin_job")
    rig.rest(2.0)
    _require(not rig.done and not rig.in_job, "a job began on an engine without power")
    rig.engine.power(True)
    rig.until(lambda: rig.done, 15, "the job begins when the power comes")
    rig.run("cancel", seconds=10)
    _next_job(rig)


def unsolicited(start: Start) -> None:
    rig = start()
    usable(rig)
    say = rig.adapter.unsolicited
    assert say is not None
    rig.order("begin_job", _page(rig, 300, 0), "end_job")
    while not rig.done:
        if rig.milliseconds % 50 < 2:
            say(rig.engine)
        before = rig.pages
        rig.turn()
        _require(rig.milliseconds < 120_000, "the job did not end within 120 s")
        if rig.pages > before:
            _require(len(printed(rig)) >= 300, "what the engine said was taken for the end of the page")
    _require(not rig.error, rig.error)
    rig.rest(1.0)
    perfect(rig, (300, 0))


CHECKS = (
    Check("capabilities", "what it says of its engine makes sense", capabilities, raster=False),
    Check("call-order", "calls out of order are refused", order, raster=False),
    Check("normal", "a job of two pages", normal),
    Check("pass-through", "a document in the engine's own language", pass_through, raster=False),
    Check("slow-engine", "paper that is slower than the line", slow_engine),
    Check("full-buffer", "the smallest buffer", full_buffer),
    Check("lost-bytes", "an octet is lost on the wire", lost_bytes),
    Check("paper-out", "paper out in mid-page, and back", paper_out, needs=("paper_out", "paper_in")),
    Check("cover-open", "the cover in mid-page", cover_open, needs=("cover_open", "cover_close")),
    Check("cancel", "cancelled in mid-page", cancel),
    Check("cancel-stopped", "cancelled without paper", cancel_while_stopped, needs=("paper_out", "paper_in")),
    Check("power-loss", "the engine's power in mid-page", power_loss, needs=("power",)),
    Check("power-off", "an engine that is off at first", power_off_at_first, needs=("power",)),
    Check("unsolicited", "the engine says what nobody asked", unsolicited),
)
