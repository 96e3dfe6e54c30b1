"""The control connection: start-up, jobs and documents, as a table of states.

    DOWN -> REGISTER -> ACTIVE -> SUBSCRIBE -> LIST -> IDLE
    IDLE -> LIST -> FETCH_JOB -> ACK_JOB -> FETCH_DOCUMENT -> STREAM -> ACK_DOCUMENT
         -> DOCUMENT_STATUS -> (FETCH_DOCUMENT | JOB_STATUS) -> (READ_BACK) -> LIST
    IDLE -> UNSUBSCRIBE -> SUBSCRIBE   when the subscription has many events
    ACK_JOB -> ASK_OWNER   when it is unclear whose the job is
    STREAM -> STOP         cancelled, bad document, or the connection broke
    any -> DOWN            on a failure; the job in hand is taken up again after ACTIVE

Each state with a request has two functions in a step module (``startup``, ``waiting``,
``claim``, ``delivery``, ``ending``): ``send_...`` encodes and sends, ``take_...`` gets the
reply's status code. A failure of the service is a PeerError; it is caught in one place.
"""

from fetchprint.errors import PeerError
from fetchprint.proxy import claim, delivery, ending, startup, states, waiting
from fetchprint.proxy.backoff import Backoff
from fetchprint.service.replies import ActiveJobs, DocumentInfo, FetchableJobs, JobInfo, Reply
from fetchprint.service.status import NOT_FOUND, SUCCESS_END


class Control:
    """``poll`` it every turn; the Session holds what it shares with the watch. The attributes
    without an underscore belong to the step modules."""

    def __init__(self, session, exchange, random):
        self.session = session
        self.exchange = exchange
        self.state = states.DOWN
        self.broken = None  # why the document's connection broke, while the engine is being stopped
        self.progress_at = 0
        self.progress_pages = 0
        self.plain = Reply()
        self.active = ActiveJobs()
        self.info = JobInfo()
        self.document = DocumentInfo()
        self.fetchable = FetchableJobs()
        self._backoff = Backoff(random)
        self._sent = False

    @property
    def idle(self) -> bool:
        """Connected, with nothing to do."""
        return self.state == states.IDLE

    @property
    def streaming(self) -> bool:
        """A document is on its way to the engine, or is being stopped."""
        return self.state == states.STREAM or self.state == states.STOP

    @property
    def stopped(self) -> bool:
        """Deregistered, or never registered."""
        return self.state == states.STOPPED

    def poll(self, now: int):
        """One turn; never raises PeerError."""
        try:
            self._turn(now)
        except PeerError as error:
            self.failed(now, error)

    def _turn(self, now):
        state = self.state
        if state == states.STREAM:
            delivery.stream(self, now)
        elif state == states.IDLE:
            waiting.choose(self, now)
        elif state == states.STOP:
            delivery.stop_engine(self, now)
        elif state == states.DOWN:
            if self.session.stopping and not self.session.job.on_engine:
                self.go(states.STOPPED)
            elif self._backoff.ready(now):
                self.event("connecting", "")
                self.go(states.REGISTER)
        elif state != states.STOPPED:
            step = _STEPS[state]
            if not self._sent:
                self._sent = True
                step[0](self, now)
            status = self.exchange.poll(now)
            if status is not None:
                step[1](self, now, status)

    def failed(self, now: int, error: PeerError):
        """The service cannot be reached, or answers nonsense: stay away for a while. A document
        that was streaming is stopped first, if paper may have moved."""
        session = self.session
        self.exchange.abandon()
        session.watch.release()
        ms = self._backoff.failed(now, getattr(error, "retry_after", 0))
        self.event("lost", "%s; next attempt in %.1f s" % (error, ms / 1000))
        if self.streaming and self.broken is None:
            self.broken = str(error)
            self.go(states.STOP)
        else:
            if self.state == states.FETCH_DOCUMENT:
                delivery.give_up_after_tries(self, str(error))
            self.off_engine()
            self.go(states.DOWN)
        self.fetchable.after = 0
        session.reported = -1

    # -- for the step modules --

    def go(self, state: int):
        """The state of the next turn."""
        self.state = state
        self._sent = False
        self.session.work = (self.session.work + 1) & 0xFFFF

    def send(self, now: int, length: int, sink, data: bool = False):
        """Send what was just encoded; see ``Exchange.start``."""
        self.exchange.start(now, length, self.session.identity.request_id, sink, data=data)

    def expect(self, status: int, operation: str):
        """Raise PeerError unless ``status`` is successful-ok-..."""
        if status >= SUCCESS_END:
            hint = " (no such print queue, or the service forgot this device)" if status == NOT_FOUND else ""
            raise PeerError("%s: status 0x%04x%s" % (operation, status, hint))

    def connected(self):
        """Start-up is complete."""
        self._backoff.succeeded()
        self.event("waiting", "")

    def may_print(self) -> bool:
        """No job is claimed that could not be printed now: it stays with the service, for others too."""
        device = self.session.device
        return device.usable and device.owner is None

    def off_engine(self):
        """The job in hand, if any, has no more to do with the engine."""
        session = self.session
        if session.device.owner is session:
            session.device.owner = None
        if session.job.on_engine:
            session.job.on_engine = False
            session.log.event("engine-end", **{"job-id": session.job.id})

    def event(self, state: str, message: str):
        """A line in the log about the service."""
        self.session.log.event("service", state=state, service=self.session.uri, message=message)

    def job_event(self, state: str):
        """A line in the log about the job in hand."""
        job = self.session.job
        self.session.log.event(
            "job", state=state, reasons=[job.reason.decode()], message=job.message, **{"job-id": job.id}
        )


# (send, take) of each state that has a request, by number.
_STEPS = (
    None,
    (startup.send_register, startup.take_register),
    (startup.send_active, startup.take_active),
    (startup.send_subscribe, startup.take_subscribe),
    (startup.send_renew, startup.take_renew),
    (startup.send_unsubscribe, startup.take_unsubscribe),
    (waiting.send_list, waiting.take_list),
    (claim.send_fetch_job, claim.take_fetch_job),
    (claim.send_ack_job, claim.take_ack_job),
    (startup.send_active, claim.take_ask_owner),
    (delivery.send_fetch_document, delivery.take_fetch_document),
    (delivery.send_ack_document, delivery.take_ack_document),
    (delivery.send_document_status, delivery.take_document_status),
    (ending.send_job_status, ending.take_job_status),
    (ending.send_read_back, ending.take_read_back),
    (waiting.send_identify, waiting.take_identify),
    (waiting.send_report, waiting.take_report),
    (startup.send_deregister, startup.take_deregister),
)
