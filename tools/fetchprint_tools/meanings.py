"""The long names for what MicroPython shows of an error."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from fetchprint_tools import paths
from fetchprint_tools.errors import UserError

_FRAME = re.compile(r'(File "([^"]*)", line (\d+), in )(\w+)')


@dataclass(frozen=True)
class Place:
    """A function: its lines, what it is called where it is compiled, and in the sources."""

    first: int
    last: int
    short: str
    word: str


class Meanings:
    """The functions of each module."""

    def __init__(self, places: Mapping[str, list[Place]]) -> None:
        self.places = dict(places)

    @classmethod
    def read(cls, path: Path) -> Meanings:
        """What ``json`` gave and was written to ``path``. Raises UserError."""
        try:
            found = json.loads(path.read_text("utf-8"))
            return cls({name: [Place(*place) for place in places] for name, places in found.items()})
        except OSError as error:
            raise UserError(f"cannot be read: {error.strerror}", where=str(path)) from error
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError("has no names of a build", where=str(path)) from error

    @classmethod
    def last(cls) -> Meanings:
        """What was kept last; nothing if nothing was."""
        kept = sorted(_folder().glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        return cls.read(kept[-1]) if kept else cls({})

    def keep(self, board: str) -> None:
        """Keep them in the cache for ``last``: the board named ``board`` has them now."""
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as file:
            file.write(self.json())
        os.replace(file.name, folder / f"{board}.json")

    def json(self) -> str:
        """To be written; ``read`` reads it."""
        table = {name: [astuple(place) for place in places] for name, places in self.places.items()}
        return json.dumps(table, sort_keys=True)

    def long(self, line: str) -> str:
        """``line`` with the long name in it. Where the firmware is compiled without line numbers several
        functions may be meant: ``poll|start``."""
        return _FRAME.sub(self._long, line)

    def _long(self, found: re.Match[str]) -> str:
        file = found[2].removesuffix(".py").replace("/", ".")
        line = int(found[3])
        inside = [places for name, places in self.places.items() if f".{name}".endswith(f".{file}")]
        fitting = [place for places in inside for place in places if place.short == found[4]]
        exact = [place for place in fitting if line > 1 and place.first <= line <= place.last]
        if exact:
            fitting = [min(exact, key=lambda place: place.last - place.first)]
        return found[1] + ("|".join(dict.fromkeys(place.word for place in fitting)) or found[4])


def _folder() -> Path:
    return paths.cache_dir() / "names"
