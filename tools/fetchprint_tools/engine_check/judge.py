"""What should be on the paper, worked out without the driver's code."""

from __future__ import annotations

from functools import cache

from fetchprint.engine import base
from fetchprint_tools.engine_check.rig import Failed, Rig


@cache
def row(octets: int, seed: int) -> bytes:
    """A line of dots that looks random and is never white; as ``actor.row`` makes it."""
    value = (seed * 2654435761 + 1) & 0xFFFFFF
    out = bytearray()
    for _ in range(octets):
        value = (value * 1103515 + 12345) & 0xFFFFFF
        out.append(value >> 12 & 0xFF)
    out[0] |= 0x80
    return bytes(out)


def printed(rig: Rig) -> list[bytes]:
    """The lines with any dot on them, in the order in which they were printed."""
    stride = rig.engine.width // 8
    everything = b"".join(rig.paper.pages) + bytes(rig.paper.current)
    rows = [everything[at : at + stride] for at in range(0, len(everything), stride)]
    return [each for each in rows if any(each)]


def lines(rig: Rig) -> int:
    """Lines fed, white ones too."""
    return (sum(map(len, rig.paper.pages)) + len(rig.paper.current)) // (int(rig.engine.width) // 8)


def wanted(rig: Rig, *pages: tuple[int, int]) -> list[bytes]:
    """The lines of pages of (height, seed)."""
    stride = rig.engine.width // 8
    return [row(stride, seed + y) for height, seed in pages for y in range(height)]


def perfect(rig: Rig, *pages: tuple[int, int]) -> None:
    """The paper holds these pages and nothing else."""
    same(printed(rig), wanted(rig, *pages))
    if rig.engine.dropped:
        raise Failed(f"{rig.engine.dropped} octets found the engine's buffer full")
    if rig.engine.warnings:
        raise Failed(f"the engine could not make sense of what came: {rig.engine.warnings[0]}")


def same(got: list[bytes], expected: list[bytes]) -> None:
    if got == expected:
        return
    pairs = zip(got, expected, strict=False)
    at = next((n for n, (left, right) in enumerate(pairs) if left != right), min(len(got), len(expected)))
    raise Failed(
        f"{len(got)} lines on the paper, {len(expected)} expected; the first that differs is line {at}"
    )


def told(rig: Rig, bit: int, seconds: float = 5.0) -> None:
    """The driver says so within ``seconds``."""
    name = base.KEYWORDS[bit.bit_length() - 1].decode()
    rig.until(lambda: rig.reasons & bit, seconds, f"the reason {name}")


def usable(rig: Rig, seconds: float = 15.0) -> None:
    """The driver says that the engine can print, or that it does not know."""
    rig.until(lambda: not rig.reasons & base.STOPS, seconds, "an engine that is ready again is usable")
