"""Compiles the whole firmware with the MicroPython compiler: ``python -m fetchprint_tools.mpycheck``.

Every module for every architecture: native and viper code is judged only when it is compiled.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fetchprint_tools import mpy, paths


def main() -> int:
    """Compile, print the figures or the complaints; the exit status."""
    firmware = paths.firmware_dir()
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(prefix="fetchprint-mpy-") as folder:
        first = Path(folder, mpy.ARCHITECTURES[0])
        complaints += mpy.compile_tree(firmware, first, mpy.ARCHITECTURES[0])
        modules, size = mpy.size_of(first)
        native = [source for source in sorted(firmware.rglob("*.py")) if mpy.is_native(source)]
        for architecture in mpy.ARCHITECTURES[1:]:
            for source in native:
                shown = str(source.relative_to(firmware))
                output = Path(folder, architecture, source.stem + ".mpy")
                complaint = mpy.compile_module(source, shown, output, architecture)
                complaints += [complaint] if complaint is not None else []
    if complaints:
        print("\n".join(complaints), file=sys.stderr)
        print(f"error: {len(complaints)} compilations failed", file=sys.stderr)
        return 1
    figures = f"{modules} modules, {size} bytes for {mpy.ARCHITECTURES[0]}, {len(native)} with native code"
    print(f"mpy-cross: {figures}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
