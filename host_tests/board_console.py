"""A board at the end of a pty: MicroPython's own REPL on its unix port, with stand-ins for the hardware.

What is real: the console with its raw REPL and Ctrl-C, the littlefs in its flash, the firmware and its
network connections. What stands in: ``machine``, ``network``, and the host starting it again after a reset.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import subprocess
import termios
import threading
import time
import tty
from pathlib import Path
from types import TracebackType
from typing import Any

from fetchprint_tools import micropython
from fetchprint_tools.boards import filesystem

HERE = Path(__file__).parent
SIZE = 256 * filesystem.BLOCK
POWER_ON, SOFT = 1, 5
_RAW_REPL, _CTRL_C = b"\x01", b"\x03"
_PROMPT = b">>> "
_PATIENCE = 5
"""Seconds until what has been typed is sent in any case."""
BOARD = {
    "title": "A stand-in",
    "port": "rp2",
    "chip": "host",
    "mpy_architecture": "x64",
    "flash": {
        "size": 1 << 22,
        "image_offset": 0,
        "filesystem_offset": 1 << 21,
        "filesystem_size": SIZE,
    },
    "image": None,
    "engines": {"escpos": {"device": "uart1,baudrate=115200,tx=8,rx=9"}},
    "led": "LED",
    "wifi_power_save": "PM_NONE",
    "watchdog_ms": 8000,
    "heap_kB": 900,
    "tls": "",
    "notes": [],
}
"""Its board.json: a board of the RP2 port that runs code for this computer."""
NAME = "STAND_IN"


def boards(folder: Path) -> Path:
    """A folder of boards with this one in it, for data.folder."""
    place = folder / "boards" / NAME
    place.mkdir(parents=True, exist_ok=True)
    (place / "board.json").write_text(json.dumps(BOARD))
    return place.parent


class BoardConsole:
    """A board that is on; a context manager. ``device`` is its serial port.

    ``state``: what its surroundings are like, see board_hardware. ``starts`` are its reset causes.
    """

    def __init__(self, folder: Path, files: dict[str, bytes] | None = None, heap: str = "1m", **state: Any):
        self._heap = heap
        self._flash = folder / "flash.bin"
        self._state = folder / "state.json"
        self._flash.write_bytes(filesystem.make(files or {}, SIZE))
        self.state(**state)
        self.starts: list[int] = []
        self._outer, self._cable = _pty()
        self.device = os.ttyname(self._cable)
        self._typed = bytearray()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def state(self, **state: Any) -> None:
        part = self._state.with_suffix(".part")
        part.write_text(json.dumps(state))
        self._state.write_bytes(part.read_bytes())

    @property
    def files(self) -> dict[str, bytes]:
        return filesystem.read(self._flash.read_bytes())

    def __enter__(self) -> BoardConsole:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join(10)
        os.close(self._outer)
        os.close(self._cable)

    def _run(self) -> None:
        cause, raw = POWER_ON, False
        while not self._stopping.is_set():
            self.starts.append(cause)
            inner, console = _pty()  # a new one each time: who dies takes his terminal with him
            attributes = termios.tcgetattr(console)
            attributes[3] |= termios.ISIG  # Ctrl-C interrupts what runs, as on a board
            termios.tcsetattr(console, termios.TCSANOW, attributes)
            if raw:  # Ctrl-D in the raw REPL, as pyexec of a board says it
                os.write(self._outer, b"MPY: soft reboot\r\n")
                self._typed[:0] = _RAW_REPL
            process = self._start(console, cause, raw)
            os.close(console)
            try:
                status = self._carry(process, inner, _PROMPT if raw else b"")
            finally:
                process.kill()
                process.wait()
                os.close(inner)
            cause, raw = SOFT, status == 0

    def _start(self, console: int, cause: int, raw: bool) -> subprocess.Popen[bytes]:
        arguments = [str(self._flash), str(self._state), str(cause), *(["raw"] if raw else [])]
        program, *rest = micropython.command(HERE / "board_program.py", arguments, heap=self._heap)
        return subprocess.Popen(
            [program, "-i", *rest],
            env={**os.environ, "MICROPYPATH": str(HERE)},
            stdin=console,
            stdout=console,
            stderr=console,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )

    def _carry(self, process: subprocess.Popen[bytes], inner: int, wanted: bytes) -> int:
        """Octets both ways until the program is gone; its status.

        The unix port throws away what was typed before its prompt came, unlike a board: so at the start the
        rest waits for what is wanted to be said, and behind a Ctrl-C for the prompt."""
        typed = self._typed
        heard = bytearray()
        until = time.monotonic() + _PATIENCE
        while not self._stopping.is_set():
            ready, _, _ = select.select([self._outer, inner], [], [], 0.05 if typed else 1)
            if self._outer in ready:
                typed += os.read(self._outer, 512)
            if inner in ready:
                try:
                    data = os.read(inner, 4096)
                except OSError:  # EIO: nobody has the other end any more
                    return process.wait()
                os.write(self._outer, data)
                heard += data
            if typed and ((heard and wanted in heard) or time.monotonic() > until):
                size = typed.find(_CTRL_C) + 1
                os.write(inner, typed[: size or len(typed)])
                del typed[: size or len(typed)]
                if size:
                    wanted = _PROMPT
                    heard.clear()
                    until = time.monotonic() + _PATIENCE
        return -1


def _pty() -> tuple[int, int]:
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    return ours, theirs
