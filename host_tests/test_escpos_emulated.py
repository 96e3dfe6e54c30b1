"""The ESC/POS driver against the emulated printer; Pillow judges the paper, python-escpos the octets."""

from __future__ import annotations

import pytest
from document_samples import Source
from PIL import Image

from escpos_wire import ESCPOS, RASTER, WIDTH, Wire, clean, document, noise, on_paper, picture
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.engine.escpos import CUT_JOB, EscPos
from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.paper import MemoryPaper


@pytest.mark.parametrize("mode", ["1", "L"])
@pytest.mark.parametrize(("baud", "speed", "buffer"), [(0, None, 4096), (115200, 1200, 512), (0, 400, 4096)])
def test_pages(mode: str, baud: int, speed: float | None, buffer: int) -> None:
    wire = Wire(speed, buffer, baud).ready()
    pages = [picture().convert(mode), noise(100).convert(mode), Image.new(mode, (575, 3))]
    wire.print(document(*pages))
    clean(wire)
    assert wire.driver.pages == wire.pipe.pages == 3
    assert len(wire.paper.pages) == 3
    for n, page in enumerate(pages):
        assert on_paper(page, wire.paper.image(n))


def test_a_page_is_confirmed_by_the_paper() -> None:
    wire = Wire(speed=400).ready()
    wire.start(document(noise(200)))
    wire.until(lambda: wire.poll() or wire.driver.pages)
    assert wire.printer.lines >= 200, "the page counted before its last line was printed"


@pytest.mark.parametrize(
    ("fault", "mend", "reason"),
    [
        ("paper_out", "paper_in", base.MEDIA_EMPTY),
        ("cover_open", "cover_close", base.COVER_OPEN),
    ],
)
@pytest.mark.parametrize("cover_error", [False, True])
def test_fault_in_mid_page(fault: str, mend: str, reason: int, cover_error: bool) -> None:
    wire = Wire(speed=800, cover_error=cover_error).ready()
    page = noise(500)
    wire.start(document(page))
    wire.until(lambda: wire.poll() or wire.printer.lines > 150)
    getattr(wire.printer, fault)()
    fed = wire.printer.lines
    wire.until(lambda: wire.poll() or wire.driver.reasons & reason, 3)
    for _ in range(6000):
        assert not wire.poll()
        wire.turn(10)
    assert wire.printer.lines == fed and wire.driver.pages == 0
    getattr(wire.printer, mend)()
    wire.until(wire.poll)
    clean(wire)
    assert wire.driver.reasons == 0 and wire.driver.pages == 1
    assert on_paper(page, wire.paper.image(0))


def test_stopped_for_so_long_that_requests_fill_the_buffer() -> None:
    wire = Wire(speed=800, buffer=512).ready()
    page = noise(300)
    wire.start(document(page))
    wire.until(lambda: wire.poll() or wire.printer.lines > 150)
    wire.printer.paper_out()
    for _ in range(36_000):
        assert not wire.poll()
        wire.turn(100)
    assert wire.printer.dropped > 0, "the test does not reach what it is for"
    wire.printer.paper_in()
    began = wire.milliseconds
    wire.until(wire.poll)
    assert wire.milliseconds - began < 3000, "it went on at once, not at the next request"
    assert on_paper(page, wire.paper.image(0))


def test_near_end_is_a_warning() -> None:
    wire = Wire().ready()
    wire.printer.near_end()
    wire.until(lambda: wire.driver.reasons == base.MEDIA_LOW, 3)
    wire.print(document(noise(50)))
    clean(wire)
    assert wire.driver.reasons == base.MEDIA_LOW


def test_cancel_and_print_on() -> None:
    wire = Wire(speed=400, baud=115200).ready()
    wire.start(document(noise(3000)))
    wire.until(lambda: wire.poll() or wire.printer.lines > 150)
    began = wire.milliseconds
    wire.until(wire.pipe.cancel)
    assert wire.milliseconds - began < 2000
    fed = wire.printer.lines
    for _ in range(3000):
        wire.turn()
    assert wire.printer.lines == fed, "the paper moved after the engine was said to have stopped"
    assert wire.driver.pages == 0 and wire.driver.moved and len(wire.paper.pages) == 1
    wire.print(document(picture()))
    clean(wire)
    assert on_paper(picture(), wire.paper.image(1))


def test_switched_off_in_mid_page() -> None:
    wire = Wire(speed=400).ready()
    wire.start(document(noise(600)))
    wire.until(lambda: wire.poll() or wire.printer.lines > 150)
    wire.printer.power(False)
    wire.until(lambda: wire.poll() or wire.driver.reasons == base.OFFLINE, 10)
    wire.printer.power(True)
    wire.until(lambda: wire.driver.reasons == 0, 5)
    with pytest.raises(base.EngineError, match="switched off"):
        wire.until(wire.poll, 60)
    wire.until(wire.pipe.cancel, 60)
    assert wire.driver.pages == 0
    wire.print(document(picture()))
    assert wire.driver.pages == 1 and on_paper(picture(), wire.paper.image(-1))


def test_silent_line() -> None:
    wire = Wire().ready()
    wire.printer.mute()
    wire.until(lambda: wire.driver.reasons == base.OFFLINE, 10)
    wire.printer.mute(False)
    wire.until(lambda: wire.driver.reasons == 0, 5)


def hostile_raster() -> Image.Image:
    """Dots that are real-time commands: status requests and drawer pulses in every line."""
    line = bytes.fromhex("100401 100402 100403 100404 1014010001 1014010108 100501")
    octets = line.ljust(WIDTH // 8, b"\x04")
    return Image.frombytes("1", (WIDTH, 200), octets * 200, "raw", "1;I")


@pytest.mark.parametrize("near_end", [False, True])
def test_raster_full_of_real_time_commands(near_end: bool) -> None:
    wire = Wire(speed=800, baud=115200).ready()
    if near_end:
        wire.printer.near_end()
        wire.until(lambda: wire.driver.reasons == base.MEDIA_LOW, 3)
    wire.start(document(hostile_raster()))
    while not wire.poll():
        wire.turn()
        assert wire.driver.reasons == (base.MEDIA_LOW if near_end else 0)
    assert wire.printer.dropped == 0 and wire.printer.drawer_kicks == []
    assert wire.driver.pages == 1 and on_paper(hostile_raster(), wire.paper.image(0))


def test_own_language_of_python_escpos() -> None:
    escpos = pytest.importorskip("escpos.printer")
    dummy = escpos.Dummy(profile="TM-T88V")
    dummy.text("Receipt\n")
    dummy.image(noise(200, width=512).convert("1").convert("L"), impl="bitImageRaster", center=False)
    dummy.cut()
    wire = Wire(flow=True).ready()
    wire.print(dummy.output, ESCPOS)
    clean(wire)
    direct = EscPosPrinter(WIDTH, 65536, paper=MemoryPaper(WIDTH))
    direct.receive(dummy.output, 0.0)
    direct.advance(0.0)
    assert isinstance(direct.paper, MemoryPaper)
    assert wire.paper.strip().tobytes() == direct.paper.strip().tobytes()
    assert wire.driver.reasons == 0


def test_own_language_cancelled_in_mid_raster() -> None:
    wire = Wire(speed=2000, flow=True).ready()
    wire.pipe.start(Source(b"\x1dv0\x00\x48\x00\xe8\x03" + bytes(72 * 100), 500, dry=True), ESCPOS)
    wire.until(lambda: wire.poll() or wire.pipe.octets > 2000)
    wire.until(wire.pipe.cancel, 60)
    wire.print(document(picture()))
    clean(wire)
    assert on_paper(picture(), wire.paper.image(-1))


class Recorder:
    """A Stream that keeps what is written and answers every request at once."""

    def __init__(self) -> None:
        self.bands = bytearray()
        self._replies = bytearray()

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        count = min(n, len(self._replies))
        buf[off : off + count] = self._replies[:count]
        del self._replies[:count]
        return count or None

    def write(self, buf: bytes, off: int, n: int) -> int:
        piece = bytes(buf[off : off + n])
        if piece.startswith(b"\x10\x04"):
            self._replies.append(0x12)
            return n
        assert piece.endswith(b"\x1dr\x01")
        self._replies.append(0)
        if piece.startswith(b"\x1dv0"):
            self.bands += piece.removesuffix(b"\x1dr\x01")
        return n


def test_bands_as_python_escpos_writes_them() -> None:
    escpos = pytest.importorskip("escpos.printer")
    page = noise(100, width=512).convert("1")
    dummy = escpos.Dummy(profile="TM-T88V")
    dummy.image(page.convert("L"), impl="bitImageRaster", center=False, fragment_height=24)
    stream = Recorder()
    driver = EscPos(stream, bytearray(4096), width=512, cut=CUT_JOB)
    pipe = Pipe(driver)
    pipe.start(Source(document(page), 1000), RASTER)
    now = 0
    while not pipe.poll(now):
        now += 1
        driver.poll(now)
    assert bytes(stream.bands) == dummy.output
