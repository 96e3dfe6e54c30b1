"""The printable area in dots, and how a page is made to fit it."""

from __future__ import annotations

from dataclasses import dataclass

from fetchprint_tools.render.errors import RenderError

MAX_PAGE_PIXELS = 64_000_000
"""Dots of one page, one octet each while it is rendered: A3 at 600 dpi has 70 million, A4 35 million."""

MAX_ROLL_DOTS = 24_000
"""Longest page on a roll that sets no limit itself: 3 m at 203 dpi."""

POINTS_PER_INCH = 72


@dataclass(frozen=True)
class Box:
    """``width`` x ``height`` dots at ``dpi``; on a roll ``height`` is the longest page.

    ``scaling`` is a print-scaling keyword (PWG 5100.16): ``none`` keeps the size, ``fit`` makes the page
    as large as the area, ``fill`` makes it cover the area, ``auto-fit`` and ``auto`` only make it smaller.
    """

    width: int
    height: int
    dpi: int
    roll: bool
    scaling: str = "auto-fit"

    def scale(self, width: float, height: float) -> float:
        """Dots for a point of a page of ``width`` x ``height`` points."""
        if width <= 0 or height <= 0:
            raise RenderError("the page has no size")
        natural = self.dpi / POINTS_PER_INCH
        if self.scaling == "none":
            return natural
        across = self.width / width
        along = across if self.roll else self.height / height
        fitting = max(across, along) if self.scaling == "fill" else min(across, along)
        return fitting if self.scaling in ("fit", "fill") else min(natural, fitting)

    def fit(self, width: float, height: float) -> tuple[int, int]:
        """The dots that a page of ``width`` x ``height`` points becomes."""
        scale = self.scale(width, height)
        dots = max(1, round(width * scale)), max(1, round(height * scale))
        if self.roll and dots[1] > self.height:
            inches = self.height / self.dpi
            raise RenderError(f"the page is longer than the {inches * 25.4:.0f} mm that the roll allows")
        if dots[0] * dots[1] > MAX_PAGE_PIXELS:
            raise RenderError(f"a page of {dots[0]} x {dots[1]} dots is more than {MAX_PAGE_PIXELS}")
        return dots
