"""``fetchprint setup``."""

from __future__ import annotations

import click
from rich.console import Console

from fetchprint_tools import setup


@click.command()
@click.option(
    "--mirror",
    metavar="URL",
    default=setup.MIRROR,
    show_default=True,
    help="Debian mirror that the packaged ippserver is taken from.",
)
def command(mirror: str) -> None:
    """Install the parts that tests use beside Python packages.

    These are IPP client programs (with apt-get) and the packaged ippserver, in a root directory of its own
    below .cache. Only root can install them; otherwise this says what will be skipped. What is there
    already is left alone.
    """
    setup.run(Console(stderr=True, highlight=False), mirror)
