"""Numbers are written in place of their names before the firmware is compiled for an image."""

from __future__ import annotations

import ast

import pytest

from fetchprint_tools import constants, firmware_build

LIMITS = """from fetchprint.port.native import micropython

const = micropython.const

SMALL = const(3)  # kept in sight
_TWICE = SMALL * 2
NEGATIVE = -1
A, B = range(2)
C, D = range(SMALL, 5)
NAMES = (b"x",)
changed = 1


def twice():
    return _TWICE
"""

USER = """from fetchprint import limits as m
from fetchprint.limits import NAMES, NEGATIVE, SMALL as S


def use(x):
    if x == m.B:
        return S << m.D
    return x - NEGATIVE, NAMES, m.twice()
"""


def functions(text: str) -> list[tuple[str, int]]:
    return [(n.name, n.lineno) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]


def run(text: str, **names: object) -> dict[str, object]:
    space: dict[str, object] = dict(names)
    alone = [line for line in text.split("\n") if not line.startswith("from ")]
    exec(compile("\n".join(alone), "m", "exec"), space)
    return space


def test_numbers_take_the_place_of_names_across_modules():
    out = constants.inline({"fetchprint.limits": LIMITS, "fetchprint.user": USER})
    limits, user = out["fetchprint.limits"], out["fetchprint.user"]
    assert "SMALL" not in limits and "const" not in limits and "micropython" not in limits
    assert "return 6" in limits and 'NAMES = (b"x",)' in limits and "changed = 1" in limits
    assert "x == 1" in user and "3 << 4" in user and "x - (-1)" in user
    assert user.startswith("from fetchprint import limits as m\nfrom fetchprint.limits import NAMES\n")


def test_lines_keep_their_numbers():
    out = constants.inline({"fetchprint.limits": LIMITS, "fetchprint.user": USER})
    for name, before in (("fetchprint.limits", LIMITS), ("fetchprint.user", USER)):
        after = out[name]
        assert len(after.split("\n")) == len(before.split("\n"))
        assert functions(before) == functions(after)


def test_a_name_that_is_assigned_twice_is_no_constant():
    text = "LIMIT = 1\n\n\ndef grow():\n    global LIMIT\n    LIMIT = 2\n    return LIMIT\n"
    assert constants.inline({"fetchprint.m": text}) == {"fetchprint.m": text}


def test_the_seam_keeps_its_numbers_for_drivers_compiled_elsewhere():
    out = constants.inline({"fetchprint.limits": LIMITS}, keep=["fetchprint.limits"])["fetchprint.limits"]
    space = run(out, const=int, micropython=type("micropython", (), {"const": int}))
    assert space["SMALL"] == 3 and space["A"] == 0 and space["twice"]() == 6  # type: ignore[operator]


@pytest.mark.slow
def test_the_whole_firmware_still_compiles_and_has_no_number_left_by_name():
    texts = firmware_build.inlined()
    for name, text in texts.items():
        tree = ast.parse(text)
        globals_ = [node for node in tree.body if isinstance(node, ast.Assign)]
        numbers = [
            ast.unparse(node)
            for node in globals_
            if isinstance(node.value, ast.Constant) and type(node.value.value) is int
        ]
        assert not numbers or name in firmware_build.SEAM, f"{name}: {numbers}"
