"""Compiles the whole firmware with the MicroPython compiler, as boards would get it.

Every module is compiled to bytecode; modules with native or viper code also for each
architecture, since that code is only compiled then. ``python -m fetchprint_tools.mpycheck``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fetchprint_tools import paths

# ESP32, ESP32-C3/C6, RP2040, RP2350 and other Cortex-M with FPU, the unix port
ARCHITECTURES = ("xtensawin", "rv32imc", "armv6m", "armv7emsp", "x64")

_NATIVE = re.compile(r"^\s*@micropython\.(viper|native)\b", re.MULTILINE)


def _compile(source: Path, shown: str, output: Path, architecture: str | None) -> str | None:
    """The compiler's complaint, or None."""
    args = [str(paths.program("mpy-cross")), "-s", shown, "-o", str(output)]
    if architecture is not None:
        args.append(f"-march={architecture}")
    result = subprocess.run([*args, str(source)], capture_output=True, text=True, check=False)
    if result.returncode == 0:
        return None
    return f"{shown} ({architecture or 'bytecode'}):\n{result.stdout}{result.stderr}"


def compile_all(root: Path, output: Path) -> tuple[int, int, list[str]]:
    """Compile each module below ``root``: (modules, bytes of bytecode, complaints)."""
    sources = sorted(root.rglob("*.py"))
    work: list[tuple[Path, str, Path, str | None]] = []
    for number, source in enumerate(sources):
        shown = str(source.relative_to(root))
        native = _NATIVE.search(source.read_text(encoding="utf-8")) is not None
        # bytecode cannot hold native code: such a module is counted with its first architecture
        for architecture in ARCHITECTURES if native else (None,):
            name = f"{number}-{architecture or 'bytecode'}.mpy"
            work.append((source, shown, output / name, architecture))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = [found for found in pool.map(lambda item: _compile(*item), work) if found is not None]
    counted = [item for item in work if item[3] in (None, ARCHITECTURES[0])]
    size = sum(item[2].stat().st_size for item in counted if item[2].exists())
    return len(sources), size, complaints


def main() -> int:
    """Compile, print the figures or the complaints; the exit status."""
    with tempfile.TemporaryDirectory(prefix="fetchprint-mpy-") as folder:
        modules, size, complaints = compile_all(paths.firmware_dir(), Path(folder))
    if complaints:
        print("\n".join(complaints), file=sys.stderr)
        print(f"error: {len(complaints)} compilations failed", file=sys.stderr)
        return 1
    print(f"mpy-cross: {modules} modules compile, {size} bytes (xtensawin where native)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
