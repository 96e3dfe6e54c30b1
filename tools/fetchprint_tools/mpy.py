"""Compiles modules to .mpy files, the form in which boards get them."""

from __future__ import annotations

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fetchprint_tools import paths

# ESP32, ESP32-C3/C6, RP2040, RP2350 and other Cortex-M with FPU, the unix port of 64 and of 32 bits
ARCHITECTURES = ("xtensawin", "rv32imc", "armv6m", "armv7emsp", "x64", "x86")
UNIX = "x64"

_NATIVE = re.compile(r"^\s*@micropython\.(viper|native)\b", re.MULTILINE)


def is_native(source: Path) -> bool:
    """Whether the module has code that is compiled for one architecture."""
    return _NATIVE.search(source.read_text(encoding="utf-8")) is not None


def compile_module(
    source: Path, shown: str, output: Path, architecture: str | None, small: bool = False
) -> str | None:
    """Compile one module, named ``shown`` in tracebacks: the compiler's complaint, or None.

    ``architecture`` is None for bytecode, which native modules cannot be. ``small`` leaves the line
    numbers out: a tenth of the code.
    """
    output.parent.mkdir(parents=True, exist_ok=True)
    args = [str(paths.program("mpy-cross")), "-s", shown, "-o", str(output)]
    if small:
        args.append("-O3")
    if architecture is not None:
        args.append(f"-march={architecture}")
    result = subprocess.run([*args, str(source)], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    return f"{shown} ({architecture or 'bytecode'}):\n{result.stdout}{result.stderr}"


def compile_tree(root: Path, output: Path, architecture: str, small: bool = False) -> list[str]:
    """Compile each module below ``root`` to the same place below ``output``; the complaints.

    ``small``: without line numbers and with the shortest name for tracebacks, for boards.
    """

    def one(source: Path) -> str | None:
        inside = source.relative_to(root)
        native = architecture if is_native(source) else None
        shown = inside.stem if small else str(inside)
        return compile_module(source, shown, output / inside.with_suffix(".mpy"), native, small)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [found for found in pool.map(one, sorted(root.rglob("*.py"))) if found is not None]


def size_of(folder: Path) -> tuple[int, int]:
    """How many .mpy files are below ``folder``, and their bytes."""
    sizes = [path.stat().st_size for path in folder.rglob("*.mpy")]
    return len(sizes), sum(sizes)
