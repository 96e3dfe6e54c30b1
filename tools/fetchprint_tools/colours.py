"""Which symbols may share a name, and which name each gets.

Two symbols need different names only where they meet: two globals in one module; two attributes in one
object. What an object has is what its class, those that this inherits from and those that inherit from it
say: names in the class, and what methods store on ``self``. An attribute that is also stored from elsewhere
may be on any object and meets every other one.
"""

from __future__ import annotations

import builtins
import keyword
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fetchprint_tools.resolve import Class, Program, Symbol
from fetchprint_tools.uses import Uses

_FOUND_BY_INTERPRETER = """
bool bytecode close const count fileno flush int ioctl keys micropython mount native object open ptr ptr16
ptr32 ptr8 range read readblocks readinto readline seek send stat statvfs super tell throw type uint umount
viper write writeblocks
"""
"""Names that MicroPython looks for on objects that it is handed, or that its compiler knows."""
_OF_EXCEPTIONS = {"args", "errno", "value"}


ROM_NAMES = Path(__file__).with_name("rom_names.txt")


def rom_names() -> dict[str, list[str]]:
    """What ``rom_names.txt`` says, section by section."""
    found: dict[str, list[str]] = {}
    for line in ROM_NAMES.read_text("ascii").splitlines():
        if line.startswith("["):
            section = found.setdefault(line[1:-1], [])
        elif not line.startswith("#"):
            section += line.split()
    return found


class Names:
    """What every symbol of ``uses`` is to be called: ``chosen``.

    ``kept`` are words that stay what they are; ``foreign`` those that another party may look up on any
    object. The parameters of the modules ``as_they_are`` keep their names."""

    def __init__(
        self,
        program: Program,
        uses: Mapping[str, Uses],
        kept: Collection[str],
        foreign: Collection[str],
        as_they_are: Collection[str] = (),
    ) -> None:
        self.program = program
        self.uses = uses
        rom = rom_names()
        everything = {word for section in rom.values() for word in section}
        in_texts = {word for found in uses.values() for word in found.in_texts}
        self._as_they_are = as_they_are
        self.keywords = {word for found in uses.values() for word in found.keywords}
        self.families = _families([made for found in uses.values() for made in found.classes])
        self.anywhere = {word for found in uses.values() for word in found.stored_outside}
        self._own = self.anywhere | {word for family in self.families for word in family.words}
        self._own |= {word for words in program.globals.values() for word in words} & program.exposed
        shown = {word for family in self.families if family.others for word in family.classes}
        self._kept_globals = {*kept, *shown}
        self._kept_attributes = {*kept, *in_texts, *foreign, *everything}
        never = {*_FOUND_BY_INTERPRETER.split(), *in_texts, *self.keywords, *foreign, *kept}
        cheap = [*rom["numbered"], *sorted(rom["everywhere"], key=len)]
        self.candidates = [word for word in cheap if word not in never and not word.startswith("__")]
        self._made = (word for word in _short() if word not in everything and word not in never)
        self.chosen: dict[Symbol, str] = {}
        self._choose()

    def of(self, symbol: Symbol) -> str:
        return self.chosen.get(symbol, symbol[-1])

    def candidate(self, taken: Collection[str]) -> str:
        """The cheapest name that is not ``taken``."""
        place = 0
        while True:
            while place >= len(self.candidates):
                self.candidates.append(next(self._made))
            if self.candidates[place] not in taken:
                return self.candidates[place]
            place += 1

    def _is_kept(self, symbol: Symbol) -> bool:
        word = symbol[-1]
        if word.startswith("__"):
            return True
        if symbol[0] == "attribute":
            return word in self._kept_attributes or word not in self._own
        return word in self._kept_globals

    def _choose(self) -> None:
        groups = list(self._groups())
        often: Counter[Symbol] = Counter()
        where: dict[Symbol, set[str]] = defaultdict(set)
        for name, found in self.uses.items():
            for use in found.uses:
                if use.symbol[0] != "local":
                    often[use.symbol] += 1
                    where[use.symbol].add(name)
        member: dict[Symbol, list[int]] = defaultdict(list)
        taken: list[set[str]] = []
        for i, (symbols, words) in enumerate(groups):
            kept = [symbol[-1] for symbol in symbols if self._is_kept(symbol)]
            if len(set(kept)) < len(kept):
                raise ValueError(f"two things that meet are called {max(kept, key=kept.count)}")
            taken.append(words.union(kept))
            for symbol in symbols:
                member[symbol].append(i)
        attributes = {s[-1] for s in often if s[0] == "attribute" and self._is_kept(s)}  # all so far
        alone = attributes & self.anywhere  # those that may be on any object
        for symbol in sorted(often, key=lambda s: (-len(where[s]), -often[s], s)):
            if self._is_kept(symbol):
                continue
            avoid = set().union(*(taken[i] for i in member[symbol]))
            anywhere = symbol[0] == "attribute" and (symbol[-1] in self.anywhere or not member[symbol])
            if symbol[0] == "attribute":
                avoid |= attributes if anywhere else alone
            new = self.chosen[symbol] = self.candidate(avoid)
            for i in member[symbol]:
                taken[i].add(new)
            if symbol[0] == "attribute":
                attributes.add(new)
                if anywhere:
                    alone.add(new)

    def _groups(self) -> Iterator[tuple[set[Symbol], set[str]]]:
        """Symbols that meet, and words that are taken there."""
        for family in self.families:
            yield {("attribute", word) for word in family.words}, family.others
        for found in self.uses.values():
            kept = {
                symbol[-1]
                for f in found.functions
                for symbol in f.parameters
                if self.keeps(symbol, f.any_keyword)
            }
            yield found.globals, found.others | kept
            for made in found.classes:
                loads = {symbol for _, symbol in made.loads if symbol is not None}
                own = {("attribute", word) for word in made.words}
                yield own | loads | found.constants, {word for word, symbol in made.loads if symbol is None}

    def keeps(self, parameter: Symbol, any_keyword: bool) -> bool:
        """Whether a parameter may be named by a call."""
        return (
            any_keyword
            or parameter[1] in self._as_they_are
            or parameter[-1] in self.keywords
            or parameter[-1].startswith("__")
        )


@dataclass
class Family:
    """Classes that inherit from one another: the ``words`` of their attributes, and ``others``, which they
    inherit from Python's own (exceptions, whose names people read)."""

    classes: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)


def _families(classes: list[Class]) -> list[Family]:
    leader = {one.made: one.made for one in classes}

    def lead(made: tuple[str, str]) -> tuple[str, str]:
        while leader[made] != made:
            made = leader[made]
        return made

    for one in classes:
        for base in one.bases:
            if isinstance(base, tuple):
                if base not in leader:
                    raise ValueError(f"{one.made[1]} inherits from {base[1]}, which is no class")
                leader[lead(one.made)] = lead(base)
    found: dict[tuple[str, str], Family] = {}
    for one in classes:
        family = found.setdefault(lead(one.made), Family())
        family.classes.add(one.made[1])
        family.words |= one.words
        for base in one.bases:
            if isinstance(base, str):
                if not hasattr(builtins, base):
                    raise ValueError(f"{one.made[1]} inherits from {base}, which is not known")
                family.others |= {*dir(getattr(builtins, base)), *_OF_EXCEPTIONS}
    return list(found.values())


def _short() -> Iterator[str]:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from letters
    for first in letters:
        for second in letters + "0123456789":
            if not keyword.iskeyword(first + second):
                yield first + second
