"""The states with an Infrastructure Printer, and which step belongs to each.

    DOWN -> REGISTER -> ACTIVE -> SUBSCRIBE -> LIST -> IDLE
    ACTIVE -> REVEALED -> (JOB_STATUS) -> ACTIVE   jobs that the service remembers and the device does not
    IDLE -> LIST -> FETCH_JOB -> ACK_JOB -> FETCH_DOCUMENT -> STREAM -> ACK_DOCUMENT
         -> DOCUMENT_STATUS -> (FETCH_DOCUMENT | JOB_STATUS) -> (READ_BACK) -> LIST
    IDLE -> UNSUBSCRIBE -> SUBSCRIBE   when the subscription has many events
    FETCH_JOB -> ASK_JOB -> ACK_JOB   when the service did not say how many documents there are
    ACK_JOB -> ASK_OWNER   when it is unclear whose the job is

Everything is asked on the connection that documents come by; the other one is the watch's.
"""

from fetchprint import ticks
from fetchprint.port.native import micropython
from fetchprint.proxy import control
from fetchprint.proxy.infra import claim, documents, report, startup, states, waiting
from fetchprint.proxy.infra.watch import Watch as Watch
from fetchprint.service.infra import LEASE_S
from fetchprint.service.infra_replies import (
    ANY_JOB,
    ActiveJobs,
    DocumentInfo,
    FetchableJobs,
    Notifications,
    Subscription,
)
from fetchprint.service.replies import JOB_COMPLETED, JobInfo, Reply
from fetchprint.service.request import Identity as Identity

const = micropython.const

_LOOKS = const(8)  # at jobs that the service says are ours, the newest first, on one connection

# States in which Get-Jobs comes next when it is due.
_WAITING = (
    states.IDLE,
    states.REPORT,
    states.SUBSCRIBE,
    states.RENEW,
    states.UNSUBSCRIBE,
    states.IDENTIFY,
)


class Control(control.Control):
    """With the subscription, and what each reply left behind."""

    # (send, take) of each state that has a request, in the order of their numbers
    steps = (
        (startup.send_register, startup.take_register),
        (waiting.send_report, waiting.take_report),
        (documents.send_fetch_document, documents.take_fetch_document),
        (report.send_job_status, report.take_job_status),
        (startup.send_deregister, startup.take_deregister),
        (startup.send_active, startup.take_active),
        (startup.send_subscribe, startup.take_subscribe),
        (startup.send_renew, startup.take_renew),
        (startup.send_unsubscribe, startup.take_unsubscribe),
        (waiting.send_list, waiting.take_list),
        (claim.send_fetch_job, claim.take_fetch_job),
        (claim.send_ack_job, claim.take_ack_job),
        (startup.send_active, claim.take_ask_owner),
        (documents.send_ack_document, documents.take_ack_document),
        (documents.send_document_status, documents.take_document_status),
        (report.send_read_back, report.take_read_back),
        (waiting.send_identify, waiting.take_identify),
        (claim.send_ask_job, claim.take_fetch_job),
        (startup.send_revealed, startup.take_revealed),
    )
    choose = waiting.choose

    def __init__(self, session, documents, side, random):
        control.Control.__init__(self, session, documents, documents, random)
        self.plain = Reply()
        self.active = ActiveJobs()
        self.info = JobInfo()
        self.document = DocumentInfo()
        self.fetchable = FetchableJobs()
        self.subscription = Subscription()
        self.subscription_id = 0  # 0 = there is none
        self.events = Notifications()
        self.revealing = False  # the service may have more jobs that it says are ours
        self.probing = False  # a job is asked about that there is not: see startup.take_active
        self.looks = _LOOKS
        self.wake = False  # Get-Jobs is due: something may have happened
        self.identify = False  # Acknowledge-Identify-Printer is due
        self.ended_before = 0  # jobs that had ended when the subscription was made
        self._renew_at = 0

    def after_document(self):
        job = self.session.job
        if not job.outcome or job.outcome == JOB_COMPLETED or job.refusal:
            self.go(states.ACK_DOCUMENT)

    def closed(self, known):
        if known:
            self.fetchable.after = self.session.job.id
        self.wake = True

    def lost(self):
        self.fetchable.after = 0
        self.active.below = ANY_JOB
        self.looks = _LOOKS
        self.revealing = self.probing = False

    @property
    def looking(self) -> bool:
        state = self.state
        return state == states.LIST or (self.wake and state in _WAITING and not self.session.stopping)

    @property
    def holding(self) -> bool:
        return self.session.watch.holding

    def subscribed(self, now: int, subscription_id: int, lease: int):
        """The subscription was created or renewed for ``lease`` seconds (0: not said)."""
        if subscription_id:
            self.subscription_id = subscription_id
            self.events.last = 0
            self.ended_before = self.session.ended
        # Half the lease, within the 74 hours that ticks can compare; at most once a second.
        self._renew_at = ticks.add(now, max(2, min(lease or LEASE_S, 200000)) * 500)

    def unsubscribed(self):
        """The service has forgotten the subscription (0406): a new one is needed."""
        self.subscription_id = 0
        self.wake = True

    def renewal_due(self, now: int) -> bool:
        """Half of the lease is over."""
        return ticks.diff(now, self._renew_at) >= 0
