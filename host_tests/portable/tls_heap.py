"""Run on MicroPython: what a connection over TLS allocates once it is there.

``tls_heap.py HOST PORT SETTINGS TIMES``: sends 4,000 octets TIMES times and reads as many each time, with
the heap locked. Says ``locked`` and how many octets went either way, or what failed.
"""

import gc
import json
import sys

import micropython
from tls_client import Store

from fetchprint.port import choice
from fetchprint.port.trust import Clock, Trust

_OCTETS = 4000


class Both:
    """Sends and reads at the same time, without a name or a number that is new."""

    def __init__(self, port, stream):
        self.port = port
        self.stream = stream
        self.tx = bytearray(b"x" * _OCTETS)
        self.rx = bytearray(1460)
        self.left = self.coming = 0
        self.sent = self.got = 0

    def turn(self):
        """One write and one read; whether the stream is still open."""
        if self.left:
            n = self.stream.write(self.tx, _OCTETS - self.left, self.left)
            if n:
                self.left -= n
                self.sent += n
        n = self.stream.readinto(self.rx, 0, 1460)
        if n:
            self.coming -= n
            self.got += n
        return n != 0

    def go(self, times):
        """All of it; the caller locks the heap."""
        while times:
            times -= 1
            self.left = _OCTETS
            self.coming += _OCTETS
            while self.left or self.coming:
                if not self.turn():
                    return False
        return True


def main(host, number, settings, times):
    port = choice.port()
    trust = Trust(json.loads(settings), Clock(Store()), host)
    both = Both(port, port.secure(trust).connect(host, int(number)))
    if not both.go(1):
        raise OSError("closed")
    gc.collect()
    before = gc.mem_free()
    micropython.heap_lock()
    try:
        both.go(int(times))
    finally:
        micropython.heap_unlock()
    print("locked %d sent %d got, %d less" % (both.sent, both.got, before - gc.mem_free()))
    both.stream.close()


main(*sys.argv[1:])
