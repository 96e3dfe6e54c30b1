"""What nothing in an image calls is left out; what might be called by others stays."""

from __future__ import annotations

import ast

import pytest

from fetchprint import config
from fetchprint_tools import firmware_build, prune
from fetchprint_tools.needed import needed

SOURCES = {
    "fetchprint.a": '''"""Says unused_word, which is no reason to keep it."""


def unused_word():
    return only_for_it()


def only_for_it():
    return 1


def by_string():
    return 2


class Whole:
    """Goes."""

    def method(self):
        return self.method()

    def shared(self):
        return 3


class Part:
    """Stays, with pass in place of what went."""

    @property
    def gone(self):
        return 4

    def shared(self):
        return 5

    def readinto(self, buf):
        return 6

    def __len__(self):
        return 7
''',
    "fetchprint.engine.b": '''"""The seam."""

from fetchprint.a import Part

print(getattr(Part().shared, "by_string"))


def identify():
    return 9


def _private():
    return 8
''',
}


def names(source: str) -> set[str]:
    tree = ast.parse(source)
    return {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def test_what_nobody_asks_for_goes_with_what_only_it_asks_for() -> None:
    pruned = prune.prune(SOURCES, False)
    assert names(pruned["fetchprint.a"]) == {"by_string", "Part", "shared", "readinto", "__len__"}
    assert not names(pruned["fetchprint.engine.b"])
    for name, source in SOURCES.items():
        assert pruned[name].count("\n") == source.count("\n"), "lines keep their numbers"


def test_a_vendors_driver_finds_the_seam_whole() -> None:
    pruned = prune.prune(SOURCES, True)
    assert names(pruned["fetchprint.engine.b"]) == {"identify"}


@pytest.mark.parametrize("profile", ["infra", "mobile"])
@pytest.mark.parametrize("port", ["unix", "rp2", "esp32"])
def test_of_the_firmware_only_what_is_not_called_goes(port: str, profile: str) -> None:
    settings = {
        "services": [{"uri": "ipp://print.example/ipp/print", "profile": profile}],
        "engine": {"driver": "escpos", "device": "/dev/null"},
        "state": "state",
    }
    config.check(settings)
    sources = needed(firmware_build.inlined(), port, settings)
    pruned = prune.prune(sources, firmware_build.vendor(settings))
    assert sum(map(len, pruned.values())) < sum(map(len, sources.values())) - 1500
    left = {word for text in pruned.values() for word in names(text)}
    gone = {word for text in sources.values() for word in names(text)} - left
    assert "with_language" in gone and ("string_at" in gone) == (profile == "infra")
    del sources["fetchprint.port.bench" if port == "unix" else "fetchprint.port.board"]
    gone &= {word for text in sources.values() for word in names(text)}
    for text in pruned.values():
        asked = [node.attr for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
        assert not gone.intersection(asked)
