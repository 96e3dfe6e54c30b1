"""``fetchprint monitor``: what a board says."""

from __future__ import annotations

from pathlib import Path

import click

from fetchprint_tools.boards.connection import Listener, find_port
from fetchprint_tools.boards.watch import LEVELS, Watch
from fetchprint_tools.meanings import Meanings


@click.command()
@click.option("--port", help="The board's serial port, or socket://HOST:PORT.  [default: the only board]")
@click.option("--level", type=click.Choice(LEVELS), default="info", show_default=True, help="How much.")
@click.option(
    "--names",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="names.json of the board's build, for tracebacks.  [default: that of the last build or deploy here]",
)
def command(port: str | None, level: str, names: Path | None) -> None:
    """Show what a board says, job by job, without disturbing it. Ctrl-C ends it."""
    meanings = Meanings.read(names) if names else Meanings.last()
    Watch(Listener(find_port(port)), level, meanings).for_ever()
