"""What befalls a run beside power cuts and broken connections: each by its name, as of a moment."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fetchprint_tools.simulate.run import Run

_PASSING_MS = 4000
_JUMP_MS = 3_600_000


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


def paper(run: Run) -> None:
    """Paper runs out and is put in."""
    run.printer.set_paper(False)
    _for_a_while(run, lambda: run.printer.set_paper(True))


def broken(run: Run) -> None:
    """The engine breaks off the job that it has."""
    run.world.fault("engine", "breaks off")
    run.printer.broken = True


def flash_error(run: Run) -> None:
    """Nothing can be written for a while: the flash is dying, or has a bad day."""
    _flash(run, errno.EIO)


def flash_full(run: Run) -> None:
    """Nothing can be written for a while: someone else has filled the flash."""
    _flash(run, errno.ENOSPC)


def _flash(run: Run, number: int) -> None:
    run.device.flash.failing = number
    _for_a_while(run, lambda: setattr(run.device.flash, "failing", 0))


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
    "clock": Event(clock, "the clock jumps an hour ahead"),
    "paper": Event(paper, "paper runs out for a while"),
    "broken": Event(broken, "the engine breaks off its job"),
    "flash-error": Event(flash_error, "no write succeeds for a while (I/O error)"),
    "flash-full": Event(flash_full, "no write succeeds for a while (flash full)"),
    "damage": Event(damage, "a bit of the journal flips"),
    "wipe": Event(wipe, "the journal is deleted"),
}
"""By the name that a plan calls it."""
