"""Connected and waiting: what is due next, Get-Jobs, small requests."""

from fetchprint.port.native import micropython
from fetchprint.proxy.infra import states
from fetchprint.service import description, infra
from fetchprint.service.status import SUCCESS_END

const = micropython.const

# What one subscription is used for, see startup.send_unsubscribe: room is left for a burst of jobs,
# and while one job follows the other the watch does not see the events.
_MANY_EVENTS = const(60)
_MANY_JOBS = const(15)


def choose(c, now):
    session = c.session
    if session.stopping:
        c.go(states.DEREGISTER)
    elif c.revealing:
        c.go(states.ACTIVE)
    elif not c.subscription_id:
        c.go(states.SUBSCRIBE)
    elif c.identify:
        c.go(states.IDENTIFY)
    elif session.reported != session.device.version:
        c.go(states.REPORT)
    elif c.events.last >= _MANY_EVENTS or session.ended - c.ended_before >= _MANY_JOBS:
        c.go(states.UNSUBSCRIBE)
    elif c.wake and c.may_print(now):
        c.go(states.LIST)
    elif c.renewal_due(now):
        c.go(states.RENEW)


def send_list(c, now):
    c.wake = False
    c.send(now, infra.get_jobs(c.exchange.encoder, c.session.identity), c.fetchable)


def take_list(c, now, status):
    c.expect(status, "Get-Jobs")
    if not c.fetchable.job_id or c.session.stopping:
        c.fetchable.after = 0
        c.go(states.IDLE)
    elif c.may_print(now) and c.take_engine(now):
        c.go(states.FETCH_JOB)
    else:
        c.wake = True  # once the engine is usable and free
        c.go(states.IDLE)


def send_identify(c, now):
    c.identify = False
    c.send(now, infra.acknowledge_identify(c.exchange.encoder, c.session.identity), c.plain)


def take_identify(c, now, status):
    # 0404: none is pending any more.
    if status < SUCCESS_END:
        c.make_noticed()
    c.go(states.IDLE)


def send_report(c, now):
    session = c.session
    device = session.device
    session.reported = device.version
    c.send(
        now,
        description.update_state(
            c.exchange.encoder, session.identity, device.state, device.reasons, device.message()
        ),
        c.plain,
    )


def take_report(c, now, status):
    c.expect(status, "Update-Output-Device-Attributes")
    c.go(states.IDLE)
