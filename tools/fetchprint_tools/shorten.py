"""Names cost a board memory: those that nobody outside the firmware needs to know become cheap ones.

MicroPython keeps every name of a module that is loaded from the file system in its heap: the text
and about seven octets beside it. Names that the interpreter has in its read-only memory anyway
cost nothing (``rom_names.txt``), and one name serves many things that never meet (``colours``). So before the
firmware is compiled, its globals, methods, attributes and parameters get such names. What stays as it is:

- names that another party knows: Python's own, any attribute of a word that the interpreter has, names
  that are looked up by a text, modules;
- keyword arguments (they become keys in the log), the classes of exceptions (people read them);
- all of ``engine`` and ``port`` where a vendor's driver, compiled elsewhere, is used.

``meanings`` puts the long names back into what is shown of an error.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping

from fetchprint_tools.colours import Names
from fetchprint_tools.constants import Edit, applied
from fetchprint_tools.meanings import Meanings, Place
from fetchprint_tools.reader import Reader
from fetchprint_tools.resolve import Program, Symbol
from fetchprint_tools.uses import Uses

SEAMS = ("fetchprint.engine", "fetchprint.port")
ROOTS = {"run"}
"""What is called from outside."""


def shorten(
    sources: Mapping[str, str], libraries: Collection[str] = (), open_seam: bool = False
) -> tuple[dict[str, str], Meanings]:
    """``sources`` (module name to text) with cheap names, and what is needed to read them.

    ``libraries``: texts of modules beside them, which use them and are used by them. ``open_seam``: a driver
    that is not among the sources is used with them."""
    program = Program(sources)
    uses = {name: Reader(program, name) for name in sources}
    foreign = {word for text in libraries for word in re.findall(r"[A-Za-z_]\w*", text)}
    seam = [name for name in sources if open_seam and name.startswith(SEAMS)]
    kept = ROOTS.union(*(_words(sources[name]) for name in seam))
    names = Names(program, uses, kept, foreign, seam)
    texts, functions = {}, {}
    for name, found in uses.items():
        chosen = _Module(found, names)
        texts[name] = applied(sources[name], list(chosen.edits()))
        functions[name] = chosen.functions()
    return texts, Meanings(functions)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", text))


class _Module:
    """The new names of one module: what ``names`` says, and those of each function's parameters and locals.

    Parameters and inner functions have names in compiled code and get cheap ones. Other locals have
    none there, and get such as nothing else has."""

    def __init__(self, uses: Uses, names: Names) -> None:
        self.uses = uses
        self.names = names
        self.locals: dict[Symbol, str] = {}
        inner = [f.name for f in uses.functions if f.name is not None and f.name[0] == "local"]
        named: set[Symbol] = set(inner)
        for function in uses.functions:
            named.update(function.parameters)
            for symbol in function.parameters:
                if names.keeps(symbol, function.any_keyword):
                    self.locals[symbol] = symbol[-1]
        others = sorted({use.symbol for use in uses.uses if use.symbol[0] == "local"} - named)
        self.locals.update({symbol: f"_{i}" for i, symbol in enumerate(others)})
        constants = {names.of(symbol) for symbol in uses.constants}
        for function in uses.functions:  # outer ones come first
            own = [*function.parameters, *(symbol for symbol in inner if symbol[2] == function.scope)]
            taken = {self.of(symbol, word) for word, symbol in function.names if symbol not in own}
            taken |= constants | {self.locals[symbol] for symbol in own if symbol in self.locals}
            for symbol in own:
                if symbol not in self.locals:
                    self.locals[symbol] = names.candidate(taken)
                    taken.add(self.locals[symbol])

    def of(self, symbol: Symbol | None, word: str) -> str:
        if symbol is None:
            return word
        return self.locals.get(symbol, word) if symbol[0] == "local" else self.names.of(symbol)

    def edits(self) -> Iterator[Edit]:
        for use in self.uses.uses:
            new = self.of(use.symbol, use.word)
            if new != use.word:
                yield use.line, use.column, use.line, use.column + len(use.word.encode()), new
        for alias, there, here in self.uses.imports:
            name = self.of(there, alias.name)
            bound = self.of(here, alias.asname or alias.name)
            assert alias.end_lineno is not None and alias.end_col_offset is not None
            new = name if name == bound else f"{name} as {bound}"
            yield alias.lineno, alias.col_offset, alias.end_lineno, alias.end_col_offset, new
        for node, meant in self.uses.declared:
            assert node.end_lineno is not None and node.end_col_offset is not None
            new = ", ".join(self.of(symbol, name) for symbol, name in zip(meant, node.names, strict=True))
            word = "global" if isinstance(node, ast.Global) else "nonlocal"
            yield node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, f"{word} {new}"

    def functions(self) -> list[Place]:
        """The functions with their lines, new and old names."""
        return [
            Place(f.first, f.last, self.of(f.name, f.name[-1]), f.name[-1])
            for f in self.uses.functions
            if f.name is not None
        ]
