"""Documents, from Fetch-Document through the engine to Acknowledge-Document."""

from fetchprint import ticks
from fetchprint.document.errors import DocumentError
from fetchprint.engine.base import EngineError
from fetchprint.port.native import micropython
from fetchprint.proxy import ending, journal, states
from fetchprint.service import infra
from fetchprint.service.replies import JOB_ABORTED, JOB_CANCELED, JOB_COMPLETED
from fetchprint.service.status import (
    COMPRESSION_NOT_SUPPORTED,
    FORMAT_ERROR,
    FORMAT_NOT_SUPPORTED,
    NOT_FETCHABLE,
    NOT_FOUND,
    NOT_POSSIBLE,
    SUCCESS_END,
)

const = micropython.const

_MAX_TRIES = const(5)  # times a document that moved no paper is fetched after a broken connection
_PROGRESS_MS = const(1000)  # between two lines in the log while a document streams


def send_fetch_document(c, now):
    session = c.session
    session.device.owner = session
    c.send(
        now,
        infra.fetch_document(
            c.exchange.encoder,
            session.identity,
            session.job.id,
            session.job.number,
            session.device.engine.formats,
        ),
        c.document,
        True,
    )


def take_fetch_document(c, now, status):
    session = c.session
    job = session.job
    if status >= SUCCESS_END:
        # Quirk format-is-not-fetchable: ippserver answers 0420 when it cannot convert the document.
        if status in (FORMAT_NOT_SUPPORTED, COMPRESSION_NOT_SUPPORTED, FORMAT_ERROR, NOT_FETCHABLE):
            _refuse(
                c,
                "The service has document %d in no format that this printer takes (status 0x%04x)."
                % (job.number, status)
            )
        elif status == NOT_FOUND or status == NOT_POSSIBLE:
            ending.forget(c, "Fetch-Document: status 0x%04x" % status)
        else:
            c.expect(status, "Fetch-Document")
        return
    if c.document.compressed:
        c.exchange.abandon()
        _refuse(c, "The document came compressed, which was not accepted.")
        return
    mime = c.document.format() or b"application/octet-stream"
    try:
        session.device.pipe.start(c.exchange.connection, mime)
    except DocumentError as error:
        c.exchange.abandon()
        _refuse(c, str(error))
        return
    job.phase = journal.STREAMING
    session.journal.write(journal.STREAMING, job)
    if not job.on_engine:
        job.on_engine = True
        session.log.event("engine-begin", **{"job-id": job.id})
    c.job_event("printing")
    c.progress_at = now
    c.progress_pages = 0
    c.go(states.STREAM)


def stream(c, now):
    session = c.session
    job = session.job
    if job.cancel:
        job.end(JOB_CANCELED, b"job-canceled-by-user", "Canceled at the service.")
        c.exchange.abandon()
        c.go(states.STOP)
        return
    pipe = session.device.pipe
    try:
        done = pipe.poll(now)
    except DocumentError as error:
        job.refusal = FORMAT_ERROR
        job.end(JOB_ABORTED, b"document-format-error", str(error))
        c.exchange.abandon()
        c.go(states.STOP)
        return
    except EngineError as error:
        job.end(JOB_ABORTED, b"aborted-by-system", str(error))
        c.exchange.abandon()
        c.go(states.STOP)
        return
    if done:
        c.exchange.finish()
        _count(c)
        if job.number == job.documents:
            job.end(JOB_COMPLETED, b"job-completed-successfully")
            ending.ended(c)
        c.go(states.ACK_DOCUMENT)
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
        if job.refusal:
            c.go(states.ACK_DOCUMENT)
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


def _count(c):
    job = c.session.job
    pipe = c.session.device.pipe
    job.impressions += pipe.pages
    job.octets += pipe.octets


def _refuse(c, message):
    """The document in hand cannot be printed; nothing of it has reached the engine."""
    job = c.session.job
    job.refusal = FORMAT_ERROR
    job.end(JOB_ABORTED, b"document-format-error", message)
    ending.ended(c)
    c.go(states.ACK_DOCUMENT)


def send_ack_document(c, now):
    session = c.session
    job = session.job
    c.send(
        now,
        infra.acknowledge_document(
            c.exchange.encoder,
            session.identity,
            job.id,
            job.number,
            job.refusal,
            job.text if job.refusal else b"",
        ),
        c.plain,
    )


def take_ack_document(c, now, status):
    # 0404 here means that it is acknowledged already; any other refusal changes nothing on paper.
    c.go(states.DOCUMENT_STATUS)


def send_document_status(c, now):
    session = c.session
    job = session.job
    last = job.outcome or JOB_COMPLETED
    c.send(
        now,
        infra.update_document_status(
            c.exchange.encoder,
            session.identity,
            job.id,
            job.number,
            last,
            (job.reason,) if job.outcome and job.outcome != JOB_COMPLETED else (),
            session.device.pipe.pages,
            (session.device.pipe.octets + 1023) >> 10,
        ),
        c.plain,
    )


def take_document_status(c, now, status):
    job = c.session.job
    if job.outcome:
        c.go(states.JOB_STATUS)
    else:
        job.number += 1
        c.go(states.FETCH_DOCUMENT)
