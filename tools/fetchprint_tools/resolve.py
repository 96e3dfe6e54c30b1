"""What every name in the firmware's modules means: a global, a local of one function, an attribute.

Names are followed as Python does it: through functions, past classes, into modules that are imported. An
attribute of anything but a module may be one of any object, and modules may be values, too: all attributes of
one word are one symbol, and so are globals of this word.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Symbol = tuple[str, ...]
"""``("attribute", word)``, ``("global", module, word)`` or ``("local", module, scope, word)``."""

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)
_Function = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True)
class Use:
    """A word in the text, ``line`` and ``column`` (octets) where it begins."""

    line: int
    column: int
    word: str
    symbol: Symbol


@dataclass
class Function:
    """``parameters``: those that a call may name; ``first`` to ``last`` its lines; ``names``: each word in it
    and what it is (None: of Python or another party)."""

    name: Symbol | None
    scope: str
    parameters: list[Symbol]
    any_keyword: bool
    first: int
    last: int
    names: set[tuple[str, Symbol | None]] = field(default_factory=set)


@dataclass
class Class:
    """``made``: module and name. ``bases``: the same of each, or the word of one of Python's own. ``words``:
    what its objects have, as far as it says itself; ``loads``: what its body takes from elsewhere."""

    made: tuple[str, str]
    bases: list[tuple[str, str] | str] = field(default_factory=list)
    words: set[str] = field(default_factory=set)
    loads: set[tuple[str, Symbol | None]] = field(default_factory=set)


@dataclass
class Scope:
    """``bound``: what is local here; ``imports``: what of it is imported, as module and name there."""

    number: str
    bound: set[str]
    imports: dict[str, tuple[str, str]]
    outer: Scope | None
    function: Function | None = None
    of_class: Class | None = None
    self_word: str = ""


class Program:
    """All modules together. Raises ValueError, saying where, for what cannot be followed."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.sources = sources
        self.trees = {name: ast.parse(text) for name, text in sources.items()}
        self._nodes = {name: list(ast.walk(tree)) for name, tree in self.trees.items()}
        self.imports = {name: dict(_imports(tree.body, sources)) for name, tree in self.trees.items()}
        self.globals = {
            name: stored(tree.body) - set(self.imports[name]) for name, tree in self.trees.items()
        }
        for name, nodes in self._nodes.items():
            for node in nodes:
                if isinstance(node, ast.Global):
                    self.globals[name].update(node.names)
        self.exposed = self._exposed()
        """Words by which a global may be looked up in a module that is a value, or is found by its name."""

    def origin(self, module: str, word: str) -> tuple[str, str] | None:
        """Module and name where a global is made; None for a module, and what is not of the firmware."""
        while word in self.imports[module]:
            found, there = self.imports[module][word]
            if not there or found not in self.sources:
                return None
            module, word = found, there
        return (module, word) if word in self.globals[module] else None

    def meaning(self, module: str, word: str) -> Symbol | None:
        """The symbol of a global there; None as for ``origin``."""
        made = self.origin(module, word)
        if made is not None and word in self.exposed:
            return "attribute", word
        return made and ("global", *made)

    def module(self, module: str, word: str) -> str | None:
        """Which module a global is; it need not be among the sources."""
        while word in self.imports[module]:
            found, there = self.imports[module][word]
            if not there:
                return found
            if found not in self.sources:
                return None
            module, word = found, there
        return None

    def _exposed(self) -> set[str]:
        """Attributes and texts."""
        every = [node for nodes in self._nodes.values() for node in nodes]
        found = {node.attr for node in every if isinstance(node, ast.Attribute)}
        return found | {n.value for n in every if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def bound_by(node: ast.stmt | ast.AST, sources: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """What an import binds: the name here, and module and name there (``""`` for the module itself)."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            yield alias.asname or whole, (_file(whole, sources), "")
    elif isinstance(node, ast.ImportFrom) and node.module is not None:
        for alias in node.names:
            inside = _file(f"{node.module}.{alias.name}", sources)
            there = (_file(node.module, sources), alias.name)
            yield alias.asname or alias.name, (inside, "") if inside in sources else there


def _file(module: str, sources: Mapping[str, str]) -> str:
    """A package is its ``__init__`` among the sources."""
    package = f"{module}.__init__"
    return package if package in sources else module


def _imports(body: Sequence[ast.stmt], sources: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    for node in _outside(body):
        yield from bound_by(node, sources)


def _outside(body: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of this scope itself; functions, classes and comprehensions, but not what is in them."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, COMPREHENSIONS):
            waiting.append(node.generators[0].iter)
        elif not isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def stored(body: Sequence[ast.AST]) -> set[str]:
    """What statements bind in the scope that they stand in, without imports."""
    return stored_by(_outside(body))


def stored_by(nodes: Iterable[ast.AST]) -> set[str]:
    """What these nodes themselves bind."""
    found = set()
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
    return found


def scope_of(node: _Function, outer: Scope | None, number: str, sources: Mapping[str, str]) -> Scope:
    """The names that are local to a function."""
    body: list[ast.AST] = list(node.body) if isinstance(node, ast.FunctionDef) else [node.body]
    nodes = list(_outside(body))
    declared = [part for part in nodes if isinstance(part, (ast.Global, ast.Nonlocal))]
    elsewhere = {name for part in declared for name in part.names}
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    bound = stored_by(nodes) | {argument.arg for argument in every if argument is not None}
    found = {word: what for part in nodes for word, what in bound_by(part, sources)}
    return Scope(number, bound.union(found) - elsewhere, found, outer)
