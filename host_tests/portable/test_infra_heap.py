"""Every request of the INFRA profile is encoded, and its replies are read, with the heap locked."""

from heap import locked
from ipp_events import decode
from ipp_replies import PRINTER, fetch_job, get_jobs

from fetchprint.document.pipe import Pipe
from fetchprint.engine import base
from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.service import description, infra, infra_replies, replies

UUID = b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"
REASONS = (b"media-empty-error", b"cover-open")


class Engine(base.Engine):
    """The capabilities that update_device reports."""

    make_and_model = b"Emulated ESC/POS"
    device_id = b"MFG:Emulated;MDL:ESC/POS;CMD:ESCPOS;"
    formats = (b"image/pwg-raster", b"application/vnd.epson.escpos", b"application/octet-stream")
    resolution = 203
    width = 576
    raster_types = (b"black_1", b"sgray_8")
    media = (
        (b"om_80mm-roll_80x200mm", 8000, 20000, 0, 0, 0, 0),
        (b"om_58mm-roll_58x200mm", 5800, 20000, 0, 0, 0, 0),
    )


# What each function is called with after (enc, who), and the operation-id that it sends.
REQUESTS = {
    "update_device": ((Pipe(Engine), b"thermal", 5, REASONS, b"The cover is open."), 0x0049),
    "update_state": ((3, (), b""), 0x0049),
    "update_active_jobs": (((1207, 1208), (5, 9)), 0x0045),
    "create_subscription": ((), 0x0016),
    "renew_subscription": ((17,), 0x001A),
    "cancel_subscription": ((17,), 0x001B),
    "get_notifications": ((17, 1, True), 0x001C),
    "get_jobs": ((), 0x000A),
    "get_job_state": ((1208,), 0x0009),
    "fetch_job": ((1208,), 0x0043),
    "acknowledge_job": ((1208, 0x040A, b"none of the formats is known here"), 0x0041),
    "fetch_document": ((1208, 1, Engine.formats), 0x0042),
    "acknowledge_document": ((1208, 1), 0x003F),
    "update_document_status": ((1208, 1, 5, (b"printing",), 3, 873), 0x0047),
    "update_job_status": ((1208, 9, (b"job-completed-successfully",), b"", 12, 873), 0x0048),
    "acknowledge_identify": ((), 0x0040),
    "deregister": ((), 0x0046),
}


# Not requests: what several of them begin with.
PARTS = ("begin", "device", "keywords")


def functions():
    """The public functions of the profile, by name."""
    kind = type(functions)
    found = {}
    for module in (infra, description):
        for name in dir(module):
            if not name.startswith("_") and name not in PARTS and name != "const":
                if type(getattr(module, name)) is kind:
                    found[name] = getattr(module, name)
    return found


def test_every_request_is_listed_here():
    assert sorted(functions()) == sorted(REQUESTS)


def test_requests_with_the_heap_locked():
    dec = d.Decoder()
    for name in sorted(REQUESTS):
        arguments, operation = REQUESTS[name]
        function = functions()[name]
        enc = Encoder(bytearray(3000), 200)
        who = infra.Identity(PRINTER, UUID)
        n = call_locked(function, enc, who, arguments)
        events, rest = decode(dec, bytes(enc.buf[200 : 200 + n]))
        assert rest == b"" and enc.length == n, name
        assert events[0] == (d.HEADER, 0x0200, operation, 3), name  # the third request
        assert events[1:7] == [
            (d.GROUP, t.OPERATION),
            (d.ATTRIBUTE, b"attributes-charset"),
            (d.VALUE, t.CHARSET, b"utf-8"),
            (d.ATTRIBUTE, b"attributes-natural-language"),
            (d.VALUE, t.NATURAL_LANGUAGE, b"en"),
            (d.ATTRIBUTE, b"printer-uri"),
        ], name
        assert (d.VALUE, t.URI, PRINTER) in events


def call_locked(function, enc, who, a):
    """Three calls under the lock; unpacking a tuple into the call would itself allocate."""
    n = len(a)
    with locked():
        for _ in range(3):
            if n == 0:
                length = function(enc, who)
            elif n == 1:
                length = function(enc, who, a[0])
            elif n == 2:
                length = function(enc, who, a[0], a[1])
            elif n == 3:
                length = function(enc, who, a[0], a[1], a[2])
            elif n == 5:
                length = function(enc, who, a[0], a[1], a[2], a[3], a[4])
            elif n == 6:
                length = function(enc, who, a[0], a[1], a[2], a[3], a[4], a[5])
    return length


def drain_locked(dec, data, size, sink):
    """Hand the sink every event of ``data``, fed ``size`` bytes at a time, with the heap locked."""
    with locked():
        dec.reset()
        at = 0
        event = d.NEED_DATA
        while event != d.END:
            if event == d.NEED_DATA:
                n = min(size, len(data) - at)
                dec.feed(data, at, n)
                at += n
            event = dec.next()
            if event != d.NEED_DATA:
                sink.on_event(dec, event)


def test_fetch_job_reply_with_the_heap_locked():
    dec = d.Decoder()
    data = fetch_job()
    for size in (1, 100, len(data)):
        job = replies.JobInfo()
        drain_locked(dec, data, size, job)
        assert job.found and job.job_id == 1208 and job.state == replies.JOB_PENDING
        assert job.documents == 1 and not job.canceled and not job.ended
        assert bytes(job.uuid[: job.uuid_length]) == b"urn:uuid:8a1bd4e2-5c1d-3f1c-62a0-6a1f0e3d9b11"


def test_get_jobs_reply_with_the_heap_locked():
    dec = d.Decoder()
    data = get_jobs(20)
    for size in (1, 100, len(data)):
        jobs = infra_replies.FetchableJobs()
        jobs.after = 302
        drain_locked(dec, data, size, jobs)
        assert jobs.job_id == 303
