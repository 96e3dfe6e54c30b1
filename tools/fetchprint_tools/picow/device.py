"""The emulated board: rp2040py's Pico W with a paced clock, a network that ends at this host, and wires."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

from rp2040py.boards import BoardSpec
from rp2040py.device.base_device import BaseDevice, ResetCause
from rp2040py.external.bootsel_button import BootselButton
from rp2040py.external.cyw43 import Cyw43439
from rp2040py.external.cyw43.nat import NatBridge, TcpReflector, UdpRelay
from rp2040py.memory_map import FLASH_START_ADDRESS

from fetchprint_tools.picow import radio as radio_wire
from fetchprint_tools.picow import timer, usb

SSID = "RP2040PY-GUEST"
"""The one network in the air; any password of 8 characters and more opens it."""

FLASH_SIZE = 2 * 1024 * 1024

_SLICE_NANOS = 1_000_000
_SLEEP = 0.005

Connect = Callable[[str, int], Awaitable[tuple[asyncio.StreamReader, Any]]]
"""Opens a connection, as asyncio.open_connection does."""


class PicoW(BaseDevice):
    """``image``: a UF2 file. Its time never runs faster than ours; it is slower when there is much to do.

    ``between()`` is called between two stretches of emulation, about every 5 ms.
    """

    def __init__(self, image: Path, *, connect: Connect, dns: tuple[str, int] | None = None) -> None:
        radio = Cyw43439()
        super().__init__(board=BoardSpec(extras=(BootselButton, lambda: radio), image=image))
        nat = radio.bus.nat_bridge
        assert isinstance(nat, NatBridge)
        nat._tcp = TcpReflector(self.mcu, radio.bus.queue_rx_ethernet_frame, connect_fn=connect)
        if dns is not None:
            nat._udp = UdpRelay(self.mcu, radio.bus.queue_rx_ethernet_frame, dns_upstream=dns)
        radio_wire.shorten(self.mcu, radio.bus)
        timer.hasten(self.mcu)
        usb.quiet(self.cdc)
        self.simulator.stopped = False
        self.waiting: list[Coroutine[Any, Any, Any]] = []
        """What the network has to do as soon as there is an asyncio loop: ``run`` does it."""
        self._tasks: set[asyncio.Future[Any]] = set()  # a loop alone does not keep its tasks
        self.simulator.schedule_threadsafe = self.waiting.append  # type: ignore[method-assign, assignment]
        self.between: Callable[[], None] = lambda: None
        self._origin = 0.0
        self._pacer = self.simulator.clock.create_alarm(self._pace)
        self._stopping = False

    @property
    def seconds(self) -> float:
        """The board's own time since it was switched on."""
        return float(self.simulator.clock.nanos) / 1e9

    @property
    def flash(self) -> memoryview:
        """The board's flash: what is written there stays over a reset."""
        return memoryview(self.mcu.flash)[:FLASH_SIZE]

    def boot(self) -> None:
        """Switch it on; ``step`` or ``run`` makes it go."""
        self.mcu.core.pc = FLASH_START_ADDRESS

    def step(self) -> None:
        """Run a stretch of some milliseconds of host time, however much board time that is."""
        self.simulator.stopped = False
        self.simulator._execute_batch()

    def _ahead(self) -> float:
        """Seconds by which the board's time is ahead of ours."""
        ahead = self.seconds - (time.monotonic() - self._origin)
        if ahead < 0:
            self._origin = time.monotonic() - self.seconds  # never made up for
        return ahead

    def _pace(self) -> None:
        self._pacer.schedule(_SLICE_NANOS)
        if self._ahead() > 0:
            self.simulator.stopped = True  # ends this stretch; _execute goes on after a sleep

    async def run(self) -> None:
        """Go on until ``stop``, in this asyncio loop."""
        simulator = self.simulator
        simulator.bind_loop()
        self._stopping = False
        self._pacer.schedule(_SLICE_NANOS)
        while not self._stopping:
            simulator.stopped = False
            simulator._execute_batch()
            self.between()
            while self.waiting:
                task = asyncio.ensure_future(self.waiting.pop(0))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(0)
            while not self._stopping and (ahead := self._ahead()) > 0:
                await asyncio.sleep(min(ahead, _SLEEP))
                self.between()

    def stop(self) -> None:
        self._stopping = True
        self.simulator.stopped = True

    def stall(self) -> None:
        """The processor stands still, as in a program that hangs with interrupts off, until a reset."""
        self.mcu.core.enabled_interrupts = 0
        self.mcu.core.waiting = True

    def power_cut(self) -> None:
        """Everything but the flash is lost."""
        self.hard_reset(cause=ResetCause.POWER_ON)
