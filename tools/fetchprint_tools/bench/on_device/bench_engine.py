"""A driver alone: lines into it as fast as it takes them, an engine that takes octets at once. One that makes
no lines gets as many octets, twenty lines of them at a time, as from the network.

``engine_NAME.rig()`` answers (driver, sink); the sink is its engine and counts ``octets``.
"""

# mypy: ignore-errors
# (MicroPython runs it, and parts of its standard library are its own)

import gc
import sys

from fetchprint import ticks

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

HEIGHT = 1600  # lines of a page: 200 mm at 203 dpi
WIDTH = 576
PIECE = 20  # lines of octets that come at a time


def noise(n):
    out = bytearray(n)
    value = 1
    for i in range(n):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
        out[i] = value >> 16 & 255
    return out


class Clock:
    """Time as the driver sees it: a millisecond a turn, so that nothing waits for paper."""

    def __init__(self):
        self.now = 0


def until(driver, clock, call, *args):
    while call(*args) is None:
        clock.now = ticks.add(clock.now, 1)
        driver.poll(clock.now)


def page(driver, clock, line):
    """One page; allocates nothing if the driver does not."""
    n = len(line)
    if not driver.width:
        for _ in range(HEIGHT // PIECE):
            at = 0
            while at < n:
                at += driver.write(line, at, n - at) or 0
        return
    while driver.begin_page(driver.width, HEIGHT) is None:
        clock.now = ticks.add(clock.now, 1)
        driver.poll(clock.now)
    left = HEIGHT
    while left:
        if driver.line(line, 0, n) is None:
            clock.now = ticks.add(clock.now, 1)
            driver.poll(clock.now)
        else:
            left -= 1
    while driver.end_page() is None:
        clock.now = ticks.add(clock.now, 1)
        driver.poll(clock.now)


def measure(name: str, ms: str):
    """Pages for at least ``ms`` milliseconds, after one that is not counted."""
    port = Port()
    driver, sink = __import__("engine_" + name).rig()
    clock = Clock()
    line = noise(driver.width // 8 or WIDTH // 8 * PIECE)
    driver.poll(clock.now)
    until(driver, clock, driver.begin_job)
    page(driver, clock, line)
    pages = 0
    taken = 0
    before = sink.octets
    start = port.now()
    while ticks.diff(port.now(), start) < int(ms):
        page(driver, clock, line)
        pages += 1
    spent = ticks.diff(port.now(), start)
    octets = sink.octets - before
    heap = port.heap()
    if heap is not None:
        gc.collect()
        gc.disable()
        held = gc.mem_alloc()
        page(driver, clock, line)
        taken = gc.mem_alloc() - held
        gc.enable()
    yield {
        "pages": pages,
        "lines": pages * HEIGHT,
        "width": driver.width or WIDTH,
        "ms": spent,
        "octets": octets,
        "bytes": taken if heap is not None else None,
    }
