"""Beside the states of ``control``: requests that are held, and the reports while a document prints."""

from fetchprint import ticks
from fetchprint.errors import PeerError
from fetchprint.http.errors import Abandoned
from fetchprint.port.native import micropython
from fetchprint.proxy import journal
from fetchprint.proxy.backoff import Backoff
from fetchprint.proxy.device import STOPPED
from fetchprint.service.replies import JOB_PROCESSING, JOB_STOPPED

const = micropython.const

NONE = const(0)
HOLD = const(1)  # held by the service until it has something
JOB = const(2)  # a report about the job
PRINTER = const(3)  # and about the printer
OWN = const(4)

_LEAST_MS = const(100)  # between two reports of one kind
_PRINTING = (b"job-printing",)
_STOPPED = (b"printer-stopped",)


class Asker:
    """One request at a time on one connection. A subclass has ``choose(now)``, to ``start`` one when
    none is under way, ``take(now, doing, status)`` for the answer, and ``failed(now, error)``."""

    def __init__(self, session, exchange, random):
        self.session = session
        self.exchange = exchange
        self.backoff = Backoff(random)
        self.doing = NONE

    def poll(self, now: int):
        """One turn; never raises PeerError."""
        try:
            if self.doing:
                status = self.exchange.poll(now)
                if status is not None:
                    doing = self.doing
                    self.doing = NONE
                    self.session.work = (self.session.work + 1) & 0xFFFF
                    self.take(now, doing, status)
            elif self.backoff.ready(now):
                self.choose(now)
        except Abandoned:
            self.release()  # there is something else to be done first
            self.session.work = (self.session.work + 1) & 0xFFFF
        except PeerError as error:
            self.exchange.abandon()
            self.doing = NONE
            self.failed(now, error)

    def start(self, now, doing, length, sink):
        """Send what was just encoded; see ``Exchange.start``."""
        self.doing = doing
        self.exchange.start(now, length, self.session.identity.request_id, sink)

    def start_long(self, now, doing, put, sink):
        """Send what may be longer than the buffer; see ``Exchange.start_long``."""
        self.doing = doing
        self.exchange.start_long(now, self.session.identity, put, sink)

    def hold(self, now, length, sink, wait_ms):
        """The same for a request that is held for up to ``wait_ms``."""
        self.doing = HOLD
        self.exchange.start(now, length, self.session.identity.request_id, sink, wait_ms)

    def release(self):
        """Drop whatever is on its way; a held request is no loss."""
        if self.doing:
            self.exchange.abandon()
            self.doing = NONE

    @property
    def holding(self) -> bool:
        """A request is being held by the service."""
        return self.doing == HOLD


class Watch(Asker):
    """Reports on the job and the printer while a document prints. A profile subclasses it with
    ``put_job(now, state, reasons)`` and ``put_printer(now)``, which encode and ``start``."""

    progress_ms = 1000  # between two reports of the job when nothing changed

    def __init__(self, session, exchange, random):
        Asker.__init__(self, session, exchange, random)
        self.job = 0  # which job the rest is about
        self._state = 0  # job-state last reported
        self._pages = 0
        self._job_at = 0
        self._printer_at = 0

    def look_after(self, now) -> bool:
        """Report what is due; False when nothing is."""
        session = self.session
        job = session.job
        device = session.device
        if job.id != self.job:
            self.job = job.id
            self._state = self._pages = 0
            self._job_at = self._printer_at = now  # what was long ago may count as the future
        state = JOB_STOPPED if device.state == STOPPED else JOB_PROCESSING
        waited = ticks.diff(now, self._job_at)
        if not job.outcome and (
            not self._state
            or waited >= self.progress_ms
            or (waited >= _LEAST_MS and (state != self._state or device.pipe.pages != self._pages))
        ):
            reasons = _STOPPED if state == JOB_STOPPED else _PRINTING
            if self._state and state != self._state:
                session.log.event(
                    "job",
                    state="stopped" if state == JOB_STOPPED else "printing",
                    reasons=[r.decode() for r in device.reasons],
                    **{"job-id": job.id}
                )  # fmt: skip
            self._state = state
            self._pages = device.pipe.pages
            self._job_at = now
            self.put_job(now, state, reasons)
        elif session.reported != device.version and ticks.diff(now, self._printer_at) >= _LEAST_MS:
            self._printer_at = now
            session.reported = device.version
            self.put_printer(now)
        else:
            return False
        return True

    def durable(self, pages: int) -> int:
        """The pages that may be reported: what is told once is not taken back after a power cut."""
        kept = self.session.journal
        if pages > kept.pages:
            kept.write(journal.STREAMING, self.session.job, pages)
        return kept.pages
