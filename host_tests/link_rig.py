"""The driver of the framed link and the reference engine, both ports, in one process and in virtual time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fetchprint.engine import base, link_setup
from fetchprint.port.bench import Bus
from fetchprint_tools.engines.link.bench import LinkBench
from fetchprint_tools.engines.link.printer import LinkPrinter
from fetchprint_tools.engines.paper import MemoryPaper

PORTS = ("uart", "spi")
_START = 5000


class Line:
    """A serial line to the engine: so many octets a millisecond each way, None for any number."""

    def __init__(self, rig: Rig, per_ms: int | None) -> None:
        self.octets = 0
        self._rig = rig
        self._per_ms = per_ms
        self._back = bytearray()
        self._sent_at = -1
        self._left = 0

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        self._back += self._rig.printer.transmit()
        count = min(n, len(self._back))
        buf[off : off + count] = self._back[:count]
        del self._back[:count]
        return count or None

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        if self._per_ms is not None:
            if self._sent_at != self._rig.ms:
                self._sent_at, self._left = self._rig.ms, self._per_ms
            n = min(n, self._left)
            self._left -= n
            if not n:
                return None
        self.octets += n
        now = self._rig.ms / 1000
        self._rig.printer.receive(bytes(buf[off : off + n]), now)
        self._rig.printer.advance(now)
        return n


class Rig:
    """A printer and its driver, as the firmware makes it; ``ms`` is the time. It is the port as well."""

    def __init__(
        self,
        port: str = "uart",
        *,
        per_ms: int | None = 92,
        settings: dict[str, Any] | None = None,
        **printer: Any,
    ) -> None:
        self.ms = _START
        self.printer = (LinkBench if port == "spi" else LinkPrinter)(**printer)
        self.line = Line(self, None if port == "spi" else per_ms)
        whole = {
            key: value[0] if isinstance(value, tuple) else value for key, value in link_setup.SETTINGS.items()
        }
        whole.update(settings or {}, port=port, device="virtual")
        self.driver = link_setup.make(whole, self)
        self.until(lambda: not self.driver.reasons & base.STOPS)

    # the port, as far as link_setup needs one

    def now(self) -> int:
        return self.ms

    def wait(self, ms: int) -> None:
        self.ms += 1
        self.printer.advance(self.ms / 1000)

    def random(self, n: int) -> bytes:
        return bytes(range(7, 7 + n))

    def open_device(self, path: str) -> Line:
        return self.line

    def open_bus(self, path: str, hz: int) -> Bus:
        return Bus(self, self.line, hz)

    # the loop

    def turn(self) -> None:
        self.wait(1)
        self.driver.poll(self.ms)

    def until(self, condition: Callable[[], object], ms: int = 60_000) -> None:
        end = self.ms + ms
        while not condition():
            assert self.ms < end, f"in vain; reasons {self.driver.reasons:#x}"
            self.turn()

    def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Call until it is done."""
        answer = None

        def done() -> bool:
            nonlocal answer
            answer = function(*args)
            return answer is not None

        self.until(done)
        return answer

    @property
    def paper(self) -> MemoryPaper:
        assert isinstance(self.printer.paper, MemoryPaper)
        return self.printer.paper
