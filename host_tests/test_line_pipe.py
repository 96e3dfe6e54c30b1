"""Lines from a pipe, however its bytes are cut."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from fetchprint_tools.firmware_process import LinePipe


@pytest.fixture
def pipe() -> Iterator[tuple[LinePipe, int]]:
    """The lines, and the descriptor to write to, which the test closes."""
    ours, theirs = os.pipe()
    yield LinePipe(ours), theirs
    os.close(ours)


def test_whole_lines_only(pipe: tuple[LinePipe, int]) -> None:
    lines, theirs = pipe
    assert lines.lines() == []
    seen = []
    for octet in b"one\n\ntwo \xff\n":
        os.write(theirs, bytes((octet,)))
        seen += lines.lines()
    assert seen == ["one", "", "two \ufffd"]
    os.close(theirs)
    assert lines.lines() == [] and not lines.open


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", []), (b"\n", [""]), (b"one\n", ["one"]), (b"one\ntwo", ["one", "two"]), (b"two", ["two"])],
)
def test_the_end_of_the_pipe(pipe: tuple[LinePipe, int], data: bytes, expected: list[str]) -> None:
    lines, theirs = pipe
    os.write(theirs, data)
    os.close(theirs)
    assert lines.lines() == expected and not lines.open
    assert lines.lines() == []


def test_a_line_without_end_comes_in_pieces(pipe: tuple[LinePipe, int]) -> None:
    lines, theirs = pipe
    seen = ""
    for _ in range(64):
        os.write(theirs, b"x" * 4096)
        seen += "".join(lines.lines())
    assert len(seen) == 64 * 4096
    os.close(theirs)
