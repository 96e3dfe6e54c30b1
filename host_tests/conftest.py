"""Fixtures for all tests: requirements, ports, processes that never outlive their test."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings
from support import absent, unused_port

settings.register_profile("fetchprint", deadline=None, database=None)
settings.load_profile("fetchprint")


@pytest.fixture(scope="session")
def require() -> Callable[..., None]:
    """``require("ipptool", "lp")``: skip, or fail in CI, when a program is not on PATH."""

    def need(*programs: str) -> None:
        for program in programs:
            if shutil.which(program) is None:
                absent(f"{program} is not installed: run 'make setup' as root")

    return need


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    return unused_port()
