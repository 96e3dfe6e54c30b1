"""A driver in its process, an emulated engine, the wire between them and the clock of all three."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetchprint.engine import base
from fetchprint_tools import micropython, paths, processes
from fetchprint_tools.engine_check.adapter import Adapter
from fetchprint_tools.engines.paper import MemoryPaper
from fetchprint_tools.engines.rate import LineRate

ACTOR = Path(__file__).with_name("actor.py")
_HEAP = 2 << 20
"""The actor's own work takes garbage; that a driver takes none is for other tests."""
_FIFO = 256
"""Bytes that the wire takes from the driver at once."""
_BUS = 64 * 1024
_SECONDS = 20.0
"""Of real time without a word from the driver's process: it hangs."""


class Failed(Exception):
    """The driver did not do what it should; the text says what."""


class Rig:
    """``adapter.make`` gives the engine; ``buffer`` in bytes, ``speed`` in lines a second.

    ``corrupt(data)`` stands between the driver and the engine: what it gives is what arrives. ``sent`` is
    what arrived. ``reasons``, ``pages``, ``moved``, ``in_job`` and ``error`` are the driver's.
    """

    def __init__(
        self,
        module: str,
        settings: dict[str, Any],
        adapter: Adapter,
        runtime: str,
        folder: Path | None = None,
        *,
        buffer: int | None = None,
        speed: float | None = None,
        powered: bool = True,
    ) -> None:
        size = buffer or adapter.buffer
        if "buffer" in settings:
            settings = {**settings, "buffer": size}
        rate = speed or adapter.speed
        if "speed" in settings:
            settings = {**settings, "speed": int(rate)}
        self.adapter = adapter
        self.engine: Any = adapter.make(settings, size, rate)
        self.paper = MemoryPaper(self.engine.width)
        self.engine.paper = self.paper
        if not powered:
            self.engine.power(False)
        self.corrupt: Callable[[bytes], bytes] = lambda data: data
        self.sent = bytearray()
        self.milliseconds = 0
        self.reasons = base.OFFLINE
        self.pages = 0
        self.moved = self.in_job = self.confirmed = False
        self.done = False
        self.error = ""
        self._pending = bytearray()
        self._rate = LineRate(adapter.baud)
        self._command = "-"
        self._process = processes.spawn(
            _command(module, settings, runtime),
            env=_environment(runtime, folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._buffer = b""

    def close(self) -> None:
        processes.kill(self._process)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    # -- the clock ------------------------------------------------------------------------------------

    def turn(self) -> None:
        """One wait of the driver: 1 or 2 ms for it and for everything else."""
        self._turn(self._line())

    def _turn(self, line: str) -> None:
        words = line.split(" ", 7)
        if len(words) != 8 or words[0] != "=":
            raise Failed(f"the driver's process said {' '.join(words)!r}")
        passed, reasons, pages, flags, done = map(int, words[1:6])
        octets, error = words[6:]
        self.reasons, self.pages = reasons, pages
        self.moved, self.in_job, self.confirmed = (bool(flags >> bit & 1) for bit in range(3))
        self.error = "" if error == "-" else error
        self.done = bool(done) and self._command == "-"
        if octets != "-":
            self._pending += bytes.fromhex(octets)
        self.milliseconds += passed
        self._carry()
        now = self.milliseconds / 1000
        self.engine.advance(now)
        came = self.engine.transmit()
        room = (_BUS if self.adapter.baud is None else _FIFO) - len(self._pending)
        self._say(f"{self.milliseconds} {max(0, room)} {came.hex() or '-'} {self._command}")
        self._command = "-"

    def _carry(self) -> None:
        now = self.milliseconds / 1000
        count = self._rate.reach(now, len(self._pending), bool(self._pending))
        if self.adapter.flow:
            count = min(count, self.engine.room)
        if count > 0:
            data = self.corrupt(bytes(self._pending[:count]))
            del self._pending[:count]
            self._rate.carry(count)
            self.sent += data
            self.engine.receive(data, now)

    def order(self, *steps: str) -> None:
        """Have the driver carry out ``steps``; see ``actor.Actor``."""
        self._command = ";".join(steps)
        self.done = False
        self.turn()

    def until(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Let time pass until ``condition()``; Failed when it is in vain."""
        end = self.milliseconds + seconds * 1000
        while not condition():
            if self.milliseconds >= end:
                raise Failed(f"{what}: not within {seconds:g} s" + (f" ({self.error})" if self.error else ""))
            self.turn()

    def run(self, *steps: str, seconds: float = 120) -> None:
        """Carry out ``steps`` to their end."""
        self.order(*steps)
        self.until(lambda: self.done, seconds, ", ".join(step.split(" ")[0] for step in steps))

    def rest(self, seconds: float) -> None:
        """Let time pass."""
        end = self.milliseconds + seconds * 1000
        while self.milliseconds < end:
            self.turn()

    def describe(self) -> dict[str, Any]:
        """What the driver says of its engine."""
        self._command = "describe"
        while True:
            line = self._line()
            if line.startswith("! "):
                told: dict[str, Any] = json.loads(line[2:])
                return told
            self._turn(line)

    # -- the process ----------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(text.encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise Failed(self._end()) from None

    def _line(self) -> str:
        pipe = self._process.stdout
        assert pipe is not None
        deadline = time.monotonic() + _SECONDS
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise Failed(f"the driver did not come back from a call for {_SECONDS:g} s")
            data = os.read(pipe.fileno(), 65536)
            if not data:
                raise Failed(self._end())
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace")

    def _end(self) -> str:
        """Why the process ended: the last line of its traceback and where in the driver that was."""
        assert self._process.stderr is not None
        self._process.wait(5)
        said = self._process.stderr.read().decode(errors="replace").strip().splitlines()
        places = [line.strip() for line in said if line.lstrip().startswith("File ")]
        return " ".join(["the driver broke off:", said[-1] if said else "without a word", *places[-1:]])


def _command(module: str, settings: dict[str, Any], runtime: str) -> list[str]:
    arguments = [module, json.dumps(settings)]
    if runtime == "micropython":
        return micropython.command(ACTOR, arguments, heap=_HEAP)
    return [sys.executable, str(ACTOR), *arguments]


def _environment(runtime: str, folder: Path | None) -> dict[str, str]:
    extra = [folder] if folder else []
    if runtime == "micropython":
        return micropython.environment(extra)
    return {**os.environ, "PYTHONPATH": ":".join(map(str, [paths.firmware_dir(), *extra]))}


class Start:
    """Gives fresh rigs for one check, and ends their processes: a context manager."""

    def __init__(
        self, module: str, settings: dict[str, Any], adapter: Adapter, runtime: str, folder: Path | None
    ) -> None:
        self.adapter = adapter
        self._what = (module, settings, adapter, runtime, folder)
        self._rigs: list[Rig] = []

    def __call__(self, *, buffer: int | None = None, speed: float | None = None, powered: bool = True) -> Rig:
        rig = Rig(*self._what, buffer=buffer, speed=speed, powered=powered)
        self._rigs.append(rig)
        return rig

    def __enter__(self) -> Start:
        return self

    def __exit__(self, *_: object) -> None:
        for rig in self._rigs:
            rig.close()
