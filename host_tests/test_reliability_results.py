"""docs/reliability-results.md is what the command writes: its tables, not their numbers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fetchprint_tools.simulate import exhaustive, kill, report
from fetchprint_tools.simulate.batch import Tally
from fetchprint_tools.simulate.engines import ENGINES
from fetchprint_tools.simulate.run import PROFILES

PUBLISHED = Path(__file__).resolve().parents[1] / "docs" / "reliability-results.md"


def block(begin: str) -> list[str]:
    text = PUBLISHED.read_text(encoding="utf-8")
    assert text.count(begin) == 1, begin
    return text.partition(begin)[2].partition(report.END)[0].strip().splitlines()


def shape(line: str) -> str:
    """The line with each number as 0."""
    return re.sub(r"[\d,]*\d", "0", line)


def test_the_table_of_the_simulation() -> None:
    made = report.table([report.Line("standard, pass", "x", Tally())]).splitlines()
    published = block(report.BEGIN)
    assert published[:2] == made[:2]
    rows = [line for line in published[2:] if line.startswith("|")]
    whats = {re.escape(what) for what in exhaustive.PARTS.values()}
    known = re.compile(rf"({'|'.join(whats)})( \(one in \d+\))?|by chance, seeds \d+ to \d+")
    total = 0
    for row in rows[:-1]:
        services, what, runs, *_, broken = (cell.strip() for cell in row.strip("|").split("|"))
        assert services == "all" or set(services.split(", ")) <= {*PROFILES, *ENGINES}, services
        assert known.fullmatch(what), what
        assert broken == "0", row
        total += int(runs.replace(",", ""))
    assert shape(rows[-1]) == shape(made[3])
    assert rows[-1].split("|")[3].strip() == f"{total:,}" and total > 5000
    assert re.search(rf"{report.SOURCES} [0-9a-f]{{16}}\.", published[-1])


def test_the_table_of_kills() -> None:
    books = kill.Books(kills=300)
    made = report.kills(books).splitlines()
    published = block(report.BEGIN_KILLS)
    assert [shape(line) for line in published[:3]] == [shape(line) for line in made[:3]]
    kills, jobs, printed, flagged, wrong = (
        int(cell.replace(",", "")) for cell in published[2].split("|")[1:-1]
    )
    assert kills >= 300 and printed + flagged == jobs and wrong == 0


@pytest.mark.parametrize("begin", [report.BEGIN, report.BEGIN_KILLS])
def test_a_block_is_replaced_and_the_other_one_stays(tmp_path: Path, begin: str) -> None:
    path = tmp_path / "results.md"
    path.write_text(PUBLISHED.read_text(encoding="utf-8"), encoding="utf-8")
    report.write(path, "NEW", begin)
    text = path.read_text(encoding="utf-8")
    assert f"{begin}\n\nNEW\n{report.END}" in text
    other = {report.BEGIN: report.BEGIN_KILLS, report.BEGIN_KILLS: report.BEGIN}[begin]
    assert PUBLISHED.read_text(encoding="utf-8").partition(other)[2].partition(report.END)[0] in text
