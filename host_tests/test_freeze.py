"""Sources for a MicroPython of one's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fetchprint_tools import micropython
from fetchprint_tools.boards import data, freeze, settings


@pytest.mark.parametrize("name", ["UNIX", "RPI_PICO_W"])
def test_the_sources_to_freeze_are_whole(name: str, tmp_path: Path) -> None:
    """MicroPython runs them from that folder alone, up to the configuration, which is not there."""
    board = data.load(name)
    config = settings.make(board, None, "ipp://print.example/ipp/print/infra", "escpos", None)
    for path, content in freeze.files(board, config):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    folder = tmp_path / freeze.FOLDER
    manifest = (folder / "manifest.py").read_text()
    for module in ("main.py", "_boot.py", "storage.py"):
        assert (f'module("{module}", opt=3)' in manifest) == (folder / module).is_file()
    assert (folder / "_boot.py").is_file() == (name != "UNIX")
    assert 'package("fetchprint", opt=3)' in manifest and "base_path" not in manifest
    if name != "UNIX":
        return
    run = subprocess.run(
        micropython.command(folder / "main.py", [str(tmp_path / "absent.json")], "512k"),
        env={**micropython.environment(), "MICROPYPATH": f"{folder}:.frozen"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 2 and "absent.json" in run.stdout, run
