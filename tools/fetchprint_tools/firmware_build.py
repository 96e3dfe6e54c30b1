"""The firmware as the MicroPython unix port runs it here: a ROMFS image, run in place as on a board.

Code that is compiled or loaded into the heap would need more of it than all its data does.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fetchprint import config
from fetchprint.errors import LocalError
from fetchprint_tools import (
    colours,
    constants,
    meanings,
    merge,
    micropython,
    micropython32,
    mpy,
    paths,
    prune,
    reader,
    resolve,
    scopes,
    shorten,
    texts,
    uses,
    words,
)
from fetchprint_tools.errors import UserError
from fetchprint_tools.needed import needed

LIBRARIES = ("adafruit_requests", "adafruit_connection_manager")
"""What the transport ``adafruit`` needs beside the firmware."""

_PORT = "unix"
_COMPILERS = (constants, merge, prune, scopes, texts, words, resolve, uses, reader, colours, shorten)

SEAM = ("fetchprint.engine.base",)
"""Modules that a vendor's driver, compiled elsewhere, imports numbers from."""


def command(arguments: list[str], heap: str, bits: int = 64) -> list[str]:
    """What runs ``main.py`` with ``arguments``, the configuration first, in a heap of ``heap``; on a
    MicroPython of 32 ``bits`` if wanted."""
    size = micropython.parse_size(heap)
    configuration = _configuration(Path(arguments[0]))
    if bits == 32:
        return micropython32.in_place(build(configuration, micropython32.ARCHITECTURE), arguments, size)
    image = build(configuration)
    return [sys.executable, "-m", "fetchprint_tools.run_in_place", str(size), str(image), *arguments]


def _configuration(path: Path) -> dict[str, Any] | None:
    """None where it is not usable: the firmware itself will say why."""
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        config.check(found)
    except (OSError, ValueError, LocalError):
        return None
    return found


def build(configuration: Mapping[str, Any] | None = None, architecture: str = mpy.UNIX) -> Path:
    """The ROMFS image for the unix port, from the cache when neither sources nor compiler have changed.

    With what ``configuration`` needs, modules of a room in one (see ``merge``), names as on a board (see
    ``shorten``) and what they mean beside it; None: with every module as it is.
    """
    libraries = [library(name) for name in LIBRARIES]
    seam = configuration is None or vendor(configuration)
    modules, said = texts.kept(inlined(seam))
    if configuration is not None:
        modules = prune.prune(needed(modules, _PORT, configuration), seam)
    digest = _digest([*_sources(), *libraries], [architecture, str(seam), *sorted(modules)])
    image = paths.cache_dir() / "firmware" / f"{digest}.romfs"
    if image.is_file():
        return image
    image.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=image.parent) as work:
        python, tree = Path(work, "py"), Path(work, "rom")
        modules = words.numbered(modules)
        if configuration is not None:
            modules, names = shortened(merge.merge(modules), configuration)
            names_of(image).write_text(names.json())
        for name, text in modules.items():
            copy = python / _file(name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
        for source in libraries:
            (python / source.name).write_bytes(source.read_bytes())
        complaints = mpy.compile_tree(python, tree, architecture)
        if complaints:
            raise UserError("the firmware does not compile", where="\n".join(complaints))
        (tree / texts.FILE).write_bytes(said)
        part = Path(work, image.name)
        args = [str(paths.program("mpremote")), "romfs", "-o", str(part), "--no-mpy", "build", str(tree)]
        made = subprocess.run(args, capture_output=True, text=True, check=False)
        if made.returncode or not part.is_file():
            raise UserError("mpremote could not build the image", where=(made.stdout + made.stderr).strip())
        os.replace(part, image)
    return image


def vendor(configuration: Mapping[str, Any]) -> bool:
    """Whether the engine's driver is a vendor's own module, compiled elsewhere."""
    return "." in configuration["engine"]["driver"]


def shortened(
    sources: Mapping[str, str], configuration: Mapping[str, Any]
) -> tuple[dict[str, str], meanings.Meanings]:
    """The merged ``sources`` as they are compiled for ``configuration``, and what the names in them mean."""
    libraries: list[str] = []
    if configuration.get("transport") == "adafruit":
        libraries = [library(name).read_text("utf-8") for name in LIBRARIES]
    return shorten.shorten(sources, libraries, vendor(configuration))


def names_of(image: Path) -> Path:
    """The file with the meaning of the names in ``image``."""
    return image.with_suffix(".names.json")


def inlined(seam: bool = True) -> dict[str, str]:
    """The firmware's modules (name to text) with their numbers in place; see ``constants``. ``seam``: those
    of SEAM also stay where they are defined."""
    firmware = paths.firmware_dir()
    found = {_module(source.relative_to(firmware)): source.read_text() for source in _sources()}
    return constants.inline(found, SEAM if seam else ())


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


def _digest(sources: list[Path], contents: list[str]) -> str:
    """Names the sources, what is in the image and for which machine, the compilers and nothing else."""
    digest = hashlib.sha256(" ".join(contents).encode())
    for compiler in _COMPILERS:
        digest.update(Path(str(compiler.__file__)).read_bytes())
    digest.update(colours.ROM_NAMES.read_bytes())
    for source in sources:
        digest.update(os.fsencode(source) + b"\0" + source.read_bytes() + b"\0")
    program = paths.program("mpy-cross").stat()
    digest.update(f"{program.st_size} {program.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
