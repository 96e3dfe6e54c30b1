"""The framed link: what its driver can supply, what of a line it uses, with and without losses."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from fetchprint import ticks
from fetchprint.engine import base, link_setup
from fetchprint_tools.bench import device_run
from fetchprint_tools.bench.figures import Part, Row, Settings, Tell
from fetchprint_tools.engines.link.printer import LinkPrinter
from fetchprint_tools.engines.paper import MemoryPaper
from fetchprint_tools.errors import UserError

LINES_OF = {"uart": ("921,600 baud", 92_160), "spi": ("10 MHz SPI", 1_250_000)}
"""Name and octets a second."""
_LOSSES = 10_000
_WIDTH = 576
_HEIGHT, _QUICK_HEIGHT = 1600, 400
_SECONDS = 60.0
_LIMIT_US = 600_000_000
_LOOP_US = 20_000
"""The loop's longest sleep with a job in hand; a UART that can move ends it, SPI cannot."""


def measure(rom: Path, settings: Settings, tell: Tell) -> Part:
    """The driver alone on both runtimes, then whole pages in virtual time on lines of two speeds."""
    part = Part("link", "Framed link, 576 dots a line", ("lines/s", "octets/s", "of the line"))
    part.notes.append(
        "The driver alone: an engine that answers at once. Pages: in virtual time, reference engine, window "
        "of 2,048 octets; 'of the line' is what dots take of its capacity."
    )
    part.facts["driver"] = driver = []
    part.facts["pages"] = pages = []
    for runtime in device_run.RUNTIMES:
        tell(f"the driver, {runtime}")
        ms = "300" if settings.quick else "2000"
        for each in device_run.run(rom, runtime, "bench_link", [ms], timeout=_SECONDS):
            _driver(part, runtime, each)
            driver.append({"runtime": runtime, **each})
    for port in LINES_OF:
        for losses in (0, _LOSSES):
            tell(f"pages, {port}, {'1 in 10,000' if losses else 'nothing'} lost and flipped")
            pages.append(_page(part, port, losses, _QUICK_HEIGHT if settings.quick else _HEIGHT))
    return part


def _driver(part: Part, runtime: str, each: dict[str, Any]) -> None:
    name, capacity = LINES_OF[each["port"]]
    rate = each["octets"] * 1000 / each["ms"]
    lines = each["lines"] * 1000 / each["ms"]
    part.rows.append(
        Row(
            f"driver, {runtime}, {name}",
            f"{lines:,.0f}",
            f"{rate:,.0f}",
            f"{rate / capacity:.1f} x",
            target="" if runtime == "cpython" else ">= 1 x",
            met=None if runtime == "cpython" else rate >= capacity,
        )
    )
    taken = each["bytes-a-page"]
    if taken is not None:
        part.rows.append(
            Row(f"heap a page, {runtime}, {each['port']}", f"{taken} bytes", target="0", met=taken == 0)
        )


class _Line:
    """A line of so many octets a second and the port of the driver at its end; ``us`` is the time.

    As a UART it is a Stream, full when a millisecond's octets are under way; as a bus each transfer takes
    its time.
    """

    def __init__(self, printer: LinkPrinter, capacity: int) -> None:
        self.us = 0
        self.octets = 0
        self.moved = False
        self._printer = printer
        self._capacity = capacity
        self._free_at = 0  # when the last octet will have left
        self._back = bytearray()

    # as a port

    def now(self) -> int:
        return self.us // 1000 & ticks.PERIOD - 1

    def wait(self, ms: int) -> None:
        self.us += 1000

    def random(self, n: int) -> bytes:
        return b"\1" * n

    def open_device(self, path: str) -> _Line:
        return self

    def open_bus(self, path: str, hz: int) -> _Line:
        return self

    # as a UART

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        self._work()
        count = min(n, len(self._back))
        buf[off : off + count] = self._back[:count]
        del self._back[:count]
        self.moved = self.moved or count > 0
        return count or None

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        under_way = max(0, self._free_at - self.us) * self._capacity // 1_000_000
        n = min(n, max(0, self._capacity // 1000 - under_way))
        if not n:
            return None
        self._free_at = max(self._free_at, self.us) + n * 1_000_000 // self._capacity
        self._carry(buf, off, n)
        return n

    # as a bus

    def poll(self, now: int) -> None:
        """Nothing waits here."""

    def input(self, name: str) -> _Line:
        return self

    def value(self) -> int:
        self._work()
        return int(bool(self._back))

    def exchange(self, tx: bytearray, rx: bytearray, off: int, n: int) -> None:
        said = bytes(self._back[:n])
        del self._back[:n]
        rx[off : off + n] = said.ljust(n, b"\0")
        self.us += n * 1_000_000 // self._capacity
        self._carry(tx, off, n)

    def _carry(self, buf: bytearray, off: int, n: int) -> None:
        self.octets += n
        self.moved = True
        self._printer.receive(bytes(buf[off : off + n]), self.us / 1e6)
        self._work()

    def _work(self) -> None:
        self._printer.advance(self.us / 1e6)
        self._back += self._printer.transmit()


def _page(part: Part, port: str, losses: int, height: int) -> dict[str, Any]:
    name, capacity = LINES_OF[port]
    printer = LinkPrinter(_WIDTH, 16384, paper=(paper := MemoryPaper(_WIDTH)))
    line = _Line(printer, capacity)
    whole = {
        key: value[0] if isinstance(value, tuple) else value for key, value in link_setup.SETTINGS.items()
    }
    driver = link_setup.make({**whole, "port": port, "device": name}, line)
    dots = [random.Random(y).randbytes(_WIDTH // 8) for y in range(height)]

    def turn(until: Any) -> None:
        while until() is None:
            line.moved = False
            driver.poll(line.now())
            if line.us > _LIMIT_US:
                raise UserError(f"the page did not end on {name}", where=f"reasons {driver.reasons}")
            # the loop sleeps until a stream can move: a UART does within the millisecond
            if port == "uart":
                line.us += 1000
            elif not line.moved:
                line.us += _LOOP_US

    turn(lambda: None if driver.reasons & base.STOPS else True)
    turn(driver.begin_job)
    if losses:
        printer.wire_fault("drop", losses)
        printer.wire_fault("flip", losses)
    began, before = line.us, line.octets
    turn(lambda: driver.begin_page(_WIDTH, height))
    for each in dots:
        turn(lambda each=each: driver.line(each, 0, _WIDTH // 8))
    turn(driver.end_page)
    if paper.pages != [b"".join(dots)]:
        raise UserError(f"the page on {name} is not what was sent")
    seconds = (line.us - began) / 1e6
    octets = line.octets - before
    useful = height * _WIDTH // 8
    share = useful / seconds / capacity
    how = "1 in 10,000 lost, 1 flipped" if losses else "clean"
    part.rows.append(
        Row(f"page, {name}, {how}", f"{height / seconds:,.0f}", f"{octets / seconds:,.0f}", f"{share:.2f}")
    )
    return {
        "port": port,
        "one-in": losses,
        "lines": height,
        "seconds": round(seconds, 4),
        "octets": octets,
        "overhead": round(octets / useful, 3),
        "share": round(share, 3),
    }
