"""What the simulator has found, as a table in Markdown between two marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fetchprint_tools.errors import UserError
from fetchprint_tools.simulate.batch import Tally

BEGIN = "<!-- what follows is written by: fetchprint simulate --report -->"
END = "<!-- until here -->"


@dataclass
class Line:
    """One row: which services, which faults, what came of it."""

    profile: str
    what: str
    tally: Tally


def table(lines: list[Line]) -> str:
    """All rows and their sum."""
    head = (
        "services",
        "faults",
        "runs",
        "starts",
        "jobs",
        "completed",
        "aborted",
        "canceled",
        "broken promises",
    )
    rows = [head, ("---", "---", *["---:"] * (len(head) - 2))]
    total = Tally()
    for line in lines:
        rows.append((line.profile, line.what, *_numbers(line.tally)))
        total.add(line.tally)
    rows.append(("**all**", "", *_numbers(total)))
    text = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"{text}\n\n{summary(total)}\n"


def _numbers(tally: Tally) -> tuple[str, ...]:
    ends = tally.ends
    counts = (tally.runs, tally.boots, tally.jobs, ends["completed"], ends["aborted"], ends["canceled"])
    return *(f"{count:,}" for count in counts), f"{tally.failed:,}"


def summary(tally: Tally) -> str:
    """What a tally says, in a sentence."""
    faults = ", ".join(f"{name} {count:,}" for name, count in sorted(tally.faults.items()))
    return (
        f"{tally.runs:,} runs, {tally.operations:,} operations of flash, sockets and engine, "
        f"{tally.milliseconds / 3_600_000:,.0f} hours of virtual time. Faults that took place: "
        f"{faults or 'none'}."
    )


def write(path: Path, lines: list[Line]) -> None:
    """Put the table between the marks of the file; a file that is not there is begun."""
    block = f"{BEGIN}\n\n{table(lines)}\n{END}"
    if not path.exists():
        path.write_text(block + "\n", encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(text):
        raise UserError(f"{path} has no place for the table", hint=f"give it the lines {BEGIN} and {END}")
    path.write_text(pattern.sub(lambda _: block, text), encoding="utf-8")
