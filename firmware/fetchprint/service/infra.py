"""The requests of a Proxy to an Infrastructure Printer (PWG 5100.18).

Each function encodes one request into ``enc`` and returns its length in bytes; nothing
is allocated. ``who`` is the ``Identity`` that the service knows this Output Device by.
The order of the operation attributes is that of RFC 8011 4.1.4 and 4.1.5.
"""

from fetchprint.ipp import tags as t
from fetchprint.port.native import micropython
from fetchprint.service.request import Identity as Identity  # callers find it here too
from fetchprint.service.request import begin, keywords

const = micropython.const

_GET_JOB_ATTRIBUTES = const(0x0009)
_GET_JOBS = const(0x000A)
_CREATE_PRINTER_SUBSCRIPTIONS = const(0x0016)
_RENEW_SUBSCRIPTION = const(0x001A)
_CANCEL_SUBSCRIPTION = const(0x001B)
_GET_NOTIFICATIONS = const(0x001C)
_ACKNOWLEDGE_DOCUMENT = const(0x003F)
_ACKNOWLEDGE_IDENTIFY_PRINTER = const(0x0040)
_ACKNOWLEDGE_JOB = const(0x0041)
_FETCH_DOCUMENT = const(0x0042)
_FETCH_JOB = const(0x0043)
_UPDATE_ACTIVE_JOBS = const(0x0045)
_DEREGISTER_OUTPUT_DEVICE = const(0x0046)
_UPDATE_DOCUMENT_STATUS = const(0x0047)
_UPDATE_JOB_STATUS = const(0x0048)

# Every event after which the Proxy has something to do, and no more (quirk events-kept, see
# proxy/infra/startup.py). job-completed is there because ippserver announces a cancel by nothing else.
# What happens to the job in hand needs no event: the watch asks for it.
EVENTS = (
    b"job-completed",
    b"job-fetchable",
    b"printer-config-changed",
    b"printer-state-changed",
)
LEASE_S = const(3600)  # notify-lease-duration asked for; renewed at half of what is granted


def device(enc, who):
    """output-device-uuid."""
    enc.string(b"output-device-uuid", t.URI, who.device_uuid)


def _fetch_status(enc, status, message):
    """A refusal (PWG 5100.18 5.1): ``status`` 0 means that nothing is refused."""
    if status:
        enc.integer(b"fetch-status-code", t.ENUM, status)
        enc.string(b"fetch-status-message", t.TEXT, message)


def update_active_jobs(enc, who, job_ids, states) -> int:
    """Update-Active-Jobs: what the device believes, as two sequences of the same length.
    With two empty ones it asks whether the service remembers any job of this device."""
    begin(enc, who, _UPDATE_ACTIVE_JOBS)
    device(enc, who)
    name = b"job-ids"
    for job_id in job_ids:
        enc.integer(name, t.INTEGER, job_id)
        name = None
    name = b"output-device-job-states"
    for state in states:
        enc.integer(name, t.ENUM, state)
        name = None
    return enc.end()


def create_subscription(enc, who) -> int:
    """Create-Printer-Subscriptions for ippget with every event needed (RFC 3995, RFC 3996)."""
    begin(enc, who, _CREATE_PRINTER_SUBSCRIPTIONS)
    enc.group(t.SUBSCRIPTION)
    enc.string(b"notify-pull-method", t.KEYWORD, b"ippget")
    keywords(enc, b"notify-events", EVENTS)
    enc.integer(b"notify-lease-duration", t.INTEGER, LEASE_S)
    return enc.end()


def renew_subscription(enc, who, subscription_id) -> int:
    """Renew-Subscription (RFC 3995 11.2.6)."""
    begin(enc, who, _RENEW_SUBSCRIPTION)
    enc.integer(b"notify-subscription-id", t.INTEGER, subscription_id)
    enc.integer(b"notify-lease-duration", t.INTEGER, LEASE_S)
    return enc.end()


def cancel_subscription(enc, who, subscription_id) -> int:
    """Cancel-Subscription (RFC 3995 11.2.7)."""
    begin(enc, who, _CANCEL_SUBSCRIPTION)
    enc.integer(b"notify-subscription-id", t.INTEGER, subscription_id)
    return enc.end()


def get_notifications(enc, who, subscription_id, sequence, wait) -> int:
    """Get-Notifications from ``sequence`` on (RFC 3996), 0 for every event there is; ``wait`` True
    to be held until an event."""
    begin(enc, who, _GET_NOTIFICATIONS)
    enc.integer(b"notify-subscription-ids", t.INTEGER, subscription_id)
    if sequence:
        enc.integer(b"notify-sequence-numbers", t.INTEGER, sequence)
    enc.boolean(b"notify-wait", wait)
    return enc.end()


def get_jobs(enc, who) -> int:
    """Get-Jobs which-jobs=fetchable, with no more of each job than the choice needs."""
    begin(enc, who, _GET_JOBS)
    device(enc, who)
    enc.string(b"which-jobs", t.KEYWORD, b"fetchable")
    keywords(enc, b"requested-attributes", (b"job-id", b"job-state", b"job-state-reasons"))
    return enc.end()


def get_job_state(enc, who, job_id) -> int:
    """Get-Job-Attributes: what the service believes about one job."""
    begin(enc, who, _GET_JOB_ATTRIBUTES, job_id)
    keywords(
        enc,
        b"requested-attributes",
        (b"job-id", b"job-uuid", b"job-state", b"job-state-reasons", b"number-of-documents"),
    )
    return enc.end()


def fetch_job(enc, who, job_id) -> int:
    """Fetch-Job (PWG 5100.18 5.7)."""
    begin(enc, who, _FETCH_JOB, job_id)
    device(enc, who)
    return enc.end()


def acknowledge_job(enc, who, job_id, status=0, message=b"") -> int:
    """Acknowledge-Job: take the job, or refuse it with an IPP ``status``."""
    begin(enc, who, _ACKNOWLEDGE_JOB, job_id)
    device(enc, who)
    _fetch_status(enc, status, message)
    return enc.end()


def fetch_document(enc, who, job_id, number, formats, compressions=(b"none",)) -> int:
    """Fetch-Document ``number`` (from 1) in one of ``formats``, the preferred first, and packed in one of
    ``compressions``."""
    begin(enc, who, _FETCH_DOCUMENT, job_id)
    enc.integer(b"document-number", t.INTEGER, number)
    device(enc, who)
    keywords(enc, b"compression-accepted", compressions)
    name = b"document-format-accepted"
    for mime in formats:
        enc.string(name, t.MIME_MEDIA_TYPE, mime)
        name = None
    return enc.end()


def acknowledge_document(enc, who, job_id, number, status=0, message=b"") -> int:
    """Acknowledge-Document: it was received whole, or is refused with an IPP ``status``."""
    begin(enc, who, _ACKNOWLEDGE_DOCUMENT, job_id)
    enc.integer(b"document-number", t.INTEGER, number)
    device(enc, who)
    _fetch_status(enc, status, message)
    return enc.end()


def update_document_status(enc, who, job_id, number, state, reasons, impressions, k_octets) -> int:
    """Update-Document-Status; ``state`` as for jobs."""
    begin(enc, who, _UPDATE_DOCUMENT_STATUS, job_id)
    enc.integer(b"document-number", t.INTEGER, number)
    device(enc, who)
    enc.group(t.DOCUMENT)
    enc.integer(b"output-device-document-state", t.ENUM, state)
    keywords(enc, b"output-device-document-state-reasons", reasons or (b"none",))
    enc.integer(b"impressions-completed", t.INTEGER, impressions)
    enc.integer(b"k-octets-processed", t.INTEGER, k_octets)
    return enc.end()


def update_job_status(enc, who, job_id, state, reasons, message, impressions, k_octets) -> int:
    """Update-Job-Status; ``state`` 5 processing, 6 processing-stopped, 7 canceled, 8 aborted or
    9 completed, with what was printed so far."""
    begin(enc, who, _UPDATE_JOB_STATUS, job_id)
    device(enc, who)
    enc.group(t.JOB)
    enc.integer(b"output-device-job-state", t.ENUM, state)
    keywords(enc, b"output-device-job-state-reasons", reasons or (b"none",))
    enc.string(b"output-device-job-state-message", t.TEXT, message)
    enc.integer(b"job-impressions-completed", t.INTEGER, impressions)
    enc.integer(b"job-media-sheets-completed", t.INTEGER, impressions)
    enc.integer(b"job-pages-completed", t.INTEGER, impressions)
    enc.integer(b"job-k-octets-processed", t.INTEGER, k_octets)
    return enc.end()


def acknowledge_identify(enc, who) -> int:
    """Acknowledge-Identify-Printer: which action is asked for, if any (0404 when none is)."""
    begin(enc, who, _ACKNOWLEDGE_IDENTIFY_PRINTER)
    device(enc, who)
    return enc.end()


def deregister(enc, who) -> int:
    """Deregister-Output-Device: a clean good-bye."""
    begin(enc, who, _DEREGISTER_OUTPUT_DEVICE)
    device(enc, who)
    return enc.end()
