"""``fetchprint deploy``: bring the firmware to a board that runs MicroPython, and start it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click

from fetchprint_tools.boards import connection, contents, data, identity, settings
from fetchprint_tools.boards.watch import Watch
from fetchprint_tools.commands.build import board_option
from fetchprint_tools.errors import UserError
from fetchprint_tools.tls_options import tls_options

_FOLLOW_SECONDS = 90.0


@click.command()
@board_option
@click.option("--port", help="The board's serial port, or socket://HOST:PORT.  [default: the only board]")
@click.option("--service", metavar="URI", help="The print service; else the board keeps its configuration.")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Configuration instead; JSON.")
@click.option("--engine", default="escpos", show_default=True, help="The print engine's driver.")
@click.option("--name", help="The printer's name, which the service shows.")
@click.option("--register", is_flag=True, help="The printer registers itself with the service.")
@tls_options
@click.option("--follow/--no-follow", default=True, help="Show the board's log until a service has answered.")
def command(
    board: str,
    port: str | None,
    service: str | None,
    config_file: Path | None,
    engine: str,
    name: str | None,
    register: bool,
    tls: dict[str, Any],
    follow: bool,
) -> None:
    """Bring the firmware to a board that runs MicroPython, and start it.

    Only what differs is copied, into the slot (/a or /b) that does not run; each file is read back
    before it takes its place. The board starts the new one, and returns to the old one by itself when the
    new one has not reached a service after three tries.

    Keys and certificates that the options or the configuration name are files of this computer, which are
    copied; a path that begins with /tls/ is one on the board.
    """
    chosen = data.load(board)
    with connection.Connection(connection.find_port(port)) as link:
        found = link.identity()
        if found.platform != chosen.port:
            raise UserError(f"this board is {found.machine!r}, not {board}", where=link.port)
        more: dict[str, Any] = {"tls": tls} if tls else {}
        if register:
            more["register"] = True
        config = _config(link, chosen, config_file, service, engine, name, more)
        for path, content in identity.take(config).items():
            link.write(path, content)
        files = contents.whole(chosen, config)
        running = (link.table("/boot.json") or {}).get("slot")
        slot = "b" if running == "a" else "a"
        shown: dict[str, Any] = {"at": 0.0}

        def tell(path: str, number: int, of: int) -> None:
            if number == of or time.monotonic() - shown["at"] > 1:
                shown["at"] = time.monotonic()
                click.echo(f"{number:3}/{of} {path}", err=True)

        written, kept = connection.deploy(link, files, slot, tell)
        state = {"slot": slot, "back": running} if running and running != slot else {"slot": slot}
        link.write("/boot.json", json.dumps(state).encode())
        click.echo(f"slot {slot}: {written} files written, {kept} were there already", err=True)
        link.restart()
        *_, names = contents.shortened(chosen, config)
        names.keep(board)
        if not follow:
            return
        if not Watch(link, names=names).until_service(_FOLLOW_SECONDS):
            raise UserError("no service has answered yet", hint="fetchprint doctor looks for the reason")


def _config(
    link: connection.Connection,
    chosen: data.Board,
    file: Path | None,
    service: str | None,
    engine: str,
    name: str | None,
    more: dict[str, Any],
) -> dict[str, Any]:
    if file is None and service is None:
        kept = link.table("/config.json")
        if kept is not None:
            settings.say(kept["services"][0], more)
            settings.check(kept)
            return kept
    return settings.make(chosen, file, service, engine, name, more)
