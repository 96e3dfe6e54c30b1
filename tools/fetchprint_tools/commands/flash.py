"""``fetchprint flash``: bring what ``fetchprint build`` made onto a board."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from fetchprint_tools.boards import connection, data, filesystem, flash
from fetchprint_tools.commands.build import board_option
from fetchprint_tools.errors import UserError


@click.command()
@board_option
@click.option(
    "--dir",
    "folder",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The OUT of fetchprint build.",
)
@click.option("--port", help="The board's serial port.  [default: the only board]")
@click.option("--drive", type=click.Path(path_type=Path), help="Where an RP2 board's drive is mounted.")
@click.option(
    "--verify", is_flag=True, help="RP2: read the files of the running board back and compare them."
)
def command(board: str, folder: Path, port: str | None, drive: Path | None, verify: bool) -> None:
    """Bring what fetchprint build made onto a board, and check that it is there.

    ESP32 family: esptool writes the image and reads it back. RP2: the image is copied onto the
    drive that the board is while BOOTSEL is held; --verify compares afterwards, over its console.
    Everything that the board held before is gone.
    """
    chosen = data.load(board)
    image = folder / (f"{board}.uf2" if chosen.port == "rp2" else f"{board}.bin")
    if not image.is_file():
        raise UserError(
            "there is no image for this board", where=str(image), hint=f"fetchprint build --board {board}"
        )
    if chosen.port == "esp32":
        flash.esptool(chosen, image, connection.find_port(port))
        return
    if verify:
        _compare(folder / "filesystem.bin", connection.find_port(port))
        return
    place = flash.drive(chosen, drive)
    with click.progressbar(length=image.stat().st_size, label=f"Copying to {place}") as bar:
        flash.copy(chosen, image, place, lambda done, of: bar.update(done - bar.pos))
    click.echo("The board starts by itself now. fetchprint flash --verify reads it back.", err=True)


def _compare(system: Path, port: str) -> None:
    """Every file that was flashed is on the board as it should be."""
    files = filesystem.read(system.read_bytes())
    wanted = {f"/{path}": hashlib.sha256(content).hexdigest() for path, content in files.items()}
    with connection.Connection(port) as link:
        there = link.hashes("/")
    wrong = sorted(path for path, digest in wanted.items() if there.get(path) != digest)
    if wrong:
        raise UserError(
            f"{len(wrong)} files are not as they were flashed: {', '.join(wrong[:5])}", where=port
        )
    click.echo(f"{len(wanted)} files are on the board as they should be", err=True)
