"""``--ca``, ``--pin``, ``--cert`` and ``--key``, for commands that run the firmware."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from fetchprint.config import ConfigError, check_tls
from fetchprint_tools.emulate_options import OptionError

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_OPTIONS = (
    click.option(
        "--ca",
        multiple=True,
        type=_FILE,
        help="The CA by which services over TLS are verified, in PEM or DER; again for further ones.",
    ),
    click.option(
        "--pin",
        multiple=True,
        metavar="sha256//...",
        help="The key of a service over TLS, with --ca or without; again for further ones.",
    ),
    click.option("--cert", type=_FILE, help="Client certificate, in PEM or DER."),
    click.option("--key", type=_FILE, help="Its private key."),
)


def tls_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give ``command`` the options, as one argument ``tls``: what a service has under that name."""

    @functools.wraps(command)
    def wrapped(
        *, ca: tuple[Path, ...], pin: tuple[str, ...], cert: Path | None, key: Path | None, **others: Any
    ) -> None:
        given: dict[str, Any] = {"ca": [str(path) for path in ca], "pin": list(pin)}
        given |= {"cert": cert and str(cert), "key": key and str(key)}
        command(tls={name: value for name, value in given.items() if value}, **others)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def add_tls(services: list[dict[str, Any]], given: dict[str, Any]) -> None:
    """Put what was ``given`` over what ``services`` say; OptionError when one could not be verified."""
    found = False
    for service in services:
        if urlsplit(service["uri"]).scheme[-1] == "s":
            found = True
            if given:
                service["tls"] = {**service.get("tls", {}), **given}
        try:
            check_tls(service, f"service {service['uri']}")
        except ConfigError as error:
            raise OptionError(
                str(error), hint="--ca FILE or --pin ...: fetchprint serve --tls shows both"
            ) from error
    if given and not found:
        raise OptionError(
            "no service is over TLS", where="--ca, --pin, --cert, --key", hint="its URI begins with ipps"
        )
