"""How a job ended, as an Infrastructure Printer is told: Update-Job-Status."""

from fetchprint.proxy import ending
from fetchprint.proxy.infra import states
from fetchprint.service import infra
from fetchprint.service.replies import JOB_ABORTED, JOB_CANCELED
from fetchprint.service.status import NOT_FETCHABLE, NOT_FOUND, NOT_POSSIBLE, SUCCESS_END


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
        ending.close(c)


def send_read_back(c, now):
    session = c.session
    c.send(now, infra.get_job_state(c.exchange.encoder, session.identity, session.job.id), c.info)


def take_read_back(c, now, status):
    # Quirk canceled-not-applied: PAPPL accepts 7 from the device and stays where it was; 8 it takes.
    if status < SUCCESS_END and c.info.found and c.info.state < JOB_CANCELED:
        c.go(states.JOB_STATUS)
    else:
        ending.close(c)
