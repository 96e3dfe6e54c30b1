"""What each module takes of the heap once it is loaded, measured: MicroPython itself loads them.

With 32 bits where ``fetchprint setup`` has been run, as on a board; else by the unix port with 64, in which a
slot of an object has eight octets: 1.4 times as much. Native code lies outside of the heap here and on the
ESP32 family; on RP2 boards it is in the heap, too.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fetchprint_tools import micropython, micropython32, mpy
from fetchprint_tools.boards import contents
from fetchprint_tools.boards.data import Board
from fetchprint_tools.errors import UserError
from fetchprint_tools.scopes import Module

_LOAD = """\
import gc, json, sys
class Hardware: pass
for name in ("machine", "network"): sys.modules[name] = Hardware
def used():
    gc.collect()
    return gc.mem_alloc()
taken = {}
before = used()
for name in sys.argv[1:]:
    try: __import__(name)
    except ImportError: continue
    now = used()
    taken[name] = now - before
    before = used()
print(json.dumps(taken))
"""
_PACKAGE = ".__init__"
_DROPPED = ("config.mpy", "settings.mpy", "build.mpy", "_setup.mpy")


def dropped(path: str) -> bool:
    """Whether the module goes once the firmware has started."""
    return path.endswith(_DROPPED)


def bits() -> int:
    """Of the MicroPython that measures."""
    return 32 if micropython32.available()[0] else 64


def measure(board: Board, config: Mapping[str, Any]) -> dict[str, int]:
    """Octets of heap by path below the application's folder, of those modules that can be loaded here.

    A name that several modules have counts where it comes first."""
    interpreter, architecture = micropython.command, mpy.UNIX
    if bits() == 32:
        interpreter, architecture = micropython32.command, micropython32.ARCHITECTURE
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        files = contents.compiled(board, config, architecture)
        for path, data in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        script = folder / "load.py"
        script.write_text(_LOAD)
        done = subprocess.run(
            interpreter(script, _in_order(contents.modules(board, config)[0]), heap="8m"),
            env=micropython.environment(firmware=folder),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise UserError(f"the firmware cannot be loaded:\n{(done.stdout + done.stderr).strip()}")
    found: dict[str, int] = json.loads(done.stdout)
    return {_path(name, files): octets for name, octets in found.items()}


def _in_order(texts: Mapping[str, str]) -> list[str]:
    """Names to import one after the other, so that each import loads one module only."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        file = name if name in texts else name + _PACKAGE
        if file not in texts or name in order:
            return
        if "." in name:
            visit(name.rpartition(".")[0])
        for other in Module(file, texts[file], texts).needs:
            visit(other)
        order[name] = None

    for name in texts:
        visit(name.removesuffix(_PACKAGE))
    return list(order)


def _path(name: str, files: Mapping[str, bytes]) -> str:
    path = name.replace(".", "/")
    return f"{path}.mpy" if f"{path}.mpy" in files else f"{path}/__init__.mpy"
