"""One run of the emulated board: its console on our stdin and stdout, its UART on a pty."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetchprint_tools.engines.wire import LineDown, SerialLine
from fetchprint_tools.picow import spi
from fetchprint_tools.picow.contents import HERE
from fetchprint_tools.picow.device import PicoW
from fetchprint_tools.picow.uart import LineUart, mend

_STOPPED = b'"event": "stopped"'
# What the firmware says comes over USB, which is polled each millisecond, and must not be overtaken
# by what it then writes to the engine.
_LATENCY = 0.004
_AWAY = 4096
"""Bytes on their way to the engine before CTS tells the board to wait."""


class _Writer:
    """What rp2040py's network writes to. It ends a connection without asking whether the other side is
    still there, and an OSError from that would end the emulation."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.write = writer.write
        self.can_write_eof = writer.can_write_eof
        self.close = writer.close

    def write_eof(self) -> None:
        try:
            self._writer.write_eof()
        except OSError:
            self._writer.close()  # the other side has gone: nobody is left to be told


async def connect(host: str, port: int) -> tuple[asyncio.StreamReader, Any]:
    """Where the board's TCP connections really go."""
    reader, writer = await asyncio.open_connection("127.0.0.1" if host == HERE else host, port)
    return reader, _Writer(writer)


class Line:
    """The wire between the board's UART and ``serial``."""

    def __init__(self, device: PicoW, number: int, serial: SerialLine) -> None:
        self._device = device
        self._serial = serial
        self._sent: deque[tuple[float, int]] = deque()
        self.uart: LineUart = mend(device.mcu.uart[number], self._transmit, self._ready)

    def _transmit(self, byte: int) -> None:
        self._sent.append((self._device.seconds + _LATENCY, byte))

    def _ready(self) -> bool:
        return len(self._sent) + self._serial.queued < _AWAY

    def carry(self) -> None:
        """Both ways, as far as it goes. Raises LineDown."""
        now = self._device.seconds
        data = bytearray()
        while self._sent and self._sent[0][0] <= now:
            data.append(self._sent.popleft()[1])
        if data:
            self._serial.write(bytes(data))
        elif self._serial.queued:
            self._serial.flush()
        if len(self.uart.coming) < _AWAY:
            received = self._serial.read(256)
            if received:
                self.uart.receive(received)


class BusLine:
    """The wires between the board's SPI and pins and an engine on the bench wire at ``serial``."""

    def __init__(self, device: PicoW, path: str, serial: SerialLine) -> None:
        self._device = device
        self._serial = serial
        self._end = spi.BenchEnd(spi.pins(path)[1])
        self._sent: deque[tuple[float, bytes]] = deque()
        self._wires = spi.Wires(device, path, self._end)

    def carry(self) -> None:
        """Both ways, as far as it goes. Raises LineDown."""
        self._end.hear(self._serial.read(256))
        self._wires.refresh()
        self._end.ask()
        now = self._device.seconds
        self._sent.append((now + _LATENCY, bytes(self._end.out)))
        self._end.out.clear()
        while self._sent and self._sent[0][0] <= now:
            self._serial.write(self._sent.popleft()[1])
        if self._serial.queued:
            self._serial.flush()


def join(device: PicoW, path: str, serial: SerialLine) -> Line | BusLine:
    """The wire that ``path``, the ``device`` of the board's engine, describes."""
    if path.startswith("spi"):
        return BusLine(device, path, serial)
    return Line(device, int(path[4]), serial)


class Console:
    """The board's USB console: lines out, bytes in."""

    def __init__(self, device: PicoW, listener: Callable[[bytes], None]) -> None:
        self._device = device
        self._listener = listener
        self._line = bytearray()
        self._typed: deque[int] = deque()
        device.cdc.on_serial_data = self._said

    def _said(self, data: bytes | bytearray) -> None:
        self._line += data
        while b"\n" in self._line:
            line, _, rest = bytes(self._line).partition(b"\n")
            self._line[:] = rest
            self._listener(line.rstrip(b"\r"))

    def type(self, data: bytes) -> None:
        self._typed.extend(data)

    def pump(self) -> None:
        fifo = self._device.cdc.tx_fifo
        while self._typed and not fifo.full:
            self._device.cdc.send_serial_byte(self._typed.popleft())


async def run(
    device: PicoW, line: Line | BusLine, readable: Callable[[bytes], bytes], save: Callable[[], None]
) -> int:
    """Until the firmware says that it has stopped; the exit status. ``readable`` is how a line is shown."""
    loop = asyncio.get_running_loop()
    stopped = False

    def say(text: bytes) -> None:
        nonlocal stopped
        text = readable(text)
        os.write(sys.stdout.fileno(), text + b"\n")
        stopped = stopped or _STOPPED in text

    console = Console(device, say)

    def typed() -> None:
        data = os.read(sys.stdin.fileno(), 256)
        if not data:
            loop.remove_reader(sys.stdin.fileno())
            data = b"stop\n"  # whoever started this is gone
        console.type(data)

    status = 0

    def between() -> None:
        nonlocal status
        console.pump()
        try:
            line.carry()
        except LineDown:
            status = 1
            device.stop()
        if stopped:
            device.stop()

    device.between = between
    loop.add_reader(sys.stdin.fileno(), typed)
    try:
        await device.run()
    finally:
        save()
    return status


def saver(device: PicoW, path: Path) -> Callable[[], None]:
    """Writes the flash to ``path``, whole or not at all."""

    def save() -> None:
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(device.flash)
        os.replace(part, path)

    return save
