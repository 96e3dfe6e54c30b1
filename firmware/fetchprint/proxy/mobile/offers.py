"""What to do when idle, and with the offer in hand: Accept-Print-Job, Reject-Print-Job, Fetch-Print-Job
once more."""

from fetchprint import ticks
from fetchprint.document.errors import COMPRESSION_ERROR
from fetchprint.errors import PeerError
from fetchprint.port.native import micropython
from fetchprint.proxy import delivery, ending, journal
from fetchprint.proxy.mobile import jobs, states
from fetchprint.service import mobile
from fetchprint.service.mobile_replies import UUID_LENGTH
from fetchprint.service.replies import JOB_ABORTED
from fetchprint.service.status import FORMAT_ERROR, NOT_FOUND, NOT_POSSIBLE, SUCCESS_END

const = micropython.const

_LOOK_MS = const(1000)  # in which the first octets of a document should come
_ASK_MS = const(1000)  # between two questions about a job that waits for the engine
_LEAST_MS = const(100)  # between two reports of printer-state

_MAX_MESSAGE = const(255)  # octets of a status-message

_ACCESS_ERROR = const(0x0412)
_DEVICE_ERROR = const(0x0504)
_NOT_ACCEPTING_JOBS = const(0x0506)
_BUSY = const(0x0507)


def choose(c, now):
    session = c.session
    if c.answered:
        if session.job.phase:
            _consider(c, now)
        else:
            _decide(c, now)
    elif session.stopping:
        c.go(states.LEAVE)
    elif not c.described:
        c.go(states.DESCRIBE)
    elif c.identify:
        c.identify = False
        c.make_noticed()
    elif session.reported != session.device.version and ticks.diff(now, c.reported_at) >= _LEAST_MS:
        c.go(states.REPORT)
    elif session.job.phase:
        if c.may_print(now) and c.take_engine(now):
            c.go(states.FETCH_AGAIN)
        elif ticks.diff(now, c.asked_at) >= _ASK_MS:
            c.go(states.ASK)


def _decide(c, now):
    """The answer of Fetch-Print-Job: an offer, or a job that is in the way."""
    session = c.session
    offer = c.offer
    c.answered = False
    if not offer.announced:
        ending.disown(c, offer.job_id, offer.uuid_text())
        return
    if offer.uuid_length != UUID_LENGTH:
        raise PeerError("Fetch-Print-Job: an offer without a job-uuid")
    job = session.job
    uuid = offer.uuid_text()
    known = session.journal.outcome_of(uuid)
    if known:
        c.documents.abandon()
        job.begin(offer.job_id, uuid, 1)
        ending.again(c, known)
        return
    status = _judge(c)
    if status < SUCCESS_END and (session.stopping or not (c.may_print(now) and c.take_engine(now))):
        device = session.device
        if device.usable and device.owner is None and not session.stopping:
            c.answered = True  # it is another service's turn, which may have nothing
            return
        status = _not_now(c)
    if status >= SUCCESS_END:
        _reject(c, status)
        return
    job.begin(offer.job_id, uuid, 1)
    if not session.journal.write(journal.CLAIMING, job):
        job.clear()
        c.off_engine()
        offer.bad_tag = 0
        offer.message = b"The job journal cannot be written."
        _reject(c, _DEVICE_ERROR)
        return
    c.job_event("fetching")
    _consider(c, now)


def _consider(c, now):
    """The job is claimed: what its document begins with is looked at, if it comes in time."""
    status = _look(c, now)
    c.answered = status is None
    if c.answered:
        return
    if status:
        _disclaim(c, status)
    else:
        c.go(states.ACCEPT)


def _disclaim(c, status):
    """The claimed job, which is not accepted yet, is rejected after all."""
    job = c.session.job
    c.off_engine()
    c.session.journal.close(job)
    job.clear()
    _reject(c, status)


def _judge(c):
    """The status-code for the embedded request."""
    device = c.session.device
    offer = c.offer
    pipe = device.pipe
    reference = device.reference
    gzip = b"gzip" in pipe.compressions
    status = offer.judge(pipe.formats, reference.schemes if reference else (), pipe.most_k, gzip)
    if status < SUCCESS_END and offer.operation == mobile.PRINT_URI:
        try:
            reference.check(_document_uri(offer))
        except PeerError as error:
            offer.bad_tag = 0
            offer.message = str(error).encode()[:_MAX_MESSAGE]
            return _ACCESS_ERROR
    return status


def _look(c, now):
    """The status-code for what the document begins with, 0 where nothing speaks against it; None: it has not
    come yet. Its octets stay where they are."""
    offer = c.offer
    if not offer.data:
        return 0
    source = c.documents.connection
    if source.pos == source.end:
        n = source.fill(now)
        if n is None:
            return None if ticks.diff(now, c.offered_at) < _LOOK_MS else 0
        if n == 0:
            offer.bad_tag = 0
            offer.message = b"The document is empty."
            return FORMAT_ERROR
    sync = c.session.device.pipe.sync(offer.format(), offer.packed)
    for i in range(min(len(sync), source.end - source.pos)):
        if source.buf[source.pos + i] != sync[i]:
            offer.bad_tag = 0
            offer.message = b"No document of that kind begins like that."
            return COMPRESSION_ERROR if offer.packed else FORMAT_ERROR
    return 0


def _document_uri(offer):
    return bytes(offer.document_uri[: offer.uri_length])


def _begin(c, now):
    """The job is ours, and so is the engine: print the document."""
    offer = c.offer
    source = c.documents.connection
    if offer.operation == mobile.PRINT_URI:
        source = c.session.device.reference
        try:
            source.start(now, _document_uri(offer))
        except PeerError as error:
            c.session.job.end(JOB_ABORTED, b"document-access-error", str(error))
            ending.ended(c)
            return
    delivery.begin(c, now, source, offer.format(), offer.packed)


def _not_now(c):
    offer = c.offer
    offer.bad_tag = 0  # not what it is refused for
    if c.session.stopping:
        offer.message = b"The printer is being switched off."
        return _NOT_ACCEPTING_JOBS
    if not c.session.device.usable:
        offer.message = c.session.device.message()
        return _DEVICE_ERROR
    offer.message = b"The printer is at work."
    return _BUSY


def _reject(c, status):
    c.documents.abandon()  # the document is not read
    c.refusal = status
    c.session.log.event(
        "job",
        state="rejected",
        reasons=["0x%04x" % status],
        message=c.offer.message.decode(),
        **{"job-id": c.offer.job_id}
    )  # fmt: skip
    c.go(states.REJECT)


def send_reject(c, now):
    enc = c.exchange.encoder
    length = mobile.reject_print_job(enc, c.session.identity, c.offer, c.refusal, c.offer.message)
    c.send(now, length, c.report)


def take_reject(c, now, status):
    if status == NOT_POSSIBLE:
        c.described = False  # it counts as accepted: the next answer says which job that is
    else:
        c.expect(status, "Reject-Print-Job")
    c.go(states.IDLE)


def send_accept(c, now):
    c.send(now, mobile.accept_print_job(c.exchange.encoder, c.session.identity, c.offer), c.report)


def take_accept(c, now, status):
    if jobs.over(c, status):
        c.documents.abandon()
        ending.forget(c, "Accept-Print-Job: status 0x%04x" % status)
        return
    c.expect(status, "Accept-Print-Job")
    if c.report.canceled:
        c.documents.abandon()
        jobs.canceled(c)
    elif not c.take_engine(now):  # the answer was so slow that others have their turn now
        c.documents.abandon()
        c.accepted = True
        c.go(states.IDLE)
    else:
        _begin(c, now)


def send_fetch_again(c, now):
    session = c.session
    c.offer.clear()
    length = mobile.fetch_print_job(c.documents.encoder, session.identity, 0, session.job.urn)
    c.send(now, length, c.offer, c.documents)


def take_fetch_again(c, now, status):
    job = c.session.job
    offer = c.offer
    if status == NOT_FOUND:
        ending.forget(c, "Fetch-Print-Job: status 0x%04x" % status)
        return
    if status == NOT_POSSIBLE and offer.found:
        job.end(JOB_ABORTED, b"aborted-by-system", "The service does not give the document again.")
        ending.ended(c)
        return
    c.expect(status, "Fetch-Print-Job")
    if not offer.announced or offer.uuid_text() != job.uuid:
        raise PeerError("Fetch-Print-Job: not the job that was asked for")
    status = _judge(c)
    if status >= SUCCESS_END and c.accepted:
        c.documents.abandon()
        job.end(JOB_ABORTED, b"aborted-by-system", offer.message.decode())
        ending.ended(c)
    elif status >= SUCCESS_END:
        _disclaim(c, status)
    elif c.accepted:
        _begin(c, now)
    else:
        c.go(states.ACCEPT)
