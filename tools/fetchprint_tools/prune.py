"""What nothing in an image calls is left out of it: functions, methods and classes by whose name nobody asks.

Each costs a board its code and 40 octets beside it; with 32 bits, where the code lies in flash, only these.
The encoder writes types that one profile needs and the other does not; a port opens buses that no engine of
the configuration is on.

A name is asked for where it stands in the code of any of the modules, be it another thing's, or as a word
in one of their strings. What Python, the boards' modules or libraries may call stays whatever the modules
say, and with a vendor's driver, which is compiled elsewhere, so does all that is public in ``engine`` and
``port``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from fetchprint_tools import colours, shorten
from fetchprint_tools.constants import Edit, applied

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_Definition = ast.FunctionDef | ast.ClassDef


def prune(sources: Mapping[str, str], vendor: bool) -> dict[str, str]:
    """``sources`` (module name to text) without what nothing in them asks for; lines keep their numbers.
    ``vendor``: a driver that is none of them uses ``engine`` and ``port``, too."""
    trees = {name: ast.parse(text) for name, text in sources.items()}
    kept = {word for section in colours.rom_names().values() for word in section} | shorten.ROOTS
    candidates: dict[str, list[_Definition]] = {}
    for name, tree in trees.items():
        seam = vendor and name.startswith(shorten.SEAMS)
        candidates[name] = [
            node
            for node in _definitions(tree)
            if node.name not in kept and not node.name.startswith("__") and not (seam and node.name[0] != "_")
        ]
    gone: dict[str, list[_Definition]] = {name: [] for name in sources}
    dropped: set[int] = set()
    found = True
    while found:  # what only they asked for goes with them
        used = {word for tree in trees.values() for word in _asked(tree, dropped)}
        found = False
        for name, nodes in candidates.items():
            for node in nodes:
                if node.name not in used and id(node) not in dropped:
                    gone[name].append(node)
                    dropped.add(id(node))
                    found = True
    return {name: applied(text, list(_edits(gone[name]))) for name, text in sources.items()}


def _definitions(tree: ast.Module) -> Iterator[_Definition]:
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node
        if isinstance(node, ast.ClassDef):
            for part in node.body:
                if isinstance(part, ast.FunctionDef):
                    yield part


def _asked(tree: ast.AST, dropped: set[int]) -> Iterator[str]:
    """The names in a module, but for what is in ``dropped``."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if id(node) in dropped:
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # a docstring
        waiting += ast.iter_child_nodes(node)
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield from node.name.split(".")
        elif isinstance(node, (ast.keyword, ast.arg)) and node.arg:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _WORD.findall(node.value)


def _edits(nodes: list[_Definition]) -> Iterator[Edit]:
    inside = {id(part) for node in nodes if isinstance(node, ast.ClassDef) for part in node.body}
    for node in nodes:
        if id(node) in inside:  # its class went later
            continue
        first = min([node.lineno, *(part.lineno for part in node.decorator_list)])
        assert node.end_lineno is not None and node.end_col_offset is not None
        yield first, node.col_offset, node.end_lineno, node.end_col_offset, "pass"
