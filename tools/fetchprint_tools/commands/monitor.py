"""``fetchprint monitor``: what a board says."""

from __future__ import annotations

import click

from fetchprint_tools.boards.connection import Listener, find_port
from fetchprint_tools.boards.watch import LEVELS, Watch


@click.command()
@click.option("--port", help="The board's serial port, or socket://HOST:PORT.  [default: the only board]")
@click.option("--level", type=click.Choice(LEVELS), default="info", show_default=True, help="How much.")
def command(port: str | None, level: str) -> None:
    """Show what a board says, job by job, without disturbing it. Ctrl-C ends it."""
    Watch(Listener(find_port(port)), level).for_ever()
