"""``fetchprint provision``: give a board its Wi-Fi, its services and its credentials."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import click

from fetchprint.config import ConfigError, check
from fetchprint_tools.boards import connection
from fetchprint_tools.emulate_options import OptionError, check_uri
from fetchprint_tools.errors import UserError

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
@click.option("--service", metavar="URI", help="Print with this service from now on.")
@click.option(
    "--credentials-file",
    type=click.Path(path_type=Path),
    help="USER:PASSWORD for the service, in its first line; kept on the board.",
)
@click.option("--restart/--no-restart", default=True, help="Start the board anew with what it got.")
def command(
    port: str | None,
    ssid: str | None,
    password_file: Path | None,
    open_network: bool,
    country: str | None,
    service: str | None,
    credentials_file: Path | None,
    restart: bool,
) -> None:
    """Give a board its Wi-Fi, its service and its credentials.

    They go into the board's own store and into no image. Nothing secret is shown, or taken from the
    command line, where other users could see it.
    """
    if ssid is None and service is None and credentials_file is None:
        raise OptionError(
            "there is nothing to provision", hint="give --ssid, --service or --credentials-file"
        )
    wifi = _wifi(ssid, password_file, open_network, country)
    credentials = _first_line(credentials_file) if credentials_file is not None else None
    if credentials is not None and ":" not in credentials:
        raise OptionError("credentials are USER:PASSWORD", where=str(credentials_file))
    if service is not None:
        check_uri(service)
    with connection.Connection(connection.find_port(port)) as link:
        if wifi is not None:
            link.write(WIFI, json.dumps(wifi).encode())
            click.echo(f"Wi-Fi {wifi['ssid']!r} is set", err=True)
        if service is not None or credentials is not None:
            link.write(CONFIG, json.dumps(_changed(link, service, credentials)).encode())
            click.echo("the service is set", err=True)
        if restart:
            link.restart()


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


def _changed(link: connection.Connection, service: str | None, credentials: str | None) -> dict[str, Any]:
    """The board's configuration with the new service and credentials; what else it says stays."""
    kept = link.read(CONFIG)
    if kept is None:
        raise UserError("there is no firmware on this board yet", hint="fetchprint deploy brings it")
    config: dict[str, Any] = json.loads(kept)
    first = config["services"][0]
    if service is not None and first["uri"] != service:
        # Nothing of what is known of another service goes with it, least of all credentials.
        first = {key: first[key] for key in ("profile",) if key in first} | {"uri": service}
    if credentials is not None:
        first["authorization"] = _basic(credentials)
    config["services"][0] = first
    try:
        check(config)
    except ConfigError as error:
        raise UserError(f"the board could not use this: {error}", where=CONFIG) from error
    return config


def _basic(credentials: str) -> str:
    """The value of the HTTP field Authorization (RFC 7617)."""
    return "Basic " + base64.b64encode(credentials.encode()).decode()
