"""The ``fetchprint`` command as a person meets it: help, version, errors."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib import util

import click
import pytest
from click.testing import CliRunner

from fetchprint_tools import __version__, cli, micropython, paths
from fetchprint_tools.errors import UserError
from support import absent


def command_named(name: str) -> click.Command:
    module = name.replace("-", "_")
    if util.find_spec(f"fetchprint_tools.commands.{module}") is None:
        absent(f"the command {name} is not written yet")
    command: click.Command = importlib.import_module(f"fetchprint_tools.commands.{module}").command
    return command


def test_the_installed_command_shows_every_subcommand() -> None:
    done = subprocess.run(
        [paths.program("fetchprint"), "--help"], capture_output=True, text=True, timeout=30, check=True
    )
    for name, text in cli.COMMANDS.items():
        assert name in done.stdout
        assert text in " ".join(done.stdout.split()), "however the lines are broken"


def test_help_imports_no_command() -> None:
    program = (
        "import sys\nfrom fetchprint_tools.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as end:\n    assert not end.code\n"
        "dear = ('aiohttp', 'PIL', 'pypdfium2', 'rich', 'fetchprint')\n"
        "own = 'fetchprint_tools.commands.'\n"
        "heavy = [m for m in sys.modules if m.split('.')[0] in dear or m.startswith(own)]\n"
        "sys.exit(repr(heavy) if heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr


def test_version() -> None:
    result = CliRunner().invoke(cli.main, ["--version"])
    assert result.output == f"fetchprint {__version__}\n"


def test_python_m_is_the_same_command() -> None:
    args = [sys.executable, "-m", "fetchprint_tools", "--version"]
    done = subprocess.run(args, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"fetchprint {__version__}\n"


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(cli.main, ["prnit"])
    assert result.exit_code == 2
    assert "prnit" in result.output


@pytest.mark.parametrize("name", sorted(cli.COMMANDS))
def test_each_command_explains_itself_and_its_options(name: str) -> None:
    command = command_named(name)
    assert command.help, f"{name} has no help"
    options = [param for param in command.params if isinstance(param, click.Option)]
    silent = [option.opts[0] for option in options if not (option.help or "").strip()]
    assert not silent, f"options of {name} without a help text: {silent}"
    result = CliRunner().invoke(cli.main, [name, "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_an_error_says_what_where_and_what_to_do() -> None:
    @click.command()
    def failing() -> None:
        raise UserError("the queue does not answer", "ipp://127.0.0.1:9/x", "start the service")

    result = CliRunner().invoke(failing)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "error: the queue does not answer",
        "  where: ipp://127.0.0.1:9/x",
        "  what to do: start the service",
    ]


SIZES = [("128k", 131072), ("1M", 1048576), ("65536", 65536), (" 96kb ", 98304)]


@pytest.mark.parametrize(("text", "size"), SIZES)
def test_sizes(text: str, size: int) -> None:
    assert micropython.parse_size(text) == size


@pytest.mark.parametrize("text", ["", "k", "128g", "-1k", "1.5m", "4k", "1024m"])
def test_a_bad_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UserError) as caught:
        micropython.parse_size(text)
    assert "128k" in str(caught.value)
