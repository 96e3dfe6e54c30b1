"""A module costs a board memory, too: the modules of a room that one configuration needs become one.

MicroPython keeps for each module a table of its globals, of its names and of its constants, and for each
name that it imports another entry (16 octets with 64 bits). So before it is compiled for an image, the
modules of a room are put into one file, in the order of their imports, and what they take from one another is
the global itself. Rooms stay apart: a file is loaded at once, and that takes twice what stays.

An entry is what is imported by its name, or inside of a function, or dropped after start-up. Entries stay
files of their own with the globals that they have, and so does what a vendor's driver imports. Globals of a
merged module get a name that is theirs alone: ``put`` of ``encoder`` becomes ``encoder_put`` where another
module has a ``put``.
"""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from fetchprint_tools.constants import Edit, applied
from fetchprint_tools.scopes import Global, Module, bound_in, imported, span, stored

_STAY = ("fetchprint.port.", "fetchprint.engine.base", "fetchprint.errors", "fetchprint.ticks")
"""How the names of those begin that are found by name or that a vendor's driver imports."""
_DROPPED = (
    "main",
    "fetchprint.config",
    "fetchprint.settings",
    "fetchprint.build",
    "fetchprint.document_setup",
)
"""What starts the firmware, and goes."""
_BY_NAME = ("_setup", ".profile", ".__init__")
"""How the names of those end that are imported by name."""


def merge(sources: Mapping[str, str]) -> dict[str, str]:
    """``sources`` (module name to text), all needed at once, with those that belong together in one.

    Raises ValueError for what it cannot follow: a module that is used as a value."""
    return _Merger(sources).merged()


class _Merger:
    def __init__(self, sources: Mapping[str, str]) -> None:
        self.modules = {name: Module(name, text, sources) for name, text in sources.items()}
        self.groups = self._grouped()
        self.host = {name: group[-1] for group in self.groups for name in group}
        self.merging = {name for group in self.groups if len(group) > 1 for name in group}
        self.unique = self._named()

    def merged(self) -> dict[str, str]:
        result = {}
        for group in self.groups:
            if len(group) == 1:
                module = self.modules[group[0]]
                result[module.name] = applied(module.text, list(self._edits(module)))
                continue
            imports: dict[str, None] = {}
            texts = []
            for name in group:
                module = self.modules[name]
                for alias in module.aliases.values():
                    found = self._defined(alias)
                    if self.host.get(found[0]) != group[-1]:
                        imports[self._import(found, self.unique[found])] = None
                texts += [f"# {name}", applied(module.text, list(self._edits(module)))]
            result[group[-1]] = "\n".join([*imports, *texts])
        return result

    # -- which belong together --

    def _grouped(self) -> list[list[str]]:
        entries = {name for module in self.modules.values() for name in module.later}
        entries |= {name for name in self.modules if name in _DROPPED or name.endswith(_BY_NAME)}
        kept = self._reached({name for name in entries if name != "fetchprint.config"})
        groups: dict[str, list[str]] = {}
        for name in self._in_order():
            alone = name in entries or name not in kept or name.startswith(_STAY)
            groups.setdefault(name if alone else f"{name.split('.')[1]} together", []).append(name)
        return list(groups.values())

    def _reached(self, entries: Collection[str]) -> set[str]:
        reached: set[str] = set()
        waiting = list(entries)
        while waiting:
            name = waiting.pop()
            if name in self.modules and name not in reached:
                reached.add(name)
                waiting += self.modules[name].needs
        return reached

    def _in_order(self) -> list[str]:
        """Each module behind those that it imports."""
        order: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in self.modules and name not in order:
                for other in self.modules[name].needs:
                    visit(other)
                order[name] = None

        for name in sorted(self.modules):
            visit(name)
        return list(order)

    # -- what their globals are called --

    def _named(self) -> dict[Global, str]:
        """What each global of a merged module is called, and each that such a module imports."""
        merging = [self.modules[name] for name in sorted(self.merging)]
        owners = Counter(word for module in merging for word in module.globals)
        hidden = {word for module in merging for word in module.locals}
        taken = {*owners, *hidden, *dir(builtins)}
        taken.update(word for module in merging for word in module.aliases)
        unique: dict[Global, str] = {}
        for module in merging:
            handed = {
                here
                for other in merging
                for here, found in other.aliases.items()
                if self._defined(found) != (module.name, here)
            }
            for word in sorted(module.globals):
                new = word
                if owners[word] > 1 or word in hidden or word in handed:
                    new = f"{module.name.rpartition('.')[2]}_{word.lstrip('_')}"
                    while new in taken:
                        new += "_"
                    taken.add(new)
                unique[(module.name, word)] = new
        for module in merging:
            for here, alias in module.aliases.items():
                found = self._defined(alias)
                if found not in unique:
                    new = here
                    while new in owners or new in hidden or new in unique.values():
                        new += "_"
                    unique[found] = new
        return unique

    def _defined(self, found: Global) -> Global:
        """Where it really comes from: a module may only hand it on."""
        module, name = found
        while name and module in self.modules and name in self.modules[module].aliases:
            module, name = self.modules[module].aliases[name]
        return module, name

    def _in_host(self, found: Global) -> str:
        """The name of a global in the file that it is in."""
        return self.unique[found] if found[0] in self.merging else found[1]

    def _import(self, found: Global, here: str) -> str:
        module, name = found
        if name:
            return _from(self.host.get(module, module), self._in_host(found), here)
        package, _, last = self.host.get(module, module).rpartition(".")
        return _from(package, last, here) if package else f"import {last}" + _as(last, here)

    # -- the texts --

    def _edits(self, module: Module) -> Iterator[Edit]:
        merging = module.name in self.merging
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                yield (*span(node), self._import_here(module, node, merging))
        yield from self._names(module, module.tree.body, frozenset(), {})

    def _import_here(self, module: Module, node: ast.Import | ast.ImportFrom, merging: bool) -> str:
        found = list(imported(node, self.modules))
        if merging and all(module.aliases.get(here) == what for what, here in found):
            return "pass" if node.col_offset else ""
        if not any(self._defined(what)[0] in self.merging for what, _ in found):
            return ast.unparse(node)
        return "; ".join(self._import(self._defined(what), here) for what, here in found)

    def _names(
        self, module: Module, nodes: Sequence[ast.AST], hidden: frozenset[str], inner: Mapping[str, Global]
    ) -> Iterator[Edit]:
        """Each use of a global: ``hidden`` are the locals there, ``inner`` what they were imported as."""
        waiting = list(nodes)
        while waiting:
            node = waiting.pop()
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node in module.tree.body:
                yield from self._defined_here(module, node)
            if isinstance(node, ast.ClassDef):
                # Its own names are hidden from what stands in it, but not from its methods.
                inside = hidden | set(stored(node.body))
                for part in ast.iter_child_nodes(node):
                    method = isinstance(part, ast.FunctionDef)
                    yield from self._names(module, [part], hidden if method else inside, inner)
            elif isinstance(node, (ast.FunctionDef, ast.Lambda)):
                within = dict(inner)
                for part in ast.walk(node):
                    within.update((here, what) for what, here in imported(part, self.modules))
                body = list(node.body) if isinstance(node, ast.FunctionDef) else [node.body]
                waiting += [part for part in ast.iter_child_nodes(node) if part not in body]
                yield from self._names(module, body, hidden | bound_in(node), within)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                new = self._attribute(module, node.value.id, node.attr, hidden, inner)
                if new is not None:
                    yield (*span(node), new)
                else:
                    waiting.append(node.value)
            elif isinstance(node, ast.Name):
                new = node.id if node.id in hidden else self._name(module, node.id)
                if new != node.id:
                    yield (*span(node), new)
            elif isinstance(node, ast.Global):
                yield (*span(node), "global " + ", ".join(self._name(module, n) for n in node.names))
            else:
                waiting += ast.iter_child_nodes(node)

    def _defined_here(self, module: Module, node: ast.FunctionDef | ast.ClassDef) -> Iterator[Edit]:
        new = self._name(module, node.name)
        if new != node.name:
            word = "def " if isinstance(node, ast.FunctionDef) else "class "
            column = module.text.split("\n")[node.lineno - 1].index(word) + len(word)
            yield node.lineno, column, node.lineno, column + len(node.name), new

    def _name(self, module: Module, word: str) -> str:
        if module.name not in self.merging:
            return word
        if word in module.aliases:
            found = self._defined(module.aliases[word])
            if not found[1] and found[0] in self.merging:
                raise ValueError(f"{module.name}: the module {word} is used as a value")
            return self.unique[found]
        return self.unique.get((module.name, word), word)

    def _attribute(
        self, module: Module, word: str, attribute: str, hidden: frozenset[str], inner: Mapping[str, Global]
    ) -> str | None:
        """What ``word.attribute`` becomes where ``word`` is a module that was merged."""
        if word in inner:
            found = inner[word]
        elif word in hidden or word not in module.aliases:
            return None
        else:
            found = module.aliases[word]
        if found[1] or found[0] not in self.modules:
            return None
        what = self._defined((found[0], attribute))
        if self.host[what[0]] == self.host[module.name] and module.name in self.merging:
            return self.unique[what]
        if what[0] != found[0]:
            raise ValueError(f"{module.name}: {word}.{attribute} is of another module")
        here = word if word in inner or module.name not in self.merging else self.unique[found]
        return f"{here}.{self._in_host(what)}"


def _from(module: str, name: str, here: str) -> str:
    return f"from {module} import {name}" + _as(name, here)


def _as(name: str, here: str) -> str:
    return "" if name == here else f" as {here}"
