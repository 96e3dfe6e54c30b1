"""The printer attributes that come from an engine's capabilities."""

from __future__ import annotations

from typing import Any

import pytest

from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.engine.escpos import EscPos
from fetchprint.engine.raw import Raw
from fetchprint.ipp import tags
from fetchprint.ipp.encoder import Encoder
from fetchprint.service import capabilities, request
from fetchprint_tools.message import Range, decode

WHO = request.Identity(b"ipp://127.0.0.1/ipp/print", b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77")


def attributes(engine: Any) -> dict[str, list[Any]]:
    encoder = Encoder(bytearray(8192))
    request.begin(encoder, WHO, 0x0049)
    encoder.group(tags.PRINTER)
    capabilities.capabilities(encoder, Pipe(engine), b"desk")
    message, _ = decode(bytes(encoder.buf[: encoder.end()]))
    group = message.find(tags.PRINTER)
    assert group is not None
    return {attribute.name: attribute.values for attribute in group}


class Laser(base.Engine):
    """Not like a receipt printer in any way."""

    make_and_model = b"Acme Laser"
    device_id = b"MFG:Acme;MDL:Laser;"
    formats = (b"image/pwg-raster", b"application/pdf")
    resolution = 600
    width = 4960
    raster_types = (b"srgb_8", b"sgray_8")
    color = True
    sides = (b"one-sided", b"two-sided-long-edge")
    copies = 99
    media = (
        (b"iso_a4_210x297mm", 21000, 29700, 423, 423, 423, 500),
        (b"na_letter_8.5x11in", 21590, 27940, 423, 423, 423, 423),
    )
    identify_actions = (b"flash", b"sound")


def test_everything_an_engine_says_is_told() -> None:
    told = attributes(Laser())
    assert told["color-supported"] == [True]
    assert told["print-color-mode-supported"] == ["monochrome", "color", "auto"]
    assert told["print-color-mode-default"] == ["auto"]
    assert told["sides-supported"] == ["one-sided", "two-sided-long-edge"]
    assert told["sides-default"] == ["one-sided"]
    assert told["copies-supported"] == [Range(1, 99)]
    assert told["job-k-octets-supported"] == [Range(0, 1 << 20)]
    assert told["identify-actions-supported"] == ["flash", "sound"]
    assert set(told["document-format-supported"]) == {"image/pwg-raster", "application/pdf", "image/urf"}
    # what the engine lacks is made of what it has
    assert told["pwg-raster-document-type-supported"][:2] == ["srgb_8", "sgray_8"]
    assert set(told["pwg-raster-document-type-supported"]) == {"srgb_8", "sgray_8", "black_1", "black_8"}
    assert told["media-supported"] == ["iso_a4_210x297mm", "na_letter_8.5x11in"]
    assert told["media-left-margin-supported"] == [423], "each value once"
    assert told["media-bottom-margin-supported"] == [500, 423]
    assert len(told["media-col-database"]) == 2
    assert told["printer-device-id"] == ["MFG:Acme;MDL:Laser;"]


def test_nothing_is_told_that_an_engine_does_not_say() -> None:
    told = attributes(Raw(None, (b"application/pdf",), b"Acme Raw", b"MFG:Acme;"))
    assert told["document-format-supported"] == ["application/pdf"]
    assert told["color-supported"] == [False] and told["sides-supported"] == ["one-sided"]
    for name in told:
        assert not name.startswith(("media", "pwg-raster", "printer-resolution", "identify"))


def test_a_receipt_printer() -> None:
    told = attributes(EscPos(None, bytearray(4096)))
    assert told["print-color-mode-supported"] == ["monochrome"]
    assert len(told["printer-resolution-supported"]) == 1
    assert len(told["media-size-supported"]) == 3


@pytest.mark.parametrize("bit", range(len(base.KEYWORDS)))
def test_reasons_are_one_to_one(bit: int) -> None:
    keyword = base.KEYWORDS[bit].decode()
    assert getattr(base, keyword.upper().replace("-", "_")) == 1 << bit
    assert bool(base.STOPS >> bit & 1) == (keyword not in ("media-low", "unknown", "marker-supply-low"))
