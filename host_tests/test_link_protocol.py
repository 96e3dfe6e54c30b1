"""docs/link-protocol.md: its example is what host and engine really say, octet for octet."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from fetchprint.engine import base, link_frames, link_setup
from fetchprint.engine.link import FramedLink
from fetchprint_tools.engines.link import frames
from fetchprint_tools.engines.link.controller import Controller, Identity
from fetchprint_tools.engines.link.printer import LinkPrinter

TEXT = (Path(__file__).parents[1] / "docs" / "link-protocol.md").read_text(encoding="utf-8")
EXAMPLE = [
    (who, name, bytes.fromhex(octets))
    for who, name, octets in re.findall(r"^(host|engine) +([A-Z_]+) +([0-9a-f]+)$", TEXT, re.MULTILINE)
]
TYPES = {
    name: int(kind, 16)
    for kind, name in re.findall(r"^\| ([0-9A-F]{2}) \|[^|]*\|[^|]*\| (\w+) \|", TEXT, re.M)
}


class Recorder:
    """A wire to a controller that keeps what goes over it."""

    def __init__(self, controller: Controller) -> None:
        self.said: list[tuple[str, bytes]] = []
        self._controller = controller
        self._back = b""

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        data, self._back = self._back[:n], self._back[n:]
        buf[off : off + len(data)] = data
        return len(data) or None

    def write(self, buf: bytearray, off: int, n: int) -> int:
        self._note("host", bytes(buf[off : off + n]))
        self._controller.receive(bytes(buf[off : off + n]))
        self._controller.work()
        answer = self._controller.transmit()
        self._note("engine", answer)
        self._back += answer
        return n

    def _note(self, who: str, data: bytes) -> None:
        while data:
            size = int.from_bytes(data[3:5], "big") + frames.OVERHEAD
            self.said.append((who, data[:size]))
            data = data[size:]


def test_the_example_is_what_is_said() -> None:
    identity = Identity(16, 203, "ACME Ink", "MFG:ACME;MDL:Ink;", identify=())
    wire = Recorder(Controller(LinkPrinter(16), identity, 512, 7))
    driver = FramedLink(wire, bytearray(256), 64, 0x1234)
    now = 0

    def call(function, *args):  # type: ignore[no-untyped-def]
        nonlocal now
        while function(*args) is None:
            now += 1
            driver.poll(now)
            assert now < 1000

    call(lambda: driver.session.told)
    link_setup.describe(driver, driver.session.told)
    call(driver.begin_job)
    call(driver.begin_page, 16, 2)
    call(driver.line, b"\xff\x00", 0, 2)
    call(driver.line, b"\x00\xff", 0, 2)
    call(driver.end_page)
    call(driver.end_job)
    call(driver.begin_job)
    driver.poll(now + 1)
    call(driver.cancel)
    assert wire.said == [(who, octets) for who, _, octets in EXAMPLE]


def test_each_frame_is_built_as_described() -> None:
    assert len(EXAMPLE) == 17
    for _, name, octets in EXAMPLE:
        payload = octets[6:-4]
        assert octets[0] == 0xA5
        assert octets[1] == TYPES[name]
        assert octets[3:5] == len(payload).to_bytes(2, "big")
        assert octets[5] == zlib.crc32(octets[1:5]) & 0xFF
        assert octets[-4:] == zlib.crc32(octets[1:-4]).to_bytes(4, "big")
        assert frames.frame(octets[1], octets[2], payload) == octets


def test_types_are_those_of_both_sides() -> None:
    assert len(TYPES) == 12
    for name, kind in TYPES.items():
        assert getattr(frames, name) == getattr(link_frames, name) == kind


def test_check_value() -> None:
    assert zlib.crc32(b"123456789") == frames.crc32(b"123456789", 0, 9) == 0xCBF43926
    assert "CBF43926" in TEXT


def test_every_double_error_in_a_length_is_found() -> None:
    head = bytes((0x20, 7, 0, 246))
    good = zlib.crc32(head) & 0xFF
    bits = [(1 << bit).to_bytes(4, "big") for bit in range(32)]
    for one in bits:
        for two in [bytes(4), *(bit for bit in bits if bit != one)]:
            bad = bytes(a ^ b ^ c for a, b, c in zip(head, one, two, strict=True))
            assert zlib.crc32(bad) & 0xFF != good


def test_reasons_are_the_keywords_by_number() -> None:
    table = re.findall(r"(?<=\| )(\d+) \| ([a-z-]+)(?= \|)", TEXT.split("Reasons are")[1])
    assert {int(bit): word for bit, word in table} == {
        bit: word.decode() for bit, word in enumerate(base.KEYWORDS)
    }
