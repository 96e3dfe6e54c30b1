"""``fetchprint simulate``: the firmware in a world where everything fails, again and again."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from fetchprint_tools.errors import UserError
from fetchprint_tools.simulate import batch, chance, exhaustive, kill, report
from fetchprint_tools.simulate.engines import ENGINES, can_happen
from fetchprint_tools.simulate.faults import EVENTS
from fetchprint_tools.simulate.kill import Books
from fetchprint_tools.simulate.run import PROFILES, Plan, Run
from fetchprint_tools.simulate.world import Failed

_SEEDS = 200
_TELL_S = 10.0


def _names(text: str | None) -> tuple[str, ...]:
    if not text:
        return chance.FAULTS
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in chance.FAULTS]
    if unknown:
        hint = "faults are " + ", ".join(chance.FAULTS)
        raise UserError(f"{', '.join(unknown)}: no such fault", hint=hint)
    return names


def _check(engine: str, names: tuple[str, ...]) -> None:
    """Whoever asks for what cannot be is told so."""
    for name in names:
        if name in EVENTS and not can_happen(engine, name):
            hint = f"what can befall it is {', '.join(ENGINES[engine]) or 'nothing that it tells of'}"
            raise UserError(f"{name}: not with the engine {engine}", hint=hint)


@click.command()
@click.option("--seed", type=click.IntRange(0), help="The run of this seed, with its trace.")
@click.option("--seeds", type=click.IntRange(1), help=f"So many runs by chance.  [default: {_SEEDS}]")
@click.option("--first", type=click.IntRange(0), default=0, show_default=True, help="The first of the seeds.")
@click.option(
    "--profile",
    "profiles",
    type=click.Choice(PROFILES),
    multiple=True,
    help="A service: INFRA as the standard says or as a real server does it, or the 2010 profile; may be"
    " given more than once.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="A driver of the simulation's own, which passes documents through or prints raster, or one of ours"
    " with its emulated engine.",
)
@click.option("--faults", metavar="LIST", help="What may happen by chance, with commas between.")
@click.option("--jobs", type=click.IntRange(1, 1000), help="Jobs in each run by chance.")
@click.option("--exhaustive", "whole", is_flag=True, help="Every fault at every place of a run instead.")
@click.option(
    "--part",
    "parts",
    type=click.Choice(tuple(exhaustive.PARTS)),
    multiple=True,
    help="With --exhaustive: this part only; may be given more than once.",
)
@click.option(
    "--stride",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="With --exhaustive: of the parts with thousands of runs only every so many; of those of thermal and"
    " link_spi a tenth of that.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option(
    "--report",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Everything exhaustively, then the seeds, and the table into this file.",
)
@click.option(
    "--kill",
    "kills",
    type=click.IntRange(1),
    metavar="N",
    help="No simulation: fetchprint emulate on MicroPython, killed so many times while it prints what the"
    " packaged ippserver has. With --report its table goes into the file.",
)
def command(
    seed: int | None,
    seeds: int | None,
    first: int,
    profiles: tuple[str, ...],
    engine: str | None,
    faults: str | None,
    jobs: int | None,
    whole: bool,
    parts: tuple[str, ...],
    stride: int,
    workers: int,
    path: Path | None,
    kills: int | None,
) -> None:
    """Run the firmware in simulation, with power cuts, broken connections and failing parts.

    The firmware's own modules run with a virtual clock, simulated services, network, flash and print
    engine. Whatever fails: no job is lost, no page is printed twice without being flagged, nothing that is
    not on paper is reported completed, and the device comes back to wait for the next job.
    docs/reliability.md says what is checked. A broken promise is shown with its trace, and ends the command
    with 1.
    """
    if kills is not None:
        _kill(kills, first, path)
        return
    names = _names(faults)
    if engine is not None:
        _check(engine, (*parts, *(names if faults else ())))
    if seed is not None:
        _show(chance.plan(seed, names, profiles, engine or "", jobs or 0))
        return
    lines = []
    if whole or parts or path:
        for base in exhaustive.bases(profiles, engine or ""):
            for name in parts or exhaustive.usual(base.engine):
                if name not in exhaustive.parts(base.engine):
                    continue
                every = exhaustive.every(name, base.engine, stride)
                tally = batch.part(name, base, every, workers)
                what = exhaustive.PARTS[name] + (f" (one in {every})" if every > 1 else "")
                lines.append(report.Line(_label(base), what, tally))
                _say(lines[-1])
                if path:  # whoever ends this early keeps what there is
                    report.write(path, report.table(lines))
    if seeds or not lines or path:
        span = range(first, first + (seeds or _SEEDS))
        progress = _Progress(len(span))
        tally = batch.by_chance(span, names, profiles, engine or "", jobs or 0, workers, progress.tell)
        what = f"by chance, seeds {span.start} to {span.stop - 1}"
        lines.append(report.Line(", ".join(profiles) or "all", what, tally))
        _say(lines[-1])
    if path:
        report.write(path, report.table(lines))
    failures = [failure for line in lines for failure in line.tally.failures]
    if failures:
        click.echo("The first of them:")
        _show(failures[0][0])
        sys.exit(1)


def _kill(kills: int, seed: int, path: Path | None) -> None:
    def tell(books: Books) -> None:
        click.echo(
            f"{books.kills} kills in {books.seconds:.0f} s: {books.jobs} jobs, {books.printed} completed,"
            f" {books.flagged} aborted, {len(books.wrong)} wrong"
        )

    books = kill.run(kills, seed, tell)
    if path:
        report.write(path, report.kills(books), report.BEGIN_KILLS)
    for text in books.wrong:
        click.echo(text)
    if books.wrong:
        sys.exit(1)


class _Progress:
    """How far many runs by chance have come, on stderr; broken promises at once."""

    def __init__(self, runs: int) -> None:
        self._runs = runs
        self._failures = 0
        self._said = time.monotonic()

    def tell(self, tally: batch.Tally) -> None:
        for plan, text in tally.failures[self._failures :]:
            click.echo(f"seed {plan.seed}: {text}", err=True)
        self._failures = len(tally.failures)
        if time.monotonic() - self._said > _TELL_S:
            self._said = time.monotonic()
            left = tally.seconds / tally.runs * (self._runs - tally.runs) / 60
            click.echo(
                f"{tally.runs:,} of {self._runs:,} runs, {tally.failed:,} broken promises,"
                f" {left:.0f} minutes left",
                err=True,
            )


def _label(base: Plan) -> str:
    return f"{base.profiles[0]}, {base.engine}"


def _say(line: report.Line) -> None:
    tally = line.tally
    result = f"{tally.failed} BROKEN PROMISES" if tally.failed else "all kept"
    click.echo(f"{line.profile}: {line.what}: {tally.runs:,} runs in {tally.seconds:.0f} s, {result}")
    for plan, text in tally.failures:
        click.echo(f"  {_what(plan)}: {text}")


def _what(plan: Plan) -> str:
    """A plan in short: what is not as usual."""
    usual = Plan()
    fields = ((name, getattr(plan, name)) for name in vars(usual))
    return ", ".join(f"{name} {value}" for name, value in fields if value != getattr(usual, name))


def _show(plan: Plan) -> None:
    run = Run(plan, tracing=True)
    failed = None
    try:
        run.go()
    except Failed as error:
        failed = error
    click.echo(_what(plan))
    for line in run.world.trace:
        click.echo(line)
    for job in run.numbers.all:
        click.echo(f"job {job.serial}: {job.outcome}" + (f", {job.message}" if job.message else ""))
    if failed is not None:
        click.echo(f"BROKEN PROMISE: {failed}")
        sys.exit(1)
    click.echo("all promises kept")
