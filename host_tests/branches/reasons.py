"""The branches that may stay untaken, each with its reason: ``reasons.toml``, compared with what was seen."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

FILE = Path(__file__).parent / "reasons.toml"

Place = tuple[str, str]
"""The file, from firmware/fetchprint on, and the name that ``missed`` gives."""


def load(path: Path = FILE) -> dict[Place, str]:
    """The reason of each branch. ValueError for an entry that is not whole or named twice."""
    found: dict[Place, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["branch"]:
        if set(entry) != {"file", "at", "reason"} or not entry["reason"].strip():
            raise ValueError(f"{path.name}: file, at and reason are needed, and no more: {entry}")
        for name in entry["at"]:
            if (entry["file"], name) in found:
                raise ValueError(f"{path.name}: named twice: {entry['file']}: {name}")
            found[entry["file"], name] = entry["reason"]
    return found


def complaints(missed: Mapping[str, list[str]], reasons: Mapping[Place, str]) -> Iterator[str]:
    """What is missed without a reason, and reasons for what was taken or is no more."""
    seen = Counter((file, name) for file, names in missed.items() for name in names)
    for (file, name), times in sorted(seen.items()):
        if (file, name) not in reasons:
            yield f"not taken, and no reason given: {file}: {name}"
        elif times > 1:
            yield f"{times} branches of this name were not taken, where one is excused: {file}: {name}"
    for file, name in sorted(set(reasons) - set(seen)):
        yield f"a reason is given for what was taken, or is no more: {file}: {name}"
