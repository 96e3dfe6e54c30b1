"""MicroPython for 32 bits: Debian's package for i386, in which objects are as large as a board's.

The unix port of the virtual environment has 64 bits, and its objects twice the size. This one tells
what a configuration takes of a board's heap when its code runs in place, frozen or from ROMFS; and
integers above 30 bits are objects here as they are there, so that what allocates shows. ``fetchprint
setup`` takes it out of Debian; it runs beside the libraries that it came with, in no root of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fetchprint_tools import micropython, paths
from fetchprint_tools.errors import UserError

PACKAGE = "micropython"
DEBIAN_ARCHITECTURE = "i386"
ARCHITECTURE = "x86"
"""What mpy-cross calls it."""

_PROGRAM = "bin/micropython"
_LOADER = "lib/ld-linux.so.2"
_LIBRARIES = "lib"

# Maps the image outside of the heap, as flash is.
_START = """\
import ffi, os, sys, uctypes, vfs
libc = ffi.open("libc.so.6")
size = os.stat({image!r})[6]
file = libc.func("i", "open", "si")({image!r}, 0)
address = libc.func("P", "mmap", "Piiiii")(0, size, 1, 2, file, 0)
vfs.mount(vfs.VfsRom(uctypes.bytearray_at(address, size)), "/rom")
sys.path[:] = ["/rom", ".frozen"]
sys.modules.pop("__main__", None)
del libc, size, file, address, ffi, os, uctypes, vfs
import main
main.run(*{arguments!r})
"""

_FROZEN = """\
import sys
sys.path[:] = [".frozen"]
sys.modules.pop("__main__", None)
import main
main.run(*{arguments!r})
"""


def folder() -> Path:
    """Where it is kept."""
    return paths.cache_dir() / "micropython32"


def available() -> tuple[bool, str]:
    """Whether it can be run, and the reason when it cannot."""
    program = folder() / _PROGRAM
    if not program.is_file():
        return False, f"the 32-bit MicroPython is not set up ({program} is absent): run 'make setup' as root"
    return True, ""


def command(script: str | Path, args: Sequence[str] = (), heap: int | str = "128k") -> list[str]:
    """The arguments that run ``script`` in a heap of ``heap`` bytes (or a size such as ``128k``)."""
    return [*_interpreter(heap), str(script), *args]


def in_place(image: Path, arguments: Sequence[str], heap: int | str) -> list[str]:
    """The arguments that run ``main.py`` of a ROMFS image, its code in place."""
    code = _START.format(image=str(image), arguments=tuple(arguments))
    return [*_interpreter(heap), "-c", code]


def frozen(program: Path, arguments: Sequence[str], heap: int | str) -> list[str]:
    """The arguments that run the firmware that is frozen into ``program`` (see ``frozen``)."""
    return [*_interpreter(heap, program), "-c", _FROZEN.format(arguments=tuple(arguments))]


def _interpreter(heap: int | str, program: Path | None = None) -> list[str]:
    usable, reason = available()
    if not usable:
        raise UserError(reason)
    size = micropython.parse_size(heap) if isinstance(heap, str) else heap
    root = folder()
    loader = [str(root / _LOADER), "--library-path", str(root / _LIBRARIES)]
    return [*loader, str(program or root / _PROGRAM), "-X", f"heapsize={size}"]


def take(root: Path) -> None:
    """Keep of the Debian system below ``root`` the program and the libraries that it needs."""
    program, loader = root / "usr/bin/micropython", root / "usr" / _LOADER
    libraries = root / "usr/lib/i386-linux-gnu"
    partial = folder().with_name(f"{folder().name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for place, source in ((_PROGRAM, program), (_LOADER, loader)):
        (partial / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, partial / place)
    listed = subprocess.run(
        [str(partial / _LOADER), "--library-path", str(libraries), "--list", str(program)],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in listed.stdout.splitlines():
        name, arrow, found = line.strip().partition(" => ")
        if arrow and "/" not in name:
            shutil.copy(found.split()[0], partial / _LIBRARIES / name)
    shutil.rmtree(folder(), ignore_errors=True)
    os.replace(partial, folder())
