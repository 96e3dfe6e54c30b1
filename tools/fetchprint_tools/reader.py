"""Reads a module of the firmware: every name in it, scope by scope."""

from __future__ import annotations

import ast

from fetchprint_tools.resolve import (
    COMPREHENSIONS,
    Class,
    Function,
    Program,
    Scope,
    Symbol,
    Use,
    bound_by,
    scope_of,
    stored,
)
from fetchprint_tools.uses import Uses

_REFLECTION = ("getattr", "hasattr", "setattr", "delattr")


class Reader(Uses):
    """``module`` read to its end. Raises ValueError for what cannot be followed."""

    def __init__(self, program: Program, module: str) -> None:
        super().__init__(program, module)
        self._count = 0
        for node in program.trees[module].body:
            self._visit(node, None)

    def _visit(self, node: ast.AST, scope: Scope | None) -> None:
        if isinstance(node, ast.Name):
            self._name(node, scope)
        elif isinstance(node, ast.Attribute):
            self._attribute(node, scope)
        elif isinstance(node, ast.FunctionDef):
            self._function(node, scope)
        elif isinstance(node, ast.Lambda):
            self._lambda(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, COMPREHENSIONS):
            self._comprehension(node, scope)
        elif isinstance(node, ast.Call):
            self._call(node, scope)
        elif isinstance(node, ast.AnnAssign):
            self._visit(node.target, scope)
            if node.value is not None:
                self._visit(node.value, scope)
        else:
            if isinstance(node, ast.ExceptHandler) and node.name:
                column = self.lines[node.lineno - 1].rindex(f" as {node.name}:") + 4
                self._use(node.lineno, column, node.name, self.meaning(node.name, scope), scope)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                self._import(node, scope)
            elif isinstance(node, (ast.Global, ast.Nonlocal)):
                self.declared.append((node, [self.meaning(name, scope) for name in node.names]))
            elif isinstance(node, ast.Assign):
                self._no_other_module(node, scope)
                if ast.unparse(node.value).startswith(("const(", "micropython.const(")):
                    names = [
                        n for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)
                    ]
                    meant = (self.meaning(name.id, scope) for name in names)
                    self.constants.update(symbol for symbol in meant if symbol is not None)
            for part in ast.iter_child_nodes(node):
                self._visit(part, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope | None) -> None:
        self._visit(node.value, scope)
        assert node.end_lineno is not None and node.end_col_offset is not None
        column = node.end_col_offset - len(node.attr)
        module = self.module_of(node.value, scope)
        if module is not None:
            symbol = self.program.meaning(module, node.attr) if module in self.program.sources else None
            if symbol is not None:
                self.uses.append(Use(node.end_lineno, column, node.attr, symbol))
            return
        self.uses.append(Use(node.end_lineno, column, node.attr, ("attribute", node.attr)))
        if isinstance(node.ctx, ast.Load):
            return
        of = self._class_of_self(node.value, scope)
        if of is None:
            self.stored_outside.add(node.attr)
        else:
            of.words.add(node.attr)

    def _class_of_self(self, node: ast.AST, scope: Scope | None) -> Class | None:
        while scope is not None and isinstance(node, ast.Name):
            if node.id in scope.bound and scope.of_class is None:
                inside = scope.outer.of_class if scope.outer is not None else None
                return inside if node.id == scope.self_word else None
            scope = scope.outer
        return None

    def _function(self, node: ast.FunctionDef, scope: Scope | None) -> None:
        name = self.meaning(node.name, scope)
        column = self.lines[node.lineno - 1].index("def ", node.col_offset) + 4
        self._use(node.lineno, column, node.name, name, scope)
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if part is not None:
                self._visit(part, scope)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg) and argument.annotation is not None:
                self._annotation(argument.annotation, scope)
        if node.returns is not None:
            self._annotation(node.returns, scope)
        inner = self._enter(node, name, scope)
        plain = not any(
            isinstance(d, ast.Name) and d.id in ("staticmethod", "classmethod") for d in node.decorator_list
        )
        if scope is not None and scope.of_class is not None and plain and node.args.args:
            word = node.args.args[0].arg
            again = any(
                isinstance(n, ast.Name) and n.id == word and not isinstance(n.ctx, ast.Load)
                for n in ast.walk(node)
            )
            inner.self_word = "" if again else word
        for statement in node.body:
            self._visit(statement, inner)

    def _lambda(self, node: ast.Lambda, scope: Scope | None) -> None:
        for part in (*node.args.defaults, *node.args.kw_defaults):
            if part is not None:
                self._visit(part, scope)
        self._visit(node.body, self._enter(node, None, scope))

    def _enter(self, node: ast.FunctionDef | ast.Lambda, name: Symbol | None, scope: Scope | None) -> Scope:
        inner = scope_of(node, scope, self._number(), self.program.sources)
        arguments = node.args
        named = [
            argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        ]
        function = Function(
            name,
            inner.number,
            [("local", self.module, inner.number, word) for word in named],
            arguments.kwarg is not None,
            getattr(node, "lineno", 0),
            getattr(node, "end_lineno", 0) or 0,
        )
        inner.function = function
        self.functions.append(function)
        every = [
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        ]
        for argument in every:
            if argument is not None:
                symbol = ("local", self.module, inner.number, argument.arg)
                self._use(argument.lineno, argument.col_offset, argument.arg, symbol, inner)
        return inner

    def _annotation(self, node: ast.AST, scope: Scope | None) -> None:
        """MicroPython does not look at it, so it meets nothing."""
        for part in ast.walk(node):
            symbol = self.meaning(part.id, scope) if isinstance(part, ast.Name) else None
            if isinstance(part, ast.Name) and symbol is not None:
                self.uses.append(Use(part.lineno, part.col_offset, part.id, symbol))

    def _number(self) -> str:
        self._count += 1
        return str(self._count)

    def _class(self, node: ast.ClassDef, scope: Scope | None) -> None:
        if scope is not None:
            raise ValueError(f"{self.module}:{node.lineno}: a class inside of something")
        symbol = self.program.meaning(self.module, node.name)
        assert symbol is not None
        column = self.lines[node.lineno - 1].index("class ", node.col_offset) + 6
        self._use(node.lineno, column, node.name, symbol, scope)
        made = Class((self.module, node.name))
        self.classes.append(made)
        for base in node.bases:
            self._visit(base, scope)
            made.bases.append(self._base(base))
        inner = Scope(self._number(), stored(node.body), {}, scope, None, made)
        made.words |= inner.bound
        for decorator in node.decorator_list:
            self._visit(decorator, scope)
        for statement in node.body:
            self._visit(statement, inner)

    def _base(self, node: ast.expr) -> tuple[str, str] | str:
        module: str | None = self.module
        word = ast.unparse(node)
        if isinstance(node, ast.Attribute):
            module, word = self.module_of(node.value, None), node.attr
        known = module is not None and module in self.program.sources
        return (self.program.origin(str(module), word) if known else None) or ast.unparse(node)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, scope: Scope | None
    ) -> None:
        self._visit(node.generators[0].iter, scope)
        targets = [generator.target for generator in node.generators]
        inner = Scope(self._number(), stored(targets), {}, scope)
        for part in ast.walk(node):
            if isinstance(part, ast.NamedExpr):
                raise ValueError(f"{self.module}:{part.lineno}: := inside of a comprehension")
        for i, generator in enumerate(node.generators):
            self._visit(generator.target, inner)
            if i:
                self._visit(generator.iter, inner)
            for condition in generator.ifs:
                self._visit(condition, inner)
        for part in (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,):
            self._visit(part, inner)

    def _call(self, node: ast.Call, scope: Scope | None) -> None:
        for keyword in node.keywords:
            if keyword.arg is not None:
                self.keywords.add(keyword.arg)
            elif isinstance(keyword.value, ast.Dict):
                self.keywords |= _texts(keyword.value)
            elif not self._foreign(node.func, scope):
                raise ValueError(f"{self.module}:{node.lineno}: ** with names that are not known")
        if isinstance(node.func, ast.Name) and node.func.id in _REFLECTION:
            what = node.args[1]
            if isinstance(what, ast.Constant) and isinstance(what.value, str):
                self.in_texts.add(what.value)
            elif not self._reflects_on_modules(node.args[0], scope):
                raise ValueError(f"{self.module}:{node.lineno}: {node.func.id} with a name that is not known")
        elif isinstance(node.func, ast.Name) and node.func.id == "__import__":
            self.in_texts |= _texts(node)
        for part in ast.iter_child_nodes(node):
            self._visit(part, scope)

    def _reflects_on_modules(self, node: ast.AST, scope: Scope | None) -> bool:
        """What is looked up there is of another party, or a module, and those keep their names."""
        text = ast.unparse(node)
        return (
            self._foreign(node, scope)
            or self.module_of(node, scope) == "fetchprint.__init__"
            or text.startswith("sys.modules[")
        )

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope | None) -> None:
        found = dict(bound_by(node, self.program.sources))
        for alias in node.names:
            word = alias.asname or alias.name.partition(".")[0]
            here = self.meaning(word, scope)
            module, name = found[word]
            there = self.program.meaning(module, name) if name and module in self.program.sources else None
            if there is None and here is not None and "." in alias.name and not alias.asname:
                raise ValueError(f"{self.module}:{node.lineno}: import {alias.name} inside of a function")
            self.imports.append((alias, there, here))
            self._seen(word, here, scope)

    def _no_other_module(self, node: ast.Assign, scope: Scope | None) -> None:
        if isinstance(node.value, ast.Constant) and node.value.value is None:
            return
        for target in node.targets:
            if isinstance(target, ast.Name) and scope is not None and target.id in scope.imports:
                raise ValueError(f"{self.module}:{node.lineno}: {target.id} is a module, too")


def _texts(node: ast.AST) -> set[str]:
    return {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
