"""``fetchprint serve``: the built-in print service."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import click

from fetchprint_tools.printservice.limits import DEVICE_SILENCE
from fetchprint_tools.printservice.log import Log

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,126}")


def _name(context: click.Context, parameter: click.Parameter, value: str) -> str:
    if not _NAME.fullmatch(value):
        raise click.BadParameter(
            "letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 127"
        )
    return value


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8631, show_default=True, help="TCP port; 0: any."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Directory for jobs, documents and devices; made if it is absent.",
)
@click.option("--printer", default="infra", show_default=True, callback=_name, help="Name of the queue.")
@click.option(
    "--silence",
    type=click.FloatRange(0.1, 86400),
    default=DEVICE_SILENCE,
    show_default=True,
    metavar="SECONDS",
    help="A printer that is not heard for so long counts as gone; its job is shown as stopped.",
)
@click.option(
    "--require-registration",
    is_flag=True,
    help="Serve only printers that were registered, with a code that is shown here.",
)
@click.option(
    "--forget",
    multiple=True,
    metavar="UUID",
    help="Remove this printer first: its credentials are void, what it was printing is aborted.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line on stdout instead of text on stderr."
)
def command(
    port: int,
    host: str,
    data: Path,
    printer: str,
    silence: float,
    require_registration: bool,
    forget: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run a small print service (IPP Infrastructure Printer, and the 2010 profile on the same queue).

    Clients print to ipp://HOST:PORT/ipp/print/NAME; a printer fetches its jobs from there. PDF, PNG,
    JPEG and plain text are rendered for the printer. Jobs and printers are kept in the directory DATA: after
    a restart, or a crash, it goes on where it was. With --require-registration it shows a code, good for one
    printer and for a day, and the next when it was used. It is for development and demonstration. SIGTERM or
    Ctrl-C ends it.
    """
    from fetchprint_tools.printservice.server import serve

    asyncio.run(serve(host, port, data, printer, Log(as_json), silence, require_registration, forget))
