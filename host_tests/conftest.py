"""Fixtures for all tests: requirements, ports, servers and processes that never outlive their test."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import settings

import support
from fetchprint_tools import ippsample, processes
from fetchprint_tools.ippserver import IppServer
from service_kit import Printer, Service
from service_mobile import MobileDevice, alone

settings.register_profile("fetchprint", deadline=None, database=None)
settings.load_profile("fetchprint")


LONGEST = "test_picow"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the portable tests that are slow before any are chosen by marks. The longest module comes first:
    at the end one processor would have nothing to do beside it."""
    for item in items:
        if item.path.parent.name == "portable" and item.path.stem in support.SLOW_PORTABLE:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.stem != LONGEST)


@pytest.fixture(scope="session")
def require() -> Callable[..., None]:
    """``require("ipptool", "lp")``: skip, or fail in CI, when a program is not on PATH."""
    return support.require


@pytest.fixture
def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    return support.unused_port()


@pytest.fixture
def spawn() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """``fetchprint_tools.processes.spawn``, ending each process and its group when the test is over."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        process = processes.spawn(*args, **options)
        started.append(process)
        return process

    yield start
    for process in reversed(started):
        processes.end(process)


@pytest.fixture(scope="session")
def ippsample_programs() -> None:
    """Skip, or fail in CI, when the packaged ippserver and its companions cannot be run."""
    usable, reason = ippsample.available()
    if not usable:
        support.absent(reason)


@pytest.fixture
def ippserver(ippsample_programs: None, request: pytest.FixtureRequest) -> Iterator[IppServer]:
    """A fresh packaged ippserver; its log is shown when the test fails."""
    with IppServer() as server:
        yield server
        request.node.add_report_section("teardown", "ippserver log", server.log[-20000:])


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A running print service for all tests of a module."""
    with Service(tmp_path_factory.mktemp("service")) as running:
        yield running


@pytest.fixture
def printer(service: Service) -> Printer:
    """An ordinary client of ``service``."""
    return Printer(service.uri)


@pytest.fixture
def device(service: Service) -> Iterator[MobileDevice]:
    """The only device of ``service``, of the 2010 profile."""
    with alone(service.uri) as one:
        yield one
