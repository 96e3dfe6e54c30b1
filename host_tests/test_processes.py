"""Child processes are ended with all their descendants, also by a process that is itself ended."""

from __future__ import annotations

import subprocess
import sys

from fetchprint_tools import processes
from support import wait_until

# A shell that ignores SIGTERM, with a child that does as well.
STUBBORN = ["sh", "-c", "trap '' TERM; sleep 60 & echo ready; wait; wait"]


def test_end_reaches_the_whole_group() -> None:
    process = processes.spawn(STUBBORN, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert processes.end(process, grace=0.05) != 0
    wait_until(lambda: not processes.group_alive(process.pid), 5, "the group to end")


def test_end_of_a_process_that_has_ended() -> None:
    process = processes.spawn(["true"])
    process.wait()
    assert processes.end(process) == 0


def test_nothing_outlives_the_interpreter() -> None:
    start = "print(processes.spawn(['sleep', '60']).pid)"
    program = f"from fetchprint_tools import processes\n{start}\nraise SystemExit(3)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=False)
    assert done.returncode == 3
    wait_until(lambda: not processes.group_alive(int(done.stdout)), 5, "the child to end")
