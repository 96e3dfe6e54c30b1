"""Start-up and leaving: Update-Output-Device-Attributes, Update-Active-Jobs, the subscription,
Deregister-Output-Device. ``c`` is the Control in each function of this folder's step modules."""

from fetchprint.errors import PeerError
from fetchprint.proxy import ending, journal
from fetchprint.proxy.device import STOPPED
from fetchprint.proxy.infra import states
from fetchprint.service import description, infra
from fetchprint.service.infra_replies import ANY_JOB
from fetchprint.service.replies import JOB_CANCELED, JOB_COMPLETED, JOB_PROCESSING
from fetchprint.service.status import BAD_REQUEST, SUCCESS_END


def send_register(c, now):
    session = c.session
    device = session.device
    session.reported = device.version
    who = session.identity
    state = device.state  # as it is now: each piece is encoded anew
    reasons = device.reasons
    message = device.message()

    def put(enc):
        return description.update_device(enc, who, device.pipe, session.name, state, reasons, message)

    c.send_long(now, put, c.plain)


def take_register(c, now, status):
    c.expect(status, "Update-Output-Device-Attributes")
    c.event("registered", "")
    c.go(states.ACTIVE)


def send_active(c, now):
    """What the device believes; without a job, whether the service believes otherwise."""
    job = c.session.job
    c.active.asked = job.id
    ids = states = ()
    if job.phase:
        ids = (job.id,)
        states = (job.outcome or JOB_PROCESSING,)
    elif c.probing:
        ids = (ANY_JOB,)
        states = (JOB_COMPLETED,)
    c.send(
        now,
        infra.update_active_jobs(c.exchange.encoder, c.session.identity, ids, states),
        c.active,
    )


def take_active(c, now, status):
    session = c.session
    active = c.active
    if session.job.phase:
        c.expect(status, "Update-Active-Jobs")
    elif status == BAD_REQUEST:
        # Quirk empty-list-refused: ippserver answers 0400 to an Update-Active-Jobs without job-ids, and
        # tells of all jobs when asked about one that there is not.
        if session.journal.fresh and not c.probing:
            c.probing = True
            c.go(states.ACTIVE)
            return
    else:
        c.expect(status, "Update-Active-Jobs")
        if active.revealed and c.looks:
            c.looks -= 1
            if active.state < JOB_CANCELED:
                c.go(states.REVEALED)
            else:
                active.below = active.revealed
                c.go(states.ACTIVE)
            return
        session.journal.fresh = False
    c.revealing = c.probing = False
    c.go(states.RENEW if c.subscription_id else states.SUBSCRIBE)


def send_revealed(c, now):
    """The service says that this device has a job of which it does not know, or only the end."""
    length = infra.get_job_state(c.exchange.encoder, c.session.identity, c.active.revealed)
    c.send(now, length, c.info)


def take_revealed(c, now, status):
    info = c.info
    c.active.below = c.active.revealed
    c.revealing = True
    # Quirk end-is-a-reason, see replies.tells_end.
    if status < SUCCESS_END and info.found and info.state < JOB_CANCELED and not info.ended:
        ending.disown(c, c.active.revealed, info.uuid_text())
    else:
        c.go(states.ACTIVE)


def send_subscribe(c, now):
    c.send(
        now,
        infra.create_subscription(c.exchange.encoder, c.session.identity),
        c.subscription,
    )


def take_subscribe(c, now, status):
    c.expect(status, "Create-Printer-Subscriptions")
    if not c.subscription.id:
        raise PeerError("Create-Printer-Subscriptions: no notify-subscription-id in the reply")
    c.subscribed(now, c.subscription.id, c.subscription.lease)
    _started(c)


def send_renew(c, now):
    session = c.session
    c.send(
        now,
        infra.renew_subscription(c.exchange.encoder, session.identity, c.subscription_id),
        c.subscription,
    )


def take_renew(c, now, status):
    if status >= SUCCESS_END:  # forgotten, or never renewable: a new one does as well
        c.unsubscribed()
        c.go(states.SUBSCRIBE)
        return
    c.subscribed(now, 0, c.subscription.lease)
    _started(c)


def send_unsubscribe(c, now):
    """Quirk events-kept: ippserver keeps what it has told and dies of the 101st event of a
    subscription, so a new one takes its place in time."""
    session = c.session
    session.watch.release()
    c.send(
        now,
        infra.cancel_subscription(c.exchange.encoder, session.identity, c.subscription_id),
        c.plain,
    )


def take_unsubscribe(c, now, status):
    # Refused or not, this subscription is not asked any more.
    c.unsubscribed()
    c.go(states.SUBSCRIBE)


def _started(c):
    """Connected and subscribed. A job from before the failure or the restart comes first."""
    session = c.session
    c.connected()
    job = session.job
    if not job.phase:
        c.go(states.LIST)
        return
    ending.interrupted(c)
    if c.active.disowned:
        if job.phase == journal.ENDED:  # nobody is left to tell: the service has forgotten the job
            ending.close(c, False)
        else:
            ending.forget(c, "the service says that the job is not this printer's", False)
    elif job.phase == journal.ENDED:
        c.go(states.JOB_STATUS)
    else:
        c.go(states.FETCH_DOCUMENT)


def send_deregister(c, now):
    """A printer that has registered keeps its registration, credentials and all: it is only switched off."""
    session = c.session
    session.watch.release()
    enc = c.exchange.encoder
    if session.registered:
        length = description.update_state(enc, session.identity, STOPPED, (b"shutdown",), b"Switched off.")
    else:
        length = infra.deregister(enc, session.identity)
    c.send(now, length, c.plain)


def take_deregister(c, now, status):
    c.exchange.abandon()
    c.go(states.STOPPED)
