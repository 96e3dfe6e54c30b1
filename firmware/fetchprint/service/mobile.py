"""The requests of a device to a print service of the 2010 profile: docs/mobile-operations.md.

Each function encodes one request into ``enc`` and returns its length in bytes, the embedded
message included; nothing is allocated. ``who`` is the ``Identity`` that the service knows this
device by. ``offer`` is the ``mobile_replies.Offer`` that a Fetch-Print-Job filled in.
"""

from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import copy
from fetchprint.ipp.errors import EncodeError
from fetchprint.port.native import micropython
from fetchprint.service import capabilities, request

const = micropython.const

PRINT_JOB = const(0x0002)  # operation-ids of the embedded messages
PRINT_URI = const(0x0003)

MAX_WAIT_S = const(300)  # fetch-wait

_FETCH_PRINT_JOB = const(0x6F01)
_ACCEPT_PRINT_JOB = const(0x6F02)
_REJECT_PRINT_JOB = const(0x6F03)
_REPORT_PRINT_JOB = const(0x6F04)
_REPORT_PRINTER = const(0x6F05)

_VERSION = const(0x0200)
_JOB_PENDING = const(3)
_DIGITS = const(10)  # of a job-id


class Identity(request.Identity):
    """Who asks whom, with room for the job-uri of one job: printer-uri, slash, job-id."""

    def __init__(self, printer_uri: bytes, device_uuid: bytes, user: bytes = b"fetchprint"):
        request.Identity.__init__(self, printer_uri, device_uuid, user)
        n = len(printer_uri)
        self._job_uri = bytearray(n + 1 + _DIGITS)
        copy(self._job_uri, 0, printer_uri, 0, n)
        self._job_uri[n] = 47

    def put_job_uri(self, enc, job_id):
        """The attribute job-uri."""
        digits = 1
        rest = job_id
        while rest > 9:
            rest //= 10
            digits += 1
        end = len(self.printer_uri) + 1 + digits
        at = end
        rest = job_id
        for _ in range(digits):
            at -= 1
            self._job_uri[at] = 48 + rest % 10
            rest //= 10
        enc.string_at(b"job-uri", t.URI, self._job_uri, 0, end)


def fetch_print_job(enc, who, wait, job_uuid=None) -> int:
    """Fetch-Print-Job, held for up to ``wait`` seconds (0..300); with ``job_uuid`` (45 bytes) the
    job of that name once more."""
    _begin(enc, who, _FETCH_PRINT_JOB)
    enc.integer(b"fetch-wait", t.INTEGER, min(max(wait, 0), MAX_WAIT_S))
    if job_uuid:
        enc.string(b"job-uuid", t.URI, job_uuid)
    return enc.end()


def accept_print_job(enc, who, offer) -> int:
    """Accept-Print-Job with the embedded response: successful-ok, or that an attribute was ignored
    when the offer has one that is not supported."""
    outer = _embed(enc, who, _ACCEPT_PRINT_JOB, offer, 1 if offer.bad_tag else 0)
    try:
        if offer.bad_tag:
            _unsupported(enc, offer)
        enc.group(t.JOB)
        who.put_job_uri(enc, offer.job_id)
        enc.integer(b"job-id", t.INTEGER, offer.job_id)
        enc.integer(b"job-state", t.ENUM, _JOB_PENDING)
        enc.string(b"job-state-reasons", t.KEYWORD, b"none")
        enc.end()
    finally:
        enc.start = outer
    return enc.length


def reject_print_job(enc, who, offer, status, message) -> int:
    """Reject-Print-Job with the embedded response: ``status`` 0x0400 or more, ``message`` for people,
    and the attribute of the offer that is not supported, if it noted one."""
    outer = _embed(enc, who, _REJECT_PRINT_JOB, offer, status)
    try:
        if message:
            enc.string(b"status-message", t.TEXT, message)
        if offer.bad_tag:
            _unsupported(enc, offer)
        enc.end()
    finally:
        enc.start = outer
    return enc.length


def report_print_job(enc, who, job_uuid, state, reasons, message, impressions, k_octets) -> int:
    """Report-Print-Job; ``state`` 3 taken, 5 processing, 6 processing-stopped, 7 canceled, 8 aborted or
    9 completed, with what was printed so far."""
    _begin(enc, who, _REPORT_PRINT_JOB)
    enc.string(b"job-uuid", t.URI, job_uuid)
    enc.group(t.JOB)
    enc.integer(b"job-state", t.ENUM, state)
    request.keywords(enc, b"job-state-reasons", reasons or (b"none",))
    enc.string(b"job-state-message", t.TEXT, message)
    enc.integer(b"job-impressions-completed", t.INTEGER, impressions)
    enc.integer(b"job-media-sheets-completed", t.INTEGER, impressions)
    enc.integer(b"job-k-octets-processed", t.INTEGER, k_octets)
    return enc.end()


def report_printer(enc, who, pipe, name, state, reasons, message, schemes=()) -> int:
    """Report-Printer with all that the device is; ``schemes`` of the document-uris that it fetches. The
    other arguments are those of ``description.update_device``."""
    _begin(enc, who, _REPORT_PRINTER)
    enc.group(t.PRINTER)
    capabilities.state(enc, state, reasons, message)
    capabilities.capabilities(enc, pipe, name)
    attribute = b"reference-uri-schemes-supported"
    for scheme in schemes:
        enc.string(attribute, t.URI_SCHEME, scheme)
        attribute = None
    return enc.end()


def report_printer_state(enc, who, state, reasons, message) -> int:
    """Report-Printer with the state alone."""
    _begin(enc, who, _REPORT_PRINTER)
    enc.group(t.PRINTER)
    capabilities.state(enc, state, reasons, message)
    return enc.end()


def _begin(enc, who, operation):
    request.begin(enc, who, operation)
    enc.string(b"printer-uuid", t.URI, who.device_uuid)


def _embed(enc, who, operation, offer, status):
    """The outer message whole, and the embedded response begun behind it. Returns where the outer
    one starts: the caller gives it back to the encoder."""
    _begin(enc, who, operation)
    enc.string(b"job-uuid", t.URI, offer.uuid)
    kind = b"print-uri-response" if offer.announced == PRINT_URI else b"print-job-response"
    enc.string(b"embedded-message", t.KEYWORD, kind)
    enc.end()
    outer = enc.start
    try:
        enc.start = enc.pos
        enc.begin(_VERSION, status, offer.request_id)
        enc.group(t.OPERATION)
        enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
        enc.string(b"attributes-natural-language", t.NATURAL_LANGUAGE, b"en")
    except EncodeError:
        enc.start = outer
        raise
    return outer


def _unsupported(enc, offer):
    enc.group(t.UNSUPPORTED_GROUP)
    name = offer.bad_name()
    tag = offer.bad_tag
    if tag == t.UNSUPPORTED:
        enc.out_of_band(name, tag)
    elif tag == t.INTEGER or tag == t.ENUM:
        enc.integer(name, tag, offer.bad_number)
    else:
        enc.string_at(name, tag, offer.bad_value, 0, offer.bad_length)
