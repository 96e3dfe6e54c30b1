"""``fetchprint engine-check``: our drivers and the one in docs/porting.md pass; drivers that lie do not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from fetchprint_tools.commands.engine_check import command
from fetchprint_tools.engine_check.adapter import names
from fetchprint_tools.engine_check.checks import CHECKS

pytestmark = pytest.mark.slow

PORTING = Path(__file__).parents[1] / "docs" / "porting.md"
RUNTIMES = ("cpython", "micropython")


def check(*arguments: str | Path) -> tuple[int, dict[str, str], dict[str, str]]:
    """Exit status, outcome by check, reason by check."""
    result = CliRunner().invoke(command, ["--json", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for line in result.output.splitlines():
        told = json.loads(line)
        outcomes[told["check"]] = told["outcome"]
        reasons[told["check"]] = told.get("why", "")
    return result.exit_code, outcomes, reasons


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("driver", names())
def test_our_drivers(driver: str, runtime: str) -> None:
    status, outcomes, reasons = check(driver, "--runtime", runtime)
    assert "failed" not in outcomes.values(), reasons
    assert status == 0 and list(outcomes) == [each.name for each in CHECKS]
    assert "passed" in outcomes.values()


@pytest.fixture(scope="session")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two files of docs/porting.md, as a vendor has them."""
    folder = tmp_path_factory.mktemp("vendor")
    blocks = re.findall(r"^```python\n(.*?)^```", PORTING.read_text(), re.MULTILINE | re.DOTALL)
    for block in blocks:
        name = re.match(r"# (\w+\.py):", block)
        assert name is not None, block[:60]
        (folder / name[1]).write_text(block)
    assert sorted(path.name for path in folder.iterdir()) == ["acme.py", "acme_emulated.py"]
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_driver_in_the_porting_guide(vendor: Path, runtime: str) -> None:
    emulated = ("--emulated", vendor / "acme_emulated.py")
    status, outcomes, reasons = check(vendor / "acme.py", *emulated, "--runtime", runtime)
    assert status == 0, reasons
    assert [name for name, outcome in outcomes.items() if outcome != "passed"] == ["pass-through"]


LIES = {
    "counts too early": (
        "        if self._report[2] == self._page & 0xFF:\n",
        "        if False:\n",
        "normal",
        "before it was on the paper",
    ),
    "takes silence for success": (
        '> _CONFIRM_MS:\n                raise base.EngineError("the engine did not confirm the page")\n'
        "            return None\n",
        "< _CONFIRM_MS:\n                return None\n",
        "lost-bytes",
        "lines on the paper",
    ),
    "takes a power cut for success": (
        '> _CONFIRM_MS:\n                raise base.EngineError("the engine did not confirm the page")\n'
        "            return None\n",
        "< _CONFIRM_MS:\n                return None\n",
        "power-loss",
        "as if nothing had been",
    ),
    "sees no cover": ("base.COVER_OPEN if bits & _COVER else 0", "0", "cover-open", "the reason cover-open"),
    "stops too early": (
        "        if self._left:\n            return None\n        if not self._canceling",
        "        self.in_job = False\n        return True\n        if not self._canceling",
        "cancel",
        "",
    ),
    "takes any call": (
        'raise base.EngineLocalError("a line outside its page")',
        "return True",
        "call-order",
        "",
    ),
    "crashes": ("        self._rows -= 1\n", "        self._rows -= None\n", "normal", "acme_lies.py"),
    "hangs": (
        "        self._rows -= 1\n",
        "        while self._left == 0:\n            self._rows = 1\n",
        "normal",
        "did not come back",
    ),
    "is wider than its engine": (
        "self.media = base.rolls(width, dpi)",
        "self.width += 8",
        "capabilities",
        "width",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_driver_that_lies_fails(
    lie: str, vendor: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong, name, why = LIES[lie]
    source = (vendor / "acme.py").read_text()
    assert source.count(right) == 1, "the porting guide has changed"
    module = f"acme_lies_{len(lie)}_{name.replace('-', '_')}.py"
    lying = source.replace(right, wrong)
    if lie.endswith("success"):
        lying = lying.replace("if self._begun and (", "if False and (")
    (tmp_path / module).write_text(lying)
    monkeypatch.setattr("fetchprint_tools.engine_check.rig._SECONDS", 2.0)
    options = ("--emulated", vendor / "acme_emulated.py", "--runtime", "cpython", "--only", name)
    status, outcomes, reasons = check(tmp_path / module, *options)
    assert status == 1 and outcomes == {name: "failed"}
    assert (why.replace("acme_lies.py", module)) in reasons[name]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["laser"], "no check for a driver 'laser'"),
        (["acme.py"], "needs an emulated engine"),
        (["absent.py", "--emulated", "absent.py"], "no Python file"),
        (["escpos", "--setting", "width"], "is no setting"),
        (["escpos", "--setting", "wdth=8"], "no setting 'wdth'"),
        (["escpos", "--only", "everything"], "everything"),
    ],
)
def test_mistakes_are_explained(arguments: list[str], what: str) -> None:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code != 0
    assert what in result.output
