"""The service's end of TLS: what it shows, and which client certificates it believes."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from fetchprint_tools import pki
from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.authority import Authority

OWN = "own"
"""For ``client_ca``: the service's own certification authority, which certifies registered printers."""

_URN = "urn:uuid:"


@dataclass(frozen=True)
class Settings:
    """How a service speaks TLS. Without ``cert`` and ``key`` its own authority certifies it, for ``names``;
    ``client_ca``: a file, or ``own``; None demands no client certificates."""

    cert: Path | None = None
    key: Path | None = None
    client_ca: str | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Endpoint:
    """``context`` for the server; and for who sets up printers: the CA's file if it is ours, and a pin."""

    context: ssl.SSLContext
    ca: Path | None
    pin: str


def endpoint(settings: Settings, authority: Authority, host: str) -> Endpoint:
    """Raises ``UserError``."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    if settings.cert is not None:
        cert, key = settings.cert, settings.key or settings.cert
    else:
        cert, key = authority.server(list(settings.names) or _names(host))
    try:
        context.load_cert_chain(cert, key, _no_password)
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            f"the certificate or its key cannot be used: {error}",
            where=f"{cert}, {key}",
            hint="both in PEM, the key without a password",
        ) from error
    if settings.client_ca is not None:
        file = settings.client_ca
        if file == OWN:
            authority.own()
            file = str(authority.certificate)
        try:
            context.load_verify_locations(file)
        except (OSError, ssl.SSLError) as error:
            raise UserError("the CA of the printers cannot be used", where=file, hint="in PEM") from error
        # Clients that print have none; for printers see ``authentication``.
        context.verify_mode = ssl.CERT_OPTIONAL
    return Endpoint(
        context,
        authority.certificate if settings.cert is None else None,
        pki.pin_of(pki.read_certificate(cert)),
    )


def _no_password() -> str:
    raise UserError("the key has a password", hint="give one without: nobody is there to type it")


def _names(host: str) -> list[str]:
    """What the service is probably reached by."""
    names = [host, "localhost", "127.0.0.1"]
    if host in ("0.0.0.0", "::", ""):
        names = ["localhost", "127.0.0.1", socket.gethostname()]
        try:
            found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        except OSError:
            found = []  # a machine that does not know its own name
        names += [str(address[4][0]).partition("%")[0] for address in found]
    return list(dict.fromkeys(names))


def certified(request: web.Request) -> str | None:
    """The uuid of the printer whose client certificate was verified, if one was shown."""
    certificate = request.get_extra_info("peercert") or {}
    for kind, value in certificate.get("subjectAltName", ()):
        if kind == "URI" and value.startswith(_URN):
            return str(value)
    return None
