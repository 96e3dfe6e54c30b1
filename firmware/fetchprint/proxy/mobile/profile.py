"""The states in the 2010 profile, and which step belongs to each.

    DOWN -> DESCRIBE -> IDLE
    IDLE -> ACCEPT -> STREAM -> END -> IDLE   an offer has come
    IDLE -> REJECT -> IDLE                    one that cannot be printed, or not now
    DESCRIBE -> IDLE -> ASK -> IDLE -> FETCH_AGAIN -> (ACCEPT) -> STREAM   a job from before a failure
    DESCRIBE -> IDLE -> DESCRIBE              the service has forgotten what the device is

Fetch-Print-Job and the documents have one connection (``Hold``); all else is sent on the other, on
which the watch reports the job while it prints.
"""

from fetchprint import ticks
from fetchprint.port.native import micropython
from fetchprint.proxy import control
from fetchprint.proxy.mobile import jobs, offers, printer, states
from fetchprint.proxy.mobile.hold import Hold
from fetchprint.proxy.mobile.watch import Watch as Watch
from fetchprint.service.mobile import Identity as Identity
from fetchprint.service.mobile_offer import Offer
from fetchprint.service.mobile_replies import PrinterReport

const = micropython.const

_OFFER_MS = const(300)  # in which an offer comes, if the service has one


class Control(control.Control):
    """With the offer in hand, and what each reply left behind."""

    # (send, take) of each state that has a request, in the order of their numbers
    steps = (
        (printer.send_describe, printer.take_describe),
        (printer.send_report, printer.take_report),
        (offers.send_fetch_again, offers.take_fetch_again),
        (jobs.send_end, jobs.take_end),
        (printer.send_leave, printer.take_leave),
        (jobs.send_ask, jobs.take_ask),
        (offers.send_accept, offers.take_accept),
        (offers.send_reject, offers.take_reject),
    )
    choose = offers.choose

    reference_window = 1023  # document-uri (RFC 8011 5.1.6)
    name_window = value_window = 255  # what is not supported is told to the service, whatever it is called

    def __init__(self, session, documents, side, random):
        control.Control.__init__(self, session, documents, side, random)
        self.offer = Offer(self.reference_window if session.device.reference else 0)
        self.report = PrinterReport()  # one request at a time: each leaves its answer here
        self.described = False  # the service knows the capabilities
        self.answered = False  # the offer holds an answer that is still to be acted on
        self.accepted = False  # the job that is fetched again is ours already
        self.identify = False
        self.refusal = 0  # the status-code of Reject-Print-Job
        self.offered_at = 0
        self.asked_at = 0
        self.reported_at = 0
        self._now = 0
        self.hold = Hold(session, documents, random)

    def poll(self, now: int):
        self._now = now
        self.reported_at = ticks.past(now, self.reported_at)
        self.asked_at = ticks.past(now, self.asked_at)
        control.Control.poll(self, now)
        self.hold.poll(now)

    def closed(self, known):
        self.backoff.succeeded()

    def lost(self):
        self.hold.release()
        self.answered = self.described = False

    @property
    def looking(self) -> bool:
        if self.answered or (self.state == states.IDLE and self.session.job.phase):
            return True
        # Told that the printer is idle, the service offers at once what it has.
        return self.hold.holding and (
            self.session.reported != self.session.device.version
            or self.state == states.REPORT
            or ticks.diff(self._now, self.reported_at) < _OFFER_MS
        )

    @property
    def holding(self) -> bool:
        return self.hold.holding
