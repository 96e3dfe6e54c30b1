"""The watch connection: events while waiting, and the job's other half while it prints.

While there is nothing to print it holds Get-Notifications. While a document streams on
the control connection it asks Get-Job-Attributes every second (a cancel must stop the
engine within two), and reports progress, stops and printer-state. Asking works the same
with every service and leaves this connection free for reports in between; a held
Get-Notifications would block them for up to half a minute.
"""

from fetchprint import ticks
from fetchprint.port.native import micropython
from fetchprint.proxy import watch
from fetchprint.service import description, infra
from fetchprint.service.replies import JobInfo
from fetchprint.service.status import EVENTS_COMPLETE, SUCCESS_END

const = micropython.const

_ASK = watch.OWN

_ASK_MS = const(1000)  # between two looks at the job being printed
_HOLD_MS = const(90000)  # servers hold Get-Notifications for 30 to 60 s
_QUICK_MS = const(1000)  # an empty answer sooner than this was not held ...
_PAUSE_MS = const(5000)  # ... so such a server is asked at this interval
_LEAST_MS = const(200)  # no server, whatever it answers, is asked for events more often


class Watch(watch.Watch):
    """``poll`` it every turn; the Control holds the subscription."""

    progress_ms = 5000

    def __init__(self, session, exchange, random):
        watch.Watch.__init__(self, session, exchange, random)
        self._exact = False  # see _hold
        self._asked_from = 0
        self._started_at = 0
        self._pause = False
        self._asked_at = 0
        self._info = JobInfo()

    def poll(self, now: int):
        if self.doing == watch.HOLD and self.session.control.streaming:
            self.release()  # this connection is needed for the job
        watch.Watch.poll(self, now)

    def failed(self, now, error):
        control = self.session.control
        if control.idle:
            control.failed(now, error)  # the service is gone for both
        else:
            self.backoff.failed(now, getattr(error, "retry_after", 0))

    def choose(self, now):
        self._started_at = ticks.past(now, self._started_at)
        session = self.session
        control = session.control
        if control.streaming:
            job = session.job
            if job.id != self.job:
                self._asked_at = now
            if not self.look_after(now):
                if not job.outcome and ticks.diff(now, self._asked_at) >= _ASK_MS:
                    self._asked_at = now
                    length = infra.get_job_state(self.exchange.encoder, session.identity, job.id)
                    self.start(now, _ASK, length, self._info)
        elif control.idle and control.subscription_id and not session.stopping:
            if control.wake and control.may_print(now):
                return  # Get-Jobs comes first
            if ticks.diff(now, self._started_at) >= (_PAUSE_MS if self._pause else _LEAST_MS):
                self._hold(now)

    def _hold(self, now):
        """Quirk sequence-off-by-one: ippserver answers from the number after the one asked for, so the
        last one seen is asked for; a server that answers with that one again is exact, and is
        asked for the next from then on."""
        session = self.session
        control = session.control
        self._asked_from = control.events.last + 1 if self._exact else control.events.last
        self._started_at = now
        length = infra.get_notifications(
            self.exchange.encoder, session.identity, control.subscription_id, self._asked_from, True
        )
        self.hold(now, length, control.events, _HOLD_MS)

    def put_printer(self, now):
        device = self.session.device
        length = description.update_state(
            self.exchange.encoder, self.session.identity, device.state, device.reasons, device.message()
        )
        self.start(now, watch.PRINTER, length, self.session.control.plain)

    def put_job(self, now, state, reasons):
        session = self.session
        job = session.job
        pipe = session.device.pipe
        pages = self.durable(job.impressions + pipe.pages)
        length = infra.update_job_status(
            self.exchange.encoder,
            session.identity,
            job.id,
            state,
            reasons,
            session.device.message(),
            pages,
            (job.octets + pipe.octets + 1023) >> 10,
        )
        self.start(now, watch.JOB, length, session.control.plain)

    def take(self, now, doing, status):
        self.backoff.succeeded()
        if doing == watch.HOLD:
            self._take_events(now, status)
        elif doing == _ASK:
            job = self.session.job
            # A job that the service no longer has is as good as cancelled: nobody waits for it.
            if status >= SUCCESS_END or not self._info.found or self._info.canceled:
                if job.id == self.job and not job.outcome:
                    job.cancel = True
        # A report that is refused is not repeated: the end of the job is what counts.

    def _take_events(self, now, status):
        control = self.session.control
        events = control.events
        if status >= SUCCESS_END or status == EVENTS_COMPLETE:
            control.unsubscribed()  # quirk: after a restart of the server the id is unknown (0406)
            return
        self._pause = not events.lowest and ticks.diff(now, self._started_at) < _QUICK_MS
        if not self._exact and events.lowest and events.lowest == self._asked_from:
            self._exact = True
            if events.last == self._asked_from:
                return  # only the event that was known already
        if events.identify:
            control.identify = True
        control.wake = True
