"""The end of a job: what the service is told, and what happens when it does not listen."""

from fetchprint.proxy import job as jobs
from fetchprint.proxy import journal, states
from fetchprint.service import infra
from fetchprint.service.replies import JOB_ABORTED, JOB_CANCELED
from fetchprint.service.status import NOT_FETCHABLE, NOT_FOUND, NOT_POSSIBLE, SUCCESS_END


def ended(c):
    """The job's end is certain: from here on only the report is owed."""
    session = c.session
    session.job.phase = journal.ENDED
    session.journal.write(journal.ENDED, session.job)
    c.off_engine()
    c.job_event(jobs.STATE_NAMES[session.job.outcome])
    c.go(states.JOB_STATUS)


def send_job_status(c, now):
    session = c.session
    job = session.job
    c.send(
        now,
        infra.update_job_status(
            c.exchange.encoder,
            session.identity,
            job.id,
            JOB_ABORTED if job.told_canceled else job.outcome,
            (job.reason,),
            job.text,
            job.impressions,
            job.k_octets,
        ),
        c.plain,
    )


def take_job_status(c, now, status):
    if status >= SUCCESS_END and status not in (NOT_FOUND, NOT_POSSIBLE, NOT_FETCHABLE):
        c.expect(status, "Update-Job-Status")
    job = c.session.job
    if status < SUCCESS_END and job.outcome == JOB_CANCELED and not job.told_canceled:
        job.told_canceled = True
        c.go(states.READ_BACK)
    else:  # accepted, or ended already as far as the service is concerned
        close(c)


def send_read_back(c, now):
    session = c.session
    c.send(now, infra.get_job_state(c.exchange.encoder, session.identity, session.job.id), c.info)


def take_read_back(c, now, status):
    # Quirk canceled-not-applied: PAPPL accepts 7 from the device and stays where it was; 8 it takes.
    if status < SUCCESS_END and c.info.found and c.info.state < JOB_CANCELED:
        c.go(states.JOB_STATUS)
    else:
        close(c)


def close(c, known=True):
    """The job is over, and its end was told. ``known``: the service still knows its job-id; when not,
    the next job may have the same."""
    session = c.session
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
    if known:
        c.fetchable.after = job.id
    job.clear()
    session.ended += 1
    session.wake = True
    c.go(states.IDLE)


def forget(c, message, known=True):
    """The job in hand is not ours. ``known`` as in ``close``."""
    session = c.session
    job = session.job
    c.off_engine()
    session.log.event("error", message="job %d: %s" % (job.id, message))
    job.outcome = 0
    session.journal.close(job)
    if known:
        c.fetchable.after = job.id
    job.clear()
    session.wake = True
    c.go(states.IDLE)
