"""Documents rendered for a device, read back by a raster reader of the tests' own."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute, Collection
from fetchprint_tools.render import Media, RenderError, Rendering, Target, sniff
from fetchprint_tools.render.formats import guess
from fetchprint_tools.samples import RECEIPT
from service_device import PWG, Device
from service_kit import Printer, Service, media_col, read_pwg

ROLL = Media("roll_current_80x0mm", 8000, 0, 400, 400, 200, 300, roll=True)
SHEET = Media("custom_72x100mm_72x100mm", 7200, 10000)


def render(
    path: Path, mime: str, media: Media = SHEET, raster: str = "sgray_8", dpi: int = 203
) -> list[Image.Image]:
    """Rendered, written as PWG raster and read back."""
    rendering = Rendering(path, mime, Target(dpi, raster, media))
    out = io.BytesIO()
    try:
        written = rendering.write(out)
    finally:
        rendering.close()
    pages = read_pwg(out.getvalue())
    assert len(pages) == written
    return pages


def dark(image: Image.Image) -> tuple[int, int, int, int]:
    """The box around what is not white."""
    box = ImageChops.invert(image.convert("L")).point(lambda value: 255 if value > 64 else 0).getbbox()
    assert box is not None, "the page is empty"
    return box


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Three pages, 50 mm x 40 mm, with 1, 2 and 3 black bars."""
    pages = []
    for number in (1, 2, 3):
        page = Image.new("L", (500, 400), 255)
        for bar in range(number):
            ImageDraw.Draw(page).rectangle((0, 100 * bar, 499, 100 * bar + 49), fill=0)
        pages.append(page)
    path = tmp_path / "bars.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=254)
    return path


def test_a_sheet_has_the_media_s_size_and_the_page_in_its_middle(pdf: Path) -> None:
    pages = render(pdf, "application/pdf")
    assert [page.size for page in pages] == [(575, 799)] * 3
    assert all(page.mode == "L" for page in pages)
    left, top, right, _bottom = dark(pages[0])
    assert abs((right - left) - 400) <= 2  # 50 mm at 203 dpi: a smaller page keeps its size
    assert abs(left - (575 - right)) <= 2
    assert abs(top - (799 - 320) // 2) <= 2


def test_a_larger_page_is_made_to_fit_between_the_margins() -> None:
    page = render(RECEIPT, "application/pdf", ROLL)[0]
    assert page.width == round(8000 * 203 / 2540)
    inner = round(7200 * 203 / 2540)
    assert page.height == pytest.approx(inner * 200 / 80 + 16 + 24, abs=3)  # the page's own proportions
    left, _top, right, _bottom = dark(page)
    assert left >= 32 and right <= page.width - 32


def test_the_picture_is_pdfium_s() -> None:
    media = Media("custom_80x200mm_80x200mm", 8000, 20000)
    page = render(RECEIPT, "application/pdf", media, dpi=72)[0]
    assert page.size == (227, 567)
    judge = (
        pdfium.PdfDocument(RECEIPT)[0]
        .render(scale=1, grayscale=True)
        .to_pil()
        .convert("L")
        .crop((0, 0, *page.size))
    )
    difference = ImageChops.difference(page, judge).histogram()
    assert sum(difference[24:]) < page.width * page.height * 0.03


def test_black_1_is_dithered_and_not_inverted() -> None:
    page = render(RECEIPT, "application/pdf", ROLL, "black_1")[0]
    assert page.mode == "1"
    grey = render(RECEIPT, "application/pdf", ROLL)[0]
    mean = [ImageStat.Stat(one.convert("L")).mean[0] for one in (page, grey)]
    assert mean[0] == pytest.approx(mean[1], abs=4)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_pictures_fill_the_width(tmp_path: Path, kind: str) -> None:
    picture = Image.new("RGB", (100, 50), "black")
    path = tmp_path / "picture"
    picture.save(path, kind)
    page = render(path, f"image/{kind.lower()}")[0]
    left, top, right, bottom = dark(page)
    assert (left, right) == (0, 575)
    assert bottom - top == pytest.approx(575 / 2, abs=2)


def test_transparent_is_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((25, 25, 74, 74), fill=(0, 0, 0, 255))
    path = tmp_path / "hole.png"
    picture.save(path)
    left, _top, right, _bottom = dark(render(path, "image/png")[0])
    assert right - left == pytest.approx(575 / 2, abs=4)


def test_text_is_wrapped_and_paged(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text(
        "A long line of words that goes on and on and on without an end. " * 40 + "\n" * 3 + "x\fnew page\n"
    )
    pages = render(path, "text/plain")
    assert len(pages) == 4
    assert all(page.size == (575, 799) and dark(page)[2] <= 575 for page in pages)
    assert dark(pages[0])[2] > 500
    roll = render(path, "text/plain", ROLL)
    assert len(roll) == 2 and roll[1].height < 80


def test_text_without_system_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fetchprint_tools.render.text._SYSTEM_FONTS", ())
    path = tmp_path / "text.txt"
    path.write_text("Grüße aus Łódź, 5 €: plain text\n")
    left, top, right, bottom = dark(render(path, "text/plain", ROLL)[0])
    assert right - left > 300 and bottom - top > 15


@pytest.mark.parametrize(
    ("mime", "data", "reason"),
    [
        ("application/pdf", b"%PDF-1.4\nbroken", "the PDF cannot be opened"),
        ("image/png", b"\x89PNG\r\n\x1a\nbroken", "the PNG picture cannot be opened"),
        ("image/jpeg", b"\xff\xd8\xffbroken", "the JPEG picture cannot be opened"),
        ("text/plain", b"caf\xe9 and more", "not UTF-8"),
        ("text/plain", b"\x00\x01\x02", "control characters"),
        ("application/x-odd", b"x", "cannot be rendered"),
    ],
)
def test_broken_documents(tmp_path: Path, mime: str, data: bytes, reason: str) -> None:
    path = tmp_path / "broken"
    path.write_bytes(data)
    with pytest.raises(RenderError, match=reason):
        render(path, mime)


def test_a_cut_short_picture_is_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    Image.effect_noise((300, 300), 60).save(path)
    path.write_bytes(path.read_bytes()[:-20000])
    with pytest.raises(RenderError, match="broken"):
        render(path, "image/png")


def test_targets_that_cannot_be(pdf: Path) -> None:
    with pytest.raises(RenderError, match="no printable area"):
        render(pdf, "application/pdf", Media("custom_5x5mm_5x5mm", 500, 500, 300, 300))
    with pytest.raises(RenderError, match="srgb_8"):
        render(pdf, "application/pdf", raster="srgb_8")
    with pytest.raises(RenderError, match="longer"):
        render(RECEIPT, "application/pdf", Media("roll_short", 8000, 5000, roll=True))


def test_formats_are_known_by_content_then_by_name(tmp_path: Path) -> None:
    assert sniff(RECEIPT.read_bytes()[:4096]) == "application/pdf"
    assert sniff(b"RaS2") == PWG
    assert sniff("Grüße".encode()) == "text/plain"
    assert sniff(b"\0\1") is None and sniff(b"") is None
    assert sniff(b"x" * 4095 + "ü".encode()[:1]) == "text/plain"
    odd = tmp_path / "odd.pdf"
    odd.write_bytes(b"\0\1")
    assert guess(odd) == "application/pdf"
    assert guess(RECEIPT) == "application/pdf"
    assert Media.from_name("na_letter_8.5x11in") == Media("na_letter_8.5x11in", 21590, 27940)


@pytest.fixture
def device(service: Service) -> Iterator[Device]:
    device = Device(service.uri)
    yield device
    device.ask(Operation.DEREGISTER_OUTPUT_DEVICE)


def test_the_service_renders_what_the_device_declared(service: Service, device: Device) -> None:
    device.declare(media=media_col("custom_58x100mm_58x100mm", 5800, 10000, 300), raster="black_1", dpi=180)
    printer = Printer(service.uri)
    job = printer.print(RECEIPT.read_bytes(), "application/octet-stream")
    device.acknowledge(job)
    reply, data = device.document(job)
    assert reply.code == Status.OK
    assert reply.get(tags.DOCUMENT, "document-format") == PWG
    (page,) = read_pwg(data)
    assert page.mode == "1" and page.size == (411, 709)
    assert device.job_status(job, 9) == Status.OK
    assert service.said("render")[-1]["document-format"] == "application/pdf"


def test_the_job_chooses_among_the_media(service: Service, device: Device) -> None:
    small, large = media_col("custom_a_50x50mm", 5000, 5000), media_col("custom_b_60x60mm", 6000, 6000)
    both = Attribute("media-col-database", tags.BEGIN_COLLECTION, small, large)
    names = Attribute("media-supported", tags.KEYWORD, "custom_a_50x50mm", "custom_b_60x60mm")
    assert _declare_media(device, small, both, names) == Status.OK
    printer = Printer(service.uri)
    for wish in (
        Attribute("media", tags.KEYWORD, "custom_b_60x60mm"),
        Attribute("media-col", tags.BEGIN_COLLECTION, Collection([large["media-size"]])),
    ):
        job = printer.print(b"text", "text/plain", job=[wish])
        assert wish.name in printer.job(job)
        device.acknowledge(job)
        (page,) = read_pwg(device.document(job)[1])
        assert page.size == (480, 480)
        device.job_status(job, 9)


def _declare_media(device: Device, default: Collection, *more: Attribute) -> int:
    device.declare(media=default)
    from fetchprint_tools.message import Group

    return device.ask(Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, group=Group(tags.PRINTER, more)).code


def test_many_pages_come_as_they_are_made(service: Service, device: Device, tmp_path: Path) -> None:
    """A device that reads slowly keeps the service from rendering ahead; nothing is lost."""
    pages = [Image.effect_noise((600, 800), 100) for _ in range(8)]
    path = tmp_path / "noise.pdf"
    pages[0].save(path, save_all=True, append_images=pages[1:], resolution=200)
    device.declare()
    printer = Printer(service.uri)
    job = printer.print(path.read_bytes(), "application/pdf")
    device.acknowledge(job)
    _reply, data = device.document(job)
    assert len(read_pwg(data)) == 8


def test_a_broken_document_aborts_the_job(service: Service, device: Device) -> None:
    device.declare()
    printer = Printer(service.uri)
    job = printer.print(b"%PDF-1.4\nbroken", "application/pdf")
    device.acknowledge(job)
    reply, data = device.document(job)
    assert (reply.code, data) == (Status.DOCUMENT_FORMAT_ERROR, b"")
    assert "PDF cannot be opened" in reply.get(tags.OPERATION, "status-message")
    ended = printer.job(job)
    assert ended.get("job-state") == JobState.ABORTED
    assert "document-format-error" in ended.values("job-state-reasons")
    assert "PDF" in ended.get("job-state-message")
    assert device.job_status(job, 8) == Status.NOT_POSSIBLE


def test_a_device_without_raster_gets_only_its_own_formats(service: Service, device: Device) -> None:
    printer = Printer(service.uri)
    job = printer.print(b"text", "text/plain")  # accepted while no device had connected
    device.declare(formats=("application/vnd.zebra-zpl",))
    plain = Attribute("document-format", tags.MIME_MEDIA_TYPE, "text/plain")
    assert printer.ask(Operation.PRINT_JOB, plain, data=b"text").code == Status.DOCUMENT_FORMAT_NOT_SUPPORTED
    device.acknowledge(job)
    reply, _data = device.document(job, formats=("application/vnd.zebra-zpl",))
    assert reply.code == Status.DOCUMENT_FORMAT_NOT_SUPPORTED
    assert printer.state(job) == JobState.ABORTED
