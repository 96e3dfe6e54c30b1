"""Where one module uses names, and what its classes and functions have."""

from __future__ import annotations

import ast

from fetchprint_tools.resolve import Class, Function, Program, Scope, Symbol, Use


class Uses:
    """What is found in ``module`` as ``Reader`` goes through it."""

    def __init__(self, program: Program, module: str) -> None:
        self.program = program
        self.module = module
        self.lines = program.sources[module].split("\n")
        self.uses: list[Use] = []
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.stored_outside: set[str] = set()
        """Attributes that are stored on anything but ``self``."""
        self.keywords: set[str] = set()
        """What calls name as arguments."""
        self.in_texts: set[str] = set()
        """Attributes that are looked up by a text."""
        self.imports: list[tuple[ast.alias, Symbol | None, Symbol | None]] = []
        """For each name that is imported: its symbol there and here, None for what keeps its name."""
        self.others: set[str] = set()
        """Names here that are of Python or another party, or modules."""
        self.declared: list[tuple[ast.Global | ast.Nonlocal, list[Symbol | None]]] = []
        """Statements that say where names are, and what they mean."""
        self.globals: set[Symbol] = set()
        """Every global by a name of its own here."""
        self.constants: set[Symbol] = set()
        """Those of them that MicroPython's compiler puts the value of wherever it sees their names."""

    def meaning(self, word: str, scope: Scope | None) -> Symbol | None:
        here = self._binding(word, scope)
        if here is None:
            return self.program.meaning(self.module, word)
        return ("local", self.module, here.number, word) if here.of_class is None else ("attribute", word)

    def module_of(self, node: ast.AST, scope: Scope | None) -> str | None:
        """Which module an expression is, if it is one for certain."""
        if not isinstance(node, ast.Name):
            return None
        here = self._binding(node.id, scope)
        if here is None:
            return self.program.module(self.module, node.id)
        module, there = here.imports.get(node.id, ("", "not imported"))
        return None if there else module

    def _binding(self, word: str, scope: Scope | None) -> Scope | None:
        """The scope that a name is local to."""
        here = scope
        while here is not None and not (word in here.bound and (here.of_class is None or here is scope)):
            here = here.outer
        return here

    def _name(self, node: ast.Name, scope: Scope | None) -> None:
        self._use(node.lineno, node.col_offset, node.id, self.meaning(node.id, scope), scope)
        if scope is not None and scope.of_class is not None and node.id not in scope.bound:
            scope.of_class.loads.add((node.id, self.meaning(node.id, scope)))

    def _use(self, line: int, column: int, word: str, symbol: Symbol | None, scope: Scope | None) -> None:
        if symbol is not None:
            self.uses.append(Use(line, column, word, symbol))
        self._seen(word, symbol, scope)

    def _seen(self, word: str, symbol: Symbol | None, scope: Scope | None) -> None:
        if symbol is None:
            self.others.add(word)
        elif symbol[0] != "local" and (scope is None or scope.of_class is None or word not in scope.bound):
            self.globals.add(symbol)
        while scope is not None:
            if scope.function is not None:
                scope.function.names.add((word, symbol))
            scope = scope.outer

    def _foreign(self, node: ast.AST, scope: Scope | None) -> bool:
        """Whether something comes from a module that is not of the firmware."""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            return False
        here = self._binding(node.id, scope)
        imports = self.program.imports[self.module] if here is None else here.imports
        return imports.get(node.id, ("fetchprint",))[0].partition(".")[0] not in ("fetchprint", "main")
