"""What is only said when something has failed costs a board no memory: it stays in a file.

MicroPython holds each text of a module that is loaded from the file system in its heap, with an object for
each, and of one that runs in place still the object: 20 octets with 32 bits. The firmware has more than two
hundred of them. So before it is compiled for an image they are collected in the file ``fetchprint/texts``,
and where they stood, ``kept_text(n)`` of ``fetchprint.errors`` reads them from there.

Only what is said to ``raise`` an error is taken, by the statement itself or by a function that is named for
it: nothing of it is read while all is well. A file that is not there is an OSError, as a module that is not
there is an ImportError.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from fetchprint_tools.constants import Edit, applied
from fetchprint_tools.scopes import span

FILE = "fetchprint/texts"
"""Where the texts are, below the folder of the modules."""

_READER = "fetchprint.errors"
_FAILING = {"_fail", "_failed", "_gone", "bad", "failed", "forget", "refuse", "wrong"}
"""Functions that are only called with a text when something has failed."""
_SHORTEST = 11
"""Octets of a text that is worth it: the compiler keeps shorter ones as names."""
_LENGTH_BITS = 9


def kept(sources: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """``sources`` (module name to text) without these texts, and the file that has them."""
    found: dict[str, int] = {}
    file = bytearray()
    result = {}
    for name, source in sources.items():
        tree = ast.parse(source)
        edits: list[Edit] = []
        for node, text in _texts(tree):
            if text not in found:
                data = text.encode()
                found[text] = len(file) << _LENGTH_BITS | len(data)
                file += data
            edits.append((*span(node), f"kept_text({found[text]})"))
        if edits:
            line, column = _behind_docstring(name, tree)
            edits.append((line, column, line, column, f"; from {_READER} import kept_text"))
        result[name] = applied(source, edits)
    return result, bytes(file)


def _texts(tree: ast.Module) -> Iterator[tuple[ast.Constant, str]]:
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in ("getattr", "hasattr"):
            seen.update(map(id, node.args))  # names, which shortening has to see
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _name(node.func) in _FAILING):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and id(part) not in seen:
                    seen.add(id(part))
                    if _SHORTEST <= len(part.value.encode()) < 1 << _LENGTH_BITS:
                        yield part, part.value


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _behind_docstring(name: str, tree: ast.Module) -> tuple[int, int]:
    first = tree.body[0]
    if ast.get_docstring(tree) is None or first.end_lineno is None or first.end_col_offset is None:
        raise ValueError(f"{name} has no docstring")
    return first.end_lineno, first.end_col_offset
