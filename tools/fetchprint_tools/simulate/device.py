"""The device: the firmware's own modules over a simulated port, started again after each power cut."""

from __future__ import annotations

import json
import traceback
from collections import Counter
from typing import Any

from fetchprint import build, config, ticks
from fetchprint.engine.base import EngineError
from fetchprint.errors import LocalError
from fetchprint_tools.simulate.flash import Flash, Store
from fetchprint_tools.simulate.network import Network, Stream
from fetchprint_tools.simulate.printer import Printer
from fetchprint_tools.simulate.real import Line, RealPrinter, open_bus
from fetchprint_tools.simulate.world import Failed, PowerCut, World

_BOOT_MS = 700
_RESET_MS = 3000
"""What firmware/boot/main.py waits before it resets a board whose firmware could not start."""
_SPIN = 5000
"""Turns of the loop without time passing: by then something is going round in circles."""


class Port:
    """What the firmware has of its board: see Port in docs/architecture.md."""

    identify = None

    def __init__(self, device: Device) -> None:
        self.world = device.world
        self.printer = device.printer
        self._device = device
        self._waited = 0

    def now(self) -> int:
        return (self.world.now + self._device.clock) % ticks.PERIOD

    def wait(self, ms: int) -> None:
        if ms:
            self._waited = 0
        else:
            self._waited += 1
            if self._waited > _SPIN:
                raise Failed(f"{_SPIN} turns of the loop without time passing")
        self.printer.turn()
        self.world.sleep(self.printer.wait(ms))
        self.printer.turn()

    def connect(self, host: str, port: int, allows: Any = None) -> Stream:
        return self._device.network.connect(host)

    def store(self, path: str) -> Store:
        return Store(self._device.flash)

    def open_device(self, path: str) -> Line:
        return self._line()

    def open_bus(self, path: str, hz: int) -> Any:
        return open_bus(self, self._line(), hz)

    def _line(self) -> Line:
        assert isinstance(self.printer, RealPrinter)
        return self.printer.line

    def random(self, n: int) -> bytes:
        return self.world.random.randbytes(n)

    def write_line(self, text: str) -> None:
        self._device.logged(text)

    def stop_asked(self) -> bool:
        return False

    def heap(self) -> None:
        return None

    def collect(self) -> None:
        pass


class Device:
    """``clock``: milliseconds that its clock is ahead. ``events``: what
    its log said, counted."""

    def __init__(
        self,
        world: World,
        network: Network,
        printer: Printer | RealPrinter,
        services: list[dict[str, Any]],
    ) -> None:
        self.world = world
        self.network = network
        self.printer = printer
        self.flash = Flash(world)
        self.clock = 0
        self.boots = 0
        self.events: Counter[str] = Counter()
        self.errors: list[str] = []
        self.loop: Any = None
        self.config = {
            "services": services,
            "engine": printer.settings,
            "state": "state",
        }
        config.check(self.config)

    @property
    def waiting(self) -> bool:
        """Connected everywhere, with nothing in hand."""
        return self.loop is not None and all(
            session.control.idle and not session.job.phase and session.control.backoff.ready(0)
            for session in self.loop._sessions
        )

    def turn(self) -> None:
        """Start it, or one turn of its loop."""
        try:
            if self.loop is None:
                self._boot()
            else:
                self.loop.turn()
        except PowerCut:
            self.loop = None
            self.printer.unplugged()
            for stream in list(self.network.open):
                stream.broke("reset")
            self.world.sleep_whole(_BOOT_MS)
        except (LocalError, OSError, ValueError, TypeError, AttributeError, LookupError) as error:
            raise Failed(f"the firmware ended with {error!r}\n{traceback.format_exc()}") from error

    def _boot(self) -> None:
        self.boots += 1
        self.world.note("device", f"boot {self.boots}")
        try:
            self.loop = build.loop(self.config, Port(self))
        except (OSError, EngineError) as error:
            self.world.note("device", f"could not start: {error}")
            self.world.sleep_whole(_RESET_MS)

    def logged(self, text: str) -> None:
        """A line of the firmware's log."""
        event = json.loads(text)
        kind = event.pop("event")
        self.events[kind] += 1
        if kind == "error":
            self.errors.append(event["message"])
        if self.world.tracing:
            event.pop("service", None)
            self.world.note("firmware", f"{kind} " + " ".join(f"{k}={v}" for k, v in event.items()))
