"""``python -m fetchprint_tools.picow.console_port [FLASH]``: an emulated Pico W whose console is a TCP port.

What has a real board on a serial port, mpremote or fetchprint deploy, has this one on
``socket://127.0.0.1:PORT``, which is the first line on stdout. FLASH is a file that is read at the
start, when it exists, and written at the end (SIGTERM or end of stdin); without it the board has
nothing but MicroPython.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections import deque
from pathlib import Path

from fetchprint_tools.boards import data, wheel
from fetchprint_tools.picow.contents import BOARD
from fetchprint_tools.picow.device import FLASH_SIZE, PicoW
from fetchprint_tools.picow.run import connect, saver
from fetchprint_tools.picow.uart import mend

_CHUNK = 4096


class ConsolePort:
    """One client at a time, as with a serial port. What the board says meanwhile to nobody is lost."""

    def __init__(self, device: PicoW) -> None:
        self._device = device
        self._typed: deque[int] = deque()
        self._client: asyncio.StreamWriter | None = None
        device.cdc.on_serial_data = self._said
        device.between = self._pump

    async def start(self) -> int:
        """Listen; the port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    def _said(self, data: bytes | bytearray) -> None:
        if self._client is not None:
            self._client.write(bytes(data))

    def _pump(self) -> None:
        fifo = self._device.cdc.tx_fifo
        while self._typed and not fifo.full:
            self._device.cdc.send_serial_byte(self._typed.popleft())

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._client is not None:
            writer.close()
            return
        self._client = writer
        try:
            with contextlib.suppress(ConnectionError):
                while received := await reader.read(_CHUNK):
                    self._typed.extend(received)
        finally:
            self._client = None
            writer.close()


async def main(arguments: list[str]) -> None:
    device = PicoW(wheel.find(data.load(BOARD)), connect=connect)
    for uart in device.mcu.uart:
        mend(uart, lambda byte: None, lambda: True)  # nothing is at the other end
    kept = Path(arguments[0]) if arguments else None
    if kept is not None and kept.is_file() and kept.stat().st_size == FLASH_SIZE:
        device.flash[:] = kept.read_bytes()
    port = await ConsolePort(device).start()
    print(f"socket://127.0.0.1:{port}", flush=True)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, device.stop)
    loop.add_signal_handler(signal.SIGINT, device.stop)
    device.boot()
    try:
        await device.run()
    finally:
        if kept is not None:
            saver(device, kept)()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
