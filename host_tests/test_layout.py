"""The rules of docs/architecture.md that a program can check."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]

TOP_LEVEL = {
    "firmware",
    "host_tests",
    "boards",
    "tools",
    "docs",
    "README.md",
    "pyproject.toml",
    "Makefile",
    "CHANGELOG.md",
    "LICENSE",
}

# Modules that touch the outside world: only port/ may, and the adapter of a blocking library.
OUTSIDE_WORLD = {
    *("socket", "ssl", "tls", "select", "network", "machine"),
    *("time", "os", "sys", "io", "errno", "vfs"),
}
# Not on boards, or too dear there.
HOST_ONLY = {
    *("abc", "argparse", "asyncio", "contextlib", "dataclasses", "enum", "functools", "logging"),
    *("pathlib", "subprocess", "threading", "_thread", "typing", "fetchprint_tools"),
}

MAX_BYTES = 16 * 1024
MAX_LINES = 300
# A test that must see time pass may wait this long at once, in a loop with a deadline.
MAX_SLEEP = 0.1


def tracked(*roots: str) -> list[Path]:
    """The Python files below ``roots`` that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *roots],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [REPO / name for name in listed if name.endswith(".py") and (REPO / name).exists()]


ALL = tracked("firmware", "tools", "host_tests")
FIRMWARE_MODULES = tracked("firmware/fetchprint")
TESTS = tracked("host_tests")


def place(path: Path, line: int, what: str) -> str:
    return f"{path.relative_to(REPO)}:{line}: {what}"


def report(found: list[str]) -> None:
    assert not found, "\n" + "\n".join(found)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> Iterator[tuple[str, int]]:
    """The top-level name of each imported module, and the line."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0], node.lineno


def may_touch_the_outside(path: Path) -> bool:
    inside = path.relative_to(REPO / "firmware" / "fetchprint")
    return inside.parts[0] == "port" or inside.parts == ("http", "adafruit.py")


def test_only_port_touches_the_outside_world() -> None:
    sans_io = [path for path in FIRMWARE_MODULES if not may_touch_the_outside(path)]
    pairs = [(path, name, line) for path in sans_io for name, line in imports_of(path)]
    report([place(path, line, name) for path, name, line in pairs if name in OUTSIDE_WORLD])


def test_firmware_uses_no_host_library() -> None:
    pairs = [(path, name, line) for path in FIRMWARE_MODULES for name, line in imports_of(path)]
    report([place(path, line, name) for path, name, line in pairs if name in HOST_ONLY])


def test_modules_are_small() -> None:
    found = []
    for path in ALL:
        text = path.read_bytes()
        size, lines = len(text), text.count(b"\n")
        if size > MAX_BYTES or lines > MAX_LINES:
            found.append(place(path, lines, f"{size} bytes, {lines} lines"))
    report(found)


def handlers_of(path: Path) -> Iterator[ast.ExceptHandler]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, ast.ExceptHandler))


def test_errors_are_named_and_not_swallowed() -> None:
    found = []
    for path in ALL:
        for handler in handlers_of(path):
            kind = handler.type
            if kind is None:
                found.append(place(path, handler.lineno, "a bare except"))
            elif (
                isinstance(kind, ast.Name)
                and kind.id in ("Exception", "BaseException")
                and all(isinstance(step, ast.Pass) for step in handler.body)
            ):
                found.append(place(path, handler.lineno, f"{kind.id} swallowed"))
    report(found)


def test_nothing_is_left_to_be_done() -> None:
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = []
    for path in ALL:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if words.search(line):
                found.append(place(path, number, line.strip()))
    report(found)


def fixed_sleeps(path: Path) -> Iterator[int]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep") and node.args:
            seconds = node.args[0]
            if isinstance(seconds, ast.Constant) and float(seconds.value) > MAX_SLEEP:
                yield node.lineno


def test_tests_wait_for_conditions_and_not_for_time() -> None:
    report([place(path, line, "a fixed sleep") for path in TESTS for line in fixed_sleeps(path)])


def test_the_top_level_holds_what_it_should() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    names = {line.split("/")[0] for line in listed.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP_LEVEL
