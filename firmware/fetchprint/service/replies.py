"""What is taken from each reply, in every profile. A sink is fed the decoder's events and keeps a few
numbers; nothing is allocated and nothing grows with the reply.

The quirks of real servers that concern replies stand here and in ``infra_replies``, each named once.
"""

from fetchprint.errors import PeerError
from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import GROUP, HEADER, VALUE
from fetchprint.port.native import micropython

const = micropython.const

# job-state and printer-state values (RFC 8011 5.3.7 and 5.4.11).
JOB_PENDING = const(3)
JOB_PROCESSING = const(5)
JOB_STOPPED = const(6)
JOB_CANCELED = const(7)
JOB_ABORTED = const(8)
JOB_COMPLETED = const(9)

_UUID_LENGTH = const(45)


def number(dec):
    """An integer or enum; 0 for no-value, unknown and anything else that is none."""
    return dec.integer() if dec.tag == t.INTEGER or dec.tag == t.ENUM else 0


def tells_end(dec) -> bool:
    """Whether this keyword of job-state-reasons says that a device has told the job's end. Quirk
    end-is-a-reason: the 2022 ippserver leaves job-state as it was, and may list the job again."""
    return (
        dec.value_is(b"job-completed-successfully")
        or dec.value_is(b"job-completed-with-warnings")
        or dec.value_is(b"aborted-by-system")
    )


class Reply:
    """The reply that needs no more than its status code.

    What comes behind a successful one is said by two attributes: ``follows`` at its END, when an
    embedded message is next (then the sink also has ``damaged(decoder)``); ``data``, when
    document data are.
    """

    follows = False
    data = False

    def on_event(self, dec, event: int):
        """Called for each event of the decoder, HEADER to END."""


class JobInfo(Reply):
    """Fetch-Job, Get-Job-Attributes, and the reports of the 2010 profile: the job as the service sees it.

    Quirk success-without-job: PAPPL answers successful-ok without a job group to a device that
    it does not know; ``found`` tells. Quirk no-number-of-documents: PAPPL leaves it out of
    Fetch-Job; ``documents`` is then 0 and Get-Job-Attributes is asked, too.
    """

    def __init__(self):
        self.uuid = bytearray(_UUID_LENGTH)
        self._clear()

    def _clear(self):
        self.found = False
        self.job_id = 0
        self.state = 0
        self.canceled = False  # canceled, or about to be
        self.ended = False  # completed or aborted, whatever the state says
        self.documents = 0
        self.uuid_length = 0

    def uuid_text(self) -> str:
        """job-uuid, empty when the service did not say. Raises PeerError for what no URI may hold."""
        for i in range(self.uuid_length):
            if not 32 < self.uuid[i] < 127:
                raise PeerError("job-uuid has a character that no URI may have", i)
        return bytes(self.uuid[: self.uuid_length]).decode()

    def on_event(self, dec, event):
        if event == HEADER:
            self._clear()
        elif event == GROUP:
            if dec.group == t.JOB:
                self.found = True
        elif event == VALUE and dec.group == t.JOB and dec.depth == 0:
            if dec.name_is(b"job-id"):
                self.job_id = number(dec)
            elif dec.name_is(b"job-state"):
                self.state = number(dec)
                if self.state == JOB_CANCELED:
                    self.canceled = True
                elif self.state == JOB_COMPLETED:
                    self.ended = True
            elif dec.name_is(b"job-state-reasons"):
                # A cancel shows as a reason while the job is processing or processing-stopped.
                # Quirk cancel-is-job-stopped: the 2022 ippserver knows no better reason for it.
                if (
                    dec.value_is(b"job-canceled-by-user")
                    or dec.value_is(b"job-stopped")
                    or dec.value_is(b"job-canceled-by-operator")
                    or dec.value_is(b"processing-to-stop-point")
                ):
                    self.canceled = True
                elif tells_end(dec):
                    self.ended = True
            elif dec.name_is(b"number-of-documents"):
                self.documents = number(dec)
            elif dec.name_is(b"job-uuid"):
                self.uuid_length = max(0, dec.copy_value(self.uuid, 0, _UUID_LENGTH))
