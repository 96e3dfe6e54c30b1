"""``fetchprint bench``: latency, heap, throughput and size, measured now and here."""

from __future__ import annotations

import json
import os
import sys

import click
from rich.console import Console

from fetchprint_tools.bench import run, table
from fetchprint_tools.bench.figures import Settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object on stdout instead of tables.")
@click.option("--quick", is_flag=True, help="Fewer jobs and shorter runs: about 1.5 minutes instead of 6.")
@click.option(
    "--part",
    "parts",
    type=click.Choice(run.NAMES),
    multiple=True,
    help="Measure this part only; may be given more than once.",
)
def command(as_json: bool, quick: bool, parts: tuple[str, ...]) -> None:
    """Measure latency, heap, throughput and size, and print the figures.

    Everything is measured in this run, both sides of each ratio side by side; docs/benchmark.md
    explains the figures. Nothing else should keep the machine busy meanwhile. Parts that need the
    packaged ippserver are "not measured" without it, which is a failure with
    FETCHPRINT_REQUIRE_ALL=1. A part that breaks off is one in any case; a missed target is not.
    """
    settings = Settings(quick)
    machine = run.machine(settings)
    measured = run.measure(settings, Console(stderr=True, highlight=False), parts)
    if as_json:
        by_name = {part.name: part.as_json() for part in measured}
        click.echo(json.dumps({"machine": machine, "parts": by_name}))
    else:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = 110  # in a file nothing need be folded
        table.show(console, measured, machine)
    strict = os.environ.get("FETCHPRINT_REQUIRE_ALL") == "1"
    if any(part.failed or (strict and part.absent) for part in measured):
        sys.exit(1)
