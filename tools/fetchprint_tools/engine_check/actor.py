"""The driver's process in an engine check: ``actor.py MODULE SETTINGS``, on either interpreter.

MODULE has the driver's SETTINGS and make; SETTINGS is JSON. Every wait of the driver is one exchange
with the host on stdout and stdin: what has been written and how the driver is, against the time,
the octets that came, and what to do.

    to the host:  = MS REASONS PAGES FLAGS DONE HEX ERROR
    to us:        NOW ROOM HEX COMMAND
"""

# mypy: ignore-errors
# (MicroPython runs it, too)

import binascii
import json
import sys

from fetchprint.engine import base

STEP_MS = 2
LINES = 16  # of a page that are handed over in one turn, as the document pipe does it


def row(n, seed):
    """A line of ``n`` octets that looks random and is never white; see ``judge.row``."""
    out = bytearray(n)
    value = seed * 2654435761 + 1 & 0xFFFFFF
    for i in range(n):
        value = value * 1103515 + 12345 & 0xFFFFFF
        out[i] = value >> 12 & 0xFF
    out[0] |= 0x80
    return out


class Stream:
    """The wire, as the driver sees it."""

    def __init__(self, port):
        self._port = port

    def readinto(self, buf, off, n):
        came = self._port.came
        n = min(n, len(came))
        if not n:
            return None
        for i in range(n):
            buf[off + i] = came[i]
        self._port.came = came[n:]
        return n

    def write(self, buf, off, n):
        port = self._port
        n = min(n, port.room - len(port.written))
        if n <= 0:
            return None
        port.written.extend(bytes(buf[off : off + n]))
        return n

    def close(self):
        """It stays as it is."""


class Port:
    """What a driver's ``make`` gets."""

    def __init__(self):
        self.room = 0
        self.came = b""
        self.written = bytearray()
        self.actor = None  # there is none before ``make`` has given the driver
        self.command = "-"
        self._now = 0

    def now(self):
        return self._now

    def wait(self, ms):
        self._exchange(max(1, min(ms, STEP_MS)))

    def open_device(self, path):
        return Stream(self)

    def open_bus(self, path, hz):
        from fetchprint.port import bench

        return bench.Bus(self, Stream(self), hz)

    def random(self, n):
        return bytes(range(1, n + 1))

    def _exchange(self, ms):
        state = self.actor.state(self.command == "-") if self.actor else "%d 0 0 0" % base.OFFLINE
        error = self.actor.error if self.actor else ""
        sys.stdout.write(
            "= %d %s %s %s\n" % (ms, state, binascii.hexlify(self.written).decode() or "-", error or "-")
        )
        if hasattr(sys.stdout, "flush"):
            sys.stdout.flush()
        self.written = bytearray()
        line = sys.stdin.readline()
        if not line:
            sys.exit(0)
        now, room, came, command = line.strip().split(" ", 3)
        self._now = int(now)
        self.room = int(room)
        if came != "-":
            self.came = self.came + binascii.unhexlify(came)
        if command != "-":
            self.command = command


class Actor:
    """Carries out what the host says, one call of the driver after the other."""

    def __init__(self, engine):
        self.engine = engine
        self.error = ""
        self._steps = []
        self._row = -1
        self._sent = 0

    def state(self, obeyed):
        """``obeyed``: there is no command that waits."""
        engine = self.engine
        flags = bool(engine.moved) | bool(engine.in_job) << 1 | bool(engine.confirmed) << 2
        return "%d %d %d %d" % (engine.reasons, engine.pages, flags, obeyed and not self._steps)

    def obey(self, command):
        if command == "describe":
            self._describe()
            return
        self.error = ""
        self._row = -1
        self._sent = 0
        self._steps = command.split(";")

    def _describe(self):
        engine = self.engine
        told = {"formats": [each.decode() for each in engine.formats]}
        for name in ("make_and_model", "device_id"):
            told[name] = getattr(engine, name).decode()
        for name in ("raster_types", "sides", "identify_actions"):
            told[name] = [each.decode() for each in getattr(engine, name)]
        for name in ("resolution", "width", "overhang", "copies", "color"):
            told[name] = getattr(engine, name)
        told["media"] = [[medium[0].decode()] + list(medium[1:]) for medium in engine.media]
        sys.stdout.write("! %s\n" % json.dumps(told))

    def turn(self):
        try:
            while self._steps and self._step(self._steps[0]):
                self._steps.pop(0)
                self._row = -1
                self._sent = 0
        except base.EngineError as error:
            self.error = str(error) or "EngineError"
            self._steps = [] if self._steps == ["cancel"] else ["cancel"]

    def _step(self, step):
        """Whether the step is done."""
        engine = self.engine
        name, _, rest = step.partition(" ")
        if name == "page":
            return self._page(rest)
        if name == "write":
            data = binascii.unhexlify(rest)
            while self._sent < len(data):
                n = engine.write(data, self._sent, len(data) - self._sent)
                if n is None:
                    return False
                self._sent += n
            return True
        if name == "refused":  # a call that is out of order
            try:
                self._call(rest)
            except base.EngineLocalError:
                return True
            raise AssertionError("%s was taken out of order" % rest)
        return self._call(name) is not None

    def _call(self, name):
        if name == "begin_page":
            return self.engine.begin_page(8, 1)
        if name == "line":
            return self.engine.line(bytes(1), 0, 1)
        if name == "write":
            return self.engine.write(b"x", 0, 1)
        return getattr(self.engine, name)()

    def _page(self, rest):
        width, height, seed = [int(each) for each in rest.split()]
        n = (width + 7) // 8
        if self._row < 0:
            if self.engine.begin_page(width, height) is None:
                return False
            self._row = 0
        for _ in range(LINES):
            if self._row == height:
                return self.engine.end_page() is not None
            if self.engine.line(row(n, seed + self._row), 0, n) is None:
                return False
            self._row += 1
        return False


def main(module, settings):
    """Until the host has enough."""
    port = Port()
    setup = __import__(module, None, None, ("make",))
    actor = Actor(setup.make(json.loads(settings), port))
    port.actor = actor
    while True:
        if port.command != "-":
            actor.obey(port.command)
            port.command = "-"
        actor.engine.poll(port.now())
        actor.turn()
        port.wait(STEP_MS)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
