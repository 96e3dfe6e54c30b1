"""The emulated raw engine, alone and with the firmware: octets in, the same octets in ``engine.bin``."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from e2e import PDF, Emulate
from fetchprint_tools.codes import JobState
from fetchprint_tools.commands.emulate import command
from fetchprint_tools.engines.raw import LINE, RawEngine
from service_kit import Printer, Service
from support import wait_until


def test_it_takes_bytes_at_its_pace_and_drops_what_overflows() -> None:
    engine = RawEngine(buffer_size=1000, speed=10)
    engine.advance(0.0)
    engine.receive(bytes(1500), 0.0)
    assert (engine.room, engine.dropped, engine.waiting) == (0, 500, 1000)
    engine.advance(0.0)
    engine.advance(0.5)
    assert engine.taken == 5 * LINE
    wait = engine.wait()
    assert wait is not None and 0 < wait < 0.2
    engine.advance(2.0)
    assert engine.waiting == 0 and engine.wait() is None


def test_marks_and_power() -> None:
    engine = RawEngine(speed=None)
    seen: list[int] = []
    engine.off_line()
    engine.receive(bytes(100), 0.0)
    engine.mark(lambda: seen.append(engine.taken))
    engine.advance(1.0)
    assert seen == [] and engine.wait() is None
    engine.off_line(False)
    engine.advance(1.0)
    assert seen == [100]
    engine.power(False)
    engine.receive(b"lost", 2.0)
    assert engine.dropped == 4 and engine.room == 0 and engine.transmit() == b""
    engine.mark(lambda: seen.append(0))
    engine.finish()
    assert seen == [100, 0]
    with pytest.raises(ValueError, match="at least one byte"):
        RawEngine(0)


def test_it_has_no_width() -> None:
    options = [
        "--service",
        "ipp://127.0.0.1/ipp",
        "--engine",
        "raw",
        "--width",
        "576",
        "--state",
        "s",
        "--out",
        "o",
    ]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 2 and "knows no width" in result.output


@pytest.mark.system
def test_a_document_as_it_is(tmp_path: Path) -> None:
    config = tmp_path / "printer.json"
    config.write_text(json.dumps({"engine": {"driver": "raw", "formats": PDF}}))
    document = b"%PDF-1.4\n" + random.Random(1).randbytes(200_000)
    with Service(tmp_path / "service") as service:
        client = Printer(service.uri)
        with Emulate(
            service.uri, tmp_path, "--config", str(config), "--port", "uart", "--jobs", "1"
        ) as printer:
            first = printer.wait("printer")
            assert (first["state"], first["reasons"]) == ("idle", ["unknown"])
            job = client.print(document, PDF)
            assert printer.ended() == 0
            assert (printer.folder(job) / "engine.bin").read_bytes() == document
        wait_until(lambda: client.state(job) == JobState.COMPLETED, 10, "the job to be completed")
