"""From a fetchable job to one that is ours: Fetch-Job and Acknowledge-Job."""

from fetchprint.errors import PeerError
from fetchprint.proxy import ending
from fetchprint.proxy.infra import states
from fetchprint.service import infra
from fetchprint.service.replies import JOB_CANCELED
from fetchprint.service.status import NOT_FETCHABLE, NOT_FOUND, NOT_POSSIBLE, SUCCESS_END


def send_fetch_job(c, now):
    c.send(
        now,
        infra.fetch_job(c.exchange.encoder, c.session.identity, c.fetchable.job_id),
        c.info,
    )


def take_fetch_job(c, now, status):
    session = c.session
    info = c.info
    job_id = c.fetchable.job_id
    if c.state == states.FETCH_JOB and status < SUCCESS_END and info.found and not info.documents:
        c.go(states.ASK_JOB)  # quirk no-number-of-documents, see JobInfo
        return
    if status == NOT_FOUND or (status < SUCCESS_END and not info.found):
        raise PeerError("Fetch-Job: the service does not know this device any more")
    if status >= SUCCESS_END or info.canceled or info.ended or info.state >= JOB_CANCELED:
        c.fetchable.after = job_id
        c.go(states.LIST)
        return
    session.job.begin(job_id, info.uuid_text(), info.documents)
    known = session.journal.outcome_of(session.job.uuid) if info.uuid_length else 0
    if known:
        # Only who has the job may tell its end.
        ending.again(c, known)
    if not session.journal.write(session.job.phase, session.job):
        session.job.clear()  # it stays where it is
        c.wake = True
        c.go(states.IDLE)
        return
    if not known:
        c.job_event("fetching")
    c.go(states.ACK_JOB)


def send_ask_job(c, now):
    session = c.session
    length = infra.get_job_state(c.exchange.encoder, session.identity, c.fetchable.job_id)
    c.send(now, length, c.info)


def send_ack_job(c, now):
    session = c.session
    c.send(now, infra.acknowledge_job(c.exchange.encoder, session.identity, session.job.id), c.plain)


def take_ack_job(c, now, status):
    if c.session.job.outcome:
        c.go(states.JOB_STATUS)
    elif status < SUCCESS_END:
        c.go(states.FETCH_DOCUMENT)
    elif status == NOT_FETCHABLE or status == NOT_POSSIBLE:
        c.go(states.ASK_OWNER)  # perhaps an earlier acknowledgement of ours was the one that counted
    else:
        ending.forget(c, "Acknowledge-Job: status 0x%04x" % status)


def take_ask_owner(c, now, status):
    c.expect(status, "Update-Active-Jobs")
    if c.active.disowned:
        ending.forget(c, "another device has the job")
    else:
        c.go(states.FETCH_DOCUMENT)
