"""``fetchprint serve``: the built-in print service."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import click

from fetchprint_tools.printservice.limits import DEVICE_SILENCE
from fetchprint_tools.printservice.log import Log

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
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
    "--tls", "secure", is_flag=True, help="Speak TLS only; without --cert a CA of its own is made in DATA/ca."
)
@click.option("--cert", type=_FILE, help="With --tls: the service's certificate and its chain, in PEM.")
@click.option("--key", type=_FILE, help="Its private key, in PEM.  [default: in the file of --cert]")
@click.option(
    "--tls-name",
    "names",
    multiple=True,
    metavar="NAME",
    help="A name or address that printers reach it by, for its certificate; again for further ones."
    "  [default: HOST, localhost, 127.0.0.1]",
)
@click.option(
    "--client-ca",
    metavar="FILE|own",
    help="With --tls: printers have to show a client certificate of this CA (PEM) for their uuid; own: one"
    " that they got here when they were registered.",
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
    secure: bool,
    cert: Path | None,
    key: Path | None,
    names: tuple[str, ...],
    client_ca: str | None,
    as_json: bool,
) -> None:
    """Run a small print service (IPP Infrastructure Printer, and the 2010 profile on the same queue).

    Clients print to ipp://HOST:PORT/ipp/print/NAME; a printer fetches its jobs from there. PDF, PNG,
    JPEG and plain text are rendered for the printer. Jobs and printers are kept in the directory DATA: after
    a restart, or a crash, it goes on where it was. With --tls the scheme is ipps, and it says how printers
    can trust it. With --require-registration it shows a code, good for one
    printer and for a day, and the next when it was used. It is for development and demonstration. SIGTERM or
    Ctrl-C ends it.
    """
    from fetchprint_tools.printservice.server import serve
    from fetchprint_tools.printservice.tls import Settings

    if not secure and (cert or key or names or client_ca):
        raise click.UsageError("--cert, --key, --tls-name and --client-ca need --tls")
    if key is not None and cert is None:
        raise click.UsageError("--key needs --cert")
    tls = Settings(cert, key, client_ca, names) if secure else None
    asyncio.run(serve(host, port, data, printer, Log(as_json), silence, require_registration, forget, tls))
