"""The emulated ESC/POS printer: status bytes, real-time commands, faults, overflow, speed."""

from __future__ import annotations

import pytest
from PIL import Image

from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.paper import MemoryPaper

STRIDE = 72
BAND = b"\x1dv0\x00\x48\x00\x10\x00" + b"\xaa" * (STRIDE * 16)


def ask(printer: EscPosPrinter, data: bytes, now: float = 0.0) -> bytes:
    printer.receive(data, now)
    printer.advance(now)
    return printer.transmit()


def real_time(printer: EscPosPrinter) -> str:
    return ask(printer, b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04").hex()


def test_real_time_status() -> None:
    printer = EscPosPrinter()
    assert real_time(printer) == "12121212"
    printer.near_end()
    assert real_time(printer) == "1212121e"
    printer.paper_out()
    assert real_time(printer) == "1a32127e"
    printer.paper_in()
    assert real_time(printer) == "12121212"
    printer.cover_open()
    assert real_time(printer) == "1a161212"
    printer.cover_close()
    printer.off_line()
    assert real_time(printer) == "1a121212"


def test_automatic_status_back() -> None:
    printer = EscPosPrinter()
    printer.near_end()
    assert printer.transmit() == b"", "nothing unasked before GS a"
    printer.near_end(False)
    assert ask(printer, b"\x1da\x0e").hex() == "10000000"
    printer.near_end()
    assert printer.transmit().hex() == "10000300"
    printer.cover_open()
    assert printer.transmit().hex() == "38000300"
    printer.cover_close()
    printer.paper_out()
    assert printer.transmit().hex() == "10000300" + "18000f00"
    printer.paper_out()
    assert printer.transmit() == b"", "no change, no report"
    printer.paper_in()
    assert printer.transmit().hex() == "10000000"
    ask(printer, b"\x1b@")
    printer.cover_open()
    assert printer.transmit() == b"", "ESC @ ends Automatic Status Back"


def test_buffered_status_and_confirmation_wait_for_the_paper() -> None:
    printer = EscPosPrinter(speed=100)
    questions = b"\x1dr\x01\x1dr\x02\x1bv\x1d(H\x06\x00\x30\x30AB12"
    assert ask(printer, BAND + questions) == b""
    printer.advance(0.10)
    assert printer.transmit() == b"", "10 of 16 lines are printed"
    printer.advance(0.20)
    assert printer.transmit() == b"\x00\x00\x00" + b"\x37\x22AB12\x00"


def test_identity() -> None:
    printer = EscPosPrinter(maker="ACME", model="T-1000")
    assert ask(printer, b"\x1dIB") == b"_ACME\0"
    assert ask(printer, b"\x1dIC") == b"_T-1000\0"
    assert len(ask(printer, b"\x1dI\x01\x1dI2")) == 2
    ask(printer, b"\x1dI\x99")
    assert printer.warnings == ["GS I 153 ignored"]


@pytest.mark.parametrize("piece", [1, 2, 5, 4096])
def test_real_time_command_inside_raster(piece: int) -> None:
    lines = bytearray(b"\x55" * (STRIDE * 16))
    lines[100:103] = b"\x10\x04\x04"
    lines[500:503] = b"\x10\x04\x01"
    data = BAND[:8] + lines
    paper = MemoryPaper(576)
    printer = EscPosPrinter(paper=paper)
    printer.near_end()
    replies = b""
    for at in range(0, len(data), piece):
        replies += ask(printer, data[at : at + piece])
    assert replies.hex() == "1e12", "they act on arrival"
    assert bytes(paper.current) == bytes(lines), "and are dots all the same"


def test_real_time_status_while_stopped_and_full() -> None:
    printer = EscPosPrinter(buffer_size=512)
    printer.paper_out()
    ask(printer, BAND[:512])
    assert printer.room == 0
    assert ask(printer, b"\x10\x04\x04").hex() == "7e"


def test_pulse_in_real_time() -> None:
    printer = EscPosPrinter()
    ask(printer, b"\x10\x14\x01\x01\x04")
    assert printer.drawer_kicks == [5]


@pytest.mark.parametrize("fault", ["paper", "cover", "off-line"])
def test_a_stopped_printer_keeps_what_it_has_and_goes_on(fault: str) -> None:
    stop, go = {
        "paper": (EscPosPrinter.paper_out, EscPosPrinter.paper_in),
        "cover": (EscPosPrinter.cover_open, EscPosPrinter.cover_close),
        "off-line": (EscPosPrinter.off_line, lambda printer: printer.off_line(False)),
    }[fault]
    paper = MemoryPaper(576)
    printer = EscPosPrinter(paper=paper)
    ask(printer, BAND[:600])
    before = printer.lines
    stop(printer)
    ask(printer, BAND[600:] + b"\x1dr\x01")
    assert printer.lines == before
    assert printer.waiting > 0
    go(printer)
    assert ask(printer, b"") == b"\x00"
    assert bytes(paper.current) == BAND[8:]


def test_paper_ends_at_the_line() -> None:
    paper = MemoryPaper(576)
    printer = EscPosPrinter(paper=paper)
    printer.paper_out(at_line=5)
    ask(printer, BAND)
    assert printer.lines == 5
    assert real_time(printer) == "1a32127e"
    printer.paper_in()
    printer.advance(0.0)
    assert printer.lines == 16
    assert bytes(paper.current) == BAND[8:]


def test_recovery_that_clears_the_buffers() -> None:
    paper = MemoryPaper(576)
    printer = EscPosPrinter(paper=paper)
    ask(printer, BAND[:600])
    printer.cover_open()
    ask(printer, BAND[600:1000] + b"\x10\x05\x02")
    assert printer.waiting == 0
    printer.cover_close()
    paper.current.clear()
    ask(printer, BAND)
    assert bytes(paper.current) == BAND[8:], "the torn raster was forgotten"
    ask(printer, b"\x10\x05\x02")
    assert "without an error" in printer.warnings[0]


def test_cover_opened_while_printing_as_a_latched_error() -> None:
    printer = EscPosPrinter(cover_error=True, speed=100)
    ask(printer, BAND)
    printer.cover_open()
    assert real_time(printer) == "1a561612"
    printer.cover_close()
    assert real_time(printer) == "1a521612", "still stopped"
    ask(printer, b"\x10\x05\x01")
    assert real_time(printer) == "12121212"
    printer.advance(10.0)
    printer.advance(20.0)
    assert printer.lines == 16


def test_clear_buffers_command() -> None:
    printer = EscPosPrinter()
    printer.paper_out()
    reply = ask(printer, BAND[:600] + b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
    assert reply.hex() == "372500"
    assert printer.waiting == 0


def test_mute_and_power() -> None:
    printer = EscPosPrinter()
    printer.mute()
    assert real_time(printer) == ""
    printer.mute(False)
    ask(printer, BAND[:100])
    printer.power(False)
    assert printer.room == 0
    assert real_time(printer) == ""
    assert printer.dropped == 12
    printer.power(True)
    assert real_time(printer) == "12121212"
    ask(printer, BAND)
    assert printer.lines == 1 + 16, "the half raster was lost with the power"


def test_overflow_is_lost_counted_and_seen_on_the_paper() -> None:
    paper = MemoryPaper(576)
    printer = EscPosPrinter(buffer_size=512, speed=1000, paper=paper)
    printer.advance(0.0)
    # Two bands in one burst: what is left of them is no raster any more.
    burst = (BAND[:8] + b"\x41" * (STRIDE * 16)) * 2
    for at in range(0, len(burst), 128):
        printer.receive(burst[at : at + 128], at / 100_000)
        printer.advance(at / 100_000)
    assert printer.dropped > 0
    assert printer.received == len(burst)
    # The next band's head is swallowed as dots, its dots become text.
    now = 1.0
    for _ in range(4):
        for at in range(0, len(burst), 256):
            now += 0.05
            ask(printer, burst[at : at + 256], now)
    assert printer.lines > 0
    garbage = paper.strip()
    raster_only = Image.frombytes("1", (576, 1), b"\xbe" * STRIDE).tobytes()
    lines = {garbage.crop((0, y, 576, y + 1)).tobytes() for y in range(garbage.height)}
    assert len(lines - {raster_only}) > 10, "letters are on the paper"


def test_paper_speed() -> None:
    printer = EscPosPrinter(speed=200, buffer_size=4096)
    printer.advance(0.0)
    printer.receive(BAND * 3, 0.0)
    now = 0.0
    while printer.lines < 48:
        printer.advance(now)
        wait = printer.wait()
        if printer.lines < 48:
            assert wait is not None
            now += wait
    assert 48 / 200 - 0.01 <= now <= 48 / 200 + 0.02
    printer.advance(now)
    assert printer.wait() is None
    # A pause earns nothing.
    printer.receive(BAND, 100.0)
    printer.advance(100.0)
    assert printer.lines <= 49


def test_marks_come_when_everything_before_is_on_the_paper() -> None:
    seen: list[int] = []
    printer = EscPosPrinter(speed=100)
    printer.advance(0.0)
    printer.receive(BAND, 0.0)
    printer.mark(lambda: seen.append(printer.lines))
    printer.receive(BAND, 0.0)
    printer.mark(lambda: seen.append(printer.lines))
    printer.advance(0.0)
    printer.advance(0.1)
    assert seen == []
    printer.advance(0.2)
    assert seen == [16]
    printer.advance(0.5)
    assert seen == [16, 32]


@pytest.mark.parametrize("bad", [{"width": 100}, {"width": 0}, {"buffer_size": 0}, {"speed": 0.0}])
def test_impossible_printers_are_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"must"):
        EscPosPrinter(**bad)
