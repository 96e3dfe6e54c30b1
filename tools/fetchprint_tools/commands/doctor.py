"""``fetchprint doctor``: what is wrong, and what to do about it."""

from __future__ import annotations

import sys

import click

from fetchprint_tools.boards import doctor

_MARKS = {True: "ok", False: "WRONG", None: "?"}


@click.command()
@click.option("--port", help="The board's serial port, or socket://HOST:PORT.  [default: the only board]")
def command(port: str | None) -> None:
    """Look at this computer, the board, its memory, configuration and Wi-Fi, the service and the engine.

    Each line says what was found, and where something is wrong what to do. The firmware is stopped
    meanwhile and started again at the end. Ends with 1 when something is wrong.
    """

    def tell(finding: doctor.Finding) -> None:
        click.echo(f"{_MARKS[finding.good]:>5}  {finding.what}: {finding.detail}")
        if finding.hint:
            click.echo(f"       what to do: {finding.hint}")

    sys.exit(0 if doctor.examine(port, tell) else 1)
