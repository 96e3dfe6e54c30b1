"""What the device is and how it is: Report-Printer. ``c`` is the Control in each step."""

from fetchprint.proxy import ending, journal
from fetchprint.proxy.mobile import states
from fetchprint.service import mobile

_SHUTDOWN = (b"shutdown",)
_STATE_STOPPED = 5


def describe(c):
    """What encodes Report-Printer with the capabilities, as the printer is now (``Exchange.start_long``)."""
    session = c.session
    device = session.device
    session.reported = device.version
    who = session.identity
    state = device.state
    reasons = device.reasons
    message = device.message()
    schemes = device.reference.schemes if device.reference else ()

    def put(enc):
        return mobile.report_printer(enc, who, device.pipe, session.name, state, reasons, message, schemes)

    return put


def state(c):
    """Encode Report-Printer with the state alone; its length."""
    session = c.session
    device = session.device
    session.reported = device.version
    return mobile.report_printer_state(
        c.exchange.encoder, session.identity, device.state, device.reasons, device.message()
    )


def taken(c, status):
    """What each answer of Report-Printer says."""
    c.expect(status, "Report-Printer")
    if c.report.identify:
        c.identify = True


def send_describe(c, now):
    c.send_long(now, describe(c), c.report)


def take_describe(c, now, status):
    taken(c, status)
    c.described = True
    c.event("registered", "")
    c.event("waiting", "")
    job = c.session.job
    if job.phase == journal.ENDED:
        c.go(states.END)
    elif job.phase == journal.STREAMING:
        ending.interrupted(c)
    elif job.phase:
        c.go(states.ASK)
    elif c.report.found:
        ending.disown(c, c.report.job_id, c.report.uuid_text())
    else:
        c.go(states.IDLE)


def send_report(c, now):
    c.reported_at = now
    c.send(now, state(c), c.report)


def take_report(c, now, status):
    taken(c, status)
    c.reported_at = now
    c.go(states.IDLE)


def send_leave(c, now):
    c.hold.release()
    length = mobile.report_printer_state(
        c.exchange.encoder, c.session.identity, _STATE_STOPPED, _SHUTDOWN, b"Switched off."
    )
    c.send(now, length, c.report)


def take_leave(c, now, status):
    c.exchange.abandon()
    c.documents.abandon()
    c.go(states.STOPPED)
