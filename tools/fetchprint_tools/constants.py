"""Named numbers cost a board nothing: their values are written where their names stand.

MicroPython folds ``_X = const(1)`` inside a module, but a number that modules share is a
global in each of them, about 60 bytes of heap a piece, and the firmware has hundreds. So
before it is compiled for an image, each module-level ``NAME = number`` is put in place of
the name in every module, and the assignment and the import are taken out. Lines keep their
numbers, so tracebacks still point into the sources.

The decorators and types of ``port/native.py`` go, too: MicroPython's compiler knows them
by their spelling.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Collection, Mapping

NATIVE = "fetchprint.port.native"
_COMPILE_TIME = {"micropython", "ptr8", "ptr16", "ptr32"}
_NAME = re.compile(r"_?[A-Z][A-Z0-9_]*\Z")

_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}

Edit = tuple[int, int, int, int, str]
"""From line, column (octets) to line, column: this text instead."""


def inline(sources: Mapping[str, str], keep: Collection[str] = ()) -> dict[str, str]:
    """The ``sources`` (module name to text) with their numbers in place.

    The numbers of the modules in ``keep`` also stay where they are defined, for modules
    that are not among the sources.
    """
    modules = {name: _Module(name, text) for name, text in sources.items()}
    values: dict[str, dict[str, int]] = {name: {} for name in modules}
    changed = True
    while changed:  # until no constant is defined by another one that became known
        changed = False
        for name, module in modules.items():
            found = module.constants(module.visible(values))
            changed |= found != values[name]
            values[name] = found
    return {name: module.rewritten(values, name in keep) for name, module in modules.items()}


class _Module:
    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.tree = ast.parse(text)
        names = [node for node in ast.walk(self.tree) if isinstance(node, ast.Name)]
        stored = [node.id for node in names if isinstance(node.ctx, ast.Store)]
        self.once = {n for n in stored if stored.count(n) == 1 and _NAME.match(n)}

    def visible(self, values: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
        """The constants that this module sees, as ``NAME`` or ``module.NAME``."""
        seen = dict(values[self.name])
        for node in self.tree.body:
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            for alias in node.names:
                known = alias.asname or alias.name
                if alias.name in values.get(node.module, {}):
                    seen[known] = values[node.module][alias.name]
                for constant, value in values.get(f"{node.module}.{alias.name}", {}).items():
                    seen[f"{known}.{constant}"] = value
        return seen

    def constants(self, seen: Mapping[str, int]) -> dict[str, int]:
        found: dict[str, int] = {}
        for node in self.tree.body:
            for name, value in _assigned(node, {**seen, **found}):
                if name in self.once:
                    found[name] = value
        return found

    def rewritten(self, values: Mapping[str, Mapping[str, int]], keep: bool) -> str:
        seen = self.visible(values)
        edits: list[Edit] = []
        left: set[str] = set()  # names that are still used at run time
        own = values[self.name]
        gone = [] if keep else [node for node in self.tree.body if self._is_definition(node, own)]
        dropped = {id(part) for node in gone for part in ast.walk(node)}
        for node in ast.walk(self.tree):
            if id(node) in dropped or _replace(node, seen, edits, dropped):
                continue
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                left.add(node.id)
        edits += [(*_span(node), "") for node in gone]
        edits += self._imports(seen, left)
        return applied(self.text, edits)

    def _is_definition(self, node: ast.stmt, own: Mapping[str, int]) -> bool:
        """A statement that only defines constants, or ``const`` itself."""
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            return False
        target = node.targets[0]
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        plain = [n.id for n in names if isinstance(n, ast.Name)]
        return len(plain) == len(names) and (plain == ["const"] or all(n in own for n in plain))

    def _imports(self, seen: Mapping[str, int], left: set[str]) -> list[Edit]:
        edits: list[Edit] = []
        for node in self.tree.body:
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            stay = [alias for alias in node.names if not self._is_spent(node.module, alias, seen, left)]
            if len(stay) < len(node.names):
                names = ", ".join(a.name + (f" as {a.asname}" if a.asname else "") for a in stay)
                edits.append((*_span(node), f"from {node.module} import {names}" if stay else ""))
        return edits

    def _is_spent(self, module: str, alias: ast.alias, seen: Mapping[str, int], left: set[str]) -> bool:
        name = alias.asname or alias.name
        if module == NATIVE and alias.name in _COMPILE_TIME:
            return True
        number = name in seen or any(other.startswith(f"{name}.") for other in seen)
        return number and name not in left


def _assigned(node: ast.stmt, seen: Mapping[str, int]) -> list[tuple[str, int]]:
    """What a module-level assignment gives to names, as far as it is numbers."""
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return []
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Name):
        number = _number(value, seen)
        return [] if number is None else [(target.id, number)]
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Call) and ast.unparse(value.func) == "range":
        bounds = [_number(bound, seen) for bound in value.args]
        if None not in bounds:
            numbers = range(*[bound for bound in bounds if bound is not None])
            pairs = zip(target.elts, numbers, strict=True)
            return [(n.id, number) for n, number in pairs if isinstance(n, ast.Name)]
    return []


def _called(node: ast.Call) -> str | None:
    return node.func.id if isinstance(node.func, ast.Name) and len(node.args) == 1 else None


def _number(node: ast.expr, seen: Mapping[str, int]) -> int | None:
    """The value of an expression of numbers and known constants; None for any other."""
    if isinstance(node, ast.Call) and _called(node) == "const":
        return _number(node.args[0], seen)
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand, seen)
        return None if value is None else -value
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _number(node.left, seen), _number(node.right, seen)
        return None if left is None or right is None else _OPERATORS[type(node.op)](left, right)
    return seen.get(_dotted(node))


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def _replace(node: ast.AST, seen: Mapping[str, int], edits: list[Edit], dropped: set[int]) -> bool:
    if not isinstance(node, (ast.Name, ast.Attribute)) or not isinstance(node.ctx, ast.Load):
        return False
    value = seen.get(_dotted(node))
    if value is None:
        return False
    edits.append((*_span(node), str(value) if value >= 0 else f"({value})"))
    if isinstance(node, ast.Attribute):
        dropped.add(id(node.value))
    return True


def _span(node: ast.stmt | ast.expr) -> tuple[int, int, int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def applied(text: str, edits: list[Edit]) -> str:
    """``text`` with ``edits`` made; each line keeps its number."""
    lines = [line.encode() for line in text.split("\n")]
    for line, column, end_line, end_column, new in sorted(edits, reverse=True):
        first, last = lines[line - 1], lines[end_line - 1]
        lines[line - 1] = first[:column] + new.encode() + last[end_column:]
        lines[line:end_line] = [b""] * (end_line - line)
    return b"\n".join(lines).decode()
