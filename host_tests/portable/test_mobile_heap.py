"""Every request of the 2010 profile is encoded, and its replies are read, with the heap locked."""

import gc

from heap import locked
from ipp_events import decode
from mobile_samples import (
    DEVICE,
    DOCUMENT,
    ESCPOS,
    FORMATS,
    JOB,
    PRINTER,
    Engine,
    job_report,
    offer_of,
    print_job,
    print_uri,
    take,
)

from fetchprint.document.pipe import Pipe
from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.service import mobile
from fetchprint.service.mobile_offer import Offer
from fetchprint.service.mobile_replies import PrinterReport
from fetchprint.service.registration import Registration, register_printer

REASONS = (b"media-empty", b"cover-open")
PEM = b"-----BEGIN CERTIFICATE REQUEST-----\nMIIBAA==\n-----END CERTIFICATE REQUEST-----\n"


FINE = offer_of(print_job(template=((b"copies", t.INTEGER, 2),)))
PDF = offer_of(print_job(((b"document-format", t.MIME_MEDIA_TYPE, b"application/pdf"),)))
BY_URI = offer_of(print_uri())
FINE.judge(FORMATS)
PDF.judge(FORMATS)

# What each function is called with after (enc, who), its operation-id, and the status-code inside.
REQUESTS = (
    (mobile.fetch_print_job, (60,), 0x6F01, None),
    (mobile.fetch_print_job, (60, JOB), 0x6F01, None),
    (mobile.accept_print_job, (FINE,), 0x6F02, 0x0001),
    (mobile.accept_print_job, (BY_URI,), 0x6F02, 0x0000),
    (mobile.reject_print_job, (PDF, 0x040A, b"No PDF here."), 0x6F03, 0x040A),
    (mobile.reject_print_job, (BY_URI, 0x0507, b""), 0x6F03, 0x0507),
    (mobile.report_print_job, (JOB, 9, (), b"Printed.", 1, 873), 0x6F04, None),
    (mobile.report_printer, (Pipe(Engine), b"till", 3, (), b"Idle.", (b"https",)), 0x6F05, None),
    (mobile.report_printer_state, (5, REASONS, b"The cover is open."), 0x6F05, None),
    (register_printer, (Engine, b"till", b"K7QF2MXWPA", PEM), 0x6F06, None),
)


# Not requests: what the module imports.
PARTS = ("const", "copy")


def call_locked(function, enc, who, a):
    """Three calls under the lock; unpacking a tuple into the call would itself allocate."""
    n = len(a)
    length = 0
    with locked():
        for _ in range(3):
            if n == 1:
                length = function(enc, who, a[0])
            elif n == 2:
                length = function(enc, who, a[0], a[1])
            elif n == 3:
                length = function(enc, who, a[0], a[1], a[2])
            elif n == 4:
                length = function(enc, who, a[0], a[1], a[2], a[3])
            else:
                length = function(enc, who, a[0], a[1], a[2], a[3], a[4], a[5])
    return length


def test_every_request_is_listed_here():
    listed = [entry[0] for entry in REQUESTS]
    for name in dir(mobile):
        if not name.startswith("_") and type(getattr(mobile, name)) is type(offer_of):
            assert name in PARTS or getattr(mobile, name) in listed, name


def test_requests_with_the_heap_locked():
    dec = d.Decoder()
    buf = bytearray(3000)
    for function, arguments, operation, inside in REQUESTS:
        gc.collect()  # what the last one was compared with would leave holes
        enc = Encoder(buf, 200)
        who = mobile.Identity(PRINTER, DEVICE)
        n = call_locked(function, enc, who, arguments)
        assert enc.length == n and enc.start == 200
        events, rest = decode(dec, bytes(enc.buf[200 : 200 + n]))
        assert events[0] == (d.HEADER, 0x0200, operation, 3)  # the third request
        assert (d.VALUE, t.URI, PRINTER) in events and (d.VALUE, t.URI, DEVICE) in events
        if inside is None:
            assert rest == b""
        else:
            events, rest = decode(dec, rest)
            assert rest == b"" and events[0] == (d.HEADER, 0x0200, inside, 7)


def take_locked(sink, data, dec, size):
    """Read ``data`` under the lock, ``size`` bytes at a time; where the document begins."""
    with locked():
        at = take(dec, sink, data, size, size)
    return at


def test_offers_with_the_heap_locked():
    dec = d.Decoder(1023)
    offer = Offer()
    template = ((b"copies", t.INTEGER, 2), (b"sides", t.KEYWORD, b"two-sided-long-edge"))
    data = print_job(((b"job-k-octets", t.INTEGER, 1),), template)
    uri = print_uri()
    for size in (1, 100, len(data)):
        at = take_locked(offer, data, dec, size)
        assert data[at:] == DOCUMENT
        with locked():
            status = offer.judge(FORMATS)
        assert status == 1 and offer.job_id == 1208 and offer.format() == ESCPOS
        assert take_locked(offer, uri, dec, size) == len(uri)
        with locked():
            status = offer.judge(FORMATS, (b"https",))
        assert status == 0 and offer.uri_length


def test_reports_with_the_heap_locked():
    dec = d.Decoder()
    report = PrinterReport()
    report.follows = False
    data = job_report(5, (b"processing-to-stop-point",), identify=True)
    for size in (1, 100, len(data)):
        take_locked(report, data, dec, size)
        assert report.found and report.canceled and report.identify
    sink = Registration(bytearray(100))
    sink.follows = False
    take_locked(sink, data, dec, 1)
    assert not sink.usable
