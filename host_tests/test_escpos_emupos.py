"""The ESC/POS driver against emupos, an emulated printer that is not ours: answers, faults, the picture."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from document_samples import Source
from PIL import Image, ImageChops

from escpos_wire import RASTER, document, noise, picture
from fetchprint import ticks
from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.engine.escpos import EscPos
from fetchprint_tools import paths

pytestmark = pytest.mark.slow

PYTHON = paths.cache_dir() / "emupos" / "bin" / "python"
JUDGE = Path(__file__).with_name("emupos_judge.py")


class Emupos:
    """emupos in its own process, as a Stream."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [str(PYTHON), str(JUDGE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._said = b""

    def ask(self, line: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer, "emupos has ended"
        return answer

    def tell(self, line: str) -> None:
        answer = self.ask(line)
        self._said += b"" if answer == "-" else bytes.fromhex(answer)

    def write(self, buf: bytes, off: int, n: int) -> int:
        self.tell(f"octets {bytes(buf[off : off + n]).hex()}")
        return n

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        piece, self._said = self._said[:n], self._said[n:]
        buf[off : off + len(piece)] = piece
        return len(piece) or None

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class Desk:
    """Driver, pipe and clock."""

    def __init__(self, printer: Emupos) -> None:
        self.printer = printer
        self.driver = EscPos(printer, bytearray(4096))
        self.pipe = Pipe(self.driver)
        self.now = 0

    def until(self, condition: object, seconds: int = 60) -> None:
        assert callable(condition)
        end = self.now + seconds * 1000
        while not condition():
            assert self.now < end, "in vain"
            self.now += 5
            self.driver.poll(ticks.add(0, self.now))


@pytest.fixture
def desk() -> Iterator[Desk]:
    if not PYTHON.is_file():
        where = PYTHON.parents[1]
        pytest.skip(f"emupos is not in {where}: 'make setup' puts it there where there is a python3.13")
    printer = Emupos()
    yield Desk(printer)
    printer.close()


def receipts(desk: Desk, folder: Path) -> list[Image.Image]:
    count = int(desk.printer.ask(f"receipts {folder}"))
    return [Image.open(folder / f"receipt-{n}.png").convert("1") for n in range(1, count + 1)]


def same(page: Image.Image, paper: Image.Image) -> bool:
    dots = page.convert("1")
    return ImageChops.logical_xor(dots, paper.crop((0, 0, *dots.size))).getbbox() is None


def test_pages(desk: Desk, tmp_path: Path) -> None:
    desk.until(lambda: not desk.driver.reasons & base.STOPS)
    pages = [picture(), noise(70)]
    desk.pipe.start(Source(document(*pages), 1460), RASTER)
    desk.until(lambda: desk.pipe.poll(desk.now))
    assert desk.driver.pages == 2
    printed = receipts(desk, tmp_path)
    assert len(printed) == 2
    assert all(same(page, paper) for page, paper in zip(pages, printed, strict=True))


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("paper-out", base.MEDIA_EMPTY), ("cover-open", base.COVER_OPEN), ("offline", base.OFFLINE)],
)
def test_faults_in_mid_page(desk: Desk, fault: str, reason: int, tmp_path: Path) -> None:
    desk.until(lambda: not desk.driver.reasons & base.STOPS)
    page = noise(200)
    desk.pipe.start(Source(document(page), 1460), RASTER)
    for _ in range(4):
        desk.pipe.poll(desk.now)
        desk.now += 5
        desk.driver.poll(desk.now)
    desk.printer.tell(f"fault {fault} on")
    desk.until(lambda: desk.pipe.poll(desk.now) or desk.driver.reasons & reason)
    assert desk.driver.pages == 0
    desk.printer.tell(f"fault {fault} off")
    desk.until(lambda: desk.pipe.poll(desk.now))
    assert desk.driver.pages == 1 and desk.driver.reasons == 0
    assert same(page, receipts(desk, tmp_path)[0])


def test_near_end_is_a_warning(desk: Desk) -> None:
    desk.printer.tell("fault paper-near-end on")
    desk.until(lambda: desk.driver.reasons == base.MEDIA_LOW)
