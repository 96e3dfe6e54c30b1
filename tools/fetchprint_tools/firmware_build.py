"""The firmware as the MicroPython unix port runs it here: a ROMFS image, run in place as on a board.

Code that is compiled or loaded into the heap would need more of it than all its data does.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from fetchprint_tools import constants, micropython, mpy, paths
from fetchprint_tools.errors import UserError

LIBRARIES = ("adafruit_requests", "adafruit_connection_manager")
"""What the transport ``adafruit`` needs beside the firmware."""

SEAM = ("fetchprint.engine.base",)
"""Modules that a vendor's driver, compiled elsewhere, imports numbers from."""


def command(arguments: list[str], heap: str) -> list[str]:
    """What runs ``main.py`` with ``arguments`` in a heap of ``heap``."""
    size = micropython.parse_size(heap)
    return [sys.executable, "-m", "fetchprint_tools.run_in_place", str(size), str(build()), *arguments]


def build() -> Path:
    """The ROMFS image, from the cache when neither sources nor compiler have changed."""
    libraries = [library(name) for name in LIBRARIES]
    image = paths.cache_dir() / "firmware" / f"{_digest([*_sources(), *libraries])}.romfs"
    if image.is_file():
        return image
    image.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=image.parent) as work:
        python, tree = Path(work, "py"), Path(work, "rom")
        for name, text in inlined().items():
            copy = python / _file(name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
        for source in libraries:
            (python / source.name).write_bytes(source.read_bytes())
        complaints = mpy.compile_tree(python, tree, mpy.UNIX)
        if complaints:
            raise UserError("the firmware does not compile", where="\n".join(complaints))
        part = Path(work, image.name)
        args = [str(paths.program("mpremote")), "romfs", "-o", str(part), "--no-mpy", "build", str(tree)]
        made = subprocess.run(args, capture_output=True, text=True, check=False)
        if made.returncode or not part.is_file():
            raise UserError("mpremote could not build the image", where=(made.stdout + made.stderr).strip())
        os.replace(part, image)
    return image


def inlined() -> dict[str, str]:
    """The firmware's modules (name to text) with their numbers in place; see ``constants``."""
    firmware = paths.firmware_dir()
    texts = {_module(source.relative_to(firmware)): source.read_text() for source in _sources()}
    return constants.inline(texts, SEAM)


def _sources() -> list[Path]:
    firmware = paths.firmware_dir()
    return [firmware / "main.py", *sorted((firmware / "fetchprint").rglob("*.py"))]


def _module(path: Path) -> str:
    """``http/__init__.py`` is ``http.__init__`` here, so that it can be written back."""
    return ".".join(path.with_suffix("").parts)


def _file(module: str) -> Path:
    return Path(*module.split(".")).with_suffix(".py")


def library(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise UserError(f"{name} is not installed", hint="run 'make setup'")
    return Path(spec.origin)


def _digest(sources: list[Path]) -> str:
    """Names the sources, the compilers and nothing else."""
    digest = hashlib.sha256(Path(constants.__file__).read_bytes())
    for source in sources:
        digest.update(os.fsencode(source) + b"\0" + source.read_bytes() + b"\0")
    compiler = paths.program("mpy-cross").stat()
    digest.update(f"{compiler.st_size} {compiler.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
