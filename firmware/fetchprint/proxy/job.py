"""The job in hand. It exists from start-up and is filled in anew for each job."""

from fetchprint.port.native import micropython
from fetchprint.proxy import journal

const = micropython.const

_TEXT_MAX = const(200)
STATE_NAMES = {7: "canceled", 8: "aborted", 9: "completed"}


class Job:
    """``outcome`` is 0 while the job runs, else the job-state it ended with (7, 8 or 9)."""

    def __init__(self):
        self.clear()

    def clear(self):
        """No job."""
        self.id = 0
        self.uuid = ""
        self.urn = b""  # the same in octets
        self.phase = 0  # journal.CLAIMING, STREAMING, ENDED; 0 = no job
        self.documents = 1
        self.number = 1  # the document in hand
        self.outcome = 0
        self.reason = b"none"  # job-state-reasons keyword
        self.message = ""  # job-state-message
        self.refusal = 0  # fetch-status-code for the document in hand, 0 = none
        self.cancel = False  # the service has cancelled it
        self.over = False  # and has ended it: nothing is to be reported any more
        self.told_canceled = False  # job-state 7 was sent: if it was not applied, 8 follows
        self.impressions = 0  # of the documents before the one in hand, then of all
        self.octets = 0
        self.clipped = 0  # most dots of a page that the head did not reach
        self.tries = 0
        self.on_engine = False  # engine-begin was announced

    def begin(self, job_id: int, uuid: str, documents: int):
        """A new job. ``documents`` 0 when the service did not say: one then."""
        self.clear()
        self.id = job_id
        self.uuid = uuid
        self.urn = uuid.encode()
        self.documents = max(documents, 1)
        self.phase = journal.CLAIMING

    def restore(self, record):
        """The job that the journal kept over a restart."""
        self.clear()
        self.phase, self.id, self.uuid, self.outcome = record[:4]
        self.urn = self.uuid.encode()
        self.reason = record[4].encode()
        self.message, self.impressions, self.octets = record[5:]

    def end(self, outcome: int, reason: bytes, message: str = ""):
        """Note how the job ended; the first end counts."""
        if not self.outcome:
            self.outcome = outcome
            self.reason = reason
            self.message = message

    @property
    def k_octets(self) -> int:
        """job-k-octets-processed: 1024 octets each, rounded up."""
        return (self.octets + 1023) >> 10

    @property
    def text(self) -> bytes:
        """The message for an attribute; far below RFC 8011 5.1.2's 1023 octets, so that tx stays small."""
        text = self.message.encode()
        n = min(len(text), _TEXT_MAX)
        while n < len(text) and text[n] & 0xC0 == 0x80:  # in the middle of a character
            n -= 1
        return text[:n]
