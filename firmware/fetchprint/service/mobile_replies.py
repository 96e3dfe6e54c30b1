"""What a device takes from the replies of the 2010 profile (docs/mobile-operations.md); sinks as in
``replies``. That of Fetch-Print-Job is in ``mobile_offer``.
"""

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import HEADER, VALUE
from fetchprint.port.native import micropython
from fetchprint.service.replies import JOB_PROCESSING, JOB_STOPPED, JobInfo

const = micropython.const

UUID_LENGTH = const(45)


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
