"""``fetchprint samples``: pages of every kind and format, compared with Pillow and shown on one sheet."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image, ImageDraw, ImageFont
from rich.console import Console

from fetchprint.config import driver_setup
from fetchprint_tools.commands.demo import Stage
from fetchprint_tools.emulate_options import ENGINES
from fetchprint_tools.errors import UserError
from fetchprint_tools.samples.pages import Sample, a4, samples

WIDTH, DPI = 576, 203
_READY_SECONDS = 60.0
_PRINT_SECONDS = 300.0

# The sheet: thumbnails of paper on grey.
_CELL, _THUMB, _GAP, _COLUMNS = 190, 176, 10, 7


@dataclass
class Printed:
    """What came of a sample; ``verdict`` says how it compares with Pillow's rendering."""

    engine: str
    sample: Sample
    pages: list[Image.Image]
    verdict: str

    @property
    def good(self) -> bool:
        return self.verdict != "differs"


@click.command()
@click.option(
    "--engine",
    "engines",
    type=click.Choice([name for name in ENGINES if name != "raw"]),  # raw takes no raster
    multiple=True,
    default=("escpos",),
    show_default=True,
    help="The print engine; may be given more than once.",
)
@click.option(
    "--runtime",
    type=click.Choice(("micropython", "cpython")),
    default="micropython",
    show_default=True,
    help="What runs the firmware.",
)
@click.option("--sheet", type=click.Path(path_type=Path, dir_okay=False), help="Write a contact sheet (PNG).")
@click.option("--quick", is_flag=True, help="Without A4 and the metre of receipt.")
def command(engines: tuple[str, ...], runtime: str, sheet: Path | None, quick: bool) -> None:
    """Print sample pages in every format and compare each with Pillow's rendering, dot for dot.

    Exits with 1 when a page differs.
    """
    console = Console(highlight=False)
    done: list[Printed] = []
    for engine in engines:
        chosen = [one for one in samples(WIDTH, DPI) if not quick or "1 m" not in one.name]
        done += _print(console, engine, runtime, WIDTH, DPI, chosen)
        if engine == "escpos" and not quick:
            page = a4()
            done += _print(console, engine, runtime, 2480, 300, [page])
    if sheet is not None:
        contact_sheet(done).save(sheet, optimize=True)
        console.print(f"The contact sheet is {sheet}", markup=False)
    sys.exit(0 if all(one.good for one in done) else 1)


def _print(
    console: Console, engine: str, runtime: str, width: int, dpi: int, chosen: list[Sample]
) -> list[Printed]:
    stage = Stage()
    stage.console = Console(quiet=True)
    done: list[Printed] = []
    with tempfile.TemporaryDirectory(prefix="fetchprint-samples-") as name:
        work = Path(name)
        try:
            stage.start("service", "serve", "--port", "0", "--data", str(work / "service"))
            uri = str(stage.until("the service's start", _READY_SECONDS, event="listening")["uri"])
            head = {"width": width, "dpi": dpi}
            known = driver_setup(engine).SETTINGS
            head = {key: value for key, value in head.items() if key in known}  # a link's engine tells
            config = {"engine": {"driver": engine, **head}, "services": [{"uri": uri}]}
            (work / "config.json").write_text(json.dumps(config))
            printer = ["emulate", "--config", str(work / "config.json"), "--runtime", runtime, "--json"]
            stage.start("printer", *printer, "--state", str(work / "state"), "--out", str(work / "out"))
            stage.until("the printer's registration", _READY_SECONDS, event="service", state="waiting")
            for sample in chosen:
                pages = _one(stage, uri, work, sample)
                done.append(Printed(engine, sample, pages, compare(sample, pages)))
                console.print(f"{engine}: {sample.label}: {done[-1].verdict}", markup=False)
        finally:
            stage.end()
    return done


def _one(stage: Stage, uri: str, work: Path, sample: Sample) -> list[Image.Image]:
    document = work / "document"
    document.write_bytes(sample.data)
    send = [sys.executable, "-m", "fetchprint_tools", "submit", uri, str(document), "--format", sample.mime]
    sent = subprocess.run(send, capture_output=True, text=True, check=False)
    if sent.returncode:
        raise UserError(f"the service did not take {sample.label}", where=sent.stderr.strip())
    ended: dict[str, Any] = stage.until(f"the end of {sample.label}", _PRINT_SECONDS, event="job-end")
    if ended["state"] != "completed":
        raise UserError(f"{sample.label} ended {ended['state']}", where=str(ended["message"]))
    pages = []
    for path in sorted((work / "out" / f"job-{ended['job-id']}").glob("page-*.png")):
        with Image.open(path) as page:
            pages.append(page.convert("1"))
    return pages


def compare(sample: Sample, pages: list[Image.Image]) -> str:
    """``as Pillow``, ``differs``, or ``own font`` where there is nothing to compare with."""
    if sample.expected is None:
        return "own font" if pages else "differs"
    if len(pages) != len(sample.expected):
        return _compare_strip(sample.expected, pages)
    for page, expected in zip(pages, sample.expected, strict=True):
        whole = Image.new("1", (page.width, max(page.height, expected.height)), 1)
        whole.paste(expected, (0, 0))
        paper = Image.new("1", whole.size, 1)
        paper.paste(page, (0, 0))
        if paper.tobytes() != whole.tobytes():
            return "differs"
    return "as Pillow"


def _compare_strip(expected: list[Image.Image], pages: list[Image.Image]) -> str:
    """Where nothing cuts the paper, the pages follow each other in one piece with white between them."""

    def rows(page: Image.Image, width: int) -> list[bytes]:
        wide = Image.new("1", (width, page.height), 1)
        wide.paste(page, (0, 0))
        data, stride = wide.tobytes(), (width + 7) // 8
        found = [data[at : at + stride] for at in range(0, len(data), stride)]
        return [row for row in found if row.strip(b"\xff")]

    width = max((page.width for page in pages), default=WIDTH)
    printed = [row for page in pages for row in rows(page, width)]
    wanted = [row for page in expected for row in rows(page, width)]
    return "as Pillow, not cut" if printed == wanted else "differs"


def contact_sheet(done: list[Printed]) -> Image.Image:
    """Every sample's pages in small, in grey, with what they are below."""
    cells = [_cell(one) for one in done]
    rows = [cells[at : at + _COLUMNS] for at in range(0, len(cells), _COLUMNS)]
    heights = [max(cell.height for cell in row) + _GAP for row in rows]
    sheet = Image.new("L", (_COLUMNS * (_CELL + _GAP) + _GAP, sum(heights) + _GAP), 208)
    y = _GAP
    for row, height in zip(rows, heights, strict=True):
        for column, cell in enumerate(row):
            sheet.paste(cell, (_GAP + column * (_CELL + _GAP), y))
        y += height
    return sheet.quantize(16)


def _cell(one: Printed) -> Image.Image:
    pages = one.pages or [Image.new("1", (WIDTH, 160), 1)]
    page = pages[0]
    page = page.crop((0, 0, page.width, min(page.height, 2 * page.width)))
    if len(pages) > 1:
        page = _strip(pages)
    small = page.convert("L").resize(
        (_THUMB, max(8, page.height * _THUMB // page.width)), Image.Resampling.BOX
    )
    cell = Image.new("L", (_CELL, small.height + 56), 208)
    cell.paste(small, ((_CELL - _THUMB) // 2, 4))
    draw = ImageDraw.Draw(cell)
    font = ImageFont.load_default(12)
    kind = f"{one.sample.mime.split('/')[1]} {one.sample.kind}".strip()
    size = f"{pages[0].width} x {pages[0].height}"
    for line, text in enumerate((f"{one.engine}: {one.sample.name}", f"{kind}, {size}", one.verdict)):
        draw.text((7, small.height + 8 + 15 * line), text, font=font, fill=0)
    return cell


def _strip(pages: list[Image.Image]) -> Image.Image:
    """Pages in two columns."""
    width, height = pages[0].size
    rows = (len(pages) + 1) // 2
    strip = Image.new("L", (2 * width + 20, rows * (height + 20)), 208)
    for index, page in enumerate(pages):
        strip.paste(page, (index // rows * (width + 20), index % rows * (height + 20)))
    return strip
