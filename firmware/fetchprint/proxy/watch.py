"""The watch connection: events while waiting, and the job's other half while it prints.

While there is nothing to print it holds Get-Notifications. While a document streams on
the control connection it asks Get-Job-Attributes every second (a cancel must stop the
engine within two), and reports progress, stops and printer-state. Asking works the same
with every service and leaves this connection free for reports in between; a held
Get-Notifications would block them for up to half a minute.
"""

from fetchprint import ticks
from fetchprint.errors import PeerError
from fetchprint.port.native import micropython
from fetchprint.proxy.backoff import Backoff
from fetchprint.proxy.device import STOPPED
from fetchprint.service import description, infra
from fetchprint.service.replies import JOB_PROCESSING, JOB_STOPPED, JobInfo, Reply
from fetchprint.service.status import EVENTS_COMPLETE, SUCCESS_END

const = micropython.const

_ASK_MS = const(1000)  # between two looks at the job being printed
_PROGRESS_MS = const(5000)  # between two reports of progress, unless a page or the state came first
_HOLD_MS = const(90000)  # servers hold Get-Notifications for 30 to 60 s
_QUICK_MS = const(1000)  # an empty answer sooner than this was not held ...
_PAUSE_MS = const(5000)  # ... so such a server is asked at this interval

_NONE = const(0)
_HOLD = const(1)
_ASK = const(2)
_JOB = const(3)
_PRINTER = const(4)


class Watch:
    """``poll`` it every turn; the Session holds what it shares with the control connection."""

    def __init__(self, session, exchange, random):
        self._session = session
        self._exchange = exchange
        self._backoff = Backoff(random)
        self._doing = _NONE
        self._exact = False  # see _hold
        self._asked_from = 0
        self._started_at = 0
        self._pause = False
        self._asked_at = 0
        self._reported_at = 0
        self._reported_state = 0  # job-state last reported for the job being printed
        self._reported_pages = 0
        self._job = 0  # which job the three above are about
        self._plain = Reply()
        self._info = JobInfo()

    def poll(self, now: int):
        """One turn; never raises PeerError."""
        try:
            if self._doing:
                if self._doing == _HOLD and not self._session.control.idle:
                    if self._session.control.streaming:
                        self.release()  # this connection is needed for the job
                if self._doing:
                    status = self._exchange.poll(now)
                    if status is not None:
                        self._take(now, status)
            elif self._backoff.ready(now):
                self._choose(now)
        except PeerError as error:
            self._failed(now, error)

    def release(self):
        """Drop whatever is on its way; a held request is no loss."""
        if self._doing:
            self._exchange.abandon()
            self._doing = _NONE

    @property
    def holding(self) -> bool:
        """A Get-Notifications is being held by the service."""
        return self._doing == _HOLD

    def _failed(self, now, error):
        self._exchange.abandon()
        self._doing = _NONE
        if self._session.control.idle:
            self._session.control.failed(now, error)  # the service is gone for both
        else:
            self._backoff.failed(now, getattr(error, "retry_after", 0))

    def _choose(self, now):
        session = self._session
        if session.control.streaming:
            self._look_after(now)
        elif session.control.idle and session.subscription_id and not session.wake and not session.stopping:
            if not self._pause or ticks.diff(now, self._started_at) >= _PAUSE_MS:
                self._hold(now)

    def _hold(self, now):
        """Quirk sequence-off-by-one: ippserver answers from the number after the one asked for, so the
        last one seen is asked for; a server that answers with that one again is exact, and is
        asked for the next from then on."""
        session = self._session
        self._asked_from = session.events.last + 1 if self._exact else session.events.last
        self._started_at = now
        length = infra.get_notifications(
            self._exchange.encoder, session.identity, session.subscription_id, self._asked_from, True
        )
        self._start(now, _HOLD, length, session.events, _HOLD_MS)

    def _look_after(self, now):
        session = self._session
        job = session.job
        device = session.device
        if job.id != self._job:
            self._job = job.id
            self._reported_state = self._reported_pages = 0
            self._asked_at = self._reported_at = now
        state = JOB_STOPPED if device.state == STOPPED else JOB_PROCESSING
        if not job.outcome and (
            state != self._reported_state
            or device.pipe.pages != self._reported_pages
            or ticks.diff(now, self._reported_at) >= _PROGRESS_MS
        ):
            self._report_job(now, state)
        elif session.reported != device.version:
            session.reported = device.version
            length = description.update_state(
                self._exchange.encoder, session.identity, device.state, device.reasons, device.message()
            )
            self._start(now, _PRINTER, length, self._plain)
        elif not job.outcome and ticks.diff(now, self._asked_at) >= _ASK_MS:
            self._asked_at = now
            self._start(
                now, _ASK, infra.get_job_state(self._exchange.encoder, session.identity, job.id), self._info
            )

    def _report_job(self, now, state):
        session = self._session
        job = session.job
        device = session.device
        pipe = device.pipe
        if state != self._reported_state:
            if self._reported_state:
                session.log.event(
                    "job",
                    state="stopped" if state == JOB_STOPPED else "printing",
                    reasons=[r.decode() for r in device.reasons],
                    **{"job-id": job.id}
                )  # fmt: skip
        self._reported_state = state
        self._reported_pages = pipe.pages
        self._reported_at = now
        length = infra.update_job_status(
            self._exchange.encoder,
            session.identity,
            job.id,
            state,
            (b"printer-stopped" if state == JOB_STOPPED else b"job-printing",),
            device.message(),
            job.impressions + pipe.pages,
            (job.octets + pipe.octets + 1023) >> 10,
        )
        self._start(now, _JOB, length, self._plain)

    def _start(self, now, doing, length, sink, wait_ms=0):
        self._doing = doing
        request_id = self._session.identity.request_id
        if wait_ms:
            self._exchange.start(now, length, request_id, sink, wait_ms)
        else:
            self._exchange.start(now, length, request_id, sink)

    def _take(self, now, status):
        doing = self._doing
        self._doing = _NONE
        self._backoff.succeeded()
        session = self._session
        session.work = (session.work + 1) & 0xFFFF
        if doing == _HOLD:
            self._take_events(now, status)
        elif doing == _ASK:
            # A job that the service no longer has is as good as cancelled: nobody waits for it.
            if status >= SUCCESS_END or not self._info.found or self._info.canceled:
                if session.job.id == self._job and not session.job.outcome:
                    session.job.cancel = True
        # A report that is refused is not repeated: the end of the job is what counts.

    def _take_events(self, now, status):
        session = self._session
        events = session.events
        if status >= SUCCESS_END or status == EVENTS_COMPLETE:
            session.unsubscribed()  # quirk: after a restart of the server the id is unknown (0406)
            return
        self._pause = not events.lowest and ticks.diff(now, self._started_at) < _QUICK_MS
        if not self._exact and events.lowest and events.lowest == self._asked_from:
            self._exact = True
            if events.last == self._asked_from:
                return  # only the event that was known already
        if events.identify:
            session.identify = True
        session.wake = True
