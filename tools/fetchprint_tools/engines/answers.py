"""The ESC/POS commands that make a printer say something, when their turn in the receive buffer comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchprint_tools.engines.steps import Steps

if TYPE_CHECKING:
    from fetchprint_tools.engines.escpos import EscPosPrinter

_NUMBERS = {1: 0x20, 2: 0x02, 3: 0x01}
"""GS I: the model's, the type's and the firmware's number; 49 to 51 ask for the same."""


def status(printer: EscPosPrinter) -> Steps[None]:
    """GS r n: the paper's sensors or the drawer's."""
    n = (yield from printer.take(1))[0]
    if n in (1, 49):
        printer.say(bytes((printer.sensors.paper(),)))
    elif n in (2, 50):
        printer.say(bytes((printer.sensors.drawer(),)))
    else:
        printer.warn(f"GS r {n} ignored")


def paper(printer: EscPosPrinter) -> Steps[None]:
    """ESC v."""
    printer.say(bytes((printer.sensors.paper(),)))
    yield from ()


def automatic(printer: EscPosPrinter) -> Steps[None]:
    """GS a n: which sensors are told of by themselves."""
    printer.watch((yield from printer.take(1))[0])


def identity(printer: EscPosPrinter) -> Steps[None]:
    """GS I n."""
    n = (yield from printer.take(1))[0]
    names = {65: "1.00", 66: printer.maker, 67: printer.model, 68: "EMU0001", 69: ""}
    number = n - 48 * (n >= 48)
    if n in names:
        printer.say(b"\x5f" + names[n].encode("ascii", "replace") + b"\0")
    elif number in _NUMBERS:
        printer.say(bytes((_NUMBERS[number],)))
    else:
        printer.warn(f"GS I {n} ignored")


def printed(printer: EscPosPrinter, ident: bytes) -> None:
    """GS ( H 48: everything before this has been printed, says the printer with the four octets given."""
    printer.say(b"\x37\x22" + ident + b"\0")


def cleared(printer: EscPosPrinter) -> None:
    """DLE DC4 8: the buffers are empty."""
    printer.say(b"\x37\x25\x00")
