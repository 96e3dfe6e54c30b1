"""Jobs cancelled by ipptool at the packaged ippserver, before and while they print."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from e2e import EACH, Emulate, assert_printed, cancel, pdf, rendered, submit, told
from fetchprint_tools.codes import JobState
from fetchprint_tools.ippserver import IppServer
from service_kit import Printer

pytestmark = pytest.mark.system

SPEED = 800
"""Dot lines a second: two seconds a page."""
STRIDE = 72
BAND = 8 + 24 * STRIDE
"""Octets of a raster band with its command."""
SLACK = 0.2
"""Seconds that this machine may be late with anything."""


class Wire(threading.Thread):
    """Notes how many bytes of a job had crossed the wire at what time."""

    def __init__(self, printer: Emulate, job: int) -> None:
        super().__init__(daemon=True)
        self._printer = printer
        self._job = job
        self._over = threading.Event()
        self.samples: list[tuple[float, int]] = []

    def run(self) -> None:
        while not self._over.wait(0.005):
            self.samples.append((time.time(), self._printer.octets(self._job)))

    def end(self) -> None:
        self._over.set()
        self.join()
        self.samples.append((time.time(), self._printer.octets(self._job)))

    def after(self, moment: float) -> int:
        """How many bytes crossed later than ``moment``."""
        return self.samples[-1][1] - max(octets for at, octets in self.samples if at <= moment)


def answered(server: IppServer, operation: str, after: float) -> float:
    """When the server first answered ``operation`` after a moment, from its log."""
    for stamp in re.findall(rf"(?m)^(\S+)Z +\[Client \d+\] {operation} successful", server.log):
        moment = datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()
        if moment >= after:
            return moment
    raise AssertionError(f"no {operation} after the cancel")


def bands(data: bytes) -> tuple[int, bytes]:
    """Dot lines in the raster commands of ``data``, and what follows the last of them; each is whole."""
    lines = end = 0
    for found in re.finditer(rb"\x1dv0\0(..)(..)", data, re.DOTALL):
        if found.start() < end:
            continue  # a chance likeness within a picture
        width, height = (int.from_bytes(field, "little") for field in found.groups())
        end = found.end() + width * height
        assert end <= len(data), "a raster command was cut short"
        lines += height
    return lines, data[end:]


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_while_printing(runtime: str, transport: str, ippserver: IppServer, tmp_path: Path) -> None:
    long = pdf(tmp_path / "long.pdf", "one", "two", "three")
    short = pdf(tmp_path / "short.pdf", "next")
    options = ("--jobs", "2", "--speed", str(SPEED))
    with Emulate(
        ippserver.uri, tmp_path, *options, runtime=runtime, transport=transport, server=ippserver
    ) as printer:
        printer.ready()
        job = submit(ippserver, long)
        printer.wait("engine-begin", job=job)
        wire = Wire(printer, job)
        wire.start()
        printer.wait("progress", job=job)
        before = time.time() - 0.001  # the server's log has milliseconds
        cancel(ippserver, job)
        asked = time.time()
        end = printer.wait("engine-end", 10, job=job)
        took = time.time() - asked
        wire.end()
        assert took < 2, f"the engine stopped {took:.2f} s after the cancel"
        noticed = answered(ippserver, "Get-Job-Attributes", answered(ippserver, "Cancel-Job", before))
        late = wire.after(noticed + SLACK)
        assert late <= BAND, f"{late} bytes crossed the wire after the cancel was noticed"
        done = printer.wait("job-end", after=end, job=job)
        assert (done["state"], done["reasons"]) == ("canceled", ["job-canceled-by-user"])
        assert "job-canceled-by-user" in told(ippserver, job)
        lines, rest = bands((printer.folder(job) / "engine.bin").read_bytes())
        assert 0 < lines < 3 * 1598 - SPEED
        assert len(rest) < 100, "more than a cut follows the last band"
        following = submit(ippserver, short)
        assert printer.ended() == 0
        assert [event["job-id"] for event in printer.all("engine-begin")] == [job, following]
        assert_printed(printer, following, rendered(ippserver, short))


@pytest.mark.parametrize(("runtime", "transport"), EACH)
def test_before_printing(runtime: str, transport: str, ippserver: IppServer, tmp_path: Path) -> None:
    document = pdf(tmp_path / "document.pdf", "a page")
    cancelled = submit(ippserver, document)
    cancel(ippserver, cancelled)  # before there is a printer
    first = submit(ippserver, document)
    with Emulate(
        ippserver.uri,
        tmp_path,
        "--jobs",
        "2",
        "--speed",
        "1600",
        runtime=runtime,
        transport=transport,
        server=ippserver,
    ) as printer:
        printer.wait("engine-begin", job=first)
        while_another_prints = submit(ippserver, document)
        last = submit(ippserver, document)
        cancel(ippserver, while_another_prints)
        assert printer.ended() == 0
        assert [event["job-id"] for event in printer.all("engine-begin")] == [first, last]
        client = Printer(ippserver.uri)
        for job in (cancelled, while_another_prints):
            assert client.state(job) == JobState.CANCELED
            assert not printer.folder(job).exists()
        for job in (first, last):
            assert_printed(printer, job, rendered(ippserver, document))
