"""How ``make coverage`` names the branches that no test takes, and what it complains of."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).with_name("branches")
sys.path.insert(0, str(FOLDER))
import reasons  # noqa: E402
from missed import missed  # noqa: E402

SOURCE = """\
class Pump:
    def turn(self, n):
        if n > 3:
            return None
        try:
            run(n)
        except OSError:
            stop()
"""


def test_a_branch_is_named_by_its_function_and_its_lines() -> None:
    seen = {
        "executed_lines": [1, 2, 3, 5, 6],
        "missing_lines": [4, 7, 8],
        "missing_branches": [[3, 4], [7, 8]],
    }
    assert missed(SOURCE, seen) == [
        "Pump.turn: if n > 3: -> return None",
        "Pump.turn: except OSError: (never)",
    ]


def test_each_missed_branch_needs_a_reason_and_each_reason_a_missed_branch(tmp_path: Path) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text('[[branch]]\nfile = "a.py"\nat = ["one", "two"]\nreason = "why"\n')
    known = reasons.load(file)
    assert list(reasons.complaints({"a.py": ["one", "two"]}, known)) == []
    (said,) = reasons.complaints({"a.py": ["one", "two", "three"]}, known)
    assert said.startswith("not taken") and said.endswith("a.py: three")
    (said,) = reasons.complaints({"a.py": ["one"]}, known)
    assert "is no more" in said and said.endswith("a.py: two")
    (said,) = reasons.complaints({"a.py": ["one", "one", "two"]}, known)
    assert said.startswith("2 branches")


@pytest.mark.parametrize("line", ['reason = " "', 'why = "x"'])
def test_a_reason_that_says_nothing_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "reasons.toml"
    file.write_text(f'[[branch]]\nfile = "a.py"\nat = ["one"]\n{line}\n')
    with pytest.raises(ValueError, match=r"reasons\.toml"):
        reasons.load(file)
