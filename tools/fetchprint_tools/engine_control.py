"""Commands for an emulated engine, one a line: what a person does to a printer."""

from __future__ import annotations

from typing import Any

from fetchprint_tools.engines.link.faults import FAULTS

HELP = """\
paper out [LINES]    the paper ends now, or after LINES more dot lines
paper in             a new roll
near-end on|off      the roll is nearly used up
cover open|close
jam on|off           the cutter or the paper is stuck
hot on|off           the head is too hot to go on
offline on|off       the button that takes the printer off-line
mute on|off          the printer's replies are lost
power on|off
wire FAULT N         drop, flip, duplicate, truncate or delay one in N bytes of a link; 0 for none
temperature DEGREES  of a thermal head, now; it cools down by itself
stop                 end the run cleanly
"""


class ControlError(Exception):
    """The line is no command."""


def apply(printer: Any, line: str) -> str:
    """Carry out ``line`` and give it back tidied; ControlError with what was expected.

    ``printer`` has a method for each thing that can happen to it; an engine that has no cover, say,
    has none for that.
    """
    words = line.split()
    try:
        _carry_out(printer, line, words)
    except AttributeError as error:
        if error.obj is not printer:
            raise
        raise ControlError(f"{line!r} means nothing to this engine") from error
    return " ".join(words)


def _carry_out(printer: Any, line: str, words: list[str]) -> None:
    match words:
        case ["paper", "out"]:
            printer.paper_out()
        case ["paper", "out", lines] if lines.isdecimal():
            printer.paper_out(printer.lines + int(lines))
        case ["paper", "in"]:
            printer.paper_in()
        case ["near-end", ("on" | "off") as state]:
            printer.near_end(state == "on")
        case ["cover", "open"]:
            printer.cover_open()
        case ["cover", "close"]:
            printer.cover_close()
        case ["jam", ("on" | "off") as state]:
            printer.jam(state == "on")
        case ["hot", ("on" | "off") as state]:
            printer.hot(state == "on")
        case ["offline", ("on" | "off") as state]:
            printer.off_line(state == "on")
        case ["mute"]:
            printer.mute()
        case ["mute", ("on" | "off") as state]:
            printer.mute(state == "on")
        case ["temperature", degrees] if degrees.isdecimal():
            printer.heat_to(float(degrees))
        case ["power", ("on" | "off") as state]:
            printer.power(state == "on")
        case ["wire", fault, every] if fault in FAULTS and every.isdecimal():
            printer.wire_fault(fault, int(every))
        case _:
            known = "; ".join(" ".join(entry[:20].split()) for entry in HELP.splitlines())
            raise ControlError(f"{line!r} is not known; known are: {known}")
