# mypy: disable-error-code="import-untyped,import-not-found"
"""Makes ``receipt.pdf``; needs reportlab (``pip install reportlab``), which nothing else here does.

python tools/fetchprint_tools/samples/make.py
"""

from __future__ import annotations

import io
import math
from pathlib import Path

from PIL import Image, ImageFilter
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 80 * mm, 200 * mm
LEFT, RIGHT = 5 * mm, 75 * mm

ITEMS = (
    ("2", "Paper roll 80 mm x 50 m", "7.80"),
    ("1", "Board with Wi-Fi", "6.40"),
    ("4", "Jumper wire, 20 cm", "1.20"),
    ("1", "Level shifter 3.3 V / 5 V", "2.15"),
    ("1", "Power supply 24 V, 2.5 A", "18.90"),
)


def photo(width: int = 420, height: int = 180) -> Image.Image:
    """Hills before a setting sun, in soft greys: what a halftone has to cope with."""
    picture = Image.new("L", (width, height))
    pixels = []
    for y in range(height):
        for x in range(width):
            sky = 205 - 70 * (1 - y / height) ** 1.5
            glow = 90 * math.exp(-((x - 0.68 * width) ** 2 + (y - 0.42 * height) ** 2) / 2600)
            value = min(255.0, sky + glow)
            if (x - 0.68 * width) ** 2 + (y - 0.42 * height) ** 2 < 20**2:
                value = 252
            for layer, (base, size, shade) in enumerate(((0.62, 22, 130), (0.74, 17, 85), (0.88, 12, 38))):
                ridge = base * height
                ridge += size * math.sin(x / (62 - 13 * layer) + 2 * layer)
                ridge += size / 3 * math.sin(x / 17 + layer)
                if y > ridge:
                    value = shade + 26 * (y - ridge) / height
            pixels.append(int(value))
    picture.putdata(pixels)
    return picture.filter(ImageFilter.GaussianBlur(0.7))


def logo(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A printer with a page coming out, and an arrow that goes out to fetch it."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(size / 100, size / 100)
    canvas.setLineJoin(1)
    canvas.setLineCap(1)
    canvas.setLineWidth(5)
    canvas.roundRect(8, 34, 84, 38, 7, stroke=1, fill=1)
    canvas.setFillGray(1)
    canvas.rect(24, 8, 52, 42, stroke=1, fill=1)
    canvas.setLineWidth(3.5)
    for row, end in ((39, 66), (30, 62), (21, 50)):
        canvas.line(33, row, end, row)
    canvas.setStrokeGray(1)
    canvas.circle(80, 62, 2.2, stroke=0, fill=1)
    canvas.setStrokeGray(0)
    canvas.setLineWidth(6)
    path = canvas.beginPath()
    path.moveTo(26, 78)
    path.curveTo(30, 102, 66, 102, 72, 84)
    canvas.drawPath(path)
    canvas.setFillGray(0)
    head = canvas.beginPath()
    head.moveTo(72, 74)
    head.lineTo(62, 88)
    head.lineTo(83, 88)
    head.close()
    canvas.drawPath(head, stroke=0, fill=1)
    canvas.restoreState()


def rule(canvas: Canvas, y: float, width: float = 0.8, dash: tuple[float, ...] = ()) -> None:
    """A line across the receipt."""
    canvas.saveState()
    canvas.setLineWidth(width)
    if dash:
        canvas.setDash(*dash)
    canvas.line(LEFT, y, RIGHT, y)
    canvas.restoreState()


def head(canvas: Canvas) -> None:
    """Logo, name and what this is."""
    logo(canvas, LEFT, 177 * mm, 19 * mm)
    canvas.setFont("Helvetica-Bold", 25)
    canvas.drawString(27 * mm, 186.2 * mm, "fetchprint")
    canvas.setFont("Helvetica", 8.4)
    canvas.drawString(27.3 * mm, 181.6 * mm, "the printer that goes out for its jobs")
    rule(canvas, 174.5 * mm, 1.6)
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(LEFT, 167 * mm, "Delivery note")
    canvas.setFont("Courier-Bold", 11)
    canvas.drawRightString(RIGHT, 167 * mm, "No. 000001")
    canvas.setFont("Helvetica", 8)
    canvas.drawString(LEFT, 162 * mm, "sent by an IPP client, rendered by the service,")
    canvas.drawString(LEFT, 158.4 * mm, "fetched, halftoned and printed by the firmware")


def table(canvas: Canvas) -> None:
    """Goods and their sum."""
    y = 151 * mm
    canvas.setFillGray(0)
    canvas.rect(LEFT, y - 1.6 * mm, RIGHT - LEFT, 5.6 * mm, stroke=0, fill=1)
    canvas.setFillGray(1)
    canvas.setFont("Helvetica-Bold", 8.6)
    canvas.drawString(LEFT + 1.5 * mm, y, "Qty")
    canvas.drawString(LEFT + 11 * mm, y, "Item")
    canvas.drawRightString(RIGHT - 1.5 * mm, y, "Amount")
    canvas.setFillGray(0)
    total = 0.0
    for index, (quantity, item, amount) in enumerate(ITEMS):
        y -= 6 * mm
        if index % 2:
            canvas.setFillGray(0.88)
            canvas.rect(LEFT, y - 1.8 * mm, RIGHT - LEFT, 6 * mm, stroke=0, fill=1)
            canvas.setFillGray(0)
        canvas.setFont("Helvetica", 8.8)
        canvas.drawString(LEFT + 2 * mm, y, quantity)
        canvas.drawString(LEFT + 11 * mm, y, item)
        canvas.setFont("Courier", 9)
        canvas.drawRightString(RIGHT - 1.5 * mm, y, amount)
        total += float(amount)
    rule(canvas, y - 2.6 * mm)
    canvas.setFont("Helvetica-Bold", 13)
    canvas.drawString(LEFT + 2 * mm, y - 8.4 * mm, "Total")
    canvas.setFont("Courier-Bold", 13)
    canvas.drawRightString(RIGHT - 1.5 * mm, y - 8.4 * mm, f"{total:.2f}")
    rule(canvas, y - 11 * mm)
    rule(canvas, y - 11.8 * mm)


def pictures(canvas: Canvas) -> None:
    """A photograph, a wedge of greys, and lines that show a wrong scale or a lost row."""
    stored = io.BytesIO()
    photo().save(stored, "JPEG", quality=82)
    canvas.drawImage(ImageReader(stored), LEFT, 75 * mm, RIGHT - LEFT, 30 * mm)
    canvas.setLineWidth(0.6)
    canvas.rect(LEFT, 75 * mm, RIGHT - LEFT, 30 * mm)
    steps = 14
    step = (RIGHT - LEFT) / steps
    for index in range(steps):
        canvas.setFillGray(index / (steps - 1))
        canvas.rect(LEFT + index * step, 66.5 * mm, step, 6 * mm, stroke=0, fill=1)
    canvas.setFillGray(0)
    canvas.rect(LEFT, 66.5 * mm, RIGHT - LEFT, 6 * mm)
    canvas.setFont("Helvetica", 6)
    canvas.drawString(LEFT, 63.6 * mm, "black")
    canvas.drawRightString(RIGHT, 63.6 * mm, "white")
    for index in range(71):
        x = LEFT + index * mm
        canvas.setLineWidth(0.5 if index % 10 else 1)
        canvas.line(x, 61.5 * mm, x, (59.4 if index % 10 else 57.6) * mm)
    canvas.setFont("Helvetica", 6)
    for index in range(0, 71, 10):
        place = min(max(LEFT + index * mm, LEFT + 1.5 * mm), RIGHT - 3 * mm)
        canvas.drawCentredString(place, 55 * mm, f"{index}" if index < 70 else "70 mm")


def star(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """Rays from one point: every angle of line."""
    canvas.setLineWidth(0.5)
    for index in range(36):
        angle = index * math.pi / 18
        inner = radius * 0.18
        canvas.line(
            x + inner * math.cos(angle),
            y + inner * math.sin(angle),
            x + radius * math.cos(angle),
            y + radius * math.sin(angle),
        )
    canvas.setLineWidth(1.2)
    canvas.circle(x, y, radius)


def foot(canvas: Canvas) -> None:
    """Text from large to small, a star, and good-bye."""
    y = 47 * mm
    for size in (11, 9, 7.5, 6, 5):
        canvas.setFont("Times-Roman", size)
        canvas.drawString(LEFT, y, f"{size:g} pt  Sphinx of black quartz")
        y -= (size + 2.6) * 1.05
    star(canvas, 65 * mm, 39.5 * mm, 9 * mm)
    rule(canvas, 24.5 * mm, 0.8, (2, 2))
    canvas.setFont("Helvetica-Bold", 12)
    canvas.drawCentredString(WIDTH / 2, 17.6 * mm, "Thank you for printing.")
    canvas.setFont("Helvetica", 7)
    canvas.drawCentredString(WIDTH / 2, 13 * mm, "Nothing listens on the device. It asked, and here it is.")
    canvas.setFont("Courier", 6.4)
    canvas.drawCentredString(WIDTH / 2, 8.6 * mm, "PWG 5100.18  -  image/pwg-raster  -  ESC/POS")
    rule(canvas, 5 * mm, 1.6)


def make(path: Path) -> None:
    """Write the sample; the same octets each time."""
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
    canvas.setTitle("fetchprint delivery note")
    canvas.setAuthor("fetchprint")
    for part in (head, table, pictures, foot):
        part(canvas)
    canvas.showPage()
    canvas.save()


if __name__ == "__main__":
    make(Path(__file__).with_name("receipt.pdf"))
