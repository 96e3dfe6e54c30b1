"""Branches that no test took, named so that the name outlives edits elsewhere in the file.

A branch is ``FUNCTION: LINE -> LINE``, with the text of the line where it begins and of the line it goes to
(``(end)``: out of the function). Code that is never reached, without a branch in front of it that was not
taken (the handler of an exception, a function that nobody calls), is ``FUNCTION: LINE (never)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any


def missed(source: str, found: Mapping[str, Any]) -> list[str]:
    """What was not reached of one file; ``found`` is what coverage.py's JSON report says of it."""
    lines = source.splitlines()
    functions = dict(_functions(ast.parse(source), ""))
    executed = set(found["executed_lines"])
    branches = [(start, to) for start, to in found["missing_branches"] if start in executed]
    names = [_name(lines, functions, start, to) for start, to in branches]
    names += [
        f"{functions.get(start, '(module)')}: {lines[start - 1].strip()} (never)"
        for start in _blocks(lines, functions, found["missing_lines"], executed)
        if start not in {to for _, to in branches}
    ]
    return names


def _name(lines: list[str], functions: Mapping[int, str], start: int, to: int) -> str:
    goal = lines[to - 1].strip() if to > 0 else "(end)"
    return f"{functions.get(start, '(module)')}: {lines[start - 1].strip()} -> {goal}"


def _blocks(
    lines: list[str], functions: Mapping[int, str], missing: list[int], executed: set[int]
) -> Iterator[int]:
    """The first lines of the blocks that were never run; they end with their indentation or function."""
    last = depth = 0
    for number in missing:
        text = lines[number - 1]
        indent = len(text) - len(text.lstrip())
        joined = last and not executed.intersection(range(last, number))
        if not joined or indent < depth or functions.get(number) != functions.get(last):
            depth = indent
            yield number
        last = number


def _functions(node: ast.AST, name: str) -> Iterator[tuple[int, str]]:
    """Each line of the body of a function, and the function's name; inner ones last."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            inside = f"{name}.{child.name}" if name else child.name
            if isinstance(child, ast.FunctionDef):
                yield from ((line, inside) for line in range(child.lineno + 1, (child.end_lineno or 0) + 1))
            yield from _functions(child, inside)
        else:
            yield from _functions(child, name)
