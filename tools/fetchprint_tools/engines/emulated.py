"""What the supervisor needs of an emulated engine, and which engine goes with which driver."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from fetchprint.config import driver_setup
from fetchprint_tools.engines.escpos import EscPosPrinter
from fetchprint_tools.engines.link.bench import LinkBench
from fetchprint_tools.engines.link.controller import SMALLEST
from fetchprint_tools.engines.link.printer import LinkPrinter
from fetchprint_tools.engines.paper import Paper
from fetchprint_tools.engines.raw import RawEngine
from fetchprint_tools.engines.thermal import ThermalMechanism
from fetchprint_tools.errors import UserError


class EmulatedEngine(Protocol):
    """An engine at the other end of the wire; ``now`` is in seconds on any clock that does not go back.

    The paper gets the dot lines and may be replaced at any time. ``warnings``: what the engine could
    not make sense of, the first ones; ``warning_count``: all of them. ``dropped``: bytes that found the
    buffer full or the power off. ``room``: bytes that the wire may deliver now; ``waiting``: bytes not
    yet dealt with; ``blocked``: what ``advance`` waited for when it last returned, one of the names in
    ``steps``.
    """

    paper: Paper
    warnings: list[str]
    warning_count: int
    blocked: str
    idle: re.Pattern[bytes]

    @property
    def width(self) -> int: ...

    @property
    def room(self) -> int: ...

    @property
    def waiting(self) -> int: ...

    @property
    def dropped(self) -> int: ...

    def receive(self, data: bytes, now: float) -> None:
        """Bytes from the wire."""

    def transmit(self) -> bytes:
        """The bytes that the engine says; each is given once."""

    def mark(self, action: Callable[[], None]) -> None:
        """Call ``action`` when everything received until now has been executed."""

    def advance(self, now: float) -> None:
        """Execute what can be executed by ``now``."""

    def wait(self) -> float | None:
        """Seconds until ``advance`` has something to do by itself; None: not before something comes."""

    def finish(self) -> None:
        """The end of the run: what is not yet executed is dropped, all marks are called."""


def _escpos(settings: dict[str, Any], buffer_size: int, speed: float | None) -> EmulatedEngine:
    xon_xoff = settings.get("flow") == "xonxoff"
    return EscPosPrinter(int(settings["width"]), buffer_size, speed, xon_xoff=xon_xoff)


def _thermal(settings: dict[str, Any], buffer_size: int, speed: float | None) -> EmulatedEngine:
    return ThermalMechanism({**driver_setup("thermal").SETTINGS, **settings})


def _raw(settings: dict[str, Any], buffer_size: int, speed: float | None) -> EmulatedEngine:
    return RawEngine(buffer_size, speed)


def _link(settings: dict[str, Any], buffer_size: int, speed: float | None) -> EmulatedEngine:
    if buffer_size < SMALLEST:
        raise UserError(
            f"a link engine with a buffer of {buffer_size} bytes", hint=f"give {SMALLEST} or more"
        )
    model = LinkBench if settings.get("port") == "spi" else LinkPrinter
    return model(int(settings["width"]), buffer_size, speed)


MODELS: dict[str, Callable[[dict[str, Any], int, float | None], EmulatedEngine]] = {
    "escpos": _escpos,
    "link": _link,
    "thermal": _thermal,
    "raw": _raw,
}
"""By driver: makes the engine from the driver's settings, the receive buffer in bytes and the paper
speed in dot lines a second (None: as fast as bytes come). A thermal mechanism has no buffer, and its
speed is the driver's."""
TELL_WIDTH = ("link",)
"""Drivers whose engine tells its width: it is a setting of the emulated engine alone."""


def make(settings: dict[str, Any], buffer_size: int, speed: float | None) -> EmulatedEngine:
    """The emulated engine for ``settings``, the ``engine`` part of a configuration."""
    return MODELS[settings["driver"]](settings, buffer_size, speed)
