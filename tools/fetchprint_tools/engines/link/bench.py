"""The emulated link engine as an SPI slave: it says things while the host clocks, READY when it has any."""

from __future__ import annotations

import re
from typing import Any

from fetchprint_tools.engines.benchwire import BenchError, Frames
from fetchprint_tools.engines.link.printer import LinkPrinter

READY = "ready"
IDLE = re.compile(
    rb"(?:\x00|H.|N.[oia][^\x00]*\x00|T....|R.|X\x01\x00(?:\xa5[\x01-\x03].{254}|\x00{256}))*", re.DOTALL
)
"""On the bench wire, between jobs: transfers that begin with a frame without a number, or with none."""


class LinkBench(LinkPrinter):
    """The printer on a bus: time is that of the bench wire, and the wall clock means nothing to it."""

    def __init__(
        self, width: int = 576, buffer_size: int = 4096, speed: float | None = None, **more: Any
    ) -> None:
        super().__init__(width, buffer_size, speed, **more)
        self.idle = IDLE
        self._frames = Frames(self)
        self._us = 0
        self._said = bytearray()

    # -- for the tap ------------------------------------------------------------------------------

    def receive(self, data: bytes, now: float) -> None:
        try:
            self._frames.feed(data)
        except BenchError as error:
            self.warn(f"bench wire: {error}")

    def transmit(self) -> bytes:
        return self._frames.take()

    def advance(self, now: float) -> None:
        return

    def wait(self) -> float | None:
        return None

    # -- for the bus ------------------------------------------------------------------------------

    def elapse(self, us: int) -> None:
        self._us += us
        self._work()

    def shift(self, data: bytes) -> bytes:
        """What comes out was ready before: a slave cannot answer within the same transfer."""
        out = bytes(self._said[: len(data)])
        del self._said[: len(data)]
        super().receive(data, self._us / 1e6)
        self._work()
        return out.ljust(len(data), b"\0")

    def level(self, pin: str) -> int:
        self._work()
        return 1 if pin == READY and self._said else 0

    def analogue(self, pin: str) -> int:
        self.warn(f"{pin} is read, which a link has not")
        return 0

    def set(self, pin: str, level: int) -> None:
        self.warn(f"{pin} is set to {level}, which a link has not")

    def pulse(self, pin: str, us: int) -> None:
        self.warn(f"{pin} is pulsed for {us} us, which a link has not")

    def _work(self) -> None:
        super().advance(self._us / 1e6)
        self._said += super().transmit()
