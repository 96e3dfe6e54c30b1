"""A 32-bit MicroPython with the firmware frozen into it, made from the sources of Debian's package.

It is what a vendor does for a board, with MicroPython's own tools: that the prepared sources and their
manifest freeze (``fetchprint build --freeze``), and what heap the firmware takes when its code and
names lie in flash. ``fetchprint setup --sources`` unpacks the sources and the compiler.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from fetchprint_tools import micropython32, paths, setup
from fetchprint_tools.boards import data, freeze
from fetchprint_tools.errors import UserError

_TOOLS = "build-essential,dpkg-dev,pkgconf,libffi-dev,libmbedtls-dev,python3,ca-certificates"
_SOURCES = "root/micropython"
_FIRMWARE = "root/firmware"
# As Debian's own rules have it for i386, without Java, Bluetooth and asyncio.
_FLAGS = "-DMICROPY_FLOAT_USE_NATIVE_FLT16=0 -Wno-error"
_OPTIONS = (
    "STRIP=true MICROPY_SSL_AXTLS=0 MICROPY_SSL_MBEDTLS=1"
    " MICROPY_PY_BTREE=0 MICROPY_PY_FFI=1 MICROPY_PY_JNI=0"
)


def system() -> Path:
    """The Debian system with the sources and a compiler."""
    return paths.cache_dir() / "micropython-source"


def available() -> tuple[bool, str]:
    """Whether a MicroPython can be made, and the reason when not."""
    if not (system() / _SOURCES / "mpy-cross").is_dir():
        return False, "MicroPython's sources are not set up: run 'fetchprint setup --sources' as root"
    if os.geteuid() != 0:
        return False, "only root can enter the system with MicroPython's sources"
    return True, ""


def unpack(console: Console, mirror: str) -> None:
    """Make the system, unless it is there."""
    if (system() / _SOURCES / "mpy-cross").is_dir():
        return
    if os.geteuid() != 0:
        raise UserError("only root can unpack MicroPython's sources")
    root = system().with_name(f"{system().name}.partial")
    setup.remove_root(root)
    try:
        title = f"Unpacking MicroPython's sources and a compiler into {system()} (minutes, 700 MB)"
        setup.unpack(console, title, _TOOLS, root, mirror, f"--arch={micropython32.DEBIAN_ARCHITECTURE}")
        (root / "etc/apt/sources.list").write_text(f"deb-src {mirror} {setup.RELEASE} main\n")
        # A mirror that stands still is as good, so its age is no matter; signatures are checked.
        _in(console, "Fetching the sources", "apt-get -o Acquire::Check-Valid-Until=false update", root)
        fetch = "cd /root && apt-get source micropython && mv micropython-*/ micropython"
        _in(console, "Unpacking them", fetch, root)
        make = f'cd /{_SOURCES} && CFLAGS_EXTRA="{_FLAGS}" make -C mpy-cross -j2'
        _in(console, "Making its compiler", make, root)
        root.rename(system())
    except BaseException:
        setup.remove_root(root)
        raise


def make(console: Console, config: Mapping[str, Any]) -> Path:
    """The program, from the cache when nothing has changed: MicroPython with what ``config`` needs."""
    files = dict(freeze.files(data.load("UNIX"), config))
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode() + b"\0" + files[path] + b"\0")
    program = micropython32.folder() / "bin" / f"micropython-{digest.hexdigest()[:16]}"
    if program.is_file():
        return program
    root = system()
    shutil.rmtree(root / _FIRMWARE, ignore_errors=True)
    for path, content in files.items():
        target = root / _FIRMWARE / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    manifest = f"/{_FIRMWARE}/{freeze.FOLDER}/manifest.py"
    command = (
        f"cd /{_SOURCES} && rm -rf ports/unix/build-fetchprint &&"
        f' CFLAGS_EXTRA="{_FLAGS}" make -C ports/unix -j2'
        f" BUILD=build-fetchprint MPY_CROSS_FLAGS=-march={micropython32.ARCHITECTURE} {_OPTIONS}"
        f" FROZEN_MANIFEST={manifest}"
    )
    _in(console, "Freezing the firmware into MicroPython", command, root)
    part = program.with_suffix(".part")
    shutil.copy(root / _SOURCES / "ports/unix/build-fetchprint/micropython", part)
    os.replace(part, program)
    return program


def _in(console: Console, title: str, command: str, root: Path) -> None:
    chroot = shutil.which("chroot") or "/usr/sbin/chroot"
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C"}
    log = paths.log_dir() / "micropython-source.log"
    setup.run_logged(console, title, [chroot, str(root), "sh", "-ec", command], log, environment)
