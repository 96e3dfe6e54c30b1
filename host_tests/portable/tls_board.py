"""Runs on a board as its main.py: one connection after the other, as ``/meetings.json`` says, each told in a
line: its number, the free heap before it and while it was open, and what came of it.

A meeting has ``host``, ``number``, ``settings``, ``most`` octets that come back, and ``time`` where the
clock is set before it.
"""

import gc
import json
import sys

sys.path.insert(0, "/a")

import tls_client

from fetchprint.port.rp2 import Port
from fetchprint.port.trust import Clock

_PATIENCE_MS = 20000
_OPEN = [0]


def opened():
    gc.collect()
    _OPEN[0] = gc.mem_free()


def main():
    with open("/meetings.json") as file:
        meetings = json.load(file)
    port = Port()
    while not port.online:
        port.wait(50)
    clock = Clock(tls_client.Store(), None, port.set_clock)
    for i, one in enumerate(meetings):
        if "time" in one:
            port.set_clock(one["time"])
            clock = Clock(tls_client.Store(), None, port.set_clock)
        _OPEN[0] = 0
        gc.collect()
        free = gc.mem_free()
        begun = port.now()
        said = tls_client.meet(
            port, clock, one["host"], one["number"], one["settings"], _PATIENCE_MS, opened, one["most"]
        )
        print("meeting", json.dumps([i, free, _OPEN[0], port.now() - begun, said]))
    print("all met")
    port.release()


main()
