"""The emulated ESC/POS printer judged by python-escpos and Pillow: the dots on the paper."""

from __future__ import annotations

import random
import resource
import struct
import time
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.paper import MemoryPaper, PngPaper, PngStream
from support import absent

WIDTH = 576


def noise(width: int, height: int, seed: int = 1) -> Image.Image:
    octets = random.Random(seed).randbytes((width + 7) // 8 * height)
    return Image.frombytes("1", (width, height), octets)


def raster(picture: Image.Image, mode: int = 0) -> bytes:
    across = (picture.width + 7) // 8
    head = struct.pack("<3sBHH", b"\x1dv0", mode, across, picture.height)
    return head + picture.tobytes("raw", "1;I")


def printed(data: bytes, piece: int = 997, width: int = WIDTH) -> tuple[EscPosPrinter, MemoryPaper]:
    paper = MemoryPaper(width)
    printer = EscPosPrinter(width, paper=paper)
    for at in range(0, len(data), piece):
        printer.receive(data[at : at + piece], 0.0)
        printer.advance(0.0)
    assert printer.dropped == 0
    return printer, paper


def same(left: Image.Image, right: Image.Image) -> bool:
    return left.size == right.size and ImageChops.logical_xor(left, right).getbbox() is None


def on_paper(picture: Image.Image, x: int = 0, width: int = WIDTH) -> Image.Image:
    canvas = Image.new("1", (width, picture.height), 1)
    canvas.paste(picture, (x, 0))
    return canvas


@pytest.mark.parametrize("implementation", ["bitImageRaster", "bitImageColumn"])
def test_python_escpos_picture(implementation: str) -> None:
    try:
        from escpos import printer as escpos
    except ImportError:
        absent("python-escpos is not installed: run 'make setup'")
    width = 512  # this printer's, in python-escpos's list of printers
    picture = noise(width, 240)
    dummy = escpos.Dummy(profile="TM-T88V")
    dummy.image(picture.convert("L"), impl=implementation, center=False)
    dummy.cut()
    printer, paper = printed(dummy.output, width=width)
    assert printer.warnings == []
    assert len(paper.pages) == 1
    page = paper.image(0)
    assert same(page.crop((0, 0, width, 240)), picture)
    # python-escpos feeds six lines before it cuts; nothing but white may follow.
    rest = page.crop((0, 240, width, page.height))
    assert rest.getextrema() == (255, 255)
    assert printer.cuts == 1
    assert printer.lines == page.height


@pytest.mark.parametrize("piece", [1, 7, 4096])
@pytest.mark.parametrize("mode", [0, 1, 2, 3, 48, 51])
def test_raster_modes(mode: int, piece: int) -> None:
    picture = noise(144, 37)
    _, paper = printed(raster(picture, mode), piece)
    wide, tall = (2 if mode & 1 else 1), (2 if mode & 2 else 1)
    scaled = picture.resize((144 * wide, 37 * tall), Image.Resampling.NEAREST)
    assert same(paper.strip(), on_paper(scaled))


@pytest.mark.parametrize(("align", "x"), [(0, 5), (1, 5 + 248), (2, 5 + 497)])
def test_alignment_to_the_dot(align: int, x: int) -> None:
    # 72 dots in a 569-dot area behind a margin of 5: starts that are no multiple of 8.
    picture = noise(72, 20)
    setup = b"\x1dL\x05\x00\x1dW" + (569).to_bytes(2, "little") + bytes((0x1B, 0x61, align))
    _, paper = printed(setup + raster(picture))
    assert same(paper.strip(), on_paper(picture, x))


def test_raster_wider_than_the_head_is_clipped() -> None:
    picture = noise(800, 12)
    _, paper = printed(raster(picture) + b"\x1dL\x03\x00" + raster(picture))
    strip = paper.strip()
    assert same(strip.crop((0, 0, WIDTH, 12)), picture.crop((0, 0, WIDTH, 12)))
    shifted = on_paper(picture, 3)
    assert same(strip.crop((0, 12, WIDTH, 24)), shifted)


def test_a_row_longer_than_the_receive_buffer() -> None:
    picture = noise(800, 5)
    paper = MemoryPaper(WIDTH)
    printer = EscPosPrinter(buffer_size=16, paper=paper)
    data = raster(picture)
    while data:
        count = printer.room
        printer.receive(data[:count], 0.0)
        printer.advance(0.0)
        data = data[count:]
    assert printer.dropped == 0
    assert same(paper.strip(), picture.crop((0, 0, WIDTH, 5)))


def test_feeds_and_cuts() -> None:
    one = raster(noise(WIDTH, 10, 1))
    two = raster(noise(WIDTH, 20, 2))
    end = b"\x1bd\x02\x1dV\x01" + b"\x1dV\x00"
    printer, paper = printed(one + b"\x1bJ\x07\x1dV\x00" + two + b"\x1dVA\x05" + end)
    assert [len(page) // 72 for page in paper.pages] == [17, 25, 60]
    assert printer.cuts == 4, "a cut with nothing fed cuts, but makes no page"
    assert printer.lines == 102


def test_text_can_be_read() -> None:
    printer, paper = printed(b"Hello\n" + b"\x1d!\x11Hello\n")
    small = paper.strip().crop((0, 0, 60, 24))
    assert small.getextrema() == (0, 255)
    large = paper.strip().crop((0, 30, 120, 30 + 48))
    assert same(large, small.resize((120, 48), Image.Resampling.NEAREST))
    assert printer.lines == 30 + 48


def test_text_wraps_at_the_end_of_the_line() -> None:
    printer, _ = printed(b"x" * 49 + b"\n")
    assert printer.lines == 60


def test_unknown_commands_print_what_follows() -> None:
    printer, paper = printed(b"\x1b\x01AB\n")
    assert "ESC 0x01" in printer.warnings[0]
    assert same(paper.strip(), printed(b"AB\n")[1].strip())


def test_framed_commands_are_passed_over_by_their_length() -> None:
    symbol = b"\x1d(k" + (3000).to_bytes(2, "little") + b"x" * 3000
    printer, paper = printed(symbol + b"\x1b(A\x04\x000\x37\x03\x0a" + b"\x07" + b"\x1bp\x00\x19\xfa")
    assert not paper.current
    assert printer.warnings == ["GS ( k with 3000 bytes ignored"]
    assert printer.beeps == 2
    assert printer.drawer_kicks == [2]


def test_png_pages_have_the_exact_dots(tmp_path: Path) -> None:
    first, second = noise(WIDTH, 700, 1), noise(WIDTH, 3, 2)
    told: list[tuple[int, Path]] = []
    paper = PngPaper(tmp_path, WIDTH, lambda number, path: told.append((number, path)))
    printer = EscPosPrinter(paper=paper, buffer_size=1 << 20)
    printer.receive(b"\x1bJ\x09" + raster(first) + b"\x1dV\x00" + raster(second), 0.0)
    printer.advance(0.0)
    assert [path.name for path in sorted(tmp_path.glob("*.png"))] == ["page-001.png"]
    paper.finish()
    assert told == [(1, tmp_path / "page-001.png"), (2, tmp_path / "page-002.png")]
    with Image.open(tmp_path / "page-001.png") as page:
        assert page.mode == "1"
        assert same(page.crop((0, 9, WIDTH, 709)), first)
        assert page.crop((0, 0, WIDTH, 9)).getextrema() == (255, 255)
    with Image.open(tmp_path / "page-002.png") as page:
        assert same(page, second)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_blank_paper_is_a_page_only_when_it_is_cut(tmp_path: Path) -> None:
    paper = PngPaper(tmp_path, WIDTH)
    paper.rows(bytes(72 * 2000))
    paper.cut()
    paper.rows(bytes(72))
    paper.finish()
    paper.cut()
    assert [path.name for path in tmp_path.iterdir()] == ["page-001.png"]
    with Image.open(tmp_path / "page-001.png") as page:
        assert page.size == (WIDTH, 2000)
        assert page.getextrema() == (255, 255)


def test_page_numbers_go_on(tmp_path: Path) -> None:
    for _ in range(2):
        paper = PngPaper(tmp_path, 8)
        paper.rows(b"\x01")
        paper.finish()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page-001.png", "page-002.png"]


def test_a_png_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    stream = PngStream(tmp_path / "page-001.png", 8)
    stream.rows(b"\xff" * 10)
    assert list(tmp_path.iterdir())
    stream.discard()
    assert not list(tmp_path.iterdir())


def test_thirty_megabytes_of_raster(tmp_path: Path) -> None:
    paper = PngPaper(tmp_path, WIDTH)
    printer = EscPosPrinter(paper=paper)
    band = raster(noise(WIDTH, 256))
    bands = 30_000_000 // len(band) + 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    for _ in range(bands):
        for at in range(0, len(band), 4096):
            printer.receive(band[at : at + 4096], 0.0)
            printer.advance(0.0)
    paper.finish()
    assert printer.dropped == 0
    assert printer.lines == bands * 256
    assert time.monotonic() - started < 30
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 8 * 1024, f"{grown} kB more memory at the peak"
    header = (tmp_path / "page-001.png").read_bytes()[16:24]
    assert header == WIDTH.to_bytes(4, "big") + (bands * 256).to_bytes(4, "big")
