"""A running packaged ippserver with an INFRA queue, for tests and measurements."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from types import TracebackType

from fetchprint_tools import processes
from fetchprint_tools.errors import UserError
from fetchprint_tools.ippsample import Workspace, available

__all__ = ["IppServer", "available"]

START_SECONDS = 10.0

# Two devices may serve it, and no web pages.
_QUEUE = (
    "AuthProxyGroup @system",
    "MaxOutputDevices 2",
    "WebForms No",
    'MAKE "PWG"',
    'MODEL "IPP Infra Test Printer"',
)

_ALIVE = b"""{
    NAME "The queue answers"
    OPERATION Get-Printer-Attributes
    GROUP operation-attributes-tag
    ATTR charset attributes-charset utf-8
    ATTR language attributes-natural-language en
    ATTR uri printer-uri $uri
    ATTR keyword requested-attributes printer-state
    STATUS successful-ok
    EXPECT printer-state
}
"""


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class IppServer:
    """The packaged ippserver on 127.0.0.1; a context manager that leaves no process and no file.

    ``queue_lines`` and ``system_lines`` are added to the queue's and the system's configuration.
    ``test_password`` switches HTTP Basic authentication on, with that password for every user
    the system inside knows (``root``). ``verbose`` logs every attribute of every message.
    """

    def __init__(
        self,
        *,
        queue: str = "infra",
        queue_lines: Sequence[str] = (),
        system_lines: Sequence[str] = (),
        test_password: str | None = None,
        verbose: bool = False,
    ) -> None:
        self.workspace = Workspace()
        self.port = _unused_port()
        self.queue = queue
        self._process: subprocess.Popen[bytes] | None = None
        self._log_path = self.workspace.path / "ippserver.log"
        spool = self.workspace.path / "spool"
        spool.mkdir()
        system = [
            f"Listen 127.0.0.1:{self.port}",
            "LogFile stderr",
            f"LogLevel {'debug' if verbose else 'info'}",
            f"DataDir {self.workspace.inside(spool)}",
            f"SpoolDir {self.workspace.inside(spool)}",
            *system_lines,
        ]
        if test_password is not None:
            system += ["Authentication On", "AuthType Basic", f"AuthTestPassword {test_password}"]
        self._config = self.workspace.path / "config"
        (self._config / "print").mkdir(parents=True)
        self._write("system.conf", system)
        self._write(f"print/{queue}.conf", [*_QUEUE, *queue_lines])
        self._authenticated = test_password is not None

    def _write(self, name: str, lines: Sequence[str]) -> None:
        (self._config / name).write_text("".join(f"{line}\n" for line in lines))

    @property
    def uri(self) -> str:
        """The queue's printer-uri."""
        return f"ipp://127.0.0.1:{self.port}/ipp/print/{self.queue}"

    @property
    def log(self) -> str:
        """What the server has logged so far, over all its starts."""
        if not self._log_path.exists():
            return ""
        return self._log_path.read_text(errors="replace")

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None else None

    @property
    def died(self) -> str | None:
        """How it ended by itself; None while it runs, and after ``stop`` or ``kill``."""
        status = self._process.poll() if self._process is not None else None
        if status is None:
            return None
        return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"

    def __enter__(self) -> IppServer:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start it and wait until the queue answers, at most START_SECONDS."""
        if self._process is not None:
            raise RuntimeError("the server is running already")
        with self._log_path.open("ab") as log:
            self._process = self.workspace.start(
                ["ippserver", "--no-dns-sd", "-C", self._config], stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            status = self._process.poll()
            if status is not None or time.monotonic() > deadline:
                cause = "does not answer" if status is None else f"ended with status {status}"
                self.kill()
                raise UserError(f"ippserver {cause}; its log ends:\n{self.log[-2000:]}", where=self.uri)
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except ConnectionRefusedError:
            return False
        if self._authenticated:
            return True  # the queue's answer to a stranger is 401: a listening socket must do
        return self.workspace.ipptool(self.uri, _ALIVE, timeout=START_SECONDS).returncode == 0

    def stop(self) -> None:
        """End it in an orderly way; nothing happens when it does not run."""
        if self._process is not None:
            processes.end(self._process)
            self._process = None

    def kill(self) -> None:
        """SIGKILL, as a crash would be; connections are cut, jobs are lost."""
        if self._process is not None:
            processes.kill(self._process)
            self._process = None

    def restart(self) -> None:
        """Start again on the same port, ending it first if it runs."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop the server and remove its files."""
        self.stop()
        self.workspace.close()
