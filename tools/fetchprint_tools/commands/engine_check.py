"""``fetchprint engine-check``: does a driver keep the contract of the engine seam?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from fetchprint_tools.bench.device_run import RUNTIMES
from fetchprint_tools.engine_check import run
from fetchprint_tools.engine_check.checks import CHECKS
from fetchprint_tools.errors import UserError


def _setting(text: str) -> tuple[str, Any]:
    key, found, value = text.partition("=")
    if not found:
        raise UserError(f"{text!r} is no setting", hint="give KEY=VALUE")
    try:
        return key, json.loads(value)
    except json.JSONDecodeError:
        return key, value


@click.command()
@click.argument("driver")
@click.option(
    "--emulated",
    type=click.Path(path_type=Path),
    help="Python file with the ADAPTER of a driver of your own: its emulated engine (docs/porting.md).",
)
@click.option(
    "--runtime",
    type=click.Choice((*RUNTIMES, "both")),
    default="both",
    show_default=True,
    help="What runs the driver.",
)
@click.option(
    "--setting", "settings", multiple=True, metavar="KEY=VALUE", help="One of the driver's settings."
)
@click.option(
    "--only",
    type=click.Choice([check.name for check in CHECKS]),
    multiple=True,
    help="This check only; may be given more than once.",
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object a check on stdout.")
def command(
    driver: str,
    emulated: Path | None,
    runtime: str,
    settings: tuple[str, ...],
    only: tuple[str, ...],
    as_json: bool,
) -> None:
    """Check a print engine's driver against an emulated engine.

    DRIVER is the name of one of ours or the file of your own. The driver runs through
    printing, a slow engine, a full buffer, lost octets, paper out and back, an open cover, cancel, a
    power cut and unasked status, with a clock and a wire of the check's own. Ends with 0 when every
    check was passed or left out, with 1 when one failed.
    """
    what = run.subject(driver, emulated, dict(map(_setting, settings)))
    failed = 0
    for each in RUNTIMES if runtime == "both" else (runtime,):
        for outcome in run.run(what, each, only):
            failed += outcome.outcome == run.FAILED
            if as_json:
                told = {"runtime": each, "check": outcome.check.name, "outcome": outcome.outcome}
                click.echo(json.dumps({**told, **({"why": outcome.why} if outcome.why else {})}))
            else:
                why = f": {outcome.why}" if outcome.why else ""
                what_it_is = f"{outcome.check.name:<15} {outcome.check.what:<45}"
                click.echo(f"{each:<12} {what_it_is} {outcome.outcome}{why}")
    if failed:
        if not as_json:
            click.echo(f"{failed} failed", err=True)
        sys.exit(1)
