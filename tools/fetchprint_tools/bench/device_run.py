"""Runs the scripts of ``on_device`` beside the firmware's modules, on either interpreter.

On MicroPython they lie in a ROMFS image with the firmware and run in a board's heap, as
``fetchprint emulate`` runs the firmware itself.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fetchprint_tools import constants, firmware_build, micropython, mpy, paths, processes
from fetchprint_tools.errors import UserError

RUNTIMES = ("micropython", "cpython")
SCRIPTS = Path(__file__).with_name("on_device")

Figures = dict[str, Any]


@contextmanager
def image() -> Iterator[Path]:
    """A ROMFS image of the firmware in which the scripts' main.py takes the place of the firmware's."""
    texts = firmware_sources()
    texts.update({script.stem: script.read_text() for script in sorted(SCRIPTS.glob("*.py"))})
    with TemporaryDirectory(prefix="fetchprint-bench-") as folder:
        python, tree, rom = Path(folder, "py"), Path(folder, "rom"), Path(folder, "bench.romfs")
        write_inlined(texts, python)
        for name in firmware_build.LIBRARIES:
            library = importlib.util.find_spec(name)
            if library is None or library.origin is None:
                raise UserError(f"{name} is not installed", hint="run 'make setup'")
            (python / f"{name}.py").write_bytes(Path(library.origin).read_bytes())
        complaints = mpy.compile_tree(python, tree, mpy.UNIX)
        if complaints:
            raise UserError("the measurements do not compile", where="\n".join(complaints))
        args = [str(paths.program("mpremote")), "romfs", "-o", str(rom), "--no-mpy", "build", str(tree)]
        made = subprocess.run(args, capture_output=True, text=True, check=False)
        if made.returncode or not rom.is_file():
            raise UserError("mpremote could not build the image", where=(made.stdout + made.stderr).strip())
        yield rom


def firmware_sources() -> dict[str, str]:
    """Name and text of each module of the package ``fetchprint``."""
    firmware = paths.firmware_dir()
    return {
        ".".join(source.relative_to(firmware).with_suffix("").parts): source.read_text()
        for source in sorted((firmware / "fetchprint").rglob("*.py"))
    }


def write_inlined(texts: dict[str, str], folder: Path) -> None:
    """The modules ``texts`` as files below ``folder``, with numbers in place (see ``constants``)."""
    for name, text in constants.inline(texts, firmware_build.SEAM).items():
        copy = Path(folder, *name.split(".")).with_suffix(".py")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text)


def run(
    rom: Path, runtime: str, script: str, arguments: list[str], *, timeout: float, heap: str = "192k"
) -> list[Figures]:
    """The figures that ``on_device/SCRIPT.py`` gives. ``UserError`` when it fails or takes too long."""
    env = dict(os.environ)
    if runtime == "micropython":
        size = str(micropython.parse_size(heap))
        args = [sys.executable, "-m", "fetchprint_tools.run_in_place", size, str(rom), script, *arguments]
    else:
        env["PYTHONPATH"] = f"{paths.firmware_dir()}:{SCRIPTS}"
        args = [sys.executable, str(SCRIPTS / "main.py"), script, *arguments]
    process = processes.spawn(args, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise UserError(f"{script} on {runtime} took more than {timeout:g} s") from error
    finally:
        processes.kill(process)
    if process.returncode:
        said = (err + out).decode(errors="replace").strip()[-1500:]
        raise UserError(f"{script} on {runtime} ended with status {process.returncode}", where=said)
    return [json.loads(line) for line in out.splitlines() if line.startswith(b"{")]
