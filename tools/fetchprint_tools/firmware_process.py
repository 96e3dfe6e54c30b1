"""The firmware as a child process: how it is started, its lines, how it is asked to stop."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetchprint_tools import firmware_build, micropython32, paths, processes
from fetchprint_tools.errors import UserError
from fetchprint_tools.meanings import Meanings

_MAX_LINE = 64 * 1024
"""A line without end is given in pieces of this size."""


RUNTIMES = ("cpython", "micropython", "pico-w")
STOP_SECONDS = 8.0
"""What the firmware gets for a clean stop: it cancels, reports and deregisters."""
PICO_W_STOP_SECONDS = 120.0
"""A second of the emulated board is up to half a minute of ours."""


def stop_seconds(runtime: str) -> float:
    """How long a clean stop may take before the firmware is killed."""
    return PICO_W_STOP_SECONDS if runtime == "pico-w" else STOP_SECONDS


def write_config(path: Path, config: dict[str, Any]) -> None:
    """Write the firmware's configuration; the file is whole or not there. It may hold credentials, so
    nobody else can read it."""
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text(json.dumps(config, indent=2) + "\n")
    os.replace(part, path)


def command(config: Path, runtime: str, heap: str, main: Path | None = None) -> list[str]:
    """The arguments that run the firmware with ``config``.

    ``runtime``: cpython, or micropython with a heap of ``heap`` (such as ``128k``), micropython-32 likewise,
    or pico-w, an emulated board. ``main`` takes the firmware's place: a script for cpython, for
    micropython-32 a program with the firmware frozen into it.
    """
    source = main or paths.firmware_dir() / "main.py"
    if not source.is_file():
        raise UserError("the firmware is not there", where=str(source), hint="run from a whole checkout")
    if runtime == "cpython":
        return [sys.executable, "-u", str(source), str(config)]
    if runtime == "micropython-32" and main is not None:
        return micropython32.frozen(main, [str(config)], heap)
    if main is not None:
        raise UserError(f"{runtime} runs no other firmware", where=str(main), hint="give --runtime cpython")
    if runtime == "pico-w":
        return [sys.executable, "-u", "-m", "fetchprint_tools.picow", str(config)]
    return firmware_build.command([str(config)], heap, 32 if runtime == "micropython-32" else 64)


def meanings(args: list[str]) -> Meanings:
    """What the names in the firmware mean that ``args`` start."""
    image = re.search(r"[^'\"\n]+\.romfs", "\n".join(args))
    names = firmware_build.names_of(Path(image[0])) if image else None
    return Meanings.read(names) if names is not None and names.is_file() else Meanings({})


class LinePipe:
    """Lines from a pipe that is never waited for.

    A ``shared`` descriptor, as our own stdin is, stays as it is: it is read once, when something waits.
    ``readable`` is how a line is to be shown.
    """

    def __init__(self, descriptor: int, shared: bool = False, readable: Callable[[str], str] = str) -> None:
        self._descriptor = descriptor
        self._shared = shared
        self._readable = readable
        self._partial = bytearray()
        self.open = True
        if not shared:
            os.set_blocking(descriptor, False)

    def fileno(self) -> int:
        return self._descriptor

    def lines(self) -> list[str]:
        """The complete lines that wait, and at the end of the pipe also what is left."""
        while self.open:
            try:
                data = os.read(self._descriptor, _MAX_LINE)
            except BlockingIOError:
                break
            if not data:
                self.open = False
            self._partial += data
            if self._shared or len(self._partial) >= _MAX_LINE:
                break
        whole, newline, rest = bytes(self._partial).rpartition(b"\n")
        if rest and (not self.open or len(rest) >= _MAX_LINE):
            whole, newline, rest = bytes(self._partial), b"\n", b""
        self._partial[:] = rest
        found = whole.decode("utf-8", "replace").split("\n") if newline else []
        return [self._readable(line) for line in found]


class FirmwareProcess:
    """A running firmware. Tracebacks in its lines have the names that are in its sources."""

    def __init__(self, args: list[str]) -> None:
        try:
            self._process = processes.spawn(
                args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, umask=0o077
            )
        except OSError as error:
            raise UserError(f"cannot start the firmware: {error.strerror}", where=args[0]) from error
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        self._stdin = stdin
        self._pipes = (stdin, stdout, stderr)
        names = meanings(args)
        self.out = LinePipe(stdout.fileno(), readable=names.long)
        self.err = LinePipe(stderr.fileno(), readable=names.long)
        os.set_blocking(stdin.fileno(), False)

    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def ask_to_stop(self) -> None:
        """A clean stop: one runtime has no signal handlers, so both read it from their stdin."""
        try:
            os.write(self._stdin.fileno(), b"stop\n")
        except (BrokenPipeError, BlockingIOError):
            return  # it has ended, or has not read for long: the caller's deadline takes over

    def end_now(self) -> None:
        """SIGKILL; ``status`` tells when it has ended."""
        self._process.kill()

    def kill(self) -> int:
        """End it and whatever it started, at once, and close its pipes."""
        status = processes.kill(self._process)
        for pipe in self._pipes:
            pipe.close()
        return status
