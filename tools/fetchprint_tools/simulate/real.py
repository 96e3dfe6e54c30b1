"""The emulated engines in virtual time, at the other end of a line with a speed: for the firmware's own
drivers."""

from __future__ import annotations

from typing import Any

from fetchprint.config import driver_setup
from fetchprint.port import bench
from fetchprint_tools.engine_check import adapter
from fetchprint_tools.engines.rate import LineRate
from fetchprint_tools.simulate.jobs import TOKENS
from fetchprint_tools.simulate.world import World

DRIVERS = ("escpos", "link", "link_spi", "thermal", "raw")
"""The engines by the names that ``fetchprint engine-check`` knows them by."""
_FIFO = 256
_BUS = 64 * 1024
"""Octets that the line takes at once."""


class _Paper:
    """Everything printed but white lines, as octets."""

    def __init__(self, width: int) -> None:
        self.stride = width // 8
        self.black = bytearray()

    def rows(self, data: bytes) -> None:
        for at in range(0, len(data), self.stride):
            row = data[at : at + self.stride]
            if any(row):
                self.black += row

    def cut(self) -> None:
        """Pages are told apart by what is on them."""

    def finish(self) -> None:
        """There is nothing to be done."""


class RealPrinter:
    """As ``printer.Printer``, with an emulated engine. ``name``: one of ``DRIVERS``."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        kit = adapter.find(name)
        driver = kit.driver or name
        setup = driver_setup(driver)
        known = {"buffer": kit.small_buffer, "speed": int(kit.slow)}
        given = {key: value for key, value in kit.settings.items() if key != "formats"}
        given |= {key: value for key, value in known.items() if key in setup.SETTINGS}
        self.settings: dict[str, Any] = {"driver": driver, "device": "line", **given}
        self.engine = kit.make(adapter.whole_settings(setup, given), kit.small_buffer, kit.slow)
        self.raster = self.confirms = name != "raw"
        self.line = Line(world, self)
        self._paper = _Paper(self.engine.width or 8)
        self._heard = bytearray()
        if self.raster:
            self.engine.paper = self._paper
        self._bus = kit.baud is None
        self._flow = kit.flow
        self._rate = LineRate(kit.baud)

    # -- for the judge --

    @property
    def paper(self) -> bytes:
        """What is on it."""
        return bytes(self._paper.black if self.raster else self._heard)

    def whole(self, name: bytes) -> bytes:
        """A page on paper; see ``jobs.token``."""
        if not self.raster:
            return name * TOKENS + b"\f"
        return name.ljust(self._paper.stride, b"\0") * TOKENS

    # -- time --

    def turn(self) -> None:
        """Let what time has passed be of effect."""
        now = self._world.now / 1000
        line = self.line
        count = self._rate.reach(now, len(line.sent), bool(line.sent))
        if self._flow:
            count = min(count, self.engine.room)
        if count > 0:
            data = bytes(line.sent[:count])
            del line.sent[:count]
            self._rate.carry(count)
            if not self.raster:
                self._heard += data
            self.engine.receive(data, now)
        self.engine.advance(now)
        line.came += self.engine.transmit()

    def wait(self, ms: int) -> int:
        """How long nothing happens here, at most ``ms``."""
        if self.line.came:
            return 0
        if self.line.sent:
            return min(ms, 1)
        seconds = self.engine.wait()
        return ms if seconds is None else min(ms, int(seconds * 1000) + 1)

    def room(self) -> int:
        """Octets that the line takes now."""
        return (_BUS if self._bus else _FIFO) - len(self.line.sent)

    def unplugged(self) -> None:
        """The device has lost power, and with it what had not left."""
        self.line.sent.clear()
        self.line.came.clear()

    # -- what befalls it --

    def set_paper(self, there: bool) -> None:
        """Someone puts paper in, or it runs out."""
        self._world.fault("engine", "paper is in" if there else "out of paper")
        self._act(self.engine.paper_in if there else self.engine.paper_out)

    def set_cover(self, closed: bool) -> None:
        """Someone opens or closes the cover."""
        self._world.fault("engine", "cover closed" if closed else "cover open")
        self._act(self.engine.cover_close if closed else self.engine.cover_open)

    def set_silent(self, silent: bool) -> None:
        """Its line to the device is broken, or mended."""
        self._world.fault("engine", "is silent" if silent else "can be heard")
        self._act(lambda: self.engine.mute(silent))

    def set_power(self, on: bool) -> None:
        """It is switched off or on."""
        self._world.fault("engine", "power on" if on else "power off")
        self._act(lambda: self.engine.power(on))

    def _act(self, act: Any) -> None:
        self.turn()  # what was before happens before
        act()
        self.turn()


class Line:
    """The device's end (see Stream in docs/architecture.md). Each write is an operation that a power cut can
    hit."""

    def __init__(self, world: World, printer: RealPrinter) -> None:
        self.sent = bytearray()
        self.came = bytearray()
        self._world = world
        self._printer = printer

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        self._printer.turn()
        n = min(n, len(self.came))
        if not n:
            return None
        buf[off : off + n] = self.came[:n]
        del self.came[:n]
        return n

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        n = min(n, self._printer.room())
        if n <= 0:
            return None
        data = bytes(buf[off : off + n])

        def send(count: int) -> None:
            self.sent += data[:count]
            self._printer.turn()

        self._world.operation(
            "engine", f"send {n} octets, {data[:9]!r}", lambda: send(n), lambda: send(n // 2)
        )
        return n

    def close(self) -> None:
        """It stays as it is."""


def open_bus(port: Any, line: Line, hz: int) -> Any:
    """The bench's bus over the line, as the ports of this machine have it."""
    return bench.Bus(port, line, hz)
