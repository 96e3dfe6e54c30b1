"""What the Proxy takes from the replies of an Infrastructure Printer; sinks as in ``replies``."""

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import ATTRIBUTE, END, GROUP, HEADER, VALUE
from fetchprint.port.native import micropython
from fetchprint.service.replies import JOB_CANCELED, JOB_COMPLETED, Reply, number, tells_end

const = micropython.const

_FORMAT_ROOM = const(64)  # octets of the longest document-format

ANY_JOB = 0x7FFFFFFF  # above every job-id that a service gives


class FetchableJobs(Reply):
    """Get-Jobs which-jobs=fetchable: which one is next.

    Quirk newest-first: ippserver lists the newest job first, so the lowest job-id is taken:
    jobs print in the order in which they came. Quirk canceled-stay-listed: ippserver goes on
    listing jobs that were cancelled before anyone fetched them, so the job-state is looked at.
    Quirk end-is-a-reason: see ``replies.tells_end``.

    ``after`` is the job-id answered for last: only higher ones count, so that each job that a
    service offers in vain is asked for once between two events, however many there are.
    """

    def __init__(self):
        self.job_id = 0
        self.after = 0
        self._id = self._state = 0

    def on_event(self, dec, event):
        if event == HEADER:
            self.job_id = self._id = self._state = 0
        elif event == GROUP or event == END:
            self._judge()
        elif event == VALUE and dec.group == t.JOB and dec.depth == 0:
            if dec.name_is(b"job-id"):
                self._id = number(dec)
            elif dec.name_is(b"job-state"):
                self._state = max(self._state, number(dec))
            elif dec.name_is(b"job-state-reasons") and tells_end(dec):
                self._state = JOB_COMPLETED

    def _judge(self):
        job_id = self._id
        if job_id > self.after and self._state < JOB_CANCELED and not (0 < self.job_id < job_id):
            self.job_id = job_id
        self._id = self._state = 0


class ActiveJobs(Reply):
    """Update-Active-Jobs: ``disowned`` when the service says that the job asked about is not ours;
    ``revealed`` is the newest job below ``below`` that it says is ours, ``state`` its job-state there."""

    def __init__(self):
        self.asked = 0  # the job-id asked about
        self.disowned = False
        self.below = ANY_JOB
        self.revealed = self.state = 0
        self._ids = self._states = self._at = 0

    def on_event(self, dec, event):
        if event == HEADER:
            self.disowned = False
            self.revealed = self.state = self._ids = self._states = self._at = 0
        elif event == VALUE and dec.group == t.UNSUPPORTED_GROUP and dec.name_is(b"job-ids"):
            if dec.tag == t.INTEGER and dec.integer() == self.asked:
                self.disowned = True
        elif event == VALUE and dec.group == t.OPERATION:
            if dec.name_is(b"job-ids"):
                self._ids += 1
                if self.revealed < number(dec) < self.below:
                    self.revealed = number(dec)
                    self._at = self._ids
            elif dec.name_is(b"output-device-job-states"):
                self._states += 1
                if self._states == self._at:
                    self.state = number(dec)


class Subscription(Reply):
    """Create-Printer-Subscriptions and Renew-Subscription."""

    def __init__(self):
        self.id = 0
        self.lease = 0  # seconds; 0 when the service did not say

    def on_event(self, dec, event):
        if event == HEADER:
            self.id = self.lease = 0
        elif event == VALUE and dec.group == t.SUBSCRIPTION and dec.tag == t.INTEGER:
            if dec.name_is(b"notify-subscription-id"):
                self.id = dec.integer()
            elif dec.name_is(b"notify-lease-duration"):
                self.lease = dec.integer()


class Notifications(Reply):
    """Get-Notifications: events are wake-ups, so only their numbers are kept."""

    def __init__(self):
        self.last = 0  # the highest notify-sequence-number seen
        self.lowest = 0  # the lowest in this reply; 0 = there was none
        self.identify = False  # an event said identify-printer-requested

    def on_event(self, dec, event):
        if event == HEADER:
            self.lowest = 0
            self.identify = False
        elif event == VALUE and dec.depth == 0 and dec.group == t.EVENT_NOTIFICATION:
            if dec.name_is(b"notify-sequence-number"):
                n = number(dec)
                if n > self.last:
                    self.last = n
                if self.lowest == 0 or n < self.lowest:
                    self.lowest = n
            elif dec.name_is(b"printer-state-reasons") and dec.value_is(b"identify-printer-requested"):
                self.identify = True


class DocumentInfo(Reply):
    """Fetch-Document: what the data that follows is.

    Quirk format-in-operation-group: ippserver and PAPPL say it there, the standard in the
    document group; so the group is not asked for.
    """

    data = True

    def __init__(self):
        self._format = bytearray(_FORMAT_ROOM)
        self.format_length = 0  # -1: longer than any that is printed
        self.compressed = self.gzip = False
        self._wanted = False

    def on_event(self, dec, event):
        if event == HEADER:
            self.format_length = 0
            self.compressed = self.gzip = False
        elif event == ATTRIBUTE:
            self._wanted = dec.name_is(b"document-format")
        elif event == VALUE and dec.depth == 0:
            if self._wanted:
                self.format_length = dec.copy_value(self._format, 0, _FORMAT_ROOM)
            elif dec.name_is(b"compression"):
                self.compressed = not dec.value_is(b"none")
                self.gzip = dec.value_is(b"gzip")

    def format(self) -> bytes:
        """The document-format, empty when the service did not say (allocates, once a document)."""
        if self.format_length < 0:
            return b"(longer than %d octets)" % _FORMAT_ROOM
        return bytes(self._format[: self.format_length])
