"""Each fuzz target for a short time, from its seeds on: ``make fuzz`` does it for as long as you like."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

RUN = Path(__file__).parent / "fuzz" / "run.py"
SECONDS = 3


@pytest.mark.slow
@pytest.mark.parametrize("target", ["ipp", "http", "pwg", "urf", "text", "gzip", "journal"])
def test_nothing_but_refusals(target: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(RUN), target, str(SECONDS), str(tmp_path)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Done" in done.stderr
