"""What is only said when something has failed stands in a file, and is said all the same."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

from fetchprint_tools import firmware_build, micropython, texts

FAULTY = '''"""A module."""

import sys


class Trouble(Exception):
    """A class."""


def say(kind, n):
    text = "this is said while all is well"
    if kind == "raised":
        raise Trouble(
            "it is raised in two lines, "
            "with %d" % n
        )
    if kind == "helped":
        _fail("it is said by a helper: %d > %s" % (n, "of eleven octets"))
    if kind == "short":
        raise Trouble("too short")
    if kind == "again":
        raise Trouble("it is said by a helper: %d > %s" % (n, "\u00e9"))
    return text


def _fail(reason):
    raise Trouble(reason)
'''


def test_what_is_raised_goes_and_all_else_stays() -> None:
    sources, said = texts.kept({"fetchprint.faulty": FAULTY})
    source = sources["fetchprint.faulty"]
    assert source.count("kept_text(") == 4
    assert "said while all is well" in source and "too short" in source
    assert "two lines" not in source and "helper" not in source
    assert said.count(b"said by a helper") == 1
    assert source.count("\n") == FAULTY.count("\n"), "lines keep their numbers"


def test_it_is_read_from_the_file(tmp_path: Path) -> None:
    errors = firmware_build.inlined()["fetchprint.errors"]
    sources, said = texts.kept({"fetchprint.errors": errors, "fetchprint.faulty": FAULTY})
    for name, source in sources.items():
        path = Path(tmp_path, *name.split(".")).with_suffix(".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
    (tmp_path / "fetchprint" / "__init__.py").write_text("")
    (tmp_path / texts.FILE).write_bytes(said)
    (tmp_path / "main.py").write_text(
        "from fetchprint.faulty import Trouble, say\n"
        "for kind in ('raised', 'helped', 'short', 'again', 'well'):\n"
        "    try:\n"
        "        print(say(kind, 7))\n"
        "    except Trouble as error:\n"
        "        print(error)\n"
    )
    command = [str(micropython.executable()), "main.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "it is raised in two lines, with 7",
        "it is said by a helper: 7 > of eleven octets",
        "too short",
        "it is said by a helper: 7 > \u00e9",
        "this is said while all is well",
    ]
    (tmp_path / texts.FILE).unlink()
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode and "Errno 2" in done.stdout + done.stderr, "as when a module is missing"


def test_the_firmware_says_nothing_beside_it_when_it_fails() -> None:
    sources, said = texts.kept(firmware_build.inlined())
    assert 8000 < len(said) < 1 << 21
    for name, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Raise):
                words = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                assert not [word for word in words if isinstance(word, str) and len(word) > 10], name
