"""ESC/POS by its lengths: the commands an engine takes without showing anything for them."""

from __future__ import annotations

DLE = 0x10
ESC = 0x1B
FS = 0x1C
GS = 0x1D

ACCEPTED: dict[tuple[int, int], int] = {
    # (prefix, code): parameter bytes. These change how text looks or who is served; raster does not care.
    (ESC, ord(" ")): 1,  # right-side character spacing
    (ESC, ord("%")): 1,  # user-defined characters
    (ESC, ord("-")): 1,  # underline
    (ESC, ord("=")): 1,  # select peripheral
    (ESC, ord("E")): 1,  # emphasised
    (ESC, ord("G")): 1,  # double strike
    (ESC, ord("M")): 1,  # font
    (ESC, ord("R")): 1,  # international characters
    (ESC, ord("S")): 0,  # standard mode
    (ESC, ord("T")): 1,  # direction in page mode
    (ESC, ord("U")): 1,  # unidirectional
    (ESC, ord("V")): 1,  # turned by 90 degrees
    (ESC, ord("r")): 1,  # colour
    (ESC, ord("t")): 1,  # code table
    (ESC, ord("{")): 1,  # upside down
    (ESC, ord("c")): 2,  # panel buttons and paper sensors
    (FS, ord("&")): 0,  # kanji on
    (FS, ord(".")): 0,  # kanji off
    (FS, ord("!")): 1,  # kanji style
    (FS, ord("-")): 1,  # kanji underline
    (FS, ord("C")): 1,  # kanji code
    (FS, ord("S")): 2,  # kanji spacing
    (FS, ord("W")): 1,  # kanji size
    (GS, ord("B")): 1,  # white on black
    (GS, ord("H")): 1,  # place of bar code text
    (GS, ord("P")): 2,  # motion units
    (GS, ord("b")): 1,  # smoothing
    (GS, ord("f")): 1,  # font of bar code text
    (GS, ord("h")): 1,  # bar code height
    (GS, ord("w")): 1,  # bar code width
}

NAMES = {DLE: "DLE", ESC: "ESC", FS: "FS", GS: "GS"}


def name(prefix: int, code: int) -> str:
    """How the manuals write a command: ``GS v``, ``ESC 0x07``."""
    return f"{NAMES[prefix]} {chr(code) if 0x20 < code < 0x7F else f'0x{code:02x}'}"
