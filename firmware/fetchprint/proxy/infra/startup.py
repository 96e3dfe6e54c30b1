"""Start-up and leaving: Update-Output-Device-Attributes, Update-Active-Jobs, the subscription,
Deregister-Output-Device. ``c`` is the Control in each function of this folder's step modules."""

from fetchprint.errors import PeerError
from fetchprint.proxy import ending, journal
from fetchprint.proxy.device import STOPPED
from fetchprint.proxy.infra import states
from fetchprint.service import description, infra
from fetchprint.service.replies import JOB_PROCESSING
from fetchprint.service.status import BAD_REQUEST, SUCCESS_END


def send_register(c, now):
    session = c.session
    device = session.device
    session.reported = device.version
    c.send(
        now,
        description.update_device(
            c.exchange.encoder,
            session.identity,
            device.pipe,
            session.name,
            device.state,
            device.reasons,
            device.message(),
        ),
        c.plain,
    )


def take_register(c, now, status):
    c.expect(status, "Update-Output-Device-Attributes")
    c.event("registered", "")
    c.go(states.ACTIVE)


def send_active(c, now):
    """What the device believes; without a job, whether the service believes otherwise."""
    job = c.session.job
    c.active.asked = job.id
    ids = (job.id,) if job.phase else ()
    states = (job.outcome or JOB_PROCESSING,) if job.phase else ()
    c.send(
        now,
        infra.update_active_jobs(c.exchange.encoder, c.session.identity, ids, states),
        c.active,
    )


def take_active(c, now, status):
    job = c.session.job
    # Quirk empty-list-refused: ippserver answers 0400 to an Update-Active-Jobs without job-ids.
    if not (status == BAD_REQUEST and not job.phase):
        c.expect(status, "Update-Active-Jobs")
    c.go(states.RENEW if c.subscription_id else states.SUBSCRIBE)


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
