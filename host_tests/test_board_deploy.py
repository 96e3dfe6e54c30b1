"""``fetchprint deploy``, ``provision`` and ``monitor`` with a board at the end of a cable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tty
from pathlib import Path

import pytest

from board_console import NAME, SOFT, BoardConsole, boards
from fetchprint_tools.boards import connection
from fetchprint_tools.errors import UserError
from service_kit import Service
from support import wait_until

pytestmark = pytest.mark.slow
_PROGRAM = """\
import sys
from pathlib import Path
from fetchprint_tools.boards import data
folder = Path(sys.argv.pop(1))
data.folder = lambda: folder
from fetchprint_tools.cli import main
main()
"""


def fetchprint(folder: Path, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(boards(folder)), *args],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def deploy(folder: Path, board: BoardConsole, *args: str) -> subprocess.CompletedProcess[str]:
    done = fetchprint(folder, "deploy", "--board", NAME, "--port", board.device, *args)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.mark.timeout(480)
def test_deploy_brings_a_bare_board_to_its_service_and_then_copies_only_what_differs(tmp_path: Path) -> None:
    """``provision``, a first ``deploy``, updates, and the log until the service has answered."""
    there = {"a/old.mpy": b"x", "boot.json": b"{damaged", "mine.txt": b"y"}
    with Service(tmp_path / "spool") as service, BoardConsole(tmp_path, there, network=True) as board:
        first = deploy(tmp_path, board, "--service", service.uri, "--no-follow")
        assert "slot a:" in first.stderr
        wait_until(lambda: board.starts == [1, SOFT], 10, "the restart")
        assert "a/old.mpy" not in board.files and board.files["mine.txt"] == b"y"
        secret = tmp_path / "password"
        secret.write_text("sesame open\n")
        done = fetchprint(
            tmp_path, "provision", "--port", board.device, "--ssid", "net", "--password-file", str(secret)
        )
        assert done.returncode == 0 and "sesame" not in done.stdout + done.stderr
        assert json.loads(board.files["wifi.json"]) == {"ssid": "net", "password": "sesame open"}
        update = deploy(tmp_path, board)
        assert "slot b:" in update.stderr and "STAND_IN has started" in update.stdout, update.stdout
        assert "network up: 127.0.0.1" in update.stdout
        files = board.files
        assert json.loads(files["boot.json"]) == {"slot": "b"}, "proven by the service's answer"
        modules = [path for path in files if path.startswith("a/")]
        assert modules and all(files[path] == files["b" + path[1:]] for path in modules)
        renamed = deploy(tmp_path, board, "--service", service.uri, "--name", "Till 3", "--no-follow")
        assert f"slot a: 1 files written, {len(modules) + 2} were there already" in renamed.stderr
        assert json.loads(board.files["config.json"])["name"] == "Till 3"
        assert json.loads(board.files["boot.json"])["back"] == "b"


def test_the_log_goes_on_when_a_board_comes_back_to_its_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a board whose USB is its own does when it restarts."""
    link = tmp_path / "ttyACM0"

    def plug() -> tuple[int, int]:
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        link.unlink(missing_ok=True)
        link.symlink_to(os.ttyname(theirs))
        return ours, theirs

    ours, theirs = plug()
    lines = connection.Listener(str(link)).lines()
    os.write(ours, b"one\n")
    assert next(line for line in lines if line) == "one"
    os.close(ours)
    os.close(theirs)
    link.unlink()

    assert next(lines) is None, "it is waited for"
    ours, theirs = plug()
    for line in lines:
        if line is not None:
            assert line == "two"
            break
        os.write(ours, b"two\n")
    os.close(ours)
    os.close(theirs)
    link.unlink()
    monkeypatch.setattr(connection, "_AWAY_SECONDS", 0.5)
    with pytest.raises(UserError, match="the connection to the board is gone"):
        next(line for line in lines if line)
