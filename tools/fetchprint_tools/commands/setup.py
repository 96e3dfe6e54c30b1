"""``fetchprint setup``."""

from __future__ import annotations

import click
from rich.console import Console

from fetchprint_tools import frozen, setup


@click.command()
@click.option(
    "--mirror",
    metavar="URL",
    default=setup.MIRROR,
    show_default=True,
    help="Debian mirror that the packaged ippserver is taken from.",
)
@click.option(
    "--sources",
    is_flag=True,
    help="Also unpack MicroPython's sources and a compiler, to freeze the firmware (700 MB, minutes).",
)
def command(mirror: str, sources: bool) -> None:
    """Install the parts that tests use beside Python packages.

    These are IPP client programs (with apt-get) and the packaged ippserver, in a root directory of its own
    below .cache. Only root can install them; otherwise this says what will be skipped. What is there
    already is left alone.
    """
    console = Console(stderr=True, highlight=False)
    setup.run(console, mirror)
    if sources:
        frozen.unpack(console, mirror)
