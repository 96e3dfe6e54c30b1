"""Report-Print-Job: what the service believes about a job, and how it ended."""

from fetchprint.errors import PeerError
from fetchprint.proxy import ending
from fetchprint.proxy.mobile import states
from fetchprint.service import mobile
from fetchprint.service.replies import JOB_CANCELED, JOB_PENDING
from fetchprint.service.status import (
    NOT_AUTHENTICATED,
    NOT_AUTHORIZED,
    NOT_FOUND,
    NOT_POSSIBLE,
    SERVER_ERRORS,
)


def report(enc, session, state, reasons, message, impressions, octets):
    """Encode Report-Print-Job for the job in hand; its length."""
    return mobile.report_print_job(
        enc,
        session.identity,
        session.job.urn,
        state,
        reasons,
        message,
        impressions,
        (octets + 1023) >> 10,
    )


def send_ask(c, now):
    """Pending: nothing has been printed. Changes nothing, but the answer tells whose the job is."""
    session = c.session
    job = session.job
    c.asked_at = now
    c.send(
        now,
        report(c.exchange.encoder, session, JOB_PENDING, (), b"", job.impressions, job.octets),
        c.report,
    )


def take_ask(c, now, status):
    if over(c, status):
        ending.forget(c, "the service says that the job is not this printer's, or is over")
        return
    c.expect(status, "Report-Print-Job")
    if not c.report.found:
        raise PeerError("Report-Print-Job: no job in the answer")
    c.accepted = c.report.accepted
    if c.report.canceled:
        canceled(c)
    else:
        c.go(states.IDLE)  # from where it is fetched again as soon as the engine is free


def over(c, status):
    """Whether the answer about a job says that nothing can be done for it any more."""
    return status == NOT_POSSIBLE or status == NOT_FOUND or c.report.state >= JOB_CANCELED


def canceled(c):
    """The job was cancelled before anything of it was printed."""
    c.session.job.end(JOB_CANCELED, b"job-canceled-by-user", "Canceled at the service.")
    ending.ended(c)


def send_end(c, now):
    session = c.session
    job = session.job
    if job.over:
        ending.close(c)  # it heard the end from the service
        return
    c.send(
        now,
        report(
            c.exchange.encoder, session, job.outcome, (job.reason,), job.text, job.impressions, job.octets
        ),
        c.report,
    )


def take_end(c, now, status):
    if status >= SERVER_ERRORS or status == NOT_AUTHENTICATED or status == NOT_AUTHORIZED:
        c.expect(status, "Report-Print-Job")
    ending.close(c)
