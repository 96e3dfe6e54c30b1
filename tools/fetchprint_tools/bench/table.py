"""The figures for people: one table for each part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fetchprint_tools.bench.figures import Part, Row


def show(console: Console, parts: Sequence[Part], machine: dict[str, Any]) -> None:
    """Print everything to ``console``."""
    console.print(heading(machine), markup=False, soft_wrap=True)
    for part in parts:
        console.print()
        if part.rows:
            console.print(table(part))
        else:
            console.print(part.title, style="bold", markup=False)
        for note in part.notes:
            console.print(f"  {note}", style="dim", markup=False)
        for reason in part.absent:
            console.print(f"  not measured: {reason}", style="red", markup=False)


def heading(machine: dict[str, Any]) -> str:
    """When, where and how."""
    how = ", quick" if machine["quick"] else ""
    return f"{machine['date']} · {machine['cpu']} x {machine['cpus']} · {machine['system']}{how}"


def table(part: Part) -> Table:
    """The rows of one part; columns that nobody fills are left out."""
    result = Table(title=part.title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    result.add_column("", overflow="fold", min_width=34)
    fields = ("ours", "other", "ratio")
    headed = [(name, field) for name, field in zip(part.columns, fields, strict=True) if name]
    for name, _field in headed:
        result.add_column(name, justify="right", no_wrap=True)
    wanted = any(row.target for row in part.rows)
    if wanted:
        result.add_column("target", justify="right", no_wrap=True)
        result.add_column("", no_wrap=True)
    for row in part.rows:
        cells: list[str | Text] = [Text(row.what), *(getattr(row, field) for _name, field in headed)]
        if wanted:
            cells += [row.target, verdict(row)]
        result.add_row(*cells)
    return result


def verdict(row: Row) -> Text:
    """Whether the target was reached, in a word."""
    if row.met is None:
        return Text("")
    return Text("reached", style="green") if row.met else Text("missed", style="red")
