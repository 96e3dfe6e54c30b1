"""``fetchprint emulate`` on MicroPython, killed while it prints what the packaged ippserver has."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from fetchprint_tools.cli import main
from fetchprint_tools.simulate import kill, report
from fetchprint_tools.simulate.desk_printer import rows


@pytest.mark.system
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_job_is_lost_and_nothing_is_printed_twice(ippsample_programs, tmp_path):
    path = tmp_path / "results.md"
    result = CliRunner().invoke(main, ["simulate", "--kill", "10", "--first", "7", "--report", str(path)])
    assert result.exit_code == 0, result.output
    assert "10 kills in" in result.output and " 0 wrong" in result.output
    assert path.read_text().startswith(report.BEGIN_KILLS)


def test_each_line_of_dots_is_of_one_page_only():
    lines = [line for serial in range(1, 5) for page in (1, 2) for line in rows(serial, page, 50)]
    assert len(set(lines)) == len(lines) == 400


def test_books_add_up():
    books = kill.Books(kills=2, jobs=3, printed=2, flagged=1)
    books.moments["page"] = 2
    books.add(kill.Books(kills=1, jobs=1, wrong=["job 1 is lost: none"]))
    assert (books.kills, books.jobs, books.printed, books.flagged) == (3, 4, 2, 1)
    assert "| 3 | 4 | 2 | 1 | 1 |" in report.kills(books) and "job 1 is lost" in report.kills(books)
