"""``fetchprint pki``: a private certification authority, for who has none."""

from __future__ import annotations

from pathlib import Path

import click

from fetchprint_tools import new_identity, pki
from fetchprint_tools.printservice.authority import Authority


@click.group()
def command() -> None:
    """Make keys and certificates for services and printers.

    CA is a folder with an authority of your own, made if it is absent (P-256; ca.pem is for everybody,
    ca-key.pem for nobody). DATA/ca of fetchprint serve is one, too.
    """


@command.command()
@click.argument("ca", type=click.Path(path_type=Path, file_okay=False))
@click.argument("names", nargs=-1, required=True)
def service(ca: Path, names: tuple[str, ...]) -> None:
    """A certificate for a service that is reached by NAMES (names or addresses)."""
    cert, key = Authority(ca, ca.name).server(list(names))
    click.echo(f"certificate  {cert}\nkey          {key}\nfor printers --ca {ca / 'ca.pem'}", err=True)
    click.echo(pki.pin_of(pki.read_certificate(cert)))


@command.command()
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--ca", type=click.Path(path_type=Path, file_okay=False), help="Certify it at once, by this authority."
)
@click.option("--uuid", "given", metavar="urn:uuid:...", help="The printer's uuid.  [default: a new one]")
def printer(out: Path, ca: Path | None, given: str | None) -> None:
    """A key and a certificate request for a printer, in the folder OUT; shows its uuid.

    key.der is tls.key and printer.csr is csr in its configuration; with --ca also device.der, tls.cert,
    which is for this uuid.
    """
    click.echo(new_identity.make(out, ca, given))


@command.command()
@click.argument("certificate", type=click.Path(path_type=Path))
def pin(certificate: Path) -> None:
    """The pin of the key in a certificate (PEM or DER), for --pin and tls.pin."""
    click.echo(pki.pin_of(pki.read_certificate(certificate)))
