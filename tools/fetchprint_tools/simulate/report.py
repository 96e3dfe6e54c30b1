"""What the simulator has found, as a table in Markdown between two marks."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from fetchprint_tools import paths
from fetchprint_tools.errors import UserError
from fetchprint_tools.simulate.batch import Tally
from fetchprint_tools.simulate.kill import Books

BEGIN = "<!-- what follows is written by: fetchprint simulate --report -->"
BEGIN_KILLS = "<!-- what follows is written by: fetchprint simulate --kill N --report -->"
SOURCES = "SHA-256 of the firmware's sources begins with"
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
    return f"{text}\n\n{summary(total)} {SOURCES} {sources()}.\n"


def sources() -> str:
    """What tells the firmware that was run from every other one."""
    digest = hashlib.sha256()
    folder = paths.firmware_dir()
    for path in sorted((folder / "fetchprint").rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


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


def kills(books: Books) -> str:
    """What became of the jobs of a printer that was killed, again and again."""
    head = ("kills", "jobs", "reported completed, each line on paper once", "reported aborted", "wrong")
    numbers = (books.kills, books.jobs, books.printed, books.flagged, len(books.wrong))
    rows = [head, ["---:"] * len(head), [f"{number:,}" for number in numbers]]
    moments = ", ".join(f"{name} {count}" for name, count in books.moments.most_common())
    return "\n".join(
        ["| " + " | ".join(row) + " |" for row in rows]
        + ["", f"{SOURCES} {sources()}."]
        + ["", f"What it had said last when it was killed: {moments}."]
        + [f"- {text}" for text in books.wrong]
    )


def write(path: Path, text: str, begin: str = BEGIN) -> None:
    """Put the text between the marks of the file; a file that is not there is begun, and one without these
    marks but with others gets them at its end. Raises ``UserError`` for any other file."""
    block = f"{begin}\n\n{text}\n{END}"
    there = path.read_text(encoding="utf-8") if path.exists() else ""
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(END), re.DOTALL)
    if pattern.search(there):
        there = pattern.sub(lambda _: block, there)
    elif not there or END in there:
        there = f"{there}\n{block}\n" if there else f"{block}\n"
    else:
        raise UserError(f"{path} has no place for the table", hint=f"give it the lines {begin} and {END}")
    path.write_text(there, encoding="utf-8")
