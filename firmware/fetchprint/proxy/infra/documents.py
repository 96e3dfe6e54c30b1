"""Documents of an Infrastructure Printer: Fetch-Document, Acknowledge-Document, their status."""

from fetchprint.document.errors import COMPRESSION_ERROR, DocumentError
from fetchprint.proxy import delivery, ending
from fetchprint.proxy.infra import states
from fetchprint.service import infra
from fetchprint.service.replies import JOB_COMPLETED
from fetchprint.service.status import (
    COMPRESSION_NOT_SUPPORTED,
    FORMAT_ERROR,
    FORMAT_NOT_SUPPORTED,
    NOT_FETCHABLE,
    NOT_FOUND,
    NOT_POSSIBLE,
    SUCCESS_END,
)


def send_fetch_document(c, now):
    session = c.session
    c.send(
        now,
        infra.fetch_document(
            c.exchange.encoder,
            session.identity,
            session.job.id,
            session.job.number,
            session.device.pipe.formats,
            session.device.pipe.compressions,
        ),
        c.document,
    )


def take_fetch_document(c, now, status):
    if status >= SUCCESS_END:
        # Quirk format-is-not-fetchable: ippserver answers 0420 when it cannot convert the document.
        if status in (FORMAT_NOT_SUPPORTED, COMPRESSION_NOT_SUPPORTED, FORMAT_ERROR, NOT_FETCHABLE):
            delivery.refuse(
                c,
                DocumentError(
                    "The service has document %d in no format that this printer takes (status 0x%04x)."
                    % (c.session.job.number, status)
                ),
            )
        elif status == NOT_FOUND or status == NOT_POSSIBLE:
            ending.forget(c, "Fetch-Document: status 0x%04x" % status)
        else:
            c.expect(status, "Fetch-Document")
    elif c.document.compressed and not (c.document.gzip and b"gzip" in c.session.device.pipe.compressions):
        c.documents.abandon()
        error = DocumentError("The document came compressed, which was not accepted.", -1, COMPRESSION_ERROR)
        delivery.refuse(c, error)
    else:
        mime = c.document.format() or b"application/octet-stream"
        delivery.begin(c, now, c.documents.connection, mime, c.document.gzip)


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
