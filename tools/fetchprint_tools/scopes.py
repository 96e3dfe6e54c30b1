"""A module's names: what it defines, what it imports, what its functions keep to themselves."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator

Global = tuple[str, str]
"""A module's name and a name in it; ``""`` for the module itself."""


class Module:
    """One module of the firmware; ``names`` are those of all of them."""

    def __init__(self, name: str, text: str, names: Collection[str]) -> None:
        self.name = name
        self.text = text
        self.tree = ast.parse(text)
        self.aliases: dict[str, Global] = {}
        """What imports at module level bind, by the name that it has here."""
        self.needs: list[str] = []
        """Modules of the firmware that importing this one imports."""
        self.later: list[str] = []
        """Those that are imported inside of a function."""
        top = set(map(id, self.tree.body))
        self.locals: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.Lambda)):
                self.locals |= bound_in(node)
            for found, name_here in imported(node, names):
                if id(node) in top:
                    self.aliases[name_here] = found
                    self.needs.append(found[0])
                else:
                    self.later.append(found[0])
        self.globals = {word for word in stored(self.tree.body) if word not in self.aliases}


def imported(node: ast.AST, names: Collection[str]) -> Iterator[tuple[Global, str]]:
    """What an import statement binds, and the name that it gets."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.name, ""), alias.asname or alias.name
    elif isinstance(node, ast.ImportFrom) and node.module is not None:
        for alias in node.names:
            inside = f"{node.module}.{alias.name}"
            what = (inside, "") if inside in names else (node.module, alias.name)
            yield what, alias.asname or alias.name


def stored(body: list[ast.stmt]) -> Iterator[str]:
    """Names bound by statements outside of functions and classes."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif not isinstance(node, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)):
            waiting += list(ast.iter_child_nodes(node))


def bound_in(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """The names that are local to a function (and those of functions inside of it)."""
    bound: set[str] = set()
    elsewhere: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ExceptHandler)) and node is not function and node.name:
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Global):
            elsewhere.update(node.names)
    return bound - elsewhere


def span(node: ast.stmt | ast.expr) -> tuple[int, int, int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
