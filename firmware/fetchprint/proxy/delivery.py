"""A document on its way to the engine: begun, streamed, stopped. ``c`` is the Control, here and in the
step modules of each profile."""

from fetchprint import ticks
from fetchprint.document.errors import COMPRESSION_ERROR, TOO_LARGE, DocumentError
from fetchprint.engine.base import EngineError
from fetchprint.errors import PeerError
from fetchprint.port.native import micropython
from fetchprint.proxy import ending, journal, states
from fetchprint.service.replies import JOB_ABORTED, JOB_CANCELED, JOB_COMPLETED

const = micropython.const

_MAX_TRIES = const(5)  # times a document that moved no paper is fetched after a broken connection
_PROGRESS_MS = const(1000)  # between two lines in the log while a document streams


def begin(c, now, source, mime, packed=False):
    """Start the document that ``source`` gives, ``packed`` by gzip or not; the engine is ours already."""
    session = c.session
    job = session.job
    c.source = source
    try:
        session.device.pipe.start(source, mime, packed)
    except DocumentError as error:
        _drop(c)
        refuse(c, error)
        return
    if not session.journal.write(journal.STREAMING, job):
        session.device.pipe.cancel()  # nothing has begun on the engine
        _drop(c)
        raise PeerError("the job journal cannot be written, so nothing is printed")
    job.phase = journal.STREAMING
    if not job.on_engine:
        job.on_engine = True
        session.log.event("engine-begin", **{"job-id": job.id})
    c.job_event("printing")
    c.progress_at = now
    c.progress_pages = 0
    c.go(states.STREAM)


def refuse(c, error):
    """The document in hand cannot be printed, as the DocumentError says; nothing of it has reached the
    engine."""
    _fault(c.session.job, error)
    ending.ended(c)
    c.after_document()


def _fault(job, error):
    job.refusal = error.code
    reason = b"document-format-error"
    if error.code == TOO_LARGE:
        reason = b"aborted-by-system"  # there is no keyword for it
    elif error.code == COMPRESSION_ERROR:
        reason = b"compression-error"
    job.end(JOB_ABORTED, reason, str(error))


def stream(c, now):
    session = c.session
    job = session.job
    if job.cancel:
        job.end(JOB_CANCELED, b"job-canceled-by-user", "Canceled at the service.")
        _stop(c)
        return
    pipe = session.device.pipe
    try:
        done = pipe.poll(now)
    except DocumentError as error:
        _fault(job, error)
        _stop(c)
        return
    except EngineError as error:
        job.end(JOB_ABORTED, b"aborted-by-system", str(error))
        _stop(c)
        return
    except PeerError as error:
        if c.source is c.documents.connection:
            raise  # the service failed, and is told what became of the job when it is back
        if c.source.detail:  # for people here: the service is not to learn about our network
            session.log.event("error", message="document-uri: " + c.source.detail)
        job.end(JOB_ABORTED, b"document-access-error", str(error))
        _stop(c)
        return
    if done:
        if c.source is c.documents.connection:
            c.documents.finish()
        else:
            c.source.close()
        _count(c)
        if job.number == job.documents:
            if job.clipped:
                message = "%d dots at the right lie beyond the print head and were not printed." % job.clipped
                job.end(JOB_COMPLETED, b"job-completed-with-warnings", message)
            else:
                job.end(JOB_COMPLETED, b"job-completed-successfully")
            ending.ended(c)
        c.after_document()
    elif pipe.pages != c.progress_pages or ticks.diff(now, c.progress_at) >= _PROGRESS_MS:
        c.progress_pages = pipe.pages
        c.progress_at = now
        session.log.event(
            "progress",
            pages=job.impressions + pipe.pages,
            octets=job.octets + pipe.octets,
            **{"job-id": job.id}
        )  # fmt: skip


def stop_engine(c, now):
    session = c.session
    job = session.job
    pipe = session.device.pipe
    try:
        if pipe.cancel() is None:
            return
    except EngineError as error:
        session.log.event("error", message=str(error))
    _count(c)
    broken = c.broken
    c.broken = None
    if broken is None:
        ending.ended(c)
        c.after_document()
        return
    # The connection broke in mid-document.
    if session.device.engine.moved or job.number > 1:
        job.end(JOB_ABORTED, b"aborted-by-system", "Connection lost while printing: " + broken)
        ending.ended(c)
    else:
        give_up_after_tries(c, broken)
        if not job.outcome:
            job.phase = journal.CLAIMING
            session.journal.write(journal.CLAIMING, job)
            c.off_engine()
    c.go(states.DOWN)


def give_up_after_tries(c, why):
    """A document that moved no paper is fetched again, but not for ever."""
    job = c.session.job
    job.tries += 1
    if job.tries == _MAX_TRIES:
        message = "Document not received in %d attempts: %s" % (job.tries, why)
        job.end(JOB_ABORTED, b"document-access-error", message)
        ending.ended(c)


def _stop(c):
    _drop(c)
    c.go(states.STOP)


def _drop(c):
    """The rest of the document is not wanted."""
    if c.source is c.documents.connection:
        c.documents.abandon()
    else:
        c.source.close()


def _count(c):
    job = c.session.job
    pipe = c.session.device.pipe
    job.impressions += pipe.pages
    job.octets += pipe.octets
    job.clipped = max(job.clipped, pipe.clipped)
