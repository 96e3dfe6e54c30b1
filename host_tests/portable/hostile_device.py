"""The whole firmware as ``build`` makes it, with the ESC/POS driver, in virtual time, in one process with
the service that attacks it. What a board would have is here: clock, flash, UART, log.
"""

import gc
import json
import sys
import time

from escpos_engine import Engine, digest
from hostile_wire import Wire

from fetchprint import build, ticks
from fetchprint.proxy import states

MICROPYTHON = sys.implementation.name == "micropython"

MOST_OCTETS = 256 * 1024
"""Octets that one turn may read: what bounds its length, whatever comes."""

LONGEST_MS = 4000
"""Milliseconds of real time that a turn may take here, half of the watchdog of the boards (8 s)."""

KEPT = 60  # lines of the log that are kept


def used():
    """Memory in use: octets of MicroPython's heap, allocated blocks of CPython."""
    gc.collect()
    gc.collect()
    return gc.mem_alloc() if MICROPYTHON else sys.getallocatedblocks()


def _microseconds():
    return time.ticks_us() if MICROPYTHON else time.perf_counter_ns() // 1000


def _elapsed(later, earlier):
    return time.ticks_diff(later, earlier) if MICROPYTHON else later - earlier


class Store:
    """The flash, and every name that was ever written there."""

    def __init__(self):
        self.records = {}
        self.names = set()

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        assert "/" not in name and not name.startswith(".")
        self.names.add(name)
        self.records[name] = data

    def remove(self, name):
        self.records.pop(name, None)


class Port:
    """What the firmware calls its port."""

    identify = None

    def __init__(self, service):
        self.ms = 1000
        self.octets = 0  # read from services
        self.connections = 0
        self.wires = []
        self.lines = []
        self.written = 0
        self.flash = Store()
        self.uart = Engine()
        self.stopping = False
        self._service = service

    def now(self):
        return self.ms & (ticks.PERIOD - 1)

    def wait(self, ms):
        """Time passes: to the next octet that comes, and a millisecond at least."""
        for wire in self.wires:
            due = wire.due(self.ms)
            if due is not None and due < ms:
                ms = due
        self.ms += max(1, ms)

    def connect(self, host, port, allows=None):
        service = self._service.at(host, port, allows)
        self.connections += 1
        wire = Wire(self, service)
        self.wires.append(wire)
        return wire

    def open_device(self, path):
        return self.uart

    def store(self, path):
        return self.flash

    def random(self, n):
        return b"\x80" * n

    def write_line(self, text):
        assert all(" " <= c <= "~" for c in text), "the log is no plain line: %r" % text
        json.loads(text)
        self.written += 1
        self.lines.append(text)
        if len(self.lines) > KEPT:
            self.lines.pop(0)

    def stop_asked(self):
        return self.stopping

    def heap(self):
        return None

    def collect(self):
        gc.collect()


class Printer:
    """The device, from power-on."""

    def __init__(self, service, **config):
        settings = {
            "name": "till",
            "services": [{"uri": "ipp://service.example/ipp/print/infra"}],
            "engine": {"driver": "escpos", "device": "uart"},
            "state": "state",
        }
        settings.update(config)
        self.port = Port(service)
        self.loop = build.loop(settings, self.port)
        self.session = self.loop._sessions[0]
        self.paper = self.port.uart
        self.turns = 0
        self.longest = 0  # microseconds of real time
        self.most = 0  # octets read in a turn

    def turn(self):
        port = self.port
        octets = port.octets
        start = _microseconds()
        assert self.loop.turn(), "the loop has ended"
        took = _elapsed(_microseconds(), start)
        self.turns += 1
        self.longest = max(self.longest, took)
        self.most = max(self.most, port.octets - octets)

    def until(self, condition, what, seconds=600):
        """Run until ``condition()``, at most so many seconds of the device's time."""
        end = self.port.ms + seconds * 1000
        while not condition():
            if self.port.ms > end:
                raise AssertionError("%s: not in %d s; the log: %r" % (what, seconds, self.port.lines[-6:]))
            self.turn()

    def run(self, seconds):
        end = self.port.ms + seconds * 1000
        while self.port.ms < end:
            self.turn()

    @property
    def idle(self):
        """Connected, and nothing to do."""
        session = self.session
        return session.control.state == states.IDLE and not session.job.phase

    @property
    def waiting(self):
        """Idle, with an engine that could print, and the service holds a request."""
        return self.idle and self.session.holding and self.session.device.usable

    def said(self, text):
        """Whether a line of the log has ``text``."""
        return any(text in line for line in self.port.lines)

    def blank(self):
        """A new sheet in the engine."""
        paper = self.paper
        paper.digest = paper.count = paper.text_n = 0

    def shows(self, lines):
        """Whether exactly these lines of dots are on the sheet."""
        paper = self.paper
        return paper.count == sum([len(line) for line in lines]) and paper.digest == digest(lines)
