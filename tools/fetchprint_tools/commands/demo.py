"""``fetchprint demo``: a document on its whole way, from an IPP client to paper."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from fetchprint_tools import processes
from fetchprint_tools.errors import UserError
from fetchprint_tools.event_text import EventText
from fetchprint_tools.firmware_process import RUNTIMES
from fetchprint_tools.heaps import HEAPS
from fetchprint_tools.samples import small

SAMPLE = Path(__file__).parent.parent / "samples" / "receipt.pdf"
ENGINES = ("escpos", "thermal")
_SPEED = 800
"""Dot lines a second: 100 mm/s, so that there is something to watch."""
_LISTENING = "listening on "
_READY_SECONDS = 60.0
_PRINT_SECONDS = 90.0
_BOARD_SECONDS = 3600.0
"""The same on an emulated board, a second of which is up to half a minute of ours."""


class Actor:
    """One of the programs on stage; its lines come to ``lines`` as (name, line)."""

    def __init__(self, name: str, args: Sequence[str], lines: queue.Queue[tuple[str, str]]) -> None:
        self.name = name
        command = [sys.executable, "-m", "fetchprint_tools", *args]
        self.process = processes.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self._lines = lines
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put((self.name, line.decode("utf-8", "replace").rstrip()))
        self._lines.put((self.name, ""))


class Stage:
    """Shows what each program says until something awaited is said."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.lines: queue.Queue[tuple[str, str]] = queue.Queue()
        self.actors: list[Actor] = []
        self._text = EventText()

    def start(self, name: str, *args: str) -> Actor:
        actor = Actor(name, args, self.lines)
        self.actors.append(actor)
        return actor

    def until(self, what: str, seconds: float, **awaited: str) -> dict[str, Any]:
        """The first event that has all of ``awaited``. Raises ``UserError``."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                name, line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                message = f"{what} did not come within {seconds:.0f} s"
                raise UserError(message, hint="see the lines above") from None
            event = _event(line)
            self._show(name, line, event)
            if awaited.items() <= event.items():
                return event
            if not line and any(a.name == name and a.process.wait() for a in self.actors):
                raise UserError(f"the {name} ended before {what}", hint="see the lines above")

    def _show(self, name: str, line: str, event: dict[str, Any]) -> None:
        text: str | None = line
        if line.startswith("{"):
            stamped = self._text.line(event, time.monotonic())
            text = stamped.split(" ", 1)[1] if stamped else None
        if text:
            self.console.print(f"{name:>8} │ {text}", markup=False, soft_wrap=True)

    def end(self) -> None:
        for actor in reversed(self.actors):
            processes.end(actor.process)


def _event(line: str) -> dict[str, Any]:
    """What the line says: the printer's are JSON, the service tells in words where it listens."""
    if line.startswith("{"):
        event: dict[str, Any] = json.loads(line)
        return event
    if line.startswith(_LISTENING):
        return {"event": "listening", "uri": line.removeprefix(_LISTENING)}
    return {}


def _cleared(out: Path) -> None:
    """Only what a demo made is taken away."""
    for folder in out.glob("job-*"):
        shutil.rmtree(folder)


@click.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-out"),
    show_default=True,
    help="Folder for the printed page.",
)
@click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="What is printed: PDF, PNG, JPEG or text.  [default: a delivery note; with pico-w less than that]",
)
@click.option(
    "--heap", default=HEAPS["native"], show_default=True, metavar="SIZE", help="MicroPython's heap."
)
@click.option(
    "--runtime",
    type=click.Choice(RUNTIMES),
    default="micropython",
    show_default=True,
    help="What runs the firmware; pico-w is an emulated Raspberry Pi Pico W, and slow.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default=ENGINES[0],
    show_default=True,
    help="The print engine: a receipt printer, or a thermal head without a controller.",
)
def command(out: Path, document: Path | None, heap: str, runtime: str, engine: str) -> None:
    """Print a document through the whole path.

    Starts the built-in print service and an emulated printer that runs the firmware under
    MicroPython, submits the document as any IPP client would, shows what each of them says,
    and tells where the printed page is.
    """
    stage = Stage()
    try:
        _cleared(out)
        with tempfile.TemporaryDirectory(prefix="fetchprint-demo-") as work:
            printer = ["--runtime", runtime, "--engine", engine, "--heap", heap, "--out", str(out)]
            if engine != "thermal":  # whose speed is its driver's
                printer += ["--speed", str(_SPEED)]
            slow = runtime == "pico-w"
            document = document or (small.write(Path(work, "small.pdf")) if slow else SAMPLE)
            page = _play(
                stage, out, document, printer, Path(work), _BOARD_SECONDS if slow else _PRINT_SECONDS
            )
    finally:
        stage.end()
    stage.console.print(f"\nThe printed page is [bold]{page}[/bold]", soft_wrap=True)


def _play(stage: Stage, out: Path, document: Path, options: list[str], work: Path, seconds: float) -> str:
    stage.start("service", "serve", "--port", "0", "--data", str(work / "service"))
    uri = str(stage.until("the service's start", _READY_SECONDS, event="listening")["uri"])
    printer = ["emulate", "--service", uri, "--json", "--jobs", "1", *options]
    stage.start("printer", *printer, "--state", str(work / "printer"))
    stage.until("the printer's registration", seconds, event="service", state="waiting")
    stage.start("client", "submit", uri, str(document), "--wait")
    ended = stage.until("the job's end", seconds, event="job-end")
    if ended.get("state") != "completed":
        raise UserError(f"the job ended {ended.get('state')}", hint="see the lines above")
    stage.until("the printer's good-bye", seconds, event="stopped")
    pages = sorted((out / f"job-{ended['job-id']}").glob("page-*.png"))
    if not pages:
        raise UserError("the job was completed but there is no page", where=str(out))
    return ", ".join(map(str, pages))
