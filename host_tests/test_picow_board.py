"""The emulated Pico W without its network: power cuts in the flash, and a watchdog that bites."""

from __future__ import annotations

import functools
import json
import random
import tempfile
from pathlib import Path

import pytest

from fetchprint_tools import mpy, paths
from fetchprint_tools.boards import data, filesystem, wheel
from fetchprint_tools.errors import UserError
from fetchprint_tools.picow.device import PicoW
from fetchprint_tools.picow.run import connect
from support import absent, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]
BOARD = data.load("RPI_PICO_W")
SECONDS = 480

SAVES = """\
import sys
sys.path.insert(0, "/a")
from fetchprint.port import common
store = common.Store("/state", common.synced_by_flush, common.synced_by_flush)
kept = store.load("jobs.json")
n = int(kept.decode().split("=")[1]) if kept else 0
print("kept", n, kept is None or kept == b"x" * 300 + b"=%d" % n)
while True:
    n += 1
    store.save("jobs.json", b"x" * 300 + b"=%d" % n)
    print("saved", n)
"""

STOPS = """\
import sys, time, machine
sys.path.insert(0, "/a")
from fetchprint.port.rp2 import Port
port = Port()
if machine.reset_cause() == machine.PWRON_RESET:
    for _ in range(4):
        port.wait(10)
    print("stopping")
    time.sleep(60)
    print("never")
port.release()
print("going on")
"""


@functools.cache
def modules() -> dict[str, bytes]:
    """The firmware's modules with all their names: these programs call them by name."""
    with tempfile.TemporaryDirectory() as folder:
        assert not mpy.compile_tree(paths.firmware_dir(), Path(folder), BOARD.mpy_architecture, small=True)
        found = sorted(Path(folder, "fetchprint").rglob("*.mpy"))
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


class Board:
    """One emulated board and what it has said."""

    def __init__(self, main: str, **files: bytes) -> None:
        try:
            image = wheel.find(BOARD)
        except UserError as error:
            absent(str(error))
        self.device = PicoW(image, connect=connect)
        content = {f"a/{path}": code for path, code in modules().items()}
        content.update(
            {"main.py": main.encode(), **{name.replace("_", "."): text for name, text in files.items()}}
        )
        assert BOARD.flash is not None
        self.start, size = BOARD.flash.filesystem_offset, BOARD.flash.filesystem_size
        self.device.flash[self.start :] = filesystem.make(content, size)
        self.said = bytearray()
        self.device.cdc.on_serial_data = self.said.extend
        self.device.boot()

    def until(self, what: bytes, since: int = 0) -> bytes:
        """Let it run until it has said ``what``; all that it said since."""

        def step() -> bool:
            self.device.step()
            return what in self.said[since:]

        wait_until(step, SECONDS, repr(what))
        return bytes(self.said[since:])


@pytest.mark.parametrize("cuts", [3, pytest.param(30, marks=pytest.mark.board)])
def test_power_is_cut_at_random_moments_and_every_record_is_whole(cuts: int) -> None:
    chance = random.Random(cuts)
    board = Board(SAVES)
    ssi = board.device.mcu.ssi
    apply = ssi._apply_command
    left = [-1]
    """Changes of the flash until the cut."""

    def counted() -> None:
        command = bytes(ssi._tx_buffer[:1])
        apply()
        if command in (b"\x02", b"\x20", b"\xd8"):  # page program, sector erase, block erase
            left[0] -= 1
            if left[0] == 0:
                board.device.simulator.stopped = True

    ssi._apply_command = counted
    promised = 0
    for _ in range(cuts):
        since = len(board.said)
        board.until(b"saved", since)
        left[0] = chance.randint(1, 25)
        wait_until(lambda: board.device.step() or left[0] <= 0, SECONDS, "the cut")
        for line in bytes(board.said[since:]).splitlines():
            if line.startswith(b"saved "):
                promised = max(promised, int(line.split()[1]))
        since = len(board.said)
        board.device.power_cut()
        kept = board.until(b"kept", since)
        kept = board.until(b"\n", since + kept.index(b"kept"))
        number, whole = kept.split()[1:3]
        assert whole == b"True" and int(number) >= promised, (promised, kept)


def test_the_watchdog_bites_when_the_loop_stops_and_the_board_comes_back() -> None:
    known = json.dumps({"board": "RPI_PICO_W", "watchdog_ms": 300}).encode()
    board = Board(STOPS, board_json=known)
    said = board.until(b'"cause": "WDT"')
    assert said.index(b"stopping") < said.index(b'"cause": "WDT"') and b"never" not in said
