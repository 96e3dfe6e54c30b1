"""``fetchprint admit``: a registration code that a printer has made, for the built-in print service."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("code")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The directory of the service: what fetchprint serve has as --data.",
)
def command(code: str, data: Path) -> None:
    """Let the printer register that shows CODE.

    A printer with "register": "own-code" in its configuration prints a code and asks with it every half
    minute, for an hour. The service that runs on DATA takes the code within a second, one that is started
    later when it starts. It is good for one printer and for a day.
    """
    from fetchprint_tools.printservice import entered

    letters = entered.put(data, code)
    click.echo(f"the printer that shows {letters} can register; it asks again within half a minute")
