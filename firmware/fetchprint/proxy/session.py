"""One service, as its two connections share it."""

from fetchprint.proxy.job import Job


class Session:
    """Everything about one print service: poll it on every turn of the loop.

    ``Control`` walks through start-up, jobs and documents. ``Watch`` looks after the job while its
    document streams, and waits for events where the profile has them.
    """

    def __init__(
        self, profile, uri: str, name: bytes, identity, documents, side, device, journal, random, log
    ):
        """``profile``: the module with its Control and Watch. ``uri`` for messages; ``name`` for
        printer-info; ``documents`` the Exchange by which documents come, ``side`` the other one;
        ``random`` the port's source of random bytes."""
        self.uri = uri
        self.name = name
        self.identity = identity
        self.device = device
        self.journal = journal
        self.log = log
        self.job = Job()
        self.reported = -1  # the device version that the service knows
        self.stopping = False
        self.ended = 0  # jobs that have ended here since start-up
        self.work = 0  # changes when the next turn has something to do that no stream will wake for
        self.control = profile.Control(self, documents, side, random)
        self.watch = profile.Watch(self, side, random)
        self.registration = None  # what comes first, if anything: see Registration
        self.renewal = None  # of credentials that were refused, if they can be had anew: see Renewal
        self.registered = False  # the identity is one that the service has registered
        self._failing = False  # so was the journal when it was last looked at
        if journal.job:
            self.job.restore(journal.job)

    def poll(self, now: int):
        """One turn. Failures of the service end here: they are logged and tried again later."""
        self._look_after_journal(now)
        if self.registration is not None and not (self.stopping and not self.job.on_engine):
            self.registration.poll(now)
            if self.registration.done:
                self.registration = None
            return
        self.control.poll(now)
        self.watch.poll(now)
        if self.control.documents.more or self.watch.exchange.more:
            self.work = (self.work + 1) & 0xFFFF

    def _look_after_journal(self, now):
        journal = self.journal
        journal.retry(now)
        if journal.failing != self._failing:
            self._failing = journal.failing
            self.device.troubles += 1 if self._failing else -1
        if journal.lost:
            journal.lost = False
            self.device.forgot()

    def stop(self):
        """Finish the job in hand, say good-bye, then ``stopped`` is True."""
        self.stopping = True

    @property
    def stopped(self) -> bool:
        """The clean stop is done."""
        return self.control.stopped

    @property
    def asking(self) -> bool:
        """See ``Turns``."""
        return self.control.asking

    @property
    def committed(self) -> bool:
        """See ``Turns``."""
        return self.control.committed

    @property
    def holding(self) -> bool:
        """A request is being held by the service until it has something: nothing else is under way."""
        return self.control.holding
