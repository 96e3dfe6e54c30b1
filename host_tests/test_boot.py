"""``/main.py`` of a board: it chooses the slot, counts resets, and comes up whatever the flash does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fetchprint_tools import micropython, paths
from fetchprint_tools.boards import filesystem

PROGRAM = Path(__file__).with_name("boot_board.py")
SIZE = 64 * filesystem.BLOCK


class Board:
    """A flash with an application in both slots: ``runs``, ``fails`` or ``gives up``."""

    def __init__(self, folder: Path, a: str = "runs", b: str = "runs") -> None:
        self.flash = folder / "flash.bin"
        files = {"main.py": (paths.firmware_dir() / "boot" / "main.py").read_bytes()}
        for slot, kind in (("a", a), ("b", b)):
            does = {"runs": "pass", "fails": "raise OSError(5)", "gives up": "import sys; sys.exit(2)"}[kind]
            files[f"{slot}/main.py"] = f"def run(path):\n print('slot {slot}', path)\n {does}\n".encode()
        self.flash.write_bytes(filesystem.make(files, SIZE))

    def boot(self, cause: str, *fault: str) -> list[str]:
        command = micropython.command(PROGRAM, [str(self.flash), cause, *fault])
        environment = micropython.environment([PROGRAM.parent])
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=30
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    def put(self, path: str, content: bytes) -> None:
        self.flash.write_bytes(filesystem.update(self.flash.read_bytes(), {path: content}))

    @property
    def files(self) -> dict[str, bytes]:
        return filesystem.read(self.flash.read_bytes())

    @property
    def state(self) -> Any:
        return json.loads(self.files["boot.json"])

    @state.setter
    def state(self, value: Any) -> None:
        self.put("boot.json", json.dumps(value).encode())


STARTED = "slot a /config.json"


def test_the_slot_of_boot_json_starts(tmp_path: Path) -> None:
    board = Board(tmp_path)
    assert board.boot("PWRON") == [STARTED]
    assert "boot.json" not in board.files, "a power cut does not count"
    board.state = {"slot": "b"}
    assert board.boot("WDT") == ["slot b /config.json"]
    assert board.state == {"slot": "b", "resets": 1}


@pytest.mark.parametrize(
    "kept",
    [
        *("", "{", "null", "[]", "7", "{}", "\xff", '{"slot": 3}', '{"slot": "ab"}', '{"slot": ["a"]}'),
        *('{"slot": "a", "resets": "x"}', '{"slot": "a", "resets": null}', '{"slot": "a", "back": "/"}'),
    ],
)
def test_a_damaged_boot_json_does_not_keep_a_board_from_starting(tmp_path: Path, kept: str) -> None:
    board = Board(tmp_path)
    board.put("boot.json", kept.encode("latin-1"))
    assert board.boot("PWRON") == [STARTED]
    assert board.boot("WDT") == [STARTED]
    assert board.state == {"slot": "a", "resets": 1}


def test_a_flash_that_cannot_be_written_does_not_keep_a_board_from_starting(tmp_path: Path) -> None:
    board = Board(tmp_path)
    said, started = board.boot("WDT", "broken")
    assert "/boot.json cannot be written" in json.loads(said)["message"] and started == STARTED
    board.state = {"slot": "b", "back": "a", "resets": 3}
    back, said, started = board.boot("WDT", "broken")
    assert "back to a" in back and "cannot be written" in said and started == STARTED


def test_a_full_flash_does_not_keep_a_board_from_starting(tmp_path: Path) -> None:
    board = Board(tmp_path)
    *_, started = board.boot("WDT", "full")
    assert started == STARTED
    assert set(board.files) >= {"main.py", "a/main.py", "b/main.py"}


def test_an_update_that_does_not_come_up_is_taken_back(tmp_path: Path) -> None:
    board = Board(tmp_path, b="fails")
    board.state = {"slot": "b", "back": "a"}
    for resets in (1, 2, 3):
        said = board.boot("SOFT")
        assert said[0] == "slot b /config.json" and said[-2:] == ["slept 3", "reset"]
        assert board.state == {"slot": "b", "back": "a", "resets": resets}
    said = board.boot("SOFT")
    assert "did not work: back to a" in said[0] and said[1:] == [STARTED]
    assert board.state == {"slot": "a", "resets": 1}


def test_safe_mode_comes_after_six_resets_and_ends_with_one_more_try(tmp_path: Path) -> None:
    board = Board(tmp_path, a="gives up")
    for _ in range(6):
        assert board.boot("WDT") == [STARTED, "slept 3", "reset"]
    for _ in range(2):
        said, *rest = board.boot("WDT")
        assert "safe mode" in json.loads(said)["message"] and rest == ["slept 600", "reset"]
        assert board.boot("SOFT")[0] == STARTED, "nothing is tried any more"
    assert board.boot("PWRON")[0] == STARTED, "switching it off and on helps at once"
