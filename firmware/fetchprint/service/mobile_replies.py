"""What a device takes from the replies of the 2010 profile (docs/mobile-operations.md); sinks as in
``replies``. That of Fetch-Print-Job is in ``mobile_offer``.
"""

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import END, HEADER, VALUE
from fetchprint.port.native import micropython
from fetchprint.service.replies import JOB_PROCESSING, JOB_STOPPED, JobInfo, Reply

const = micropython.const

UUID_LENGTH = const(45)
_MAX_CREDENTIALS = const(255)
_MAX_LINE = const(76)
_NEWLINE = const(10)
_SPACE = const(32)
_TILDE = const(126)


class JobReport(JobInfo):
    """Report-Print-Job and Accept-Print-Job: the job as the service sees it. ``found`` is False when
    there was no job group; ``canceled`` and ``completed`` as in JobInfo."""

    @property
    def accepted(self) -> bool:
        """The service counts the job as this device's own."""
        return JOB_PROCESSING <= self.state <= JOB_STOPPED


class PrinterReport(JobReport):
    """Report-Printer: ``found`` when the service says that this device has a job (``uuid``, ``job_id``)."""

    def __init__(self):
        JobReport.__init__(self)
        self.identify = False  # someone wants the device to make itself noticed

    def on_event(self, dec, event):
        JobInfo.on_event(self, dec, event)
        if event == HEADER:
            self.identify = False
        elif event == VALUE and dec.group == t.OPERATION and dec.name_is(b"identify-actions"):
            self.identify = True


class Registration(Reply):
    """Register-Printer: who this device is from now on. ``usable`` tells whether to believe it."""

    def __init__(self, certificate_room: int = 0):
        """``certificate_room``: octets for the certificate with its chain in PEM."""
        self.uuid = bytearray(UUID_LENGTH)
        self.certificate = bytearray(certificate_room)  # lines with a newline behind each
        self._credentials = bytearray(_MAX_CREDENTIALS)
        self._clear()

    def _clear(self):
        self.uuid_length = 0
        self.certificate_length = 0
        self.credentials_length = 0
        self.fault = False  # a value is too long, or what no such value may be
        self._complete = False

    def on_event(self, dec, event):
        if event == HEADER:
            self._clear()
        elif event == END:
            self._complete = True
        elif event == VALUE and dec.group == t.OPERATION and dec.depth == 0:
            if dec.name_is(b"printer-uuid"):
                self.uuid_length = self._take(dec, self.uuid, 0, UUID_LENGTH)
            elif dec.name_is(b"http-credentials"):
                self.credentials_length = self._take(dec, self._credentials, 0, _MAX_CREDENTIALS)
            elif dec.name_is(b"printer-x509-certificate"):
                at = self.certificate_length
                n = self._take(dec, self.certificate, at, min(len(self.certificate) - at - 1, _MAX_LINE))
                if n:
                    self.certificate[at + n] = _NEWLINE
                    self.certificate_length = at + n + 1

    def _take(self, dec, dst, at, room):
        """Visible US-ASCII and spaces only: it goes into files and HTTP headers."""
        n = dec.copy_value(dst, at, room) if room > 0 else -1
        for i in range(at, at + n):
            if not _SPACE <= dst[i] <= _TILDE:
                n = -1
                break
        if n < 1:
            self.fault = True
            return 0
        return n

    @property
    def usable(self) -> bool:
        """Complete, without fault, and with an identity and something to prove it by."""
        return (
            self._complete
            and not self.fault
            and self.uuid_length == UUID_LENGTH
            and self.uuid.startswith(b"urn:uuid:")
            and (self.credentials_length > 0 or self.certificate_length > 0)
            and (self.credentials_length == 0 or self._known_scheme())
        )

    def _known_scheme(self):
        return self._credentials.startswith(b"Basic ") or self._credentials.startswith(b"Bearer ")

    def credentials(self) -> bytes:
        """The value of the HTTP Authorization field, or empty (allocates, once)."""
        return bytes(self._credentials[: self.credentials_length])
