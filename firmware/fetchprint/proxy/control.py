"""What is done for one service, as a table of states: what every profile has in common.

    DOWN -> START -> IDLE -> a job -> FETCH -> STREAM -> ENDING -> IDLE
    IDLE -> REPORT         printer-state has changed
    STREAM -> STOP         cancelled, bad document, or the connection broke
    IDLE -> LEAVE -> STOPPED   a clean stop
    any -> DOWN            on a failure; the job in hand is taken up again after START

A profile subclasses Control with a table of ``steps``: for each state with a request, from START on,
two functions: ``send_...`` encodes and sends, ``take_...`` gets the reply's status code. A
failure of the service is a PeerError; it is caught in one place.
"""

from fetchprint.errors import PeerError
from fetchprint.proxy import delivery, states
from fetchprint.proxy.backoff import Backoff
from fetchprint.service.status import NOT_FOUND, SUCCESS_END


class Control:
    """``poll`` it every turn; the Session holds what it shares with the watch. The attributes
    without an underscore belong to the step modules.

    ``documents``: the Exchange that documents come by; ``exchange``: that of the requests here.
    """

    steps = ()
    name_window = 48  # octets of the longest attribute name that is asked for
    value_window = 64  # octets of the longest value that is looked at: document-format, job-uuid, keywords
    reference_window = 0  # the same where documents come by reference

    def __init__(self, session, documents, exchange, random):
        self.session = session
        self.documents = documents
        self.exchange = exchange
        self.state = states.DOWN
        self.source = None  # of the document in hand
        self.broken = None  # why the document's connection broke, while the engine is being stopped
        self.progress_at = 0
        self.progress_pages = 0
        self.backoff = Backoff(random)
        self._on = exchange  # where the request under way is
        self._sent = False

    # -- what a profile gives, besides its steps --

    def choose(self, now: int):
        """Connected and idle: what is due next."""

    def after_document(self):
        """A document has been printed or given up; ``go`` where ENDING is not next."""

    def closed(self, known: bool):
        """The job in hand is over and about to be forgotten. ``known``: as in ``ending.close``."""

    def lost(self):
        """Every connection has just been dropped."""

    @property
    def looking(self) -> bool:
        """It is finding out whether the service has a job, or would if it were its turn."""
        return False

    @property
    def holding(self) -> bool:
        """A request is being held by the service until it has something."""
        return False

    # -- what every profile has --

    @property
    def asking(self) -> bool:
        """See ``Turns``."""
        return self.looking or (self.state == states.FETCH and not self._sent)

    @property
    def committed(self) -> bool:
        """See ``Turns``."""
        return self.session.job.on_engine or (self.state == states.FETCH and self._sent)

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
        """Said good-bye, or never connected."""
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
            self.choose(now)
        elif state == states.STOP:
            delivery.stop_engine(self, now)
        elif state == states.DOWN:
            if self.session.stopping and not self.session.job.on_engine:
                self.go(states.STOPPED)
            elif self.backoff.ready(now):
                self.event("connecting", "")
                self.go(states.START)
        elif state != states.STOPPED:
            step = self.steps[state - states.START]
            if not self._sent:
                if self.exchange.busy:
                    return  # with a request of the watch, whose turn it was
                if state == states.ENDING and self.session.journal.waits:
                    return
                if state == states.FETCH and not self.take_engine(now):
                    return
                self._sent = True
                step[0](self, now)
                if self.state != state:
                    return
            status = self._on.poll(now)
            if status is not None:
                step[1](self, now, status)

    def failed(self, now: int, error: PeerError):
        """The service cannot be reached, or answers nonsense: stay away for a while. A document
        that was streaming is stopped first, if paper may have moved."""
        session = self.session
        self.documents.abandon()
        self.exchange.abandon()
        session.watch.release()
        self.lost()
        renewal = session.renewal if getattr(error, "status", 0) == 401 else None
        if renewal is not None and renewal.renew(session):
            self.event("lost", "%s; there are new ones, which are tried now" % error)
        else:
            ms = self.backoff.failed(now, getattr(error, "retry_after", 0))
            self.event("lost", "%s; next attempt in %.1f s" % (error, ms / 1000))
        if self.streaming and self.broken is None:
            self.broken = str(error)
            self.go(states.STOP)
        else:
            if self.state == states.FETCH:
                delivery.give_up_after_tries(self, str(error))
            self.off_engine()
            self.go(states.DOWN)
        session.reported = -1

    # -- for the step modules --

    def go(self, state: int):
        """The state of the next turn."""
        self.state = state
        self._sent = False
        if state == states.IDLE:
            self.off_engine()
        self.session.work = (self.session.work + 1) & 0xFFFF

    def send(self, now: int, length: int, sink, exchange=None):
        """Send what was just encoded, on another than the usual exchange if one is given; see
        ``Exchange.start``."""
        self._on = exchange or self.exchange
        self._on.start(now, length, self.session.identity.request_id, sink)

    def send_long(self, now: int, put, sink):
        """Send what may be longer than the buffer; see ``Exchange.start_long``."""
        self._on = self.exchange
        self._on.start_long(now, self.session.identity, put, sink)

    def expect(self, status: int, operation: str):
        """Raise PeerError unless ``status`` is successful-ok-..."""
        if status >= SUCCESS_END:
            hint = " (no such print queue, or the service forgot this device)" if status == NOT_FOUND else ""
            raise PeerError("%s: status 0x%04x%s" % (operation, status, hint))

    def connected(self):
        """Start-up is complete."""
        self.backoff.succeeded()
        if self.session.renewal is not None:
            self.session.renewal.used = False
        self.event("waiting", "")

    def may_print(self, now: int) -> bool:
        """No job is claimed that could not be printed now: it stays with the service, for others too."""
        device = self.session.device
        return device.usable and device.turns.may_take(self.session, now)

    def take_engine(self, now: int) -> bool:
        """Whether the engine is this session's from now on."""
        device = self.session.device
        if device.owner is not self.session:
            if not device.turns.may_take(self.session, now):
                return False
            device.turns.take(self.session, now)
        return True

    def off_engine(self):
        """The job in hand, if any, has no more to do with the engine."""
        session = self.session
        if session.device.owner is session:
            session.device.owner = None
        if session.job.on_engine:
            session.job.on_engine = False
            session.log.event("engine-end", **{"job-id": session.job.id})

    def make_noticed(self):
        """Somebody looks for the printer."""
        device = self.session.device
        if device.light:
            device.light()
        if device.engine.identify() or device.light:
            self.session.log.event("identify")
        else:
            self.session.log.event("error", message="identify: the engine cannot do that now")

    def event(self, state: str, message: str):
        """A line in the log about the service."""
        self.session.log.event("service", state=state, service=self.session.uri, message=message)

    def job_event(self, state: str):
        """A line in the log about the job in hand."""
        job = self.session.job
        self.session.log.event(
            "job", state=state, reasons=[job.reason.decode()], message=job.message, **{"job-id": job.id}
        )
