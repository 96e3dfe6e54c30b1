"""``fetchprint provision``: give a board its Wi-Fi, its services and its credentials."""

from __future__ import annotations

import base64
import copy
import json
import re
from pathlib import Path
from typing import Any

import click

from fetchprint.config import ConfigError, check
from fetchprint.settings import service_key
from fetchprint_tools import new_identity
from fetchprint_tools.boards import connection, data, identity, settings
from fetchprint_tools.emulate_options import OptionError, check_uri
from fetchprint_tools.errors import UserError
from fetchprint_tools.needed import absent
from fetchprint_tools.tls_options import tls_options

WIFI = "/wifi.json"
CONFIG = "/config.json"
_SSID_OCTETS = 32  # IEEE 802.11
_PASSWORD = (8, 63)  # WPA2 passphrase


@click.command()
@click.option("--port", help="The board's serial port, or socket://HOST:PORT.  [default: the only board]")
@click.option("--ssid", help="The Wi-Fi network. Its password is asked for, or comes from --password-file.")
@click.option("--password-file", type=click.Path(path_type=Path), help="Its first line is the password.")
@click.option("--open-network", is_flag=True, help="The network has no password.")
@click.option("--country", metavar="CC", help="Two letters: which Wi-Fi channels are allowed.")
@click.option("--ntp", metavar="HOST", help="The network's time server, for TLS.  [default: pool.ntp.org]")
@click.option("--service", metavar="URI", help="Print with this service from now on.")
@click.option(
    "--credentials-file",
    type=click.Path(path_type=Path),
    help="USER:PASSWORD for the service, in its first line; kept on the board.",
)
@tls_options
@click.option(
    "--new-identity",
    "new",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Make a key and a certificate request for the board, which stay in FOLDER, too.",
)
@click.option(
    "--authority",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="CA",
    help="Certify that key at once, by the authority in this folder, which is made if it is absent. Otherwise"
    " the service does it when the printer registers.",
)
@click.option(
    "--code-file",
    type=click.Path(path_type=Path),
    help="The service's one-time code for registering, in its first line.",
)
@click.option("--restart/--no-restart", default=True, help="Start the board anew with what it got.")
def command(
    port: str | None,
    ssid: str | None,
    password_file: Path | None,
    open_network: bool,
    country: str | None,
    ntp: str | None,
    service: str | None,
    credentials_file: Path | None,
    tls: dict[str, Any],
    new: Path | None,
    authority: Path | None,
    code_file: Path | None,
    restart: bool,
) -> None:
    """Give a board its Wi-Fi, its service and its credentials.

    They go into the board's own store and into no image. Nothing secret is shown, or taken from the
    command line, where other users could see it. Who has no keys for TLS gets them: --new-identity makes
    those of the printer, --authority a certification authority, by which the service knows its printers
    (fetchprint serve --client-ca CA/ca.pem).
    """
    if authority is not None and new is None:
        raise OptionError("there is no key to certify", where="--authority", hint="give --new-identity, too")
    if new is not None and ("cert" in tls or "key" in tls):
        raise OptionError("either a new key or one that exists", where="--new-identity, --cert, --key")
    more: dict[str, Any] = {"tls": tls} if tls else {}
    if credentials_file is not None:
        credentials = _first_line(credentials_file)
        if ":" not in credentials:
            raise OptionError("credentials are USER:PASSWORD", where=str(credentials_file))
        more["authorization"] = _basic(credentials)
    if code_file is not None:
        more["code"] = _first_line(code_file)
    changes = bool(more) or service is not None or new is not None
    if ssid is None and not changes:
        raise OptionError(
            "there is nothing to provision",
            hint="give --ssid, --service, --credentials-file, --ca, --pin or --new-identity",
        )
    wifi = _wifi(ssid, password_file, open_network, country)
    if ntp is not None:
        if wifi is None or not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", ntp):
            raise OptionError("expected a host's name or address, together with --ssid", where=f"--ntp {ntp}")
        wifi["ntp"] = ntp
    if service is not None:
        check_uri(service)
    with connection.Connection(connection.find_port(port)) as link:
        if wifi is not None:
            link.write(WIFI, json.dumps(wifi).encode())
            click.echo(f"Wi-Fi {wifi['ssid']!r} is set", err=True)
        if changes:
            set_service(link, service, more, new, authority)
        if restart:
            link.restart()


def set_service(
    link: connection.Connection,
    service: str | None,
    more: dict[str, Any],
    new: Path | None = None,
    authority: Path | None = None,
) -> None:
    """Change what the board knows of its (first) service; what else its configuration says stays.

    Keys and certificates are brought first, under new names; replacing the configuration is the switch, after
    which those that it does not name any more are removed. Raises UserError with everything as it was.
    """
    config = link.table(CONFIG)
    if config is None:
        raise UserError(
            "there is no firmware on this board yet, or its configuration is damaged",
            hint="fetchprint deploy --service URI brings it",
        )
    before = copy.deepcopy(config)
    first = config["services"][0]
    if service is not None and first["uri"] != service:
        # Nothing of what is known of another service goes with it, least of all credentials.
        first = {key: first[key] for key in ("profile",) if key in first} | {"uri": service}
        config["services"][0] = first
    settings.say(first, more)
    if "code" in more:
        first.pop("register", None)
    if new is not None:
        _become(first, new, authority, "code" in more)
    try:
        check(config)
    except ConfigError as error:
        raise UserError(f"the board could not use this: {error}", where=CONFIG) from error
    _check_modules(link, before, config)
    if new is not None:
        uuid = new_identity.make(new, authority, first.get("uuid") or _uuid(link, first))
        if authority is not None:
            first["uuid"] = uuid
        click.echo(f"the keys of {uuid} are in {new}", err=True)
    files = identity.take(config)
    check(config)
    for path, content in files.items():
        link.write(path, content)
    link.write(CONFIG, json.dumps(config).encode())
    for path in link.hashes(identity.FOLDER):
        if path not in identity.named(config):
            link.remove(path)
    click.echo("the service is set", err=True)


def _become(service: dict[str, Any], folder: Path, authority: Path | None, has_code: bool) -> None:
    """Name the files that ``new_identity`` makes in ``folder``."""
    tls = service.setdefault("tls", {})
    tls["key"] = str(folder / new_identity.KEY)
    tls.pop("cert", None)
    if authority is not None:
        tls["cert"] = str(folder / new_identity.CERTIFICATE)
        for key in ("csr", "code", "register"):
            service.pop(key, None)
        return
    if not has_code and ("csr" in service or "code" in service):
        raise OptionError(
            "the code that the board has is spent",
            hint="--code-file: a new code, with which it registers anew",
        )
    service["csr"] = str(folder / new_identity.REQUEST)
    if not has_code:
        service["register"] = True


def _uuid(link: connection.Connection, service: dict[str, Any]) -> str | None:
    """The one under which the board is known to its service so far."""
    for record in ("identity", "uuid"):
        kept = link.read(f"{settings.STATE}/{service_key(service)}-{record}.json")
        if kept is not None:
            return str(json.loads(kept)["uuid"])
    return None


def _check_modules(link: connection.Connection, before: dict[str, Any], after: dict[str, Any]) -> None:
    """A board has only the modules that it was deployed for."""
    name = (link.table("/board.json") or {}).get("board", "")
    if name not in data.names():
        return
    if absent(before) - absent(after):
        raise UserError(
            "the firmware on this board was put together without what this needs",
            hint=f"fetchprint deploy --board {name} --service URI, with --ca or --pin for TLS and --register"
            " to register, and then this again",
        )


def _wifi(ssid: str | None, file: Path | None, is_open: bool, country: str | None) -> dict[str, str] | None:
    if ssid is None:
        return None
    if not 1 <= len(ssid.encode()) <= _SSID_OCTETS:
        raise OptionError(f"a Wi-Fi name has 1 to {_SSID_OCTETS} octets", where="--ssid")
    wifi = {"ssid": ssid}
    if not is_open:
        if file is not None:
            password = _first_line(file)
        else:
            password = click.prompt(f"Password of {ssid}", hide_input=True, err=True)
        if not _PASSWORD[0] <= len(password) <= _PASSWORD[1]:
            raise OptionError(f"a Wi-Fi password has {_PASSWORD[0]} to {_PASSWORD[1]} characters")
        wifi["password"] = password
    if country is not None:
        if len(country) != 2 or not country.isalpha():
            raise OptionError("a country is two letters, such as DE", where="--country")
        wifi["country"] = country.upper()
    return wifi


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError("the secret cannot be read", where=str(path)) from error


def _basic(credentials: str) -> str:
    """The value of the HTTP field Authorization (RFC 7617)."""
    return "Basic " + base64.b64encode(credentials.encode()).decode()
