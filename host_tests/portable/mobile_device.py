"""The device's session with a scripted service, from power-on, in virtual time."""

from mobile_samples import DEVICE, DOCUMENT, ESCPOS, PRINTER
from mobile_service import COMPLETED, REPORT_JOB, Wire

from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.ipp.decoder import Decoder
from fetchprint.proxy.device import Device
from fetchprint.proxy.exchange import Exchange
from fetchprint.proxy.journal import Journal
from fetchprint.proxy.mobile import profile
from fetchprint.proxy.session import Session
from fetchprint.proxy.turns import Turns
from fetchprint.service.mobile import Identity


class Paper(base.Engine):
    """Takes documents as they are; ``out`` is what was printed."""

    make_and_model = b"Emulated ESC/POS"
    device_id = b"MFG:Emulated;MDL:ESC/POS;CMD:ESCPOS;"
    formats = (ESCPOS,)

    def __init__(self):
        base.Engine.__init__(self)
        self.out = bytearray()
        self.jobs = 0
        self.waits = False  # take nothing more
        self.shown = 0

    def poll(self, now):
        pass

    def begin_job(self):
        if self.reasons & base.STOPS:
            return None
        self.jobs += 1
        self.in_job = True
        self.moved = False
        return True

    def write(self, buf, off, n):
        if self.waits:
            return None
        self.moved = True
        self.out.extend(bytes(buf[off : off + n]))
        return n

    def end_job(self):
        self.in_job = False
        return True

    def cancel(self):
        self.in_job = False
        return True

    def identify(self):
        self.shown += 1
        return True


class Store:
    """The flash."""

    def __init__(self):
        self.records = {}

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.records[name] = data

    def remove(self, name):
        self.records.pop(name, None)


class Log:
    def __init__(self):
        self.events = []

    def event(self, kind, **fields):
        self.events.append((kind, fields))


class Printer:
    """The device, from power-on; ``store`` and ``paper`` are what outlives it. ``more``: of its pipe."""

    def __init__(self, service, store=None, paper=None, **more):
        self.service = service
        self.store = store or Store()
        self.engine = paper or Paper()
        self.engine.in_job = False
        self.log = Log()
        self.now = 1000
        self.device = Device(self.engine, Pipe(self.engine, **more), self.log)
        self.session = Session(
            profile,
            "ipp://h/q",
            b"till",
            Identity(PRINTER, DEVICE),
            self._exchange(1280, 1460),
            self._exchange(4096, 512),
            self.device,
            Journal(self.store, "mobile", self.log),
            lambda n: b"\x80" * n,
            self.log,
        )
        self.device.turns = Turns(self.device, [self.session])

    def _exchange(self, tx, rx):
        tx = bytearray(tx)
        return Exchange(Wire(self.service, tx, bytearray(rx)), tx, Decoder(256))

    def turn(self):
        self.device.poll(self.now)
        self.session.poll(self.now)
        self.now += 10

    def until(self, condition, turns=3000):
        """Run until ``condition()``; fails after so many turns of 10 ms."""
        for _ in range(turns):
            if condition():
                return
            self.turn()
        raise AssertionError("it has not come to that; the last events: %r" % (self.log.events[-8:],))

    def run(self, turns):
        for _ in range(turns):
            self.turn()

    def ended(self):
        """The final job-states told in the log."""
        return [fields["state"] for kind, fields in self.log.events if kind == "job-end"]

    def phase(self):
        """What the journal holds: (phase, final job-state) or None."""
        job = Journal(self.store, "mobile", Log()).job
        return (job[0], job[3]) if job else None


def prints(service):
    """A printer that has printed the job of ``service``."""
    printer = Printer(service)
    printer.until(lambda: printer.ended())
    return printer


def assert_printed(printer, service):
    """Printed once, and told."""
    assert bytes(printer.engine.out) == DOCUMENT and printer.engine.jobs == 1
    assert printer.ended() == ["completed"] and service.job == COMPLETED
    assert printer.phase() is None


def printing(service):
    """A printer in the middle of the job."""
    printer = Printer(service)
    printer.engine.waits = True
    printer.until(lambda: service.all(REPORT_JOB))
    return printer
