"""The framed link with its reference engine: pictures to the pixel on a bad wire, faults at every line."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image, ImageChops

from e2e import drawing, on_paper
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint_tools.engines.link.faults import FAULTS
from fetchprint_tools.raster import write_pwg
from link_rig import PORTS, Rig

pytestmark = pytest.mark.slow

WIDTH = 576
LINES = 24


class Source:
    """A document in memory, in pieces as the network gives them."""

    def __init__(self, data: bytes) -> None:
        self.buf = bytearray(1460)
        self.pos = self.end = 0
        self._file = io.BytesIO(data)

    def fill(self, now: int) -> int:
        self.pos = 0
        self.end = self._file.readinto(self.buf)
        return self.end


def noise(seed: int, height: int) -> Image.Image:
    return Image.frombytes("L", (WIDTH, height), random.Random(seed).randbytes(WIDTH * height))


def fine(height: int) -> Image.Image:
    """Single dots and lines, where one that is missing or twice shows."""
    image = Image.new("1", (WIDTH, height), 1)
    for y in range(height):
        for x in range(y % 7, WIDTH, 7):
            image.putpixel((x, y), 0)
    return image


def print_document(rig: Rig, pages: list[Image.Image]) -> None:
    out = io.BytesIO()
    write_pwg(pages, out, dpi=203, media_name="custom_72x200mm_72x200mm")
    pipe = Pipe(rig.driver)
    pipe.start(Source(out.getvalue()), b"image/pwg-raster")
    rig.until(lambda: pipe.poll(rig.ms), 600_000)
    assert pipe.pages == len(pages)


def assert_printed(rig: Rig, pages: list[Image.Image]) -> None:
    assert len(rig.paper.pages) == len(pages)
    for number, page in enumerate(pages):
        got, wanted = rig.paper.image(number), on_paper(page)
        assert got.size == wanted.size
        assert ImageChops.logical_xor(got, wanted).getbbox() is None, f"page {number + 1}"


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_in_10_000_lost_and_flipped(port: str, seed: int) -> None:
    pages = [noise(seed, 300), drawing("link", 500), fine(200), Image.new("1", (WIDTH, 60), 0)]
    rig = Rig(port, seed=seed)
    rig.printer.wire_fault("drop", 10_000)
    rig.printer.wire_fault("flip", 10_000)
    print_document(rig, pages)
    counts = rig.printer.up.counts
    assert counts["drop"]
    assert counts["flip"]
    assert_printed(rig, pages)
    assert rig.printer.pages == rig.driver.pages == len(pages)


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_the_wire(port: str, fault: str) -> None:
    pages = [noise(1, 200), fine(100)]
    rig = Rig(port)
    rig.printer.wire_fault(fault, 1500)
    print_document(rig, pages)
    assert rig.printer.up.counts[fault]
    assert_printed(rig, pages)


@pytest.mark.parametrize("port", PORTS)
def test_everything_at_once(port: str) -> None:
    pages = [noise(1, 150)]
    for seed in range(1, 6):
        rig = Rig(port, seed=seed, buffer_size=1024, speed=1000)
        for fault in FAULTS:
            rig.printer.wire_fault(fault, 3000)
        print_document(rig, pages)
        assert_printed(rig, pages)


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("size", [96, 300, 512, 4096, 65536])
def test_small_and_large_buffers(port: str, size: int) -> None:
    rig = Rig(port, buffer_size=size, speed=2000)
    pages = [noise(1, 100)]
    print_document(rig, pages)
    assert_printed(rig, pages)
    assert rig.printer.up.counts["drop"] == rig.printer.dropped == 0


@pytest.mark.parametrize("port", PORTS)
def test_without_a_ready_line_and_with_other_windows(port: str) -> None:
    for window, slot in ((256, 256), (512, 64), (8192, 512), (4096, 1024)):
        rig = Rig(port, settings={"ready": False, "window": window, "slot": slot})
        print_document(rig, [fine(60)])
        assert_printed(rig, [fine(60)])


def begin(rig: Rig) -> Pipe:
    out = io.BytesIO()
    write_pwg([fine(LINES)], out, dpi=203, media_name="custom_72x200mm_72x200mm")
    pipe = Pipe(rig.driver)
    pipe.start(Source(out.getvalue()), b"image/pwg-raster")
    return pipe


def run(rig: Rig, pipe: Pipe, line: int) -> bool:
    """Until ``line`` lines are printed; True when the document has ended before."""
    ended = False

    def there() -> bool:
        nonlocal ended
        ended = bool(pipe.poll(rig.ms))
        return ended or rig.printer.lines >= line

    rig.until(there)
    return ended


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    ("stop", "go", "reason"),
    [
        ("paper_out", "paper_in", base.MEDIA_EMPTY),
        ("cover_open", "cover_close", base.COVER_OPEN),
        ("off_line", "on_line", base.OFFLINE),
    ],
)
def test_a_stop_at_every_line(port: str, stop: str, go: str, reason: int) -> None:
    rig = Rig(port, speed=1000)
    stops = 0
    for line in range(LINES):
        pipe = begin(rig)
        assert not run(rig, pipe, line + rig.printer.lines)
        getattr(rig.printer, stop)()
        at = rig.printer.lines
        pages = rig.driver.pages
        rig.until(lambda: rig.driver.reasons == reason)
        for _ in range(50):
            assert pipe.poll(rig.ms) is None
            rig.turn()
        assert rig.driver.pages == pages
        assert rig.printer.lines == at
        stops += 1
        if go == "on_line":
            rig.printer.off_line(False)
        else:
            getattr(rig.printer, go)()
        rig.until(lambda pipe=pipe: pipe.poll(rig.ms))
        assert rig.driver.reasons == 0
    assert_printed(rig, [fine(LINES)] * stops)


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize("fault", ["power", "jam"])
def test_a_page_that_moved_is_not_printed_twice(port: str, fault: str) -> None:
    for line in range(LINES + 1):
        rig = Rig(port, speed=1000)
        pipe = begin(rig)
        ended = run(rig, pipe, line)
        if fault == "power":
            rig.printer.power(False)
            rig.turn()
            rig.printer.power(True)
        else:
            rig.printer.jam()
            rig.until(lambda rig=rig: rig.driver.reasons == base.MEDIA_JAM)
            rig.printer.jam(False)
        if not ended:
            try:
                rig.until(lambda rig=rig, pipe=pipe: pipe.poll(rig.ms))
                ended = True
            except base.EngineError:
                # What is told is true: the paper has moved if it has, and nothing was confirmed.
                assert rig.driver.moved or not rig.printer.lines
                assert pipe.pages == 0
                rig.call(pipe.cancel)
        sheets = rig.printer.sheets
        assert sheets <= 1, "never a second time by itself"
        if ended:
            assert_printed(rig, [fine(LINES)])
        rig.until(lambda rig=rig: not rig.driver.reasons)
        print_document(rig, [fine(LINES)])
        assert rig.printer.sheets == sheets + 1
        rig.paper.pages[:-1] = []
        assert_printed(rig, [fine(LINES)])


@pytest.mark.parametrize("port", PORTS)
def test_cancel_at_every_line(port: str) -> None:
    for line in range(LINES):
        rig = Rig(port, speed=1000)
        pipe = begin(rig)
        assert not run(rig, pipe, line)
        began = rig.ms
        rig.call(pipe.cancel)
        assert rig.ms - began < 100
        assert rig.driver.moved == (rig.printer.lines > 0)
        assert rig.printer.sheets == (1 if rig.printer.lines else 0)
        print_document(rig, [fine(LINES)])
        rig.paper.pages[:-1] = []
        assert_printed(rig, [fine(LINES)])
