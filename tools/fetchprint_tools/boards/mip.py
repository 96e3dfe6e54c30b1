"""``python -m fetchprint_tools.boards.mip``: write ``firmware/package.json`` anew.

``mpremote mip install`` takes no pattern: each file has to be named.
"""

from __future__ import annotations

import json
from pathlib import Path

from fetchprint_tools import __version__, paths

_COMPUTERS_ONLY = ("fetchprint/port/cpython.py", "fetchprint/port/unix.py", "fetchprint/port/bench.py")


def package() -> str:
    """The text of package.json: every module that a board can use, from the sources beside it."""
    firmware = paths.firmware_dir()
    found = sorted(path.relative_to(firmware).as_posix() for path in (firmware / "fetchprint").rglob("*.py"))
    urls = [[path, path] for path in found if path not in _COMPUTERS_ONLY]
    urls.append(["fetchprint/start.py", "main.py"])
    lines = ",\n".join("    " + json.dumps(pair) for pair in urls)
    return f'{{\n  "version": "{__version__}",\n  "urls": [\n{lines}\n  ],\n  "deps": []\n}}\n'


def file() -> Path:
    return paths.firmware_dir() / "package.json"


if __name__ == "__main__":
    file().write_text(package())
