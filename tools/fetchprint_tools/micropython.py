"""The MicroPython unix port of the virtual environment, run with a board's heap."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from fetchprint_tools import paths
from fetchprint_tools.errors import UserError

DEFAULT_HEAP = 128 * 1024

# Below this the interpreter cannot import anything; above it nothing would be shown about a board.
_HEAP_LIMITS = (16 * 1024, 256 * 1024 * 1024)

_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}


def parse_size(text: str) -> int:
    """Bytes in ``text``: a number with an optional k or m (powers of 1024), as ``128k``; 16k to 256m."""
    match = re.fullmatch(r"(\d+)([km]?)b?", text.strip().lower())
    if match is None:
        raise UserError(f"{text!r} is not a size", hint="give bytes or a number with k or m, such as 128k")
    size = int(match[1]) * _UNITS[match[2]]
    if not _HEAP_LIMITS[0] <= size <= _HEAP_LIMITS[1]:
        raise UserError(f"a heap of {text} is out of range", hint="give 16k to 256m, such as 128k")
    return size


def executable() -> Path:
    """The ``micropython`` program."""
    return paths.program("micropython")


def environment(extra_path: Iterable[Path] = (), firmware: Path | None = None) -> dict[str, str]:
    """The environment of a MicroPython process: ours, with MICROPYPATH set.

    The path is ``firmware`` (default: its sources; a folder of .mpy files needs less heap),
    then ``extra_path``, then the modules frozen into the interpreter.
    """
    folders = [firmware or paths.firmware_dir(), *extra_path]
    return {**os.environ, "MICROPYPATH": ":".join([*map(str, folders), ".frozen"])}


def command(script: str | Path, args: Sequence[str] = (), heap: int | str = DEFAULT_HEAP) -> list[str]:
    """The arguments that run ``script`` in a heap of ``heap`` bytes (or a size such as ``128k``)."""
    size = parse_size(heap) if isinstance(heap, str) else heap
    return [str(executable()), "-X", f"heapsize={size}", str(script), *args]
