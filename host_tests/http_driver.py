"""Drives one of the firmware's HTTP connections as told: the same program on CPython and MicroPython.

``run(order)`` does one order (a dict) and gives what happened; as a program it reads orders
as JSON lines and answers each
variant of it with a line. The clock is virtual: each turn of waiting adds
``tick`` ms, so a deadline of minutes takes no time and without ticks nothing ever expires.
"""

import hashlib
import json
import select
import sys

if sys.implementation.name == "micropython":
    from fetchprint.port.unix import Port
else:
    from fetchprint.port.cpython import Port

from fetchprint import ticks
from fetchprint.errors import LocalError
from fetchprint.http.errors import HTTPPeerError

REAL_WAIT_MS = 5  # one turn of waiting in real time
TURNS_MAX = 20000  # some 100 s: a test that hangs ends


class Clock:
    """Virtual time, near its wrap so that every deadline crosses it."""

    def __init__(self, port, tick):
        self.time = ticks.PERIOD - 500
        self.tick = tick
        self.turns = 0
        self._port = port

    def now(self):
        return self.time

    def wait(self, ms):
        self.turns += 1
        if self.turns > TURNS_MAX:
            raise RuntimeError("hangs")
        self._port.wait(REAL_WAIT_MS)
        self.time = ticks.add(self.time, self.tick)


class Whole:
    """The body, kept."""

    def __init__(self):
        self._data = bytearray()

    def update(self, data):
        self._data += data

    def hex(self):
        return bytes(self._data).hex()


class Digest:
    """The SHA-256 of a body too long to keep."""

    def __init__(self):
        self._hash = hashlib.sha256()

    def update(self, data):
        self._hash.update(data)

    def hex(self):
        return self._hash.digest().hex()


def connection(order, port, clock):
    tx = bytearray(order.get("tx", 1024))
    rx = bytearray(order.get("rx", 256))
    arguments = [port.connect, order.get("host", "127.0.0.1"), order["port"], "/ipp/print", tx, rx]
    if order["transport"] == "adafruit":
        from fetchprint.http.adafruit import Connection

        link = Connection(*arguments, authorization="Basic eDp5", clock=clock.now, wait=clock.wait)
        abandon = order.get("abandon")
        if abandon:
            left = [abandon]

            def idle():
                left[0] -= 1
                assert link.poll(0) is None and link.fill(0) is None
                return left[0] == 0

            link.idle = idle
        return link, tx
    from fetchprint.http.client import Connection

    return Connection(*arguments, authorization="Basic eDp5"), tx


def exchange(link, tx, clock, length, wait_ms, body):
    """One post and its reply, as a dict."""
    for i in range(min(length, len(tx) - link.body, 1000)):
        tx[link.body + i] = i & 0xFF
    started = clock.time
    try:
        link.post(clock.now(), length, wait_ms)
        status = link.poll(clock.now())
        while status is None:
            clock.wait(10)
            status = link.poll(clock.now())
        n = link.fill(clock.now())
        while n != 0:
            if n is None:
                clock.wait(10)
            else:
                body.update(link.buf[link.pos : link.end])
                link.pos = link.end
            n = link.fill(clock.now())
    except HTTPPeerError as error:
        return {
            "error": error.reason,
            "offset": error.offset,
            "sent": error.sent,
            "body": body.hex(),
            "took": ticks.diff(clock.time, started),
        }
    return {"status": status, "body": body.hex(), "retry_after": link.retry_after}


def await_bytes(stream):
    """Wait until something, such as a close, arrived on an idle stream, without reading it."""
    poller = select.poll()
    poller.register(stream.handle, select.POLLIN)
    assert poller.poll(10000), "nothing came"


def run(order):
    """Post ``lengths`` (bodies) one after another; a list of what came of each."""
    port = Port()
    clock = Clock(port, order.get("tick", 0))
    results = []
    link = None
    try:
        link, tx = connection(order, port, clock)
        for length in order.get("lengths", [3]):
            body = Digest() if order.get("digest") else Whole()
            results.append(exchange(link, tx, clock, length, order.get("wait_ms", 60000), body))
            if order.get("until_closed") and len(results) == 1 and port.streams:
                await_bytes(port.streams[0])
    except LocalError as error:
        results.append({"local": str(error)})
    if link is not None:
        link.close()
    assert not port.streams, "a stream is left open"
    return results


def main():
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        order = json.loads(line)
        for more in order.get("each", [{}]):
            order.update(more)
            print(json.dumps(run(order)))


if __name__ == "__main__":
    main()
