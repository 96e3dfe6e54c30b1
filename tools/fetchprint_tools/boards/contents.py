"""Which files a board gets: the modules that its configuration needs, compiled, and the configuration."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fetchprint_tools import firmware_build, merge, mpy, paths, prune, texts, words
from fetchprint_tools.boards.data import Board
from fetchprint_tools.errors import UserError
from fetchprint_tools.meanings import Meanings
from fetchprint_tools.needed import needed

SLOT = "a"
"""The folder that holds the application; an update fills the other one, ``b``."""


def modules(board: Board, config: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """The firmware's modules (name to text) that ``config`` needs on ``board``, those of a room in one; and
    the file with what they say when something has failed."""
    return _modules(board.port, config)


def _modules(port: str, config: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    seam = firmware_build.vendor(config)
    sources, said = texts.kept(needed(firmware_build.inlined(seam), port, config))
    sources = prune.prune(sources, seam)
    return merge.merge(words.numbered(sources)), said


def shortened(board: Board, config: Mapping[str, Any]) -> tuple[dict[str, str], bytes, Meanings]:
    """The same with cheap names, and what these mean."""
    return _shortened(board.port, _json(config))


@lru_cache(maxsize=4)
def _shortened(port: str, config: bytes) -> tuple[dict[str, str], bytes, Meanings]:
    found = json.loads(config)
    sources, said = _modules(port, found)
    sources, names = firmware_build.shortened(sources, found)
    return sources, said, names


def compiled(board: Board, config: Mapping[str, Any], architecture: str | None = None) -> dict[str, bytes]:
    """The application: path below its folder to .mpy file, and the file with its texts. ``architecture``:
    another than the board's."""
    sources, said, _ = shortened(board, config)
    files = {texts.FILE: said}
    with tempfile.TemporaryDirectory() as work:
        python, output = Path(work, "py"), Path(work, "mpy")
        for name, text in sources.items():
            path = python / Path(*name.split(".")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        if config.get("transport") == "adafruit":
            for library in firmware_build.LIBRARIES:
                (python / f"{library}.py").write_bytes(firmware_build.library(library).read_bytes())
        complaints = mpy.compile_tree(python, output, architecture or board.mpy_architecture, small=True)
        if complaints:
            raise UserError("the firmware does not compile", where="\n".join(complaints))
        for path in sorted(output.rglob("*.mpy")):
            files[path.relative_to(output).as_posix()] = path.read_bytes()
    return files


def whole(board: Board, config: Mapping[str, Any]) -> dict[str, bytes]:
    """Every file of the board's filesystem except what is provisioned."""
    files = {f"{SLOT}/{path}": content for path, content in compiled(board, config).items()}
    files["main.py"] = (paths.firmware_dir() / "boot" / "main.py").read_bytes()
    files["board.json"] = _json(board.on_board())
    files["config.json"] = _json(config)
    return files


def _json(table: Mapping[str, Any]) -> bytes:
    return json.dumps(table, sort_keys=True, separators=(",", ":")).encode()
