"""What befalls a run beside power cuts and broken connections: each by its name, as of a moment."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetchprint_tools.simulate.printer import Printer
from fetchprint_tools.simulate.real import RealPrinter
from fetchprint_tools.simulate.world import Failed, PowerCut

if TYPE_CHECKING:
    from fetchprint_tools.simulate.run import Run

_PASSING_MS = 4000
_JUMP_MS = 3_600_000
_FLAPS = 8
_FLAP_MS = 250
_STOPPED = 5  # printer-state


def _for_a_while(run: Run, undo: Callable[[], None], ms: int = _PASSING_MS) -> None:
    """No end is expected before it is undone."""
    run.faulty += 1

    def over() -> None:
        undo()
        run.faulty -= 1

    run.world.after(ms, over)


def restart(run: Run) -> None:
    """The services restart and know what they knew."""
    for service in run.services:
        service.restart(True)


def amnesia(run: Run) -> None:
    """They restart and know nothing; clients send new jobs, whose ids are those of old ones."""
    for service in run.services:
        service.restart(False)
    run.faulty += 1

    def again() -> None:
        for service in run.services:
            service.submit(1)
        run.faulty -= 1

    run.world.after(_PASSING_MS, again)


def cancel(run: Run) -> None:
    """Users cancel whatever has not ended."""
    for service in run.services:
        for job in service.jobs.values():
            service.cancel(job)


def reoffer(run: Run) -> None:
    """Once they have ended the services offer their jobs again, once."""

    def offer() -> None:
        ended = [(service, job) for service in run.services for job in service.jobs.values() if job.ended]
        if not ended and run.world.now < _JUMP_MS:
            run.world.after(500, offer)
            return
        for service, job in ended:
            if job.final and not job.reoffered:
                service.reoffer(job)
        run.faulty -= 1

    run.faulty += 1
    run.world.after(500, offer)


def wifi(run: Run) -> None:
    """The radio is gone for a while."""
    run.network.radio(False)
    _for_a_while(run, lambda: run.network.radio(True))


def clock(run: Run) -> None:
    """The device's clock jumps ahead by an hour."""
    run.world.fault("clock", "an hour ahead")
    run.device.clock += _JUMP_MS


def flapping(run: Run) -> None:
    """The radio comes and goes."""
    for turn in range(_FLAPS):
        run.world.after(2 * turn * _FLAP_MS, lambda: run.network.radio(False))
        run.world.after((2 * turn + 1) * _FLAP_MS, lambda: run.network.radio(True))
    _for_a_while(run, lambda: None, 2 * _FLAPS * _FLAP_MS)


def paper(run: Run) -> None:
    """Paper runs out and is put in."""
    run.printer.set_paper(False)
    _stopped(run, "media-empty", lambda: run.printer.set_paper(True))


def cover(run: Run) -> None:
    """Someone opens the cover and closes it."""
    printer = _real(run)
    printer.set_cover(False)
    _stopped(run, "cover-open", lambda: printer.set_cover(True))


def _stopped(run: Run, reason: str, mend: Callable[[], None]) -> None:
    """Where nothing else has happened each service has been told by the time that it is mended."""

    def over() -> None:
        if run.only_one_fault:
            for service in run.services:
                state, message = service.told[-1] if service.told else (0, "nothing")
                if state != _STOPPED or reason not in message:
                    raise Failed(f"{reason} for {_PASSING_MS} ms, and {service.host} was told {message!r}")
        mend()

    _for_a_while(run, over)


def silence(run: Run) -> None:
    """The engine cannot be heard for a while."""
    printer = _real(run)
    printer.set_silent(True)
    _for_a_while(run, lambda: printer.set_silent(False))


def engine_off(run: Run) -> None:
    """The engine is switched off and on; what it had not printed is gone."""
    printer = _real(run)
    printer.set_power(False)
    _for_a_while(run, lambda: printer.set_power(True))


def _real(run: Run) -> RealPrinter:
    assert isinstance(run.printer, RealPrinter)
    return run.printer


def broken(run: Run) -> None:
    """The engine breaks off the job that it has."""
    assert isinstance(run.printer, Printer)
    run.printer.set_broken()


def flash_error(run: Run) -> None:
    """Nothing can be written for a while: the flash is dying, or has a bad day."""
    _flash(run, errno.EIO)


def flash_full(run: Run) -> None:
    """Nothing can be written for a while: someone else has filled the flash."""
    _flash(run, errno.ENOSPC)


def _flash(run: Run, number: int) -> None:
    run.device.flash.failing = number
    _for_a_while(run, lambda: setattr(run.device.flash, "failing", 0))


def unreadable(run: Run) -> None:
    """Power fails, and afterwards no record of the journal can be read for a while."""
    run.device.flash.unreadable.update(run.device.flash.journal())
    _for_a_while(run, run.device.flash.unreadable.clear)
    run.world.fault("power", "cut as the journal becomes unreadable")
    raise PowerCut


def dead(run: Run) -> None:
    """Power fails, and afterwards no record of the journal can be read until it is written anew."""
    run.device.flash.unreadable.update(run.device.flash.journal())
    run.world.fault("power", "cut as the journal dies")
    raise PowerCut


def damage(run: Run) -> None:
    """A record in the flash is not what it was."""
    run.device.flash.damage()


def wipe(run: Run) -> None:
    """The journal's records are gone."""
    run.device.flash.wipe()


@dataclass(frozen=True)
class Event:
    """``happen`` to a run; ``what`` says it in a table."""

    happen: Callable[[Run], None]
    what: str


EVENTS = {
    "restart": Event(restart, "services restart and remember"),
    "amnesia": Event(amnesia, "services restart and remember nothing; new jobs get old ids"),
    "cancel": Event(cancel, "users cancel"),
    "reoffer": Event(reoffer, "services later offer ended jobs again"),
    "wifi": Event(wifi, "no radio for a while"),
    "flapping": Event(flapping, "the radio comes and goes"),
    "clock": Event(clock, "the clock jumps an hour ahead"),
    "paper": Event(paper, "paper runs out for a while"),
    "cover": Event(cover, "the cover is opened and closed"),
    "silence": Event(silence, "the engine cannot be heard for a while"),
    "engine-off": Event(engine_off, "the engine is switched off and on"),
    "broken": Event(broken, "the engine breaks off its job"),
    "flash-error": Event(flash_error, "no write succeeds for a while (I/O error)"),
    "flash-full": Event(flash_full, "no write succeeds for a while (flash full)"),
    "damage": Event(damage, "a bit of the journal flips"),
    "unreadable": Event(unreadable, "power cut, then the journal cannot be read for a while"),
    "dead": Event(dead, "power cut, then the journal's records cannot be read any more"),
    "wipe": Event(wipe, "the journal is deleted"),
}
"""By the name that a plan calls it."""
