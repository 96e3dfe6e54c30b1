"""The bus on the bench, on both interpreters, and the engine's end of its wire."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fetchprint_tools.engines.benchwire import IDLE, BenchError, Frames
from port_program import Program


class Recorder:
    """A device that keeps what happens to it."""

    def __init__(self) -> None:
        self.log: list[tuple[object, ...]] = []
        self.us = 0

    def elapse(self, us: int) -> None:
        self.us += us

    def shift(self, data: bytes) -> bytes:
        self.log.append((self.us, "shift", data))
        return bytes(octet ^ 0xFF for octet in data)

    def set(self, pin: str, level: int) -> None:
        self.log.append((self.us, pin, level))

    def pulse(self, pin: str, us: int) -> None:
        self.log.append((self.us, pin, "pulse", us))
        self.us += us

    def level(self, pin: str) -> int:
        return int(pin == "ready")

    def analogue(self, pin: str) -> int:
        return 0x1234


class BenchEnd:
    """A thread at the other end of a pty that serves a device."""

    def __init__(self) -> None:
        self.device = Recorder()
        self.octets = b""
        self.serving = True
        self.master, self.slave = os.openpty()
        self.path = os.ttyname(self.slave)
        self._frames = Frames(self.device)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while self.serving:
            if select.select([self.master], [], [], 0.05)[0]:
                data = os.read(self.master, 4096)
                self.octets += data
                self._frames.feed(data)
                os.write(self.master, self._frames.take())

    def close(self) -> None:
        self.serving = False
        self._thread.join(10)
        os.close(self.slave)
        os.close(self.master)


@pytest.fixture
def bench() -> Iterator[BenchEnd]:
    end = BenchEnd()
    yield end
    end.close()


BODY = """
bus = port.open_bus(path, 8000000)
latch = bus.output("latch")
strobe = bus.output("strobe")
ready = bus.input("ready")
volts = bus.analogue("volts")
tx = bytearray(2560)
for i in range(2560):
    tx[i] = i & 255
rx = bytearray(2560)


def work():
    bus.poll(0)
    bus.write(tx, 0, 80)
    latch.pulse(2)
    bus.wait_until(ticks.add(bus.ticks_us(), 700))
    strobe.pulse(900)
    latch.set(1)
    bus.exchange(tx, rx, 5, 2500)
    total = 0
    for _ in range(200):
        total += ready.value() + volts.read()
    bus.poll(0)
    return total


from fetchprint import ticks
with locked():
    total = work()
say(total, all(rx[i] == tx[i] ^ 255 for i in range(5, 2505)), rx[0], rx[2505], bus.ticks_us())
bus.poll(5)
say(bus.ticks_us())
bus.poll(6)
say(bus.ticks_us(), ready.value())
"""


@pytest.mark.parametrize("runtime", ["cpython", "micropython"])
def test_what_a_driver_does_arrives_in_order_and_in_time(
    runtime: str, bench: BenchEnd, tmp_path: Path
) -> None:
    program = Program(runtime, tmp_path, f"path = {bench.path!r}" + BODY)
    try:
        # 80 octets at 8 MHz, 2 + 700 + 900 us, 2,500 octets
        assert program.line() == f"{200 * (1 + 0x1234)} True 0 0 {80 + 2 + 700 + 900 + 2500}"
        assert program.line() == "9182", "the clock catches up with the real time"
        assert program.line() == "10182 1"
    finally:
        program.close()
    log = bench.device.log
    data = bytes(range(256)) * 10
    assert log[:6] == [
        (0, "latch", 0),
        (0, "strobe", 0),
        (0, "shift", data[:80]),
        (80, "latch", "pulse", 2),
        (782, "strobe", "pulse", 900),
        (1682, "latch", 1),
    ]
    assert b"".join(entry[2] for entry in log[6:] if isinstance(entry[2], bytes)) == data[5:2505]
    assert bench.device.us == 10182


STREAM = (
    b"\0" * 1100 + b"H\x01" + b"N\x01olatch\0" + b"N\x02iready\0" + b"N\x03avolts\0"
    b"T\x00\x00\x01\x00"
    + b"W\x00\x03abc"
    + b"P\x01\x01"
    + b"U\x01\x00\x00\x00\x09"
    + b"X\x00\x02\x00\xff"
    + b"R\x02A\x03"
)


def log_of(*pieces: bytes) -> tuple[list[tuple[object, ...]], bytes]:
    device = Recorder()
    frames = Frames(device)
    for piece in pieces:
        frames.feed(piece)
    return device.log, frames.take()


def test_frames_in_any_pieces() -> None:
    whole = log_of(STREAM)
    assert whole[0] == [
        (256, "shift", b"abc"),
        (256, "latch", 1),
        (256, "latch", "pulse", 9),
        (265, "shift", b"\x00\xff"),
    ]
    assert whole[1] == b"\xff\x00\x01\x12\x34"
    assert log_of(*[STREAM[at : at + 1] for at in range(len(STREAM))]) == whole
    for at in range(len(STREAM)):
        assert log_of(STREAM[:at], STREAM[at:]) == whole


def test_a_firmware_that_starts_anew_in_the_middle_of_a_frame() -> None:
    events = [entry[1:] for entry in log_of(STREAM)[0]]
    for at in range(1100, len(STREAM)):
        log, answers = log_of(STREAM[:at], STREAM)
        assert [entry[1:] for entry in log[-len(events) :]] == events
        assert answers == b"\xff\x00\x01\x12\x34"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"H\x01\x99", "offset 2: 0x99 begins no frame"),
        (b"H\x01P\x07\x01", "offset 2: pin 7 was not named as 'o'"),
        (b"N\x07aheat\0R\x07", "offset 8: pin 7 was not named as 'i'"),
        (b"H\x02", "version 2"),
    ],
)
def test_what_is_no_frame(data: bytes, message: str) -> None:
    device = Recorder()
    frames = Frames(device)
    with pytest.raises(BenchError, match=message):
        frames.feed(data)
    # what follows is passed over until a firmware begins anew
    frames.feed(b"W\x00\x01x" + STREAM)
    assert len(device.log) == 4


def test_what_stands_between_jobs() -> None:
    assert IDLE.fullmatch(b"\0\0H\x01N\x01ia b\0T\0\0\0\nR\x01A\nR\n")
    assert not IDLE.fullmatch(b"R\x01P\x01\x01")
