"""The control connection: start-up, jobs and documents, as a table of states.

    DOWN -> REGISTER -> ACTIVE -> SUBSCRIBE -> LIST -> IDLE
    IDLE -> LIST -> FETCH_JOB -> ACK_JOB -> FETCH_DOCUMENT -> STREAM -> ACK_DOCUMENT
         -> DOCUMENT_STATUS -> (FETCH_DOCUMENT | JOB_STATUS) -> (READ_BACK) -> LIST
    ACK_JOB -> ASK_OWNER   when it is unclear whose the job is
    STREAM -> STOP         cancelled, bad document, or the connection broke
    any -> DOWN            on a failure; the job in hand is taken up again after ACTIVE

Each state with a request has two methods: one encodes and sends, one takes the reply's
status code. A failure of the service is a PeerError; it is caught in one place.
"""

from fetchprint import ticks
from fetchprint.document.errors import FORMAT_ERROR, DocumentError
from fetchprint.engine.base import EngineError
from fetchprint.errors import PeerError
from fetchprint.port.native import micropython
from fetchprint.proxy import job as jobs
from fetchprint.proxy import journal
from fetchprint.proxy.backoff import Backoff
from fetchprint.proxy.exchange import SUCCESS_END
from fetchprint.service import infra
from fetchprint.service.replies import (
    JOB_ABORTED,
    JOB_CANCELED,
    JOB_COMPLETED,
    JOB_PROCESSING,
    ActiveJobs,
    DocumentInfo,
    FetchableJobs,
    JobInfo,
    Reply,
)

const = micropython.const

_DOWN = const(0)
_REGISTER = const(1)
_ACTIVE = const(2)
_SUBSCRIBE = const(3)
_RENEW = const(4)
_LIST = const(5)
_FETCH_JOB = const(6)
_ACK_JOB = const(7)
_ASK_OWNER = const(8)
_FETCH_DOCUMENT = const(9)
_ACK_DOCUMENT = const(10)
_DOCUMENT_STATUS = const(11)
_JOB_STATUS = const(12)
_READ_BACK = const(13)
_IDENTIFY = const(14)
_REPORT = const(15)
_DEREGISTER = const(16)
_IDLE = const(17)
_STREAM = const(18)
_STOP = const(19)
_STOPPED = const(20)

_BAD_REQUEST = const(0x0400)
_NOT_POSSIBLE = const(0x0404)
_NOT_FOUND = const(0x0406)
_NOT_FETCHABLE = const(0x0420)
_FORMAT_NOT_SUPPORTED = const(0x040A)
_COMPRESSION_NOT_SUPPORTED = const(0x040F)

_PROGRESS_MS = const(1000)  # between two lines in the log while a document streams
_MAX_TRIES = const(5)  # times a document that moved no paper is fetched after a broken connection
_SKIP = const(16)  # jobs passed over until the next connection, because the service offers them in vain


class Control:
    """``poll`` it every turn; the Session holds what it shares with the watch."""

    def __init__(self, session, exchange, random):
        self._session = session
        self._exchange = exchange
        self._backoff = Backoff(random)
        self._state = _DOWN
        self._sent = False
        self._skip = [0] * _SKIP
        self._skip_at = 0
        self._progress_at = 0
        self._progress_pages = 0
        self._broken = None  # why the document's connection broke, while the engine is being stopped
        self._plain = Reply()
        self._active = ActiveJobs()
        self._fetchable = FetchableJobs(self._skip)
        self._info = JobInfo()
        self._document = DocumentInfo()

    @property
    def idle(self) -> bool:
        """Connected, with nothing to do."""
        return self._state == _IDLE

    @property
    def streaming(self) -> bool:
        """A document is on its way to the engine, or is being stopped."""
        return self._state == _STREAM or self._state == _STOP

    @property
    def down(self) -> bool:
        """Waiting before the next attempt to connect."""
        return self._state == _DOWN

    @property
    def stopped(self) -> bool:
        """Deregistered, or never registered."""
        return self._state == _STOPPED

    def poll(self, now: int):
        """One turn; never raises PeerError."""
        try:
            self._turn(now)
        except PeerError as error:
            self.failed(now, error)

    def _turn(self, now):
        state = self._state
        if state == _STREAM:
            self._stream(now)
        elif state == _IDLE:
            self._choose(now)
        elif state == _STOP:
            self._stop_engine(now)
        elif state == _DOWN:
            if self._session.stopping and not self._session.job.on_engine:
                self._state = _STOPPED
            elif self._backoff.ready(now):
                self._event("connecting", "")
                self._go(_REGISTER)
        elif state != _STOPPED:
            step = _STEPS[state]
            if not self._sent:
                self._sent = True
                step[0](self, now)
            status = self._exchange.poll(now)
            if status is not None:
                step[1](self, now, status)

    def _go(self, state):
        self._state = state
        self._sent = False

    def failed(self, now, error):
        """The service cannot be reached, or answers nonsense: stay away for a while. A document
        that was streaming is stopped first, if paper may have moved."""
        session = self._session
        self._exchange.abandon()
        session.watch.release()
        ms = self._backoff.failed(now, getattr(error, "retry_after", 0))
        self._event("lost", "%s; next attempt in %.1f s" % (error, ms / 1000))
        if self.streaming and self._broken is None:
            self._broken = str(error)
            self._go(_STOP)
        else:
            if self._state == _FETCH_DOCUMENT:
                self._give_up_after_tries(str(error))
            self._off_engine()
            self._go(_DOWN)
        for i in range(_SKIP):
            self._skip[i] = 0
        session.reported = -1

    # -- start-up --

    def _send_register(self, now):
        session = self._session
        device = session.device
        session.reported = device.version
        self._start(
            now,
            infra.update_device(
                self._exchange.encoder,
                session.identity,
                device.engine,
                session.name,
                device.state,
                device.reasons,
                device.message(),
            ),
            self._plain,
        )

    def _take_register(self, now, status):
        self._expect(status, "Update-Output-Device-Attributes")
        self._event("registered", "")
        self._go(_ACTIVE)

    def _send_active(self, now):
        """What the device believes; without a job, whether the service believes otherwise."""
        job = self._session.job
        self._active.asked = job.id
        ids = (job.id,) if job.phase else ()
        states = (job.outcome or JOB_PROCESSING,) if job.phase else ()
        self._start(
            now,
            infra.update_active_jobs(self._exchange.encoder, self._session.identity, ids, states),
            self._active,
        )

    def _take_active(self, now, status):
        job = self._session.job
        # Quirk empty-list-refused: ippserver answers 0400 to an Update-Active-Jobs without job-ids.
        if not (status == _BAD_REQUEST and not job.phase):
            self._expect(status, "Update-Active-Jobs")
        self._go(_RENEW if self._session.subscription_id else _SUBSCRIBE)

    def _send_subscribe(self, now):
        self._start(
            now,
            infra.create_subscription(self._exchange.encoder, self._session.identity),
            self._session.subscription,
        )

    def _take_subscribe(self, now, status):
        session = self._session
        self._expect(status, "Create-Printer-Subscriptions")
        if not session.subscription.id:
            raise PeerError("Create-Printer-Subscriptions: no notify-subscription-id in the reply")
        session.subscribed(now, session.subscription.id, session.subscription.lease)
        self._started()

    def _send_renew(self, now):
        session = self._session
        self._start(
            now,
            infra.renew_subscription(self._exchange.encoder, session.identity, session.subscription_id),
            session.subscription,
        )

    def _take_renew(self, now, status):
        session = self._session
        if status >= SUCCESS_END:  # forgotten, or never renewable: a new one does as well
            session.unsubscribed()
            self._go(_SUBSCRIBE)
            return
        session.subscribed(now, 0, session.subscription.lease)
        self._started()

    def _started(self):
        """Connected and subscribed. A job from before the failure or the restart comes first."""
        session = self._session
        self._backoff.succeeded()
        self._event("waiting", "")
        job = session.job
        if not job.phase:
            self._go(_LIST)
            return
        if job.phase == journal.STREAMING:
            job.end(
                JOB_ABORTED, b"aborted-by-system", "The printer restarted while printing; paper may have moved."
            )
            self._ended()
        if self._active.disowned:
            if job.phase == journal.ENDED:  # nobody is left to tell: the service has forgotten the job
                self._close()
            else:
                self._forget("the service says that the job is not this printer's")
        elif job.phase == journal.ENDED:
            self._go(_JOB_STATUS)
        else:
            self._go(_FETCH_DOCUMENT)

    # -- waiting and choosing --

    def _choose(self, now):
        session = self._session
        if session.stopping:
            self._go(_DEREGISTER)
        elif not session.subscription_id:
            self._go(_SUBSCRIBE)
        elif session.identify:
            self._go(_IDENTIFY)
        elif session.reported != session.device.version:
            self._go(_REPORT)
        elif session.wake and self._may_print():
            self._go(_LIST)
        elif session.renewal_due(now):
            self._go(_RENEW)

    def _may_print(self):
        """No job is claimed that could not be printed now: it stays with the service, for others too."""
        device = self._session.device
        return device.usable and device.owner is None

    def _send_list(self, now):
        self._session.wake = False
        self._start(now, infra.get_jobs(self._exchange.encoder, self._session.identity), self._fetchable)

    def _take_list(self, now, status):
        self._expect(status, "Get-Jobs")
        if not self._fetchable.job_id or self._session.stopping:
            self._go(_IDLE)
        elif self._may_print():
            self._go(_FETCH_JOB)
        else:
            self._session.wake = True  # once the engine is usable
            self._go(_IDLE)

    def _send_fetch_job(self, now):
        self._start(
            now,
            infra.fetch_job(self._exchange.encoder, self._session.identity, self._fetchable.job_id),
            self._info,
        )

    def _take_fetch_job(self, now, status):
        session = self._session
        info = self._info
        job_id = self._fetchable.job_id
        if status == _NOT_FOUND or (status < SUCCESS_END and not info.found):
            raise PeerError("Fetch-Job: the service does not know this device any more")
        if status >= SUCCESS_END or info.canceled or info.completed or info.state >= JOB_CANCELED:
            self._pass_over(job_id)
            self._go(_LIST)
            return
        session.job.begin(job_id, bytes(info.uuid[: info.uuid_length]).decode(), info.documents)
        known = session.journal.outcome_of(session.job.uuid) if info.uuid_length else 0
        if known:  # offered again after its end: the end is told again, the paper stays where it is
            session.job.end(known, b"none", "This job has ended here before.")
            session.job.phase = journal.ENDED
            self._go(_JOB_STATUS)
            return
        session.journal.write(journal.CLAIMING, session.job)
        self._job_event("fetching")
        self._go(_ACK_JOB)

    def _send_ack_job(self, now):
        session = self._session
        self._start(
            now, infra.acknowledge_job(self._exchange.encoder, session.identity, session.job.id), self._plain
        )

    def _take_ack_job(self, now, status):
        if status < SUCCESS_END:
            self._go(_FETCH_DOCUMENT)
        elif status == _NOT_FETCHABLE or status == _NOT_POSSIBLE:
            self._go(_ASK_OWNER)  # perhaps an earlier acknowledgement of ours was the one that counted
        else:
            self._forget("Acknowledge-Job: status 0x%04x" % status)

    def _send_ask_owner(self, now):
        self._send_active(now)

    def _take_ask_owner(self, now, status):
        self._expect(status, "Update-Active-Jobs")
        if self._active.disowned:
            self._forget("another device has the job")
        else:
            self._go(_FETCH_DOCUMENT)

    # -- documents --

    def _send_fetch_document(self, now):
        session = self._session
        session.device.owner = session
        self._start(
            now,
            infra.fetch_document(
                self._exchange.encoder,
                session.identity,
                session.job.id,
                session.job.number,
                session.device.engine.formats,
            ),
            self._document,
            True,
        )

    def _take_fetch_document(self, now, status):
        session = self._session
        job = session.job
        if status >= SUCCESS_END:
            # Quirk format-is-not-fetchable: ippserver answers 0420 when it cannot convert the document.
            if status in (_FORMAT_NOT_SUPPORTED, _COMPRESSION_NOT_SUPPORTED, FORMAT_ERROR, _NOT_FETCHABLE):
                self._refuse(
                    "The service has document %d in no format that this printer takes (status 0x%04x)."
                    % (job.number, status)
                )
            elif status == _NOT_FOUND or status == _NOT_POSSIBLE:
                self._forget("Fetch-Document: status 0x%04x" % status)
            else:
                self._expect(status, "Fetch-Document")
            return
        if self._document.compressed:
            self._exchange.abandon()
            self._refuse("The document came compressed, which was not accepted.")
            return
        mime = self._document.format() or b"application/octet-stream"
        try:
            session.device.pipe.start(self._exchange.connection, mime)
        except DocumentError as error:
            self._exchange.abandon()
            self._refuse(str(error))
            return
        job.phase = journal.STREAMING
        session.journal.write(journal.STREAMING, job)
        if not job.on_engine:
            job.on_engine = True
            session.log.event("engine-begin", **{"job-id": job.id})
        self._job_event("printing")
        self._progress_at = now
        self._progress_pages = 0
        self._go(_STREAM)

    def _stream(self, now):
        session = self._session
        job = session.job
        if job.cancel:
            job.end(JOB_CANCELED, b"job-canceled-by-user", "Canceled at the service.")
            self._exchange.abandon()
            self._go(_STOP)
            return
        pipe = session.device.pipe
        try:
            done = pipe.poll(now)
        except DocumentError as error:
            job.refusal = FORMAT_ERROR
            job.end(JOB_ABORTED, b"document-format-error", str(error))
            self._exchange.abandon()
            self._go(_STOP)
            return
        except EngineError as error:
            job.end(JOB_ABORTED, b"aborted-by-system", str(error))
            self._exchange.abandon()
            self._go(_STOP)
            return
        if done:
            self._exchange.finish()
            self._count()
            if job.number == job.documents:
                job.end(JOB_COMPLETED, b"job-completed-successfully")
                self._ended()
            self._go(_ACK_DOCUMENT)
        elif pipe.pages != self._progress_pages or ticks.diff(now, self._progress_at) >= _PROGRESS_MS:
            self._progress_pages = pipe.pages
            self._progress_at = now
            session.log.event(
                "progress", pages=job.impressions + pipe.pages, octets=job.octets + pipe.octets, **{"job-id": job.id}
            )

    def _stop_engine(self, now):
        session = self._session
        job = session.job
        pipe = session.device.pipe
        try:
            if pipe.cancel() is None:
                return
        except EngineError as error:
            session.log.event("error", message=str(error))
        self._count()
        broken = self._broken
        self._broken = None
        if broken is None:
            self._ended()
            if job.refusal:
                self._go(_ACK_DOCUMENT)
            return
        # The connection broke in mid-document.
        if session.device.engine.moved or job.number > 1:
            job.end(JOB_ABORTED, b"aborted-by-system", "Connection lost while printing: " + broken)
            self._ended()
        else:
            self._give_up_after_tries(broken)
            if not job.outcome:
                job.phase = journal.CLAIMING
                session.journal.write(journal.CLAIMING, job)
                self._off_engine()
        self._go(_DOWN)

    def _give_up_after_tries(self, why):
        """A document that moved no paper is fetched again, but not for ever."""
        job = self._session.job
        job.tries += 1
        if job.tries == _MAX_TRIES:
            job.end(JOB_ABORTED, b"document-access-error", "Document not received in %d attempts: %s" % (job.tries, why))
            self._ended()

    def _count(self):
        job = self._session.job
        pipe = self._session.device.pipe
        job.impressions += pipe.pages
        job.octets += pipe.octets

    def _refuse(self, message):
        """The document in hand cannot be printed; nothing of it has reached the engine."""
        job = self._session.job
        job.refusal = FORMAT_ERROR
        job.end(JOB_ABORTED, b"document-format-error", message)
        self._ended()
        self._go(_ACK_DOCUMENT)

    def _ended(self):
        """The job's end is certain: from here on only the report is owed."""
        session = self._session
        session.job.phase = journal.ENDED
        session.journal.write(journal.ENDED, session.job)
        self._off_engine()
        self._job_event(jobs.STATE_NAMES[session.job.outcome])
        self._go(_JOB_STATUS)

    def _off_engine(self):
        session = self._session
        session.device.owner = None
        if session.job.on_engine:
            session.job.on_engine = False
            session.log.event("engine-end", **{"job-id": session.job.id})

    def _send_ack_document(self, now):
        session = self._session
        job = session.job
        self._start(
            now,
            infra.acknowledge_document(
                self._exchange.encoder,
                session.identity,
                job.id,
                job.number,
                job.refusal,
                _shortened(job.message) if job.refusal else b"",
            ),
            self._plain,
        )

    def _take_any_document(self, now, status):
        # 0404 here means that it is acknowledged already; any other refusal changes nothing on paper.
        self._go(_DOCUMENT_STATUS)

    def _send_document_status(self, now):
        session = self._session
        job = session.job
        last = job.outcome or JOB_COMPLETED
        self._start(
            now,
            infra.update_document_status(
                self._exchange.encoder,
                session.identity,
                job.id,
                job.number,
                last,
                (job.reason,) if job.outcome and job.outcome != JOB_COMPLETED else (),
                session.device.pipe.pages,
                (session.device.pipe.octets + 1023) >> 10,
            ),
            self._plain,
        )

    def _take_document_status(self, now, status):
        job = self._session.job
        if job.outcome:
            self._go(_JOB_STATUS)
        else:
            job.number += 1
            self._go(_FETCH_DOCUMENT)

    # -- the end of a job --

    def _send_job_status(self, now):
        session = self._session
        job = session.job
        self._start(
            now,
            infra.update_job_status(
                self._exchange.encoder,
                session.identity,
                job.id,
                job.outcome,
                (job.reason,),
                _shortened(job.message),
                job.impressions,
                job.k_octets,
            ),
            self._plain,
        )

    def _take_job_status(self, now, status):
        if status >= SUCCESS_END and status not in (_NOT_FOUND, _NOT_POSSIBLE, _NOT_FETCHABLE):
            self._expect(status, "Update-Job-Status")
        if status < SUCCESS_END and self._session.job.outcome == JOB_CANCELED:
            self._go(_READ_BACK)
        else:  # accepted, or ended already as far as the service is concerned
            self._close()

    def _send_read_back(self, now):
        session = self._session
        self._start(now, infra.get_job_state(self._exchange.encoder, session.identity, session.job.id), self._info)

    def _take_read_back(self, now, status):
        # Quirk canceled-not-applied: PAPPL accepts 7 from the device and stays where it was; 8 it takes.
        job = self._session.job
        if status < SUCCESS_END and self._info.found and self._info.state < JOB_CANCELED:
            job.outcome = JOB_ABORTED
            self._go(_JOB_STATUS)
        else:
            self._close()

    def _close(self):
        session = self._session
        job = session.job
        session.journal.close(job)
        session.log.event(
            "job-end",
            state=jobs.STATE_NAMES[job.outcome],
            reasons=[job.reason.decode()],
            message=job.message,
            pages=job.impressions,
            octets=job.octets,
            **{"job-id": job.id}
        )  # fmt: skip
        self._pass_over(job.id)
        job.clear()
        session.ended += 1
        session.wake = True
        self._go(_LIST if not session.stopping and self._may_print() else _IDLE)

    def _forget(self, message):
        """The job in hand is not ours."""
        session = self._session
        job = session.job
        self._off_engine()
        session.log.event("error", message="job %d: %s" % (job.id, message))
        job.outcome = 0
        session.journal.close(job)
        self._pass_over(job.id)
        job.clear()
        session.wake = True
        self._go(_IDLE)

    def _pass_over(self, job_id):
        self._skip[self._skip_at] = job_id
        self._skip_at = (self._skip_at + 1) % _SKIP

    # -- small requests while waiting --

    def _send_identify(self, now):
        self._session.identify = False
        self._start(now, infra.acknowledge_identify(self._exchange.encoder, self._session.identity), self._plain)

    def _take_identify(self, now, status):
        # 0404: none is pending any more.
        if status < SUCCESS_END:
            self._session.device.engine.identify()
            self._session.log.event("identify")
        self._go(_IDLE)

    def _send_report(self, now):
        session = self._session
        device = session.device
        session.reported = device.version
        self._start(
            now,
            infra.update_state(
                self._exchange.encoder, session.identity, device.state, device.reasons, device.message()
            ),
            self._plain,
        )

    def _take_report(self, now, status):
        self._expect(status, "Update-Output-Device-Attributes")
        self._go(_IDLE)

    def _send_deregister(self, now):
        self._session.watch.release()
        self._start(now, infra.deregister(self._exchange.encoder, self._session.identity), self._plain)

    def _take_deregister(self, now, status):
        self._exchange.abandon()
        self._go(_STOPPED)

    # -- helpers --

    def _start(self, now, length, sink, data=False):
        self._exchange.start(now, length, self._session.identity.request_id, sink, data=data)

    def _expect(self, status, operation):
        if status >= SUCCESS_END:
            hint = " (no such print queue, or the service forgot this device)" if status == _NOT_FOUND else ""
            raise PeerError("%s: status 0x%04x%s" % (operation, status, hint))

    def _event(self, state, message):
        self._session.log.event("service", state=state, service=self._session.uri, message=message)

    def _job_event(self, state):
        job = self._session.job
        self._session.log.event(
            "job", state=state, reasons=[job.reason.decode()], message=job.message, **{"job-id": job.id}
        )


def _shortened(message):
    """As text for an attribute; far below the 1023 octets of RFC 8011 5.1.2 so that tx stays small."""
    return message.encode()[:200]


# (send, take) of each state that has a request, by number.
_STEPS = (
    None,
    (Control._send_register, Control._take_register),
    (Control._send_active, Control._take_active),
    (Control._send_subscribe, Control._take_subscribe),
    (Control._send_renew, Control._take_renew),
    (Control._send_list, Control._take_list),
    (Control._send_fetch_job, Control._take_fetch_job),
    (Control._send_ack_job, Control._take_ack_job),
    (Control._send_ask_owner, Control._take_ask_owner),
    (Control._send_fetch_document, Control._take_fetch_document),
    (Control._send_ack_document, Control._take_any_document),
    (Control._send_document_status, Control._take_document_status),
    (Control._send_job_status, Control._take_job_status),
    (Control._send_read_back, Control._take_read_back),
    (Control._send_identify, Control._take_identify),
    (Control._send_report, Control._take_report),
    (Control._send_deregister, Control._take_deregister),
)
