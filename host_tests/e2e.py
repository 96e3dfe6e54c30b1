"""The whole path in a test: ``fetchprint emulate``, real clients, and what should be on the paper."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import pytest
from PIL import Image, ImageDraw, ImageFont

from fetchprint_tools import processes
from fetchprint_tools.heaps import HEAPS
from fetchprint_tools.ippserver import IppServer
from service_kit import Printer, read_pwg

RUNTIMES = ("micropython", "cpython")
TRANSPORTS = ("native", "adafruit")
EACH = [(runtime, transport) for runtime in RUNTIMES for transport in TRANSPORTS]
HEAD = 576
DPI = 203
PDF = "application/pdf"
PWG = "image/pwg-raster"
# what the firmware declares first with a head of 576 dots: the service renders for it
MEDIA = "custom_72x200mm_72x200mm"

Event = dict[str, Any]


class Emulate:
    """One ``fetchprint emulate --json`` with the engine's commands on its stdin; a context manager.

    ``uri``: of one service, or of several as ``--service`` takes them. ``server``: when it dies by
    itself, that is what the failing test says. State and output stay in ``folder``, so that a second one
    there is the same printer after a restart.
    """

    def __init__(
        self,
        uri: str | Sequence[str],
        folder: Path,
        *options: str,
        runtime: str = "micropython",
        transport: str = "native",
        server: IppServer | None = None,
    ) -> None:
        self.out = folder / "out"
        self.state = folder / "state"
        self.events: list[Event] = []
        self.said: list[str] = []
        self._server = server
        self._changed = threading.Condition()
        module = [sys.executable, "-m", "fetchprint_tools"]
        command: list[str | Path] = [*module, "emulate", "--json", "--control"]
        for each in [uri] if isinstance(uri, str) else uri:
            command += ["--service", each]
        if isinstance(uri, str):
            command += ["--heap", HEAPS[transport]]
        command += ["--runtime", runtime, "--transport", transport]
        command += ["--state", self.state, "--out", self.out, *options]
        self.process = processes.spawn(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self._readers = [
            threading.Thread(target=reader, daemon=True) for reader in (self._read, self._listen)
        ]
        for thread in self._readers:
            thread.start()

    def __enter__(self) -> Emulate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = json.loads(line)
            with self._changed:
                self.events.append({**event, "at": time.monotonic(), "index": len(self.events)})
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.decode(errors="replace").rstrip())

    # -- what it says ---------------------------------------------------------------------------------

    def all(self, kind: str, after: Event | None = None, **fields: Any) -> list[Event]:
        """The events so far of one kind and with these fields, later than the event ``after``.

        ``job`` stands for ``job-id``; a field given as a function is asked.
        """
        if "job" in fields:
            fields["job-id"] = fields.pop("job")
        since = after["index"] + 1 if after is not None else 0
        return [event for event in self.events[since:] if event["event"] == kind and _fits(event, fields)]

    def wait(self, kind: str, seconds: float = 20.0, after: Event | None = None, **fields: Any) -> Event:
        """The first such event; fails the test when it does not come."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while True:
                found = self.all(kind, after, **fields)
                if found:
                    return found[0]
                ended = self.process.poll() is not None and not self._readers[0].is_alive()
                if ended or time.monotonic() >= deadline:
                    why = f"ended with status {self.process.poll()}" if ended else f"{seconds:g} s are over"
                    self.fail(f"no event {kind!r} {fields or ''}: {why}")
                self._changed.wait(0.1)

    def ready(self, seconds: float = 20.0, after: Event | None = None) -> Event:
        """Wait until it is connected, subscribed and its engine on line."""
        waiting = self.wait("service", seconds, after, state="waiting")
        self.wait("printer", seconds, state=lambda state: state != "stopped")
        return waiting

    def ended(self, seconds: float = 30.0) -> int:
        """Wait for its own end; the exit status."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.fail(f"has not ended within {seconds:g} s")
        for thread in self._readers:
            thread.join(5)
        return status

    def fail(self, why: str) -> Any:
        """Fail the test with all that can be known about it."""
        last = "\n".join(f"  {event}" for event in self.events[-15:])
        said = "\n".join(f"  {line}" for line in self.said[-15:])
        died = server_died(self._server)
        pytest.fail(f"{died}emulate: {why}\nlast events:\n{last}\nstderr:\n{said}", pytrace=False)

    # -- what is done to it ---------------------------------------------------------------------------

    def control(self, command: str) -> None:
        """What a person does to the engine: ``paper out 100``, ``cover open``, ``stop`` ..."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n".encode())
        self.process.stdin.flush()

    def stop(self, seconds: float = 15.0) -> int:
        """A clean stop; the exit status."""
        self.control("stop")
        return self.ended(seconds)

    @property
    def firmware(self) -> psutil.Process:
        """The process that runs the firmware."""
        (child,) = psutil.Process(self.process.pid).children()
        return child

    def kill(self) -> None:
        """SIGKILL for the firmware and the emulation: the power is cut."""
        if self.process.poll() is None:
            for child in psutil.Process(self.process.pid).children():
                child.kill()  # it leads a group of its own
        processes.kill(self.process)
        for thread in self._readers:
            thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    # -- what is on the paper -------------------------------------------------------------------------

    def folder(self, job: int, service: str = "") -> Path:
        """Where the output of a job is; ``service``: its folder when there are several."""
        return self.out / service / f"job-{job}"

    def pages(self, job: int, service: str = "") -> list[Image.Image]:
        """The pages of a job."""
        images = []
        for path in sorted(self.folder(job, service).glob("page-*.png")):
            with Image.open(path) as image:
                images.append(image.convert("1", dither=Image.Dither.NONE))
        return images

    def octets(self, job: int) -> int:
        """How many bytes have crossed the wire for a job so far."""
        for name in ("engine.bin", ".engine.bin.part"):
            path = self.folder(job) / name
            if path.exists():
                return path.stat().st_size
        return 0


def _fits(event: Event, fields: dict[str, Any]) -> bool:
    for name, wanted in fields.items():
        if name not in event or not (wanted(event[name]) if callable(wanted) else event[name] == wanted):
            return False
    return True


def server_died(server: IppServer | None) -> str:
    """A sentence when the packaged ippserver has crashed, which it sometimes does by itself; else nothing."""
    if server is None or server.died is None:
        return ""
    return f"THE PACKAGED IPPSERVER CRASHED ({server.died}); its log ends:\n{server.log[-600:]}\n"


# -- clients ------------------------------------------------------------------------------------------


def submit(server: IppServer, document: Path, mime: str = PDF) -> int:
    """Print-Job by the packaged ipptool; the job-id."""
    define = {"filetype": mime}
    done = server.workspace.ipptool(server.uri, "print-job.test", document=document, define=define)
    text = done.stdout.decode(errors="replace")
    found = re.search(r"job-id \(integer\) = (\d+)", text)
    if done.returncode != 0 or found is None:
        pytest.fail(f"{server_died(server)}ipptool print-job.test failed:\n{text[-2000:]}", pytrace=False)
    return int(found[1])


def cancel(server: IppServer, job: int) -> None:
    """Cancel-Job by the packaged ipptool."""
    done = server.workspace.ipptool(server.uri, "cancel-job.test", define={"job-id": str(job)})
    if done.returncode != 0:
        text = done.stdout.decode(errors="replace")
        pytest.fail(f"{server_died(server)}ipptool cancel-job.test failed:\n{text[-2000:]}", pytrace=False)


def told(server: IppServer, job: int) -> list[str]:
    """How the job ended, as the packaged server knows it: its job-state-reasons.

    That server leaves job-state itself at processing or processing-stopped, whatever final state
    the printer reports (ippsample issue 189).
    """
    reasons: list[str] = Printer(server.uri).job(job).values("job-state-reasons")
    return reasons


# -- documents and what they should look like ---------------------------------------------------------


def drawing(text: str, height: int = 1598) -> Image.Image:
    """A page in greys with ``text`` in big letters: something to halftone and to tell apart."""
    image = Image.linear_gradient("L").resize((HEAD, height))
    draw = ImageDraw.Draw(image)
    draw.ellipse((60, height // 3, 260, height // 3 + 200), fill=90)
    draw.rectangle((300, 20, 560, 200), fill=255, outline=0, width=5)
    draw.text((320, 40), text, fill=0, font=ImageFont.load_default(110))
    return image


def pdf(path: Path, *texts: str) -> Path:
    """A PDF of one drawing a page."""
    first, *others = [drawing(text) for text in texts]
    first.save(path, "PDF", resolution=DPI, save_all=True, append_images=others)
    return path


def rendered(server: IppServer, document: Path, mime: str = PDF) -> list[Image.Image]:
    """The pages of ``document`` as the server's own converter renders them for the printer."""
    # both types, in the order in which the firmware declares them, as the server passes them on
    data = server.workspace.ipptransform(
        document, document_format=mime, types="black_1,sgray_8", options=f"media={MEDIA}"
    )
    return read_pwg(data)


def on_paper(page: Image.Image, width: int = HEAD) -> Image.Image:
    """A page as the head prints it: halftoned by Pillow; up to seven dots too many are cut off, and
    where it is narrower than the head there is white."""
    dots = page.convert("1")
    paper = Image.new("1", (width, dots.height), 255)
    paper.paste(dots, (0, 0))
    return paper


def assert_printed(printer: Emulate, job: int, pages: list[Image.Image], service: str = "") -> None:
    """What lies in the output of ``job`` (below the folder ``service``) is ``pages``, to the pixel."""
    got = printer.pages(job, service)
    if len(got) != len(pages):
        printer.fail(f"job {job} has {len(got)} pages on paper, not {len(pages)}")
    for number, (image, page) in enumerate(zip(got, pages, strict=True), 1):
        wanted = on_paper(page)
        assert image.size == wanted.size, f"job {job} page {number}"
        assert image.tobytes() == wanted.tobytes(), f"job {job} page {number}: other pixels"
    assert len({image.tobytes() for image in got}) == len({page.tobytes() for page in pages})
