"""What a measurement gives: rows for people, facts for machines, and what could not be measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Tell = Callable[[str], None]
"""Takes what is being done now, for the person who waits."""


@dataclass(frozen=True)
class Settings:
    """``quick``: fewer jobs and shorter runs; the figures are rougher, not others."""

    quick: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table. ``target`` says what is wanted, ``met`` whether it was reached."""

    what: str
    ours: str
    other: str = ""
    ratio: str = ""
    target: str = ""
    met: bool | None = None


@dataclass
class Part:
    """``name`` is for machines, ``title`` for people; ``columns`` heads ours, the other's and the ratio."""

    name: str
    title: str
    columns: tuple[str, str, str] = ("", "", "")
    rows: list[Row] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    """Reasons of what was not measured: a part that is not installed, or a failure."""
    failed: bool = False
    """The measurement itself broke off."""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The part for machines."""
        rows = [
            {key: value for key, value in vars(row).items() if value not in ("", None)} for row in self.rows
        ]
        return {
            "title": self.title,
            "seconds": round(self.seconds, 1),
            "rows": rows,
            "notes": self.notes,
            "not-measured": self.absent,
            **self.facts,
        }


def median(values: Sequence[float]) -> float:
    """The middle one."""
    return statistics.median(values)


def milliseconds(seconds: float) -> str:
    """``12 ms`` below a second, ``1.23 s`` from there on."""
    return f"{seconds * 1000:.0f} ms" if abs(seconds) < 1 else f"{seconds:.2f} s"
