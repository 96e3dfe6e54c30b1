"""Child processes that never outlive this one: each leads a process group, ended by its id."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

_live: set[subprocess.Popen[bytes]] = set()


def spawn(
    args: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: int | IO[Any] = subprocess.DEVNULL,
    stdout: int | IO[Any] | None = None,
    stderr: int | IO[Any] | None = None,
    umask: int = -1,
) -> subprocess.Popen[bytes]:
    """Start ``args`` as the leader of a process group of its own; ended at exit if ``end`` was not called.
    ``umask``: for the files that it makes, this process's own when negative."""
    process = subprocess.Popen(
        [str(arg) for arg in args],
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
        umask=umask,
    )
    _live.add(process)
    return process


def _signal_group(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def group_alive(group: int) -> bool:
    """Whether the process group has a member that still runs (a zombie does not)."""
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            stat = Path(entry.path, "stat").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended between the listing and the reading
        state, _parent, its_group = stat.rpartition(b")")[2].split()[:3]
        if int(its_group) == group and state not in (b"Z", b"X"):
            return True
    return False


def kill(process: subprocess.Popen[bytes]) -> int:
    """SIGKILL for the whole group of ``process``; its exit status."""
    _signal_group(process.pid, signal.SIGKILL)
    status = process.wait()
    _live.discard(process)
    return status


def end(process: subprocess.Popen[bytes], grace: float = 3.0) -> int:
    """SIGTERM for the whole group, SIGKILL after ``grace`` seconds for what is left; the exit status."""
    if _signal_group(process.pid, signal.SIGTERM):
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline:
            if process.poll() is not None and not group_alive(process.pid):
                break
            time.sleep(0.01)
    return kill(process)


def end_all() -> None:
    """Kill every group that ``spawn`` started and nobody ended."""
    for process in tuple(_live):
        kill(process)


atexit.register(end_all)
