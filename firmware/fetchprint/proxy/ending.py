"""The end of a job: what the service is told, and what happens when it does not listen."""

from fetchprint.proxy import job as jobs
from fetchprint.proxy import journal, states
from fetchprint.service.replies import JOB_ABORTED, JOB_CANCELED

# By job-state: what is told when an end is told again, so that the reason is not taken back.
_REASONS = (b"job-canceled-by-user", b"aborted-by-system", b"job-completed-successfully")


def ended(c):
    """The job's end is certain: from here on only the report is owed."""
    session = c.session
    session.job.phase = journal.ENDED
    session.journal.write(journal.ENDED, session.job)
    c.off_engine()
    c.job_event(jobs.STATE_NAMES[session.job.outcome])
    c.go(states.ENDING)


def interrupted(c):
    """After a restart: a job of which paper may have moved is not begun again."""
    job = c.session.job
    if job.phase == journal.STREAMING:
        job.end(
            JOB_ABORTED, b"aborted-by-system", "The printer restarted while printing; paper may have moved."
        )
        ended(c)


def again(c, outcome):
    """The job just begun had ended here before, with ``outcome``: the end is told again, and the paper
    stays where it is."""
    job = c.session.job
    job.end(outcome, _REASONS[outcome - JOB_CANCELED], "This job has ended here before.")
    job.phase = journal.ENDED
    c.go(states.ENDING)


def disown(c, job_id, uuid):
    """The service says that this device has a job of which it knows nothing, or only the end."""
    session = c.session
    job = session.job
    job.begin(job_id, uuid, 1)
    known = session.journal.outcome_of(uuid) if uuid else 0
    if known:
        again(c, known)
    else:
        message = "This printer has no record of the job; paper may have moved."
        job.end(JOB_ABORTED, b"aborted-by-system", message)
        ended(c)


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
    session.ended += 1
    c.closed(known)
    job.clear()
    c.go(states.IDLE)


def forget(c, message, known=True):
    """The job in hand is not ours. ``known`` as in ``close``."""
    session = c.session
    job = session.job
    c.off_engine()
    session.log.event("error", message="job %d: %s" % (job.id, message))
    job.outcome = 0
    session.journal.close(job)
    c.closed(known)
    job.clear()
    c.go(states.IDLE)
