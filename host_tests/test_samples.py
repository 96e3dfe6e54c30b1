"""``fetchprint samples``: pages of every format through the whole path, to the dot as Pillow renders them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from fetchprint_tools.commands.samples import command, compare
from fetchprint_tools.samples.pages import samples


def test_one_wrong_dot_is_seen() -> None:
    sample = next(samples(576, 203))
    assert sample.expected is not None
    page = sample.expected[0].copy()
    assert compare(sample, [page]) == "as Pillow"
    page.putpixel((575, 3), 0)
    assert compare(sample, [page]) == "differs"
    assert compare(sample, []) == "differs"
    assert compare(sample, [sample.expected[0]] * 2) == "differs"
    below = Image.new("1", (576, 400), 1)
    below.paste(sample.expected[0], (0, 0))
    assert compare(sample, [below]) == "as Pillow"  # paper that was fed
    below.putpixel((0, 399), 0)
    assert compare(sample, [below]) == "differs"


def test_pages_that_nothing_cuts() -> None:
    sample = next(one for one in samples(576, 203) if one.name == "20 pages")
    assert sample.expected is not None
    strip = Image.new("1", (576, 20 * 120), 1)
    for number, page in enumerate(sample.expected):
        strip.paste(page, (0, 120 * number))
    assert compare(sample, [strip]) == "as Pillow, not cut"
    strip.paste(sample.expected[7], (0, 120 * 8))
    assert compare(sample, [strip]) == "differs"


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["escpos", "thermal", "link"])
def test_every_format_on_every_engine(engine: str, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    result = CliRunner().invoke(command, ["--quick", "--engine", engine, "--sheet", str(sheet)])
    assert result.exit_code == 0, result.output
    assert result.output.count("as Pillow") == 11
    with Image.open(sheet) as picture:
        assert picture.width > 1000
    assert sheet.stat().st_size < 300_000
