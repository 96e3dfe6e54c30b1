"""The fuzz targets: what fuzzing found before, on both runtimes, and a short time of finding more.
``make fuzz`` does it for as long as you like."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fetchprint_tools import micropython, paths

FUZZ = Path(__file__).parent / "fuzz"
CORPUS = FUZZ / "corpus"
SECONDS = 3
EVERYWHERE = ("ipp", "http", "pwg", "urf", "text", "gzip", "journal")
"""Those that need no judge that MicroPython has not."""
TARGETS = (*EVERYWHERE, "x509", "link", "session")


def kept(target: str) -> list[Path]:
    """What is in the corpus of a target."""
    found = sorted((CORPUS / target).iterdir())
    assert found, target
    return found


def ran(command: list[str], environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """``command``, which ends well."""
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


def replayed(command: list[str], environment: dict[str, str]) -> list[str]:
    """What the target made of each file."""
    lines = ran(command, environment).stdout.splitlines()
    return [line for line in lines if line.startswith("replayed: ")]


def on_cpython(target: str, files: list[str]) -> list[str]:
    folders = [FUZZ, FUZZ.parent, FUZZ.parent / "portable", paths.firmware_dir(), FUZZ.parents[1] / "tools"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    return replayed([sys.executable, str(FUZZ / "replay.py"), target, *files], environment)


def on_micropython(target: str, files: list[str]) -> list[str]:
    environment = micropython.environment([FUZZ, FUZZ.parent / "portable"])
    return replayed(micropython.command(FUZZ / "replay.py", [target, *files], heap="8m"), environment)


@pytest.mark.parametrize("target", TARGETS)
def test_the_corpus_is_taken_or_refused_alike(target: str) -> None:
    files = [str(path) for path in kept(target)]
    made = on_cpython(target, files)
    assert len(made) == len(files)
    if target in EVERYWHERE:
        assert on_micropython(target, files) == made


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_but_refusals(target: str, tmp_path: Path) -> None:
    done = ran([sys.executable, str(FUZZ / "run.py"), target, str(SECONDS), str(tmp_path)])
    assert "Done" in done.stderr
