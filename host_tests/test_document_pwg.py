"""PWG Raster of independent writers through the whole document room, judged by Pillow."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from document_samples import Paper, Source
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from fetchprint.document import pwg
from fetchprint.document.errors import DocumentError
from fetchprint.document.pipe import Pipe
from fetchprint_tools import ippsample
from fetchprint_tools.raster import write_pwg


def pictures() -> list[Image.Image]:
    grey = Image.radial_gradient("L").resize((577, 90))
    ImageDraw.Draw(grey).rectangle((100, 20, 300, 60), fill=0)
    noise = Image.frombytes("L", (131, 40), random.Random(1).randbytes(131 * 40))
    blank = Image.new("L", (576, 700), 255)
    return [grey, grey.convert("1"), noise, noise.convert("1"), blank, Image.new("1", (8, 1))]


def document(pages: list[Image.Image], runs: bool = True) -> bytes:
    out = io.BytesIO()
    assert write_pwg(pages, out, dpi=203, media_name="custom_72x90mm_72x90mm", runs=runs) == len(pages)
    return out.getvalue()


def printed(data: bytes, piece: int = 1500, mime: bytes = b"image/pwg-raster") -> list[Image.Image]:
    """The pages as an engine gets them."""
    engine = Paper(width=576)
    pipe = Pipe(engine)
    pipe.start(Source(data, piece), mime)
    while not pipe.poll(0):
        pass
    assert pipe.octets == len(data)
    pages = []
    for size, lines in zip(engine.log[1:-1:2], engine.log[2:-1:2], strict=True):
        pages.append(Image.frombytes("1", size, b"".join(lines), "raw", "1;I"))
    assert pipe.pages == len(pages)
    return pages


def same(left: Image.Image, right: Image.Image) -> bool:
    return left.size == right.size and left.tobytes() == right.tobytes()


@pytest.mark.parametrize("runs", [True, False])
def test_own_writer(runs: bool) -> None:
    pages = pictures()
    for got, given_page in zip(printed(document(pages, runs)), pages, strict=True):
        # what the head does not reach is cut off before greys become dots
        assert same(got, given_page.crop((0, 0, min(576, given_page.width), given_page.height)).convert("1"))


def test_runs_make_it_smaller() -> None:
    page = [Image.new("L", (576, 700), 255)]
    assert len(document(page)) < len(document(page, runs=False)) / 100


@given(st.integers(1, 40), st.integers(1, 12), st.sampled_from(["1", "L"]), st.randoms(use_true_random=False))
def test_any_small_page(width: int, height: int, mode: str, source: random.Random) -> None:
    grey = bytes(source.choice((0, 0, 0, 255, 255, source.randrange(256))) for _ in range(width * height))
    image = Image.frombytes("L", (width, height), grey).convert(mode)
    (got,) = printed(document([image]), piece=source.randrange(1, 200))
    assert same(got, image.convert("1"))


@given(st.binary(max_size=300), st.integers(0, 2100), st.integers(1, 64))
def test_damage_is_an_error_or_a_page(damage: bytes, at: int, piece: int) -> None:
    data = bytearray(document([pictures()[2].crop((0, 0, 30, 8))]))
    at %= len(data)
    data[at : at + len(damage)] = damage
    decoder = pwg.Decoder(bytearray(583))
    decoder.start(Source(bytes(data), piece))
    try:
        while decoder.header(0):
            for _ in range(decoder.height):
                assert decoder.line(0)
    except DocumentError as error:
        assert 0 <= error.offset <= len(data)


def drawing() -> Image.Image:
    image = Image.linear_gradient("L").resize((576, 400))
    draw = ImageDraw.Draw(image)
    draw.ellipse((100, 120, 300, 320), fill=90)
    draw.text((20, 340), "fetchprint", fill=0)
    return image


@pytest.mark.system
@pytest.mark.parametrize(
    ("mime", "raster_type"),
    [
        ("image/pwg-raster", "sgray_8"),
        ("image/pwg-raster", "black_1"),
        ("image/pwg-raster", "srgb_8"),
        ("image/urf", "sgray_8"),
        ("image/urf", "srgb_8"),
    ],
)
def test_ipptransform(mime: str, raster_type: str, tmp_path: Path, ippsample_programs: None) -> None:
    page = drawing()
    if raster_type == "black_1":
        # how the converter dithers greys is its own affair
        page = page.point(lambda level: 255 * (level > 128))
    pages = [page, page.transpose(Image.Transpose.ROTATE_180)]
    pdf = tmp_path / "pages.pdf"
    pages[0].save(pdf, "PDF", resolution=203, save_all=True, append_images=pages[1:])
    with ippsample.Workspace() as workspace:
        data = workspace.ipptransform(
            pdf,
            document_format="application/pdf",
            output_format=mime,
            types=raster_type,
            options="media=custom_72x50mm_72x50mm",
        )
    assert data.startswith(b"UNIRAST" if mime == "image/urf" else b"RaS2")
    got = printed(data, mime=mime.encode())
    assert len(got) == 2
    for image, given_page in zip(got, pages, strict=True):
        assert image.width in (575, 576) and abs(image.height - 400) <= 2
        # the same picture, as far as two renderers agree: grey levels of 8 x 8 dot cells
        cells = (72, 50)
        left = image.convert("L").resize(cells, Image.Resampling.BOX).tobytes()
        right = given_page.resize(cells, Image.Resampling.BOX).tobytes()
        assert sum(abs(a - b) for a, b in zip(left, right, strict=True)) / len(left) < 20
    for cut in (len(data) // 3, len(data) - 1):
        with pytest.raises(DocumentError, match="ends in"):
            printed(data[:cut], mime=mime.encode())
