"""The ``fetchprint`` command: a group whose subcommands are imported only when they run."""

from __future__ import annotations

import importlib

import click

from fetchprint_tools import __version__

# What ``fetchprint --help`` shows, kept here so that the help needs no import of the commands.
COMMANDS = {
    "admit": "Let a printer register with the code that it has printed.",
    "bench": "Measure latency, throughput and heap, and print the figures.",
    "build": "Build the firmware and the flash image for a board.",
    "demo": "Print a sample document through the whole path and show the page.",
    "deploy": "Bring the firmware to a board that runs MicroPython, and start it.",
    "doctor": "Look for what is wrong with a board, its network, its service and its engine.",
    "emulate": "Run the firmware with an emulated print engine.",
    "engine-check": "Check a print engine's driver against an emulated engine.",
    "flash": "Bring what fetchprint build made onto a board.",
    "monitor": "Show what a board says.",
    "pki": "Make keys and certificates for services and printers.",
    "provision": "Give a board its Wi-Fi, its service and its credentials.",
    "samples": "Print sample pages in every format and compare them with Pillow's rendering.",
    "serve": "Run the built-in print service.",
    "setup": "Install the parts that tests use beside Python packages.",
    "simulate": "Run the firmware where everything fails, and check what it promises.",
    "submit": "Send a document to a print service.",
}


class LazyGroup(click.Group):
    """Commands live in ``fetchprint_tools.commands.NAME`` as ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"fetchprint_tools.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=LazyGroup, context_settings=_SETTINGS)
@click.version_option(__version__, prog_name="fetchprint", message="%(prog)s %(version)s")
def main() -> None:
    """Printer firmware that fetches its jobs: run it, feed it, measure it on this machine."""
