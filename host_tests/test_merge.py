"""Merged modules do what they did, and every name in them is one that is there."""

from __future__ import annotations

import builtins
import symtable
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fetchprint_tools import firmware_build, merge, shorten
from fetchprint_tools.needed import needed

SOURCES = {
    "main": "from fetchprint.room import last\n\n\ndef run():\n    return last.result()\n",
    "fetchprint.__init__": "",
    "fetchprint.room.__init__": "",
    "fetchprint.room.first": """
import json
from fetchprint.errors import Known

_kept = [1]


def put(x):
    _kept.append(x)
    return json.dumps(_kept)


class Thing:
    put = 5
    twice = put * 2

    def both(self):
        return put(self.twice)
""",
    "fetchprint.room.second": """
import json as j
from fetchprint.errors import Known as K
from fetchprint.room.first import put as add

_kept = [2]
count = 0


def put(first):
    global count
    count += 1
    add(first)
    return [first, j.loads("[3]"), *_kept, count, K]
""",
    "fetchprint.room.last": """
from fetchprint.errors import Known
from fetchprint.room import first, second


def result():
    thing = first.Thing()
    f = lambda put: put + second.count
    return [second.put("a"), thing.both(), f(1), second.put("b"), Known.word]
""",
    "fetchprint.errors": "class Known:\n    word = 'w'\n",
}


def _run(sources: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, text in sources.items():
        path = folder.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(folder))
        for name in [n for n in sys.modules if n == "main" or n.partition(".")[0] == "fetchprint"]:
            patch.delitem(sys.modules, name)
        result = __import__("main").run()
        for name in [n for n in sys.modules if n == "main" or n.partition(".")[0] == "fetchprint"]:
            del sys.modules[name]
    return str(result)


def test_merged_modules_do_what_they_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    merged = merge.merge(SOURCES)
    assert sorted(set(SOURCES) - set(merged)) == ["fetchprint.room.first", "fetchprint.room.second"]
    expected = _run(SOURCES, tmp_path / "apart", monkeypatch)
    assert expected.count("'a'") == 1 and "1, 10" not in expected
    assert _run(merged, tmp_path / "one", monkeypatch) == expected


def test_a_module_that_is_a_value_is_refused() -> None:
    sources = {**SOURCES, "fetchprint.room.last": "from fetchprint.room import first\nresult = [first]\n"}
    with pytest.raises(ValueError, match=r"room\.last: the module first is used as a value"):
        merge.merge(sources)


SERVICE = {"uri": "ipp://h/ipp/print/infra"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("port", "profiles", "driver", "more"),
    [
        ("unix", ["infra"], "escpos", {}),
        ("unix", ["infra", "mobile"], "raw", {"document": {"gzip": True}, "references": {}}),
        ("rp2", ["mobile"], "thermal", {"transport": "adafruit"}),
        ("esp32", ["infra"], "link", {}),
    ],
)
def test_every_name_is_there(port: str, profiles: list[str], driver: str, more: dict[str, Any]) -> None:
    config = {
        "services": [{**SERVICE, "profile": profile, "register": True} for profile in profiles],
        "engine": {"driver": driver, "device": "spi:0"},
        **more,
    }
    merged = merge.merge(needed(firmware_build.inlined(), port, config))
    assert len(merged) < 45
    short, _ = shorten.shorten(merged)
    for texts in (merged, short):
        assert {name: _missing(name, text) for name, text in texts.items() if _missing(name, text)} == {}


def _missing(name: str, text: str) -> set[str]:
    table = symtable.symtable(text, name, "exec")
    known = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    compiled = {"micropython", "ptr8", "ptr16", "ptr32"}  # MicroPython's compiler knows them
    return set(_used(table)) - known - compiled - {*dir(builtins), "__file__"}


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (symbol.is_global() or table.get_type() == "module"):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _used(child)
