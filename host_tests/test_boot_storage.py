"""The start-up of frozen builds on MicroPython's own littlefs: nothing is formatted because of an error."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from fetchprint_tools import micropython, paths

PROGRAM = Path(__file__).with_name("boot_storage.py")
BOOT = paths.firmware_dir() / "boot"


@pytest.mark.parametrize(
    "case",
    [
        "blank",
        "the_boot_module",
        "a_passing_error",
        "a_lasting_error",
        "a_corrupt_superblock",
        "a_corrupt_second_store",
        "a_file_system_of_before",
        "a_small_flash",
        "power_cut_while_it_is_made",
        "power_cut_while_it_is_copied_or_takes_over",
    ],
)
def test_the_file_system(case: str) -> None:
    done = subprocess.run(
        micropython.command(PROGRAM, [case, str(BOOT / "_boot.py")], heap="16m"),
        env=micropython.environment([BOOT]),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_nothing_but_storage_makes_a_file_system() -> None:
    for path in paths.firmware_dir().rglob("*.py"):
        made = [node for node in ast.walk(ast.parse(path.read_text())) if getattr(node, "attr", "") == "mkfs"]
        assert len(made) == (path.name == "storage.py"), path
