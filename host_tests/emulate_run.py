"""A run of ``fetchprint emulate`` in a process of its own, with a scripted firmware."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FAKE = Path(__file__).with_name("fake_firmware.py")
URI = "ipp://127.0.0.1:9/ipp/print/infra"
STRIDE = 72
BEGIN = {"event": "engine-begin", "job-id": 5}
END = {"event": "engine-end", "job-id": 5}
DONE = {"event": "job-end", "job-id": 5, "state": "completed"}


def raster(lines: int, octet: int) -> bytes:
    return b"\x1dv0\0\x48\0" + lines.to_bytes(2, "little") + bytes((octet,)) * (STRIDE * lines)


def job(number: int, *steps: list[Any]) -> list[list[Any]]:
    ident = {"job-id": number}
    return [
        ["event", {"event": "engine-begin", **ident}],
        *steps,
        ["confirm"],
        ["event", {"event": "engine-end", **ident}],
        ["event", {"event": "job-end", "state": "completed", **ident}],
    ]


class Run:
    """One ``fetchprint emulate`` in a process of its own."""

    def __init__(
        self,
        folder: Path,
        steps: list[list[Any]],
        *options: str,
        out: Path | None = None,
        within: Sequence[str] = (),
    ) -> None:
        """``steps`` as in ``fake_firmware``; ``within``: a command that runs what follows it."""
        state = folder / "state"
        state.mkdir(exist_ok=True)
        (state / "steps.json").write_text(json.dumps(steps))
        arguments = ["--service", URI, "--runtime", "cpython", "--firmware", str(FAKE)]
        arguments += ["--state", str(state), "--out", str(out or folder / "out"), *options]
        self.process = subprocess.Popen(
            [*within, sys.executable, "-m", "fetchprint_tools", "emulate", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self, seconds: float = 30) -> tuple[int, str, str]:
        try:
            out, err = self.process.communicate(timeout=seconds)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
        return self.process.returncode, out, err
