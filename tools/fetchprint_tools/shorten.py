"""Names cost a board memory: those that nobody outside the firmware needs to know become short.

MicroPython keeps every name of a module that is loaded from the file system in its heap: the text
and about seven octets beside it. The firmware has a thousand of them, so before it is compiled
for a board, the names of functions, methods, attributes and parameters that it alone defines and
uses are replaced, the same one by the same everywhere. What stays as it is:

- names that another party knows: Python's own, those of the boards' modules, keyword arguments
  (they become keys in the log), names that also stand in a string, classes, modules;
- the public names of ``engine`` and ``port``: a vendor's driver is compiled against them.

``Names.text`` puts the long names back into a traceback.
"""

from __future__ import annotations

import ast
import builtins
import io
import itertools
import json
import keyword
import os
import re
import select
import socket
import string
import struct
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping

from fetchprint_tools.constants import Edit, applied

_SEAMS = ("fetchprint.engine", "fetchprint.port")
_MACHINE = """
active any baudrate bits callback config connect country deinit disconnect duty feed flow flush freq
heap ifconfig init ioctl ipconfig ipoll irq isconnected ITEM loop mem32 memory mode off on ping pull
read readblocks readinto reset reset_cause rssi scan sendbreak setblocking status stop timeout
toggle tx rx txbuf rxbuf txdone unregister value write writeblocks write_readinto run main Port make
port
"""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _python_names() -> set[str]:
    things = [builtins, io, json, os, select, select.poll(), socket, socket.socket, struct, time]
    things += [str, bytes, bytearray, memoryview, int, list, dict, tuple, set, range(1)]
    things += [Exception(), OSError()]
    things += [io.BytesIO(), io.StringIO(), (lambda: None), iter(()), slice(1)]
    return {name for thing in things for name in dir(thing)}


class Names:
    """The short names of a set of modules."""

    def __init__(self, short: Mapping[str, str]) -> None:
        self.short = dict(short)
        self._long = {value: key for key, value in short.items()}

    def text(self, line: str) -> str:
        """``line`` of a MicroPython traceback with the long names in it."""
        return re.sub(r"(?<=, in )(\w+)", lambda found: self._long.get(found[1], found[1]), line)


def shorten(sources: Mapping[str, str], keep: Collection[str] = ()) -> tuple[dict[str, str], Names]:
    """``sources`` (module name to text) with short names, and which they are. ``keep`` stay as they are."""
    trees = {name: ast.parse(text) for name, text in sources.items()}
    defined: set[str] = set()
    kept = {*_python_names(), *_MACHINE.split(), *keep}
    used: Counter[str] = Counter()
    for name, tree in trees.items():
        seam = name.startswith(_SEAMS)
        kept.update(part for part in name.split("."))
        for node in ast.walk(tree):
            used.update(_occurrences(node))
            kept.update(_known_elsewhere(node))
            found = set(_definitions(node))
            defined |= found
            if seam:
                kept |= {word for word in found if not word.startswith("_")}
        for node in tree.body:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                defined |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}
    candidates = [word for word in defined - kept if not word.startswith("__") and len(word) > 2]
    words = sorted(candidates, key=lambda word: (-used[word], word))
    free = (word for word in _short() if word not in used and word not in kept)
    names = Names({word: new for word, new in zip(words, free, strict=False) if len(new) < len(word)})
    return {name: _rewritten(text, trees[name], names.short) for name, text in sources.items()}, names


def _short() -> Iterator[str]:
    letters = string.ascii_letters
    yield from letters
    for pair in itertools.product(letters, letters + string.digits):
        word = "".join(pair)
        if not keyword.iskeyword(word):
            yield word


def _definitions(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        yield node.name
        arguments = node.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            yield argument.arg
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.attr
    elif isinstance(node, ast.ClassDef):
        for statement in node.body:
            for target in statement.targets if isinstance(statement, ast.Assign) else ():
                if isinstance(target, ast.Name):
                    yield target.id


def _known_elsewhere(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.keyword) and node.arg is not None:
        yield node.arg
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _WORD.match(node.value):
        yield node.value
    elif isinstance(node, ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.arguments) and node.kwarg is not None:
        yield node.kwarg.arg
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield from (alias.asname or alias.name).split(".")
    elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("fetchprint"):
        for alias in node.names:
            yield alias.asname or alias.name


def _occurrences(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.Global):
        yield from node.names


def _rewritten(text: str, tree: ast.Module, short: Mapping[str, str]) -> str:
    edits: list[Edit] = []
    lines = text.splitlines()

    def put(line: int, column: int, word: str) -> None:
        if word in short:
            edits.append((line, column, line, column + len(word.encode()), short[word]))

    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            put(node.lineno, node.col_offset, node.id)
        elif isinstance(node, ast.arg):
            put(node.lineno, node.col_offset, node.arg)
        elif isinstance(node, ast.Attribute):
            assert node.end_lineno is not None and node.end_col_offset is not None
            put(node.end_lineno, node.end_col_offset - len(node.attr), node.attr)
        elif isinstance(node, ast.FunctionDef):
            column = lines[node.lineno - 1].index("def ", node.col_offset) + 4
            put(node.lineno, column, node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name is not None:
            column = lines[node.lineno - 1].rindex(f" as {node.name}:") + 4
            put(node.lineno, column, node.name)
        elif isinstance(node, (ast.Global, ast.ImportFrom)):
            _statement(node, edits, short)
    return applied(text, edits)


def _statement(node: ast.Global | ast.ImportFrom, edits: list[Edit], short: Mapping[str, str]) -> None:
    """``global`` and ``from ... import`` as a whole."""
    assert node.end_lineno is not None and node.end_col_offset is not None
    if isinstance(node, ast.Global):
        new = "global " + ", ".join(short.get(name, name) for name in node.names)
    else:
        if not (node.module or "").startswith("fetchprint"):
            return
        parts = []
        for alias in node.names:
            name = short.get(alias.name, alias.name)
            asname = short.get(alias.asname, alias.asname) if alias.asname else None
            parts.append(f"{name} as {asname}" if asname else name)
        new = f"from {node.module} import {', '.join(parts)}"
    edits.append((node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, new))
