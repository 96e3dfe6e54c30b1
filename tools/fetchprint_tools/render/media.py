"""The sheet or roll that a page is laid out on."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SIZE = re.compile(r"_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$")


@dataclass(frozen=True)
class Media:
    """Sizes and margins in hundredths of millimetres, as in media-col (PWG 5100.7).

    ``roll`` media have the length of what is printed; ``y`` then is the longest page, 0 for no limit.
    """

    name: str
    x: int
    y: int
    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0
    roll: bool = False

    @classmethod
    def from_name(cls, name: str) -> Media | None:
        """The size in a self-describing media name (PWG 5101.1), None when it has none."""
        found = _SIZE.search(name)
        if found is None:
            return None
        unit = 100.0 if found[3] == "mm" else 2540.0
        return cls(name, round(float(found[1]) * unit), round(float(found[2]) * unit), roll=is_roll(name))

    @property
    def usable(self) -> bool:
        """Whether anything remains between the margins."""
        wide = self.x > self.left + self.right
        return wide and (self.roll or self.y > self.top + self.bottom)


def is_roll(name: str) -> bool:
    """Whether a media name is of the roll class (PWG 5101.1 section 5.1 and its ``roll_`` names)."""
    return name.startswith("roll_") or "_roll_" in name or "-roll" in name
