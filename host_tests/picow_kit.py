"""Tests on the emulated Pico W: the board, its engine and what it says in one process, and forks of it.

Up to its first connection a board is the same for every test of one configuration, and coming so far
costs most of the time. So ``Started`` takes a board there once, and ``Started.fork(test)`` runs
``test(board)`` in a copy of this process, in which the board goes on from there::

    @pytest.fixture(scope="module")
    def started(server, tmp_path_factory):
        config = configuration(server.uri, "escpos")
        with closing(Started(built(config, tmp_path_factory.mktemp("built")), config)) as board:
            yield board

    def test_x(started):
        def on_board(board):            # runs in the copy: what it changes is not seen here
            board.until("job-end")      # lets the board run, as fast as its clock and ours allow
            return board.all("heap")    # comes back pickled
        (heap,) = started.fork(on_board)
"""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PIL import Image

from e2e import HEAD
from fetchprint_tools.boards import data, filesystem, flash_image, wheel
from fetchprint_tools.engines import emulated
from fetchprint_tools.engines.paper import to_image
from fetchprint_tools.errors import UserError
from fetchprint_tools.picow import contents
from fetchprint_tools.picow.device import FLASH_SIZE, SSID, PicoW
from fetchprint_tools.picow.run import Console, connect
from fetchprint_tools.picow.spi import Wires
from fetchprint_tools.picow.uart import mend
from support import absent

T = TypeVar("T")
Event = dict[str, Any]

SECONDS = 1500.0
"""A second of the emulated board is up to half a minute of a busy computer."""
FILES = 1_228_800
"""Where the filesystem begins, see boards/RPI_PICO_W."""
_AWAY = 4096


def configuration(uri: str, driver: str) -> dict[str, Any]:
    """Of a board that serves ``uri`` with an engine with the defaults of ``driver``."""
    return {"name": "Pico W", "services": [{"uri": uri, "profile": "infra"}], "engine": {"driver": driver}}


def command(name: str, *arguments: str | Path) -> str:
    """Run one of the programs of this environment; what it says."""
    program = Path(sys.executable).with_name(name)
    done = subprocess.run([program, *arguments], capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        pytest.fail(f"{name} {arguments[0]}: {done.stdout.decode()}{done.stderr.decode()}", pytrace=False)
    return done.stdout.decode()


def written(config: dict[str, Any], folder: Path) -> Path:
    """``config`` as a file for ``fetchprint build`` and ``deploy``."""
    made = contents.for_board(config)
    path = folder / "config.json"
    path.write_text(json.dumps({key: made[key] for key in ("name", "services", "engine")}))
    return path


def built(config: dict[str, Any], folder: Path) -> bytes:
    """The flash of a board with what ``fetchprint build`` makes of ``config``, and with its Wi-Fi."""
    image = folder / f"{contents.BOARD}.uf2"
    command(
        "fetchprint", "build", "--board", contents.BOARD, "--config", written(config, folder), "--out", folder
    )
    flash = bytearray(b"\xff" * FLASH_SIZE)
    for address, payload, _ in flash_image.uf2_blocks(image.read_bytes()):
        at = address - flash_image.FLASH_BASE
        flash[at : at + len(payload)] = payload
    wifi = json.dumps({"ssid": SSID, "password": "emulated"}).encode()
    flash[FILES:] = filesystem.update(bytes(flash[FILES:]), {"wifi.json": wifi})
    return bytes(flash)


class Board:
    """An emulated board with ``flash`` and the engine of ``config``; ``boot`` switches it on."""

    def __init__(self, flash: bytes, config: dict[str, Any]) -> None:
        try:
            image = wheel.find(data.load(contents.BOARD))
        except UserError as error:
            absent(str(error))
        self.device = PicoW(image, connect=connect)
        self.device.flash[:] = flash
        self.events: list[Event] = []
        self.said: list[str] = []
        self.console = Console(self.device, self._line)
        self.engine: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.carry: Callable[[], None]
        """Lets the engine work and answer."""
        self._attach(config)

    def _attach(self, config: dict[str, Any]) -> None:
        settings = contents.for_board(config)["engine"]
        self.engine = emulated.make({"width": HEAD} | settings, _AWAY, None)
        path = settings["device"]
        if path.startswith("spi"):
            self.carry = Wires(self.device, path, self.engine).refresh
            return
        self.uart = mend(self.device.mcu.uart[int(path[4])], self._transmit, lambda: self.engine.room > 0)
        self.carry = self._converse

    def _transmit(self, byte: int) -> None:
        self.engine.receive(bytes((byte,)), self.device.seconds)
        self._converse()

    def _converse(self) -> None:
        self.engine.advance(self.device.seconds)
        answer = self.engine.transmit()
        if answer:
            self.uart.receive(answer)

    def printed(self) -> Image.Image:
        """What is on the paper so far, all of it."""
        self.engine.finish()
        paper = self.engine.paper
        return to_image(b"".join(paper.pages) + bytes(paper.current), HEAD)

    def _line(self, line: bytes) -> None:
        text = line.decode(errors="replace")
        self.said.append(text)
        if text.startswith("{"):
            cycles = self.device.mcu.core.cycles
            self.events.append({**json.loads(text), "seconds": self.device.seconds, "cycles": cycles})

    # -- what it says -------------------------------------------------------------------------------

    def all(self, kind: str, **fields: Any) -> list[Event]:
        """The events so far of this kind and with these fields."""
        wanted = {"event": kind, **{name.replace("_", "-"): value for name, value in fields.items()}}
        return [event for event in self.events if wanted.items() <= event.items()]

    def until(self, kind: str, count: int = 1, seconds: float = SECONDS, **fields: Any) -> Event:
        """Run until the event has come ``count`` times; the last of them."""
        self.run(lambda: len(self.all(kind, **fields)) >= count, f"{kind} {fields}", seconds)
        return self.all(kind, **fields)[count - 1]

    def run(self, condition: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
        """Run until ``condition()``, with its network; fails the test after ``seconds`` of ours."""
        deadline = time.monotonic() + seconds
        late = False

        def between() -> None:
            nonlocal late
            self.console.pump()
            self.carry()
            late = time.monotonic() > deadline
            if late or condition():
                self.device.stop()

        self.device.between = between
        if self._loop is None:
            self._loop = asyncio.new_event_loop()  # its connections outlive this call
        self._loop.run_until_complete(self.device.run())
        if late:
            self.fail(f"waited {seconds:g} s in vain for {what}")

    def close(self) -> None:
        """Forget its connections."""
        if self._loop is not None:
            self._loop.close()

    def fail(self, why: str) -> None:
        last = "\n".join(self.said[-30:])
        pytest.fail(f"{why}\nat {self.device.seconds:.3f} s the board has said:\n{last}", pytrace=False)


class Started:
    """A board that is on its way to its first connection; see above."""

    def __init__(self, flash: bytes, config: dict[str, Any]) -> None:
        self.board = Board(flash, config)
        device = self.board.device
        device.boot()
        deadline = time.monotonic() + SECONDS
        while not device.waiting:
            device.step()
            self.board.carry()
            if time.monotonic() > deadline:
                self.board.fail("it has not begun a connection")

    def close(self) -> None:
        """Forget what its copies have done."""
        for work in self.board.device.waiting:
            work.close()

    def fork(self, test: Callable[[Board], T]) -> T:
        """What ``test`` returns in a copy of the board."""
        source, sink = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(source)
            try:
                outcome = (None, test(self.board))
            except BaseException as error:  # noqa: BLE001 - whatever it was, it is reported where the test is
                outcome = ("".join(traceback.format_exception(error)), None)
            with os.fdopen(sink, "wb") as pipe:
                pipe.write(pickle.dumps(outcome))
            os._exit(0)
        os.close(sink)
        with os.fdopen(source, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
        if not answer:
            pytest.fail("the copy of the board has died")
        wrong, value = pickle.loads(answer)
        if wrong is not None:
            pytest.fail(wrong, pytrace=False)
        result: T = value
        return result
