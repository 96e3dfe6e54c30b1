"""How a run of ``fetchprint emulate`` ends: crashes, time, signals, full disks; with a scripted firmware."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from emulate_run import BEGIN, DONE, URI, Run, job
from support import absent


def test_crash_is_shown_with_its_traceback_and_last_events(tmp_path: Path) -> None:
    steps = [["event", BEGIN], ["raster", 5, 0xFF], ["confirm"], ["raise", "the sky fell"]]
    status, _, err = Run(tmp_path, steps, "--jobs", "1").end()
    assert status == 1
    assert "RuntimeError: the sky fell" in err
    assert "the firmware ended with status 1" in err
    assert '"engine-begin"' in err
    assert (tmp_path / "out" / "job-5" / "page-001.png").exists(), "what was on the paper is kept"
    assert not list((tmp_path / "out" / "job-5").glob(".*"))


def test_ended_early(tmp_path: Path) -> None:
    status, _, err = Run(tmp_path, [*job(1), ["exit", 0]], "--jobs", "2").end()
    assert status == 1
    assert "1 of 2 jobs" in err


def test_timeout(tmp_path: Path) -> None:
    status, _, err = Run(tmp_path, [], "--jobs", "1", "--timeout", "1").end()
    assert status == 1
    assert "0 of 1 jobs have ended within 1 s" in err
    assert "firmware stopped" in err, "it was asked and had the time"
    status, _, err = Run(tmp_path, [], "--timeout", "0.5").end()
    assert status == 0, "without --jobs the time is just how long to run"


@pytest.mark.slow
def test_a_firmware_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    status, _, err = Run(tmp_path, [*job(1), ["ignore-stop"]], "--jobs", "1").end(40)
    assert status == 0
    assert "was killed" in err


@pytest.mark.parametrize(("number", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_cleanly(tmp_path: Path, number: int, expected: int) -> None:
    ready = {"event": "service", "state": "waiting", "service": URI}
    run = Run(tmp_path, [["event", ready]], "--jobs", "1", "--json")
    assert run.process.stdout is not None
    assert "waiting" in run.process.stdout.readline()
    run.process.send_signal(number)
    status, out, err = run.end()
    assert status == expected
    assert '"stopped"' in out, err


def test_full_disk(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        absent("only root can mount a small disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    mounted = subprocess.run(mount, capture_output=True)
    if mounted.returncode:
        absent(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        steps = [["event", BEGIN], *[["raster", 100, octet] for octet in range(1, 100)], ["event", DONE]]
        status, _, err = Run(tmp_path, steps, "--jobs", "1", out=disk).end()
        left = [path for path in disk.rglob("*") if path.is_file()]
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert status == 1
    assert "No space left on device" in err
    assert f"{disk}/job-5/" in err
    assert "Traceback" not in err
    assert left == [], "nothing half-written is left"


def test_file_size_limit(tmp_path: Path) -> None:
    # The same as a full disk, for those who are not root.
    steps = [["event", BEGIN], *[["raster", 100, octet] for octet in range(1, 30)], ["event", DONE]]
    limited = ("sh", "-c", 'ulimit -f 16; exec "$@"', "sh")
    status, _, err = Run(tmp_path, steps, "--jobs", "1", within=limited).end()
    assert status == 1, err
    assert "File too large" in err
    assert "engine.bin" in err
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == []
