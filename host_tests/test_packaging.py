"""The other ways onto a board: mip, and freezing."""

from __future__ import annotations

import ast
import functools
import http.server
import json
import subprocess
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest

from fetchprint_tools import mpy, paths
from fetchprint_tools.boards import mip

FIRMWARE = paths.firmware_dir()


def test_package_json_names_every_module() -> None:
    assert mip.file().read_text() == mip.package(), "run: python -m fetchprint_tools.boards.mip"


class Board:
    """What mip needs of a board's file system."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def fs_exists(self, path: str) -> bool:
        return False

    def fs_mkdir(self, path: str) -> None:
        return

    def fs_hashfile(self, path: str, algorithm: str) -> bytes:
        raise FileNotFoundError(path)

    def fs_writefile(self, path: str, data: bytes, progress_callback: Any = None) -> None:
        self.files[path] = data


def test_mip_installs_what_can_be_imported(tmp_path: Path) -> None:
    """mpremote's own installer, from a web server, as it works with any repository."""
    from mpremote import mip as installer

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(FIRMWARE))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    board = Board()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/package.json"
        installer._install_package(board, url, "", "/lib", None, False)
    finally:
        server.shutdown()
        server.server_close()
    assert len(board.files) == len(json.loads(mip.file().read_text())["urls"])
    for path, data in board.files.items():
        place = tmp_path / path.removeprefix("/lib/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    code = "from fetchprint import start, build, config; from fetchprint.engine import escpos_setup"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)


@pytest.mark.slow
def test_the_manifest_freezes_modules_that_compile(tmp_path: Path) -> None:
    """The functions of MicroPython's manifest language, as far as ours uses them."""
    frozen: list[Path] = []

    class Manifest:
        """What is used of MicroPython's ``manifestfile.ManifestFile``."""

        def __init__(self) -> None:
            names = ("rp2.py", "_boot.py", "neopixel.py")
            self.found = [types.SimpleNamespace(target_path=name) for name in names]

        def files(self) -> list[Any]:
            return self.found

        def include(self, path: str) -> None:
            assert path == "$(PORT_DIR)/boards/manifest.py"

    def package(name: str, opt: int | None = None) -> None:
        frozen.extend(sorted((FIRMWARE / name).rglob("*.py")))

    def module(name: str, base_path: str = ".", opt: int | None = None) -> None:
        frozen.append(FIRMWARE / base_path / name)

    text = (FIRMWARE / "manifest.py").read_text()
    port = Manifest()
    language = {"include": port.include, "package": package, "module": module}
    exec(compile(text, "manifest.py", "exec"), language)
    assert [file.target_path for file in port.found] == ["rp2.py", "neopixel.py"], (
        "one _boot, and that is ours"
    )
    assert FIRMWARE / "boot" / "_boot.py" in frozen and FIRMWARE / "boot" / "storage.py" in frozen
    assert FIRMWARE / "main.py" in frozen and FIRMWARE / "fetchprint" / "build.py" in frozen
    names = {path.relative_to(FIRMWARE).with_suffix("").as_posix().replace("/", ".") for path in frozen}
    for path in frozen:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("fetchprint"):
                assert node.module in names or f"{node.module}.__init__" in names, f"{path}: {node.module}"
    complaints = [
        mpy.compile_module(
            path, path.name, tmp_path / "x.mpy", "armv6m" if mpy.is_native(path) else None, True
        )
        for path in frozen
    ]
    assert not [text for text in complaints if text]
