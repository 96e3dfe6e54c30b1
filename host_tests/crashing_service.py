"""The print service in a process that dies, as by SIGKILL, just before or just after its n-th commit."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any

from fetchprint_tools.printservice import database
from fetchprint_tools.printservice.log import Log
from fetchprint_tools.printservice.server import serve
from support import wait_until

_START_SECONDS = 20.0

_context = multiprocessing.get_context("forkserver")
# What takes long to import; this module itself is not on the path of that process.
_context.set_forkserver_preload(["fetchprint_tools.printservice.server", "pytest", "psutil"])


class _Connection:
    """A connection to the database that counts the commits and dies at one."""

    def __init__(self, real: sqlite3.Connection, at: int, before: bool) -> None:
        self._real = real
        self._left = at
        self._before = before

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
        if statement != "COMMIT":
            return self._real.execute(statement, *values)
        self._left -= 1
        if self._left == 0 and self._before:
            os.kill(os.getpid(), signal.SIGKILL)
        done = self._real.execute(statement)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _run(data: Path, port: int, at: int, before: bool) -> None:
    prepare = database.Database._prepare

    def prepared(self: database.Database) -> None:
        prepare(self)
        self._connection = _Connection(self._connection, at, before)  # type: ignore[assignment]

    database.Database._prepare = prepared  # type: ignore[method-assign]
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        asyncio.run(serve("127.0.0.1", port, data, "infra", Log(True), 120.0, False))


class CrashingService:
    """One directory and port; ``start`` and ``restart`` run the service there."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.uri = f"ipp://127.0.0.1:{self.port}/ipp/print/infra"
        self._process: Any = None

    def start(self, at: int = 0, before: bool = False) -> None:
        """Listening when it returns. ``at``: the commit at which it dies; 0: never."""
        self._process = _context.Process(target=_run, args=(self.data, self.port, at, before), daemon=True)
        self._process.start()
        wait_until(self._listens, _START_SECONDS, "the service to listen")

    def _listens(self) -> bool:
        assert self._process.is_alive(), "the service died while it started"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def dead(self) -> bool:
        """Whether it has died of its own commit."""
        self._process.join(5)
        return self._process.exitcode == -signal.SIGKILL

    def stop(self) -> None:
        """End it, if it still runs."""
        self._process.kill()
        self._process.join(10)
