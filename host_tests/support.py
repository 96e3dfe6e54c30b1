"""What several test modules need: requirements, deadlines, free ports."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable
from typing import NoReturn, TypeVar

import pytest

T = TypeVar("T")

SLOW_PORTABLE = ("test_hostile",)
"""Modules of host_tests/portable/ that are slow: they cannot say so, as there is no pytest on MicroPython."""


def require_all() -> bool:
    """Whether an absent tool is a failure (CI) and not a reason to skip (a developer's machine)."""
    return os.environ.get("FETCHPRINT_REQUIRE_ALL") == "1"


def absent(reason: str) -> NoReturn:
    """Skip the test for ``reason``, or fail it where everything must be there."""
    if require_all():
        pytest.fail(f"{reason} (FETCHPRINT_REQUIRE_ALL=1)", pytrace=False)
    pytest.skip(reason)


def require(*programs: str) -> None:
    """Skip the test, or fail it in CI, when one of ``programs`` is not on PATH."""
    for program in programs:
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            absent(f"{program} is not installed: run 'make setup' as root")


def wait_until(condition: Callable[[], T], seconds: float, what: str) -> T:
    """The first true value of ``condition()``; fails the test after ``seconds`` naming ``what``."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            pytest.fail(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.01)


def unused_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
