"""One service, as its two connections share it.

``Control`` walks through start-up, jobs and documents. ``Watch`` holds Get-Notifications
while there is nothing to print and looks after the job while its document streams.
"""

from fetchprint import ticks
from fetchprint.proxy.control import Control
from fetchprint.proxy.job import Job
from fetchprint.proxy.watch import Watch
from fetchprint.service.infra import LEASE_S
from fetchprint.service.replies import Notifications, Subscription


class Session:
    """Everything about one Infrastructure Printer: poll it on every turn of the loop."""

    def __init__(
        self, uri: str, name: bytes, identity, control_exchange, watch_exchange, device, journal, random, log
    ):
        """``uri`` for messages; ``name`` for printer-info; ``random`` the port's source of random bytes."""
        self.uri = uri
        self.name = name
        self.identity = identity
        self.device = device
        self.journal = journal
        self.log = log
        self.job = Job()
        self.wake = False  # Get-Jobs is due: something may have happened
        self.identify = False  # Acknowledge-Identify-Printer is due
        self.reported = -1  # the device version that the service knows
        self.stopping = False
        self.ended = 0  # jobs that have ended here since start-up
        self.ended_before = 0  # ... until the subscription was made
        self.work = 0  # changes when the next turn has something to do that no stream will wake for
        self.subscription = Subscription()
        self.subscription_id = 0  # 0 = there is none
        self.events = Notifications()
        self._renew_at = 0
        self.control = Control(self, control_exchange, random)
        self.watch = Watch(self, watch_exchange, random)
        if journal.job:
            self.job.restore(journal.job)

    def poll(self, now: int):
        """One turn. Failures of the service end here: they are logged and tried again later."""
        self.control.poll(now)
        self.watch.poll(now)

    def stop(self):
        """Finish the job in hand, deregister, then ``stopped`` is True."""
        self.stopping = True

    @property
    def stopped(self) -> bool:
        """The clean stop is done."""
        return self.control.stopped

    @property
    def waiting(self) -> bool:
        """Nothing is to be done but wait for an event."""
        return self.control.idle

    def subscribed(self, now: int, subscription_id: int, lease: int):
        """The subscription was created or renewed for ``lease`` seconds (0: not said)."""
        if subscription_id:
            self.subscription_id = subscription_id
            self.events.last = 0
            self.ended_before = self.ended
        # Half the lease, within the 74 hours that ticks can compare.
        self._renew_at = ticks.add(now, min(lease or LEASE_S, 200000) * 500)

    def unsubscribed(self):
        """The service has forgotten the subscription (0406): a new one is needed."""
        self.subscription_id = 0
        self.wake = True

    def renewal_due(self, now: int) -> bool:
        """Half of the lease is over."""
        return ticks.diff(now, self._renew_at) >= 0
