"""``fetchprint build``: the firmware, configuration and flash image for a board."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from fetchprint_tools.boards import build, contents, data, ram, settings
from fetchprint_tools.emulate_options import OptionError


def board_option(function: Any) -> Any:
    """``--board``, as several commands have it."""
    return click.option("--board", required=True, type=click.Choice(data.names()), help="The board.")(
        function
    )


@click.command()
@board_option
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Output folder.")
@click.option("--service", metavar="URI", help="The print service: ipp://HOST[:PORT]/PATH or http://...")
@click.option("--config", "config_file", type=click.Path(path_type=Path), help="Configuration instead; JSON.")
@click.option("--engine", default="escpos", show_default=True, help="The print engine's driver.")
@click.option("--name", help="The printer's name, which the service shows.")
@click.option("--image", type=click.Path(path_type=Path), help="Another MicroPython image for the board.")
@click.option(
    "--secrets",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='Put this into the image, too: {"ssid": ..., "password": ...}. Otherwise the image holds no secret'
    " and fetchprint provision brings it to the board.",
)
@click.option(
    "--freeze", "freezing", is_flag=True, help="Write freeze/, too: sources for a MicroPython of your own."
)
@click.option("--json", "as_json", is_flag=True, help="Write one JSON object on stdout instead of tables.")
def command(
    board: str,
    out: Path,
    service: str | None,
    config_file: Path | None,
    engine: str,
    name: str | None,
    image: Path | None,
    secrets: Path | None,
    freezing: bool,
    as_json: bool,
) -> None:
    """Build the firmware, its configuration and the flash image for a board.

    OUT gets files/ (what is on the board's filesystem), filesystem.bin (littlefs), and one file to
    flash: BOARD.bin with an ESP Web Tools manifest.json for the ESP32 family, BOARD.uf2 for
    RP2 boards. The same input gives the same bytes.
    """
    chosen = data.load(board)
    config = settings.make(chosen, config_file, service, engine, name)
    built = build.build(chosen, config, out, image, _secrets(secrets), freezing)
    taken = {f"{contents.SLOT}/{path}": octets for path, octets in ram.measure(chosen, config).items()}
    if as_json:
        report: dict[str, Any] = {
            "board": board,
            "files": _sizes(built),
            "ram": taken,
            "ram_bits": ram.bits(),
        }
        report["written"] = built.written
        click.echo(json.dumps(report))
        return
    console = Console(highlight=False)
    _show(console, built, taken)
    for path in sorted(name for name in built.written if "/" not in name):
        console.print(f"{out / path}  {built.written[path]} bytes", soft_wrap=True)


def _secrets(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise OptionError("the secrets cannot be read as JSON", where=str(path)) from error
    if not isinstance(found, dict) or not isinstance(found.get("ssid"), str):
        raise OptionError('the secrets need at least an "ssid"', where=str(path))
    return found


def _sizes(built: build.Built) -> dict[str, int]:
    return {path: len(content) for path, content in built.files.items()}


def _show(console: Console, built: build.Built, taken: dict[str, int]) -> None:
    table = Table(title=f"{built.board.name}: what is on its filesystem", box=None)
    table.add_column("file")
    table.add_column("octets", justify="right")
    table.add_column(f"RAM, {ram.bits()} bits", justify="right")
    total = 0
    for path, size in sorted(_sizes(built).items()):
        table.add_row(path, str(size), str(taken.get(path, "")))
        total += size if path.endswith(".mpy") else 0
    console.print(table)
    stays = sum(octets for path, octets in taken.items() if not ram.dropped(path))
    console.print(f".mpy together: {total} octets")
    console.print(f"RAM of the code: {stays} octets, and {sum(taken.values()) - stays} until it has started")
