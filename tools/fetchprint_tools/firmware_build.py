"""The firmware as the MicroPython unix port runs it here: a ROMFS image, run in place as on a board.

Code that is compiled or loaded into the heap would need more of it than all its data does.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import tempfile
from pathlib import Path

from fetchprint_tools import micropython, mpy, paths
from fetchprint_tools.errors import UserError

LIBRARIES = ("adafruit_requests", "adafruit_connection_manager")
"""What the transport ``adafruit`` needs beside the firmware."""

LAUNCHER = Path(__file__).with_name("run_in_place.py")

_VARIABLE = 120_000
"""The kernel takes at most 128 KiB for one variable of the environment (execve(2))."""


def command(arguments: list[str], heap: str) -> tuple[list[str], dict[str, str]]:
    """Arguments and environment that run ``main.py`` with ``arguments`` in a heap of ``heap``."""
    image = build()
    env = dict(os.environ)
    for number in range(image.stat().st_size // _VARIABLE + 1):
        env[f"FETCHPRINT_ROM_{number}"] = "." * _VARIABLE
    return micropython.command(LAUNCHER, [str(image), *arguments], heap=heap), env


def build() -> Path:
    """The ROMFS image, from the cache when neither sources nor compiler have changed."""
    firmware = paths.firmware_dir()
    libraries = [_library(name) for name in LIBRARIES]
    image = paths.cache_dir() / "firmware" / f"{_digest(firmware, libraries)}.romfs"
    if image.is_file():
        return image
    image.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=image.parent) as work:
        tree = Path(work, "rom")
        complaints = mpy.compile_tree(firmware / "fetchprint", tree / "fetchprint", mpy.UNIX)
        for source in (firmware / "main.py", *libraries):
            found = mpy.compile_module(source, source.name, tree / f"{source.stem}.mpy", None)
            complaints += [found] if found is not None else []
        if complaints:
            raise UserError("the firmware does not compile", where="\n".join(complaints))
        part = Path(work, image.name)
        args = [str(paths.program("mpremote")), "romfs", "-o", str(part), "--no-mpy", "build", str(tree)]
        made = subprocess.run(args, capture_output=True, text=True, check=False)
        if made.returncode or not part.is_file():
            raise UserError("mpremote could not build the image", where=(made.stdout + made.stderr).strip())
        os.replace(part, image)
    return image


def _library(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise UserError(f"{name} is not installed", hint="run 'make setup'")
    return Path(spec.origin)


def _digest(firmware: Path, libraries: list[Path]) -> str:
    """Names the sources, the compiler and nothing else."""
    digest = hashlib.sha256()
    for source in [firmware / "main.py", *sorted((firmware / "fetchprint").rglob("*.py")), *libraries]:
        digest.update(os.fsencode(source) + b"\0" + source.read_bytes() + b"\0")
    compiler = paths.program("mpy-cross").stat()
    digest.update(f"{compiler.st_size} {compiler.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
