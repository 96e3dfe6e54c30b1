"""Short names change nothing but names: each rule has a program that breaks where the rule is left out."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from fetchprint_tools import colours, meanings, micropython, mpy, shorten
from shorten_programs import MODULES, NAMESAKES, PROGRAMS

PACKAGES = {"fetchprint.__init__": "VERSION = '1'\n", "fetchprint.engine.__init__": ""}


def output(sources: dict[str, str], folder: Path) -> str:
    """What the program says on MicroPython."""
    for name, text in sources.items():
        path = folder.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    start = folder / "start.py"
    start.write_text("import main\nmain.run()\n")
    done = subprocess.run(
        micropython.command(start),
        env=micropython.environment(firmware=folder),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr + "\n".join(sources.values())
    return done.stdout


def short(sources: dict[str, str], **options: bool) -> dict[str, str]:
    return shorten.shorten({**PACKAGES, **sources}, **options)[0]


@pytest.mark.parametrize("what", PROGRAMS)
def test_a_program_does_what_it_did(what: str, tmp_path: Path) -> None:
    sources = {**PACKAGES, "main": PROGRAMS[what]}
    made = short(sources)
    assert made["main"] != sources["main"]
    assert output(made, tmp_path / "short") == output(sources, tmp_path / "long")


@pytest.mark.parametrize("modules", [MODULES, NAMESAKES])
def test_modules_that_are_found_by_name_or_used_as_values(modules: dict[str, str], tmp_path: Path) -> None:
    sources = {**PACKAGES, **modules}
    assert output(short(sources), tmp_path / "short") == output(sources, tmp_path / "long")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def run(x): return f(**x)\ndef f(**y): pass\n", "main:1: \\*\\* with names that are not known"),
        ("def run(x): return getattr(x, 'a' + x)\n", "main:1: getattr with a name that is not known"),
        ("import json\nclass A(json.Thing): pass\n", "A inherits from json.Thing, which is not known"),
        ("def run():\n    class A: pass\n", "main:2: a class inside of something"),
        ("def run():\n    import json\n    json = 3\n", "main:3: json is a module, too"),
    ],
)
def test_what_cannot_be_followed_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        short({"main": text})


def test_names_that_the_interpreter_has_are_used_and_few_of_them() -> None:
    made = short(
        {
            "main": PROGRAMS["closures see what is around them"],
            **{k: v for k, v in MODULES.items() if k != "main"},
        }
    )
    rom = {word for words in colours.rom_names().values() for word in words}
    words = {word for text in made.values() for word in re.findall(r"[A-Za-z]\w*", text)}
    own = {"fetchprint", "proxy", "Handed", "SETTINGS", "make", "run", "VERSION"}
    known = {*own, *("import", "from", "def", "return", "class", "for", "in", "as", "None", "nonlocal")}
    assert {word for word in words - rom - known if not word.isdigit()} == set()


def test_what_a_vendors_driver_uses_keeps_its_name() -> None:
    base = "class Engine:\n    def end_page(self, confirmed): self._state_of_it = confirmed\n"
    sources = {
        "main": "from fetchprint.engine import base\ndef run(): base.Engine()\n",
        "fetchprint.engine.base": base,
    }
    assert short(sources, open_seam=True)["fetchprint.engine.base"] == base
    assert "end_page" not in short(sources)["fetchprint.engine.base"]


TRACED = """
class Left:
    def first_one(self, number):
        return number // 0


class Right:
    def second_one(self):
        return Left().first_one(3)


def run():
    Right().second_one()
"""


@pytest.mark.parametrize("small", [False, True])
def test_a_traceback_has_the_long_names(small: bool, tmp_path: Path) -> None:
    texts, found = shorten.shorten({**PACKAGES, "main": TRACED})
    source = tmp_path / "py" / "main.py"
    source.parent.mkdir()
    source.write_text(texts["main"])
    assert mpy.compile_tree(source.parent, tmp_path / "mpy", mpy.UNIX, small) == []
    start = tmp_path / "start.py"
    start.write_text("import main\nmain.run()\n")
    done = subprocess.run(
        micropython.command(start),
        env=micropython.environment(firmware=tmp_path / "mpy"),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    kept = tmp_path / "names.json"
    kept.write_text(found.json())
    lines = [meanings.Meanings.read(kept).long(line) for line in done.stdout.splitlines()]
    words = [line.rpartition(" in ")[2].split("|") for line in lines if " in " in line]
    expected = ["run", "second_one", "first_one"]
    assert len(words) == 4 and all(word in found for word, found in zip(expected, words[1:], strict=True)), (
        lines
    )
    if not small:
        assert words[1:] == [[word] for word in expected]
    assert "second_one" not in done.stdout


def test_lines_that_are_no_traceback_stay_as_they_are() -> None:
    found = meanings.Meanings({"main": [meanings.Place(1, 2, "append", "start")]})
    assert found.long('  File "main", line 1, in append') == '  File "main", line 1, in start'
    for line in ('{"event": "job", "message": "in append"}', '  File "other", line 1, in append'):
        assert found.long(line) == line
