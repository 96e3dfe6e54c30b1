"""The emulated link engine: what can be done to it, its wire, and the errors it tells."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from fetchprint.engine import base
from fetchprint_tools import engine_control
from fetchprint_tools.cli import main
from fetchprint_tools.engines import emulated
from fetchprint_tools.engines.link import frames
from fetchprint_tools.engines.link.faults import FAULTS, FaultWire
from fetchprint_tools.engines.link.printer import LinkPrinter
from fetchprint_tools.errors import UserError
from link_rig import PORTS, Line, Rig

JOB = (frames.JOB_BEGIN, b"\0\x01")
PAGE = (frames.PAGE_BEGIN, b"\0\x10\0\0\0\x02")
LINES = (frames.LINES, b"\x01\x02\x03\x04")
PAGE_END = (frames.PAGE_END, b"")
JOB_END = (frames.JOB_END, b"")


def said(printer: LinkPrinter, *what: tuple[int, bytes], session: int = 1) -> bytes:
    """The payload of the last status after a session and these numbered frames."""
    printer.receive(frames.frame(frames.HELLO, 0, session.to_bytes(2, "big") + b"\x01"), 0.0)
    for number, (kind, payload) in enumerate(what):
        printer.receive(frames.frame(kind, number, payload), 0.0)
        printer.advance(0.0)
    data = printer.transmit()
    return data[data.rindex(b"\xa5\x82") + frames.HEAD : -4]


@pytest.mark.parametrize(
    ("what", "error"),
    [
        ((JOB, PAGE, LINES, PAGE_END, JOB_END), 0),
        ((JOB, PAGE, PAGE_END, JOB_END), 0),
        ((JOB, (0x30, b"later"), PAGE, (0x3F, b""), LINES, PAGE_END), 0),
        ((JOB, (frames.PAGE_BEGIN, PAGE[1] + b"later"), LINES, PAGE_END), 0),
        ((JOB, (0x15, b"")), 2),
        ((JOB, (0x2F, b"")), 2),
        ((PAGE,), 3),
        ((JOB, JOB), 3),
        ((JOB, LINES), 3),
        ((JOB, PAGE, PAGE), 3),
        ((JOB, PAGE, LINES, LINES), 3),
        ((JOB, PAGE, (frames.LINES, b"\x01"), PAGE_END), 3),
        ((JOB, PAGE, JOB_END), 3),
        ((JOB, (frames.PAGE_BEGIN, b"\0\x18\0\0\0\x01")), 3),
        ((JOB, (frames.PAGE_BEGIN, b"\0\x00\0\0\0\x01")), 3),
        ((JOB, (frames.PAGE_BEGIN, b"\0\x10")), 3),
        (((frames.JOB_BEGIN, b"\0"),), 3),
        ((JOB_END,), 3),
        (((frames.LANGUAGE, b"x"),), 3),
    ],
)
def test_errors(what: tuple[tuple[int, bytes], ...], error: int) -> None:
    printer = LinkPrinter(16)
    status = said(printer, *what)
    assert status[20] == error
    # what follows is passed over, and a new session ends it
    assert status[4] == status[6] == len(what)
    status = said(printer, JOB)
    assert status[20] == error, "the same session goes on"
    status = said(printer, JOB, PAGE, LINES, PAGE_END, JOB_END, session=2)
    assert status[20] == 0


def test_commands() -> None:
    printer = LinkPrinter()
    for line, reasons in (
        ("paper out", base.MEDIA_EMPTY),
        ("paper in", 0),
        ("near-end on", base.MEDIA_LOW),
        ("near-end off", 0),
        ("cover open", base.COVER_OPEN),
        ("cover close", 0),
        ("jam on", base.MEDIA_JAM),
        ("jam off", 0),
        ("offline on", base.OFFLINE),
        ("offline off", 0),
    ):
        assert engine_control.apply(printer, line) == line
        assert printer.reasons() == reasons
    assert engine_control.apply(printer, "wire  flip 10") == "wire flip 10"
    printer.receive(bytes(1000), 0.0)
    assert 50 < printer.up.counts["flip"] < 200
    for bad in ("wire", "wire burn 10", "wire flip x", "wire flip -1"):
        with pytest.raises(engine_control.ControlError, match="is not known"):
            engine_control.apply(printer, bad)
    with pytest.raises(engine_control.ControlError, match="means nothing"):
        engine_control.apply(printer, "hot on")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wire_is_spoiled_as_its_seed_says(fault: str) -> None:
    data = bytes(range(256)) * 40

    def carried(seed: int, every: int) -> bytes:
        wire = FaultWire(seed)
        wire.set(fault, every)
        out = b"".join(wire.carry(data[at : at + 100], at / 1e4) for at in range(0, len(data), 100))
        assert bool(wire.counts[fault]) == bool(every)
        while (wait := wire.wait(2.0)) is not None:
            out += wire.due(2.0 + wait)
        return out

    assert carried(1, 0) == data
    assert carried(1, 500) == carried(1, 500)
    if fault == "delay":
        assert carried(1, 500) == data, "late, and in order"
    else:
        assert carried(1, 500) != carried(2, 500) != data


@pytest.mark.parametrize("port", PORTS)
def test_identify_mute_and_a_jam_at_a_line(port: str) -> None:
    rig = Rig(port, languages=("text/plain",))
    assert rig.driver.formats == (b"image/pwg-raster", b"text/plain")
    assert rig.driver.identify_actions == (b"display",)
    rig.call(rig.driver.identify)
    rig.until(lambda: rig.printer.identified == 1)
    rig.printer.mute()
    rig.until(lambda: rig.driver.reasons == base.OFFLINE)
    rig.printer.mute(False)
    rig.until(lambda: rig.driver.reasons == 0)
    rig.call(rig.driver.begin_job)
    assert rig.call(rig.driver.write, b"Hello", 0, 5) == 5
    rig.call(rig.driver.end_job)
    assert rig.printer.passed == b"Hello"
    rig.printer.jam_at(3)
    rig.call(rig.driver.begin_job)
    rig.call(rig.driver.begin_page, 576, 8)
    for _ in range(8):
        rig.call(rig.driver.line, b"\xff" * 72, 0, 72)
    rig.until(lambda: rig.driver.end_page() is None and rig.driver.reasons == base.MEDIA_JAM)
    assert rig.printer.lines == 3


def test_a_silent_engine_at_start_up() -> None:
    class Deaf(Rig):
        def open_device(self, path: str) -> Line:
            self.printer.power(False)
            return self.line

    with pytest.raises(base.EngineError, match="has not told its capabilities: 2 s of silence"):
        Deaf(settings={"patience": 2})
    for bad in ({"slot": 41}, {"window": 100}):
        with pytest.raises(base.EngineLocalError, match="slot: a number from 42"):
            Rig(settings=bad)


def test_what_is_refused_before_anything_starts(tmp_path: Path) -> None:
    base_options = ["emulate", "--service", "ipp://127.0.0.1:9/x", "--out", str(tmp_path / "o"), "--state"]
    for options, complaint in (
        (["--engine", "escpos", "--port", "spi"], "knows no port spi"),
        (["--engine", "link", "--buffer", "50"], "give 96 or more"),
        (["--engine", "link", "--width", "100"], "cannot be emulated"),
    ):
        done = CliRunner().invoke(main, [*base_options, str(tmp_path / "s"), *options])
        assert done.exit_code != 0
        assert complaint in done.output
    with pytest.raises(UserError):
        emulated.make({"driver": "link", "width": 576}, 95, None)
