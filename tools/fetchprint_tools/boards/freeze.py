"""Sources for a MicroPython of one's own, prepared as for an image: frozen, code and names cost no heap.

``firmware/manifest.py`` freezes the modules as they are, for every configuration; these are what one
configuration needs, the modules of a room in one and numbers in place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fetchprint_tools import firmware_build, merge, paths, prune
from fetchprint_tools.boards.data import Board
from fetchprint_tools.needed import needed

FOLDER = "freeze"
_START_UP = ("_boot.py", "storage.py")


def files(board: Board, config: Mapping[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file below the output folder."""
    # Texts, words and names are in flash, so they stay as they are.
    seam = firmware_build.vendor(config)
    sources = needed(firmware_build.inlined(seam), board.port, config)
    modules = merge.merge(prune.prune(sources, seam))
    for name, text in modules.items():
        yield f"{FOLDER}/{Path(*name.split('.')).with_suffix('.py').as_posix()}", text.encode()
    manifest = (paths.firmware_dir() / "manifest.py").read_text()
    if board.port == "unix":  # it starts by itself
        manifest = manifest[manifest.index('package("fetchprint"') :]
    else:
        for name in _START_UP:
            yield f"{FOLDER}/{name}", (paths.firmware_dir() / "boot" / name).read_bytes()
    yield f"{FOLDER}/manifest.py", manifest.replace('base_path="boot", ', "").encode()
