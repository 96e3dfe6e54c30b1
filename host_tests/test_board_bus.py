"""A board's bus on MicroPython, with a ``machine`` that keeps what is done to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fetchprint_tools import micropython

PROGRAM = """
import sys
sys.path.append(%r)
from heap import locked


class Pin:
    OUT, IN = 1, 0
    made = {}

    def __init__(self, place, mode=None, value=None):
        self.place = place
        self.level = value
        self.edges = 0
        Pin.made[place] = self

    def value(self, level=None):
        if level is None:
            return 1
        if level != self.level:
            self.edges += 1
        self.level = level


class SPI:
    def __init__(self, number, **options):
        self.options = (number, options["baudrate"], options["polarity"], options["phase"])
        self.sck = options["sck"].place
        self.octets = bytearray(256)
        self.n = 0
        SPI.made = self

    def write(self, buf):
        for octet in buf:
            self.octets[self.n] = octet
            self.n += 1

    def write_readinto(self, tx, rx):
        self.write(tx)
        for i in range(len(tx)):
            rx[i] = tx[i] ^ 255

    def deinit(self):
        self.n = -1


class ADC:
    def __init__(self, pin):
        self.place = pin.place

    ATTN_11DB = 3

    def atten(self, how):
        self.how = how

    def read_u16(self):
        return 0x1234 if self.how == 3 else 0


class machine:
    pass


machine.Pin, machine.SPI, machine.ADC = Pin, SPI, ADC
sys.modules["machine"] = machine
from fetchprint import ticks
from fetchprint.port.board_bus import Bus, open_bus

%s
"""


def run(body: str, tmp_path: Path) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM % (str(Path(__file__).parent / "portable"), body))
    done = subprocess.run(
        micropython.command(path),
        env=micropython.environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_what_a_driver_asks_for_is_done(tmp_path: Path) -> None:
    body = """
bus = open_bus("spi1,sck=10,mosi=11,miso=12,strobe=5,ready=6,heat=26", 10000000)
strobe, ready, heat = bus.output("strobe", 0), bus.input("ready"), bus.analogue("heat")
buf, rx = bytearray(b"abcdefgh"), bytearray(8)


def work():
    bus.poll(0)
    bus.write(buf, 0, 8)
    bus.exchange(buf, rx, 0, 8)
    began = bus.ticks_us()
    strobe.pulse(3000)
    took = ticks.diff(bus.ticks_us(), began)
    strobe.set(1)
    strobe.set(0)
    bus.wait_until(ticks.add(bus.ticks_us(), 2000))
    waited = ticks.diff(bus.ticks_us(), began)
    bus.wait_until(began)
    return 3000 <= took and 5000 <= waited, ready.value() + heat.read()


bus.write(buf, 2, 3)
bus.exchange(buf, rx, 1, 2)
print(work(), bytes(SPI.made.octets[: SPI.made.n]), rx == bytes([octet ^ 255 for octet in buf]))
print(SPI.made.options, SPI.made.sck, Pin.made[5].edges, Pin.made[5].level)
bus.close()
print(SPI.made.n)
SPI.made.n = 0


def again():
    for _ in range(8):
        bus.write(buf, 0, 8)
        strobe.pulse(10)
        bus.wait_until(ticks.add(bus.ticks_us(), 10))
        heat.read()


with locked():
    again()
print("locked")
"""
    assert run(body, tmp_path) == [
        "(True, 4661) b'cdebcabcdefghabcdefgh' True",
        "(1, 10000000, 0, 0) 10 4 0",
        "-1",
        "locked",
    ]


@pytest.mark.parametrize("how", ["output", "input", "analogue"])
def test_a_pin_that_the_board_does_not_have(how: str, tmp_path: Path) -> None:
    body = f"""
bus = Bus(1, 1000000, {{"sck": 10}})
try:
    bus.{how}("strobe")
except OSError as error:
    print(error)
"""
    assert run(body, tmp_path) == ["this board has no pin 'strobe'"]


@pytest.mark.parametrize("path", ["uart1", "spi", "spi1,latch", "spi1,latch=GP5", "spi1,=5", "spi1,a=1,a=2"])
def test_what_describes_no_bus(path: str, tmp_path: Path) -> None:
    body = f"""
try:
    open_bus({path!r}, 1000000)
except OSError as error:
    print(error)
"""
    assert run(body, tmp_path) == [
        f"device {path!r}: expected spiN,sck=N,mosi=N,miso=N and the engine's pins, NAME=N"
    ]


def test_a_pulse_ends_even_when_it_is_interrupted(tmp_path: Path) -> None:
    body = """
import fetchprint.port.board_bus as module
bus = Bus(1, 1000000, {"sck": 10, "strobe": 5})
strobe = bus.output("strobe")


def interrupted(us):
    raise KeyboardInterrupt


module.sleep_us = interrupted
try:
    strobe.pulse(100)
except KeyboardInterrupt:
    print(Pin.made[5].edges, Pin.made[5].level)
"""
    assert run(body, tmp_path) == ["2 0"]
