"""No document opens the cash drawer. The emulated printer judges: it obeys real-time commands anywhere."""

from __future__ import annotations

import random

import pytest
from PIL import Image

from escpos_wire import ESCPOS, WIDTH, Wire, document
from fetchprint.document.errors import DocumentError
from fetchprint.engine.base import EngineError
from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.paper import MemoryPaper

PIECES = [
    *(
        b"\x1bp\x00\x19\xfa",
        b"\x1bp1\x10\x14",
        b"\x10\x14\x01\x00\x01",
        b"\x10\x14\x01\x01\x08",
        b"\x10",
        b"\x14",
    ),
    *(
        b"\x1b@",
        b"\x1d(D\x05\x00\x14\x01\x01\x02\x01",
        b"\x1dv0\x00\x02\x00\x03\x00",
        b"\x1d!\x10",
        b"\x1bD",
        b"\0",
    ),
    *(
        b"\x1b*\x00\x05\x00",
        b"\x1dk\x04",
        b"\x1dk\x49\x05",
        b"text\n",
        b"\x01",
        b"\x00\x01",
        b"\x1d(L\x04\x00",
        b"\x1b",
    ),
]


@pytest.mark.parametrize("seed", range(10))
def test_whatever_a_document_is_made_of(seed: int) -> None:
    chance = random.Random(seed)
    through = 0
    for _ in range(12):
        data = b"".join(chance.choices(PIECES, k=10))
        wire = Wire(flow=True, buffer=2048).ready()
        try:
            wire.print(data, ESCPOS)
            through += 1
        except (DocumentError, EngineError):  # a command of unknown length, or one that is not finished
            wire.until(wire.pipe.cancel, 60, 20)
        assert wire.printer.drawer_kicks == [], data.hex()
    assert through


def test_a_person_may_allow_it() -> None:
    wire = Wire(flow=True, drawer=True).ready()
    wire.print(b"\x1bp\x00\x19\xfa", ESCPOS)
    assert wire.printer.drawer_kicks == [2]


def test_raster_on_an_engine_that_cannot_be_told() -> None:
    """Without GS ( D, DLE DC4 in raster has one dot more."""
    octets = bytes.fromhex("1014010001").ljust(WIDTH // 8, b"\x04")
    page = Image.frombytes("1", (WIDTH, 30), octets * 30, "raw", "1;I")
    wire = Wire(guard=False).ready()
    wire.print(document(page))
    assert wire.printer.drawer_kicks == []
    paper = wire.paper.pages[0]
    assert paper[:5].hex() == "1015010001" and paper[5:72] == octets[5:]


def test_a_receipt_by_python_escpos_is_the_same() -> None:
    escpos = pytest.importorskip("escpos.printer")
    dummy = escpos.Dummy(profile="TM-T88V")
    dummy.set(align="center", bold=True, double_height=True)
    dummy.text("Receipt\n")
    dummy.set_with_default()
    dummy.barcode("4006381333931", "EAN13", 64, 2, "BELOW", "A", check=False)
    dummy.qr("https://printer.example/", native=True)
    dummy.ln(2)
    dummy.cut()
    dummy.cashdraw(2)
    wire = Wire(flow=True).ready()
    wire.print(dummy.output, ESCPOS)
    assert wire.printer.drawer_kicks == []
    direct = EscPosPrinter(WIDTH, 65536, paper=MemoryPaper(WIDTH))
    direct.receive(dummy.output, 0.0)
    direct.advance(0.0)
    assert direct.drawer_kicks == [2], "the document does what the test is about"
    assert isinstance(direct.paper, MemoryPaper)
    assert wire.paper.pages == direct.paper.pages
