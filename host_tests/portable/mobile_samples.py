"""Replies of a service of the 2010 profile, made with the encoder, and how a device reads them."""

from fetchprint.engine import base
from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.service.mobile_offer import Offer

PRINTER = b"ipp://127.0.0.1:8501/ipp/print/till"
DEVICE = b"urn:uuid:4f2a1c9e-7b64-4d0e-9a53-1e0c6f8d2b77"
JOB = b"urn:uuid:8a1bd4e2-5c1d-4f1c-92a0-6a1f0e3d9b11"
OTHER = b"urn:uuid:8a1bd4e2-5c1d-4f1c-92a0-6a1f0e3d9b12"
ESCPOS = b"application/vnd.epson.escpos"
FORMATS = (b"image/pwg-raster", ESCPOS)
URI = b"https://files.example/receipts/4711.bin"
DOCUMENT = b"\x1b@Hello\n\x03\x02\x00\x00\x01"  # with what could be taken for IPP


class Engine(base.Engine):
    """The capabilities that report_printer reports."""

    make_and_model = b"Emulated ESC/POS"
    device_id = b"MFG:Emulated;MDL:ESC/POS;CMD:ESCPOS;"
    formats = (b"image/pwg-raster", ESCPOS)
    resolution = 203
    width = 576
    raster_types = (b"black_1", b"sgray_8")
    media = ((b"om_80mm-roll_80x200mm", 8000, 20000, 0, 0, 0, 0),)


def begin(enc, code, request_id):
    """The head of a message."""
    enc.begin(0x0200, code, request_id)
    enc.group(t.OPERATION)
    enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
    enc.string(b"attributes-natural-language", t.NATURAL_LANGUAGE, b"en")


def finish(enc):
    """The message in ``enc`` as bytes."""
    n = enc.end()
    return bytes(enc.buf[:n])


def outer(kind, status=0, uuid=JOB):
    """Fetch-Print-Job's reply up to its end tag."""
    enc = Encoder(bytearray(400))
    begin(enc, status, 5)
    if kind:
        enc.string(b"embedded-message", t.KEYWORD, kind)
    if uuid:
        enc.string(b"job-uuid", t.URI, uuid)
    return finish(enc)


# Operation attributes of the embedded request, by name: (tag, value).
REQUIRED = {
    b"printer-uri": (t.URI, PRINTER),
    b"job-id": (t.INTEGER, 1208),
    b"job-uuid": (t.URI, JOB),
    b"requesting-user-name": (t.NAME, b"j\xc3\xbcrgen"),
    b"document-format": (t.MIME_MEDIA_TYPE, ESCPOS),
}
ORDER = (b"printer-uri", b"job-id", b"job-uuid", b"requesting-user-name", b"document-format")


def put(enc, name, tag, value):
    """One attribute."""
    if tag == t.INTEGER or tag == t.ENUM:
        enc.integer(name, tag, value)
    elif tag == t.BOOLEAN:
        enc.boolean(name, value)
    else:
        enc.string(name, tag, value)


def embedded(operation=0x0002, change=(), template=(), charset=b"utf-8"):
    """The embedded request. ``change``: operation attributes (name, tag, value) added or put instead of
    the usual ones, tag 0 to leave one out; ``template``: of the job group."""
    enc = Encoder(bytearray(3000))
    enc.begin(0x0200, operation, 7)
    enc.group(t.OPERATION)
    enc.string(b"attributes-charset", t.CHARSET, charset)
    enc.string(b"attributes-natural-language", t.NATURAL_LANGUAGE, b"en")
    changed = [entry[0] for entry in change]
    for name in ORDER:
        if name not in changed:
            put(enc, name, REQUIRED[name][0], REQUIRED[name][1])
    for entry in change:
        if entry[1]:
            put(enc, entry[0], entry[1], entry[2])
    if template:
        enc.group(t.JOB)
        enc.begin_collection(b"media-col")
        enc.string(b"media-size-name", t.KEYWORD, b"om_80mm-roll_80x200mm")
        enc.end_collection()
    for entry in template:
        put(enc, entry[0], entry[1], entry[2])
    return finish(enc)


def print_job(change=(), template=(), data=DOCUMENT):
    """A Fetch-Print-Job reply with a Print-Job Request and its document."""
    return outer(b"print-job-request") + embedded(0x0002, change, template) + data


def print_uri(uri=URI):
    """A Fetch-Print-Job reply with a Print-URI Request."""
    return outer(b"print-uri-request") + embedded(0x0003, ((b"document-uri", t.URI, uri),))


def job_report(state, reasons=(b"none",), status=0, identify=False):
    """The reply to Report-Print-Job, Accept-Print-Job and, where a job is known, Report-Printer."""
    enc = Encoder(bytearray(500))
    begin(enc, status, 5)
    if identify:
        enc.string(b"identify-actions", t.KEYWORD, b"flash")
    if state:
        enc.group(t.JOB)
        enc.string(b"job-uuid", t.URI, JOB)
        enc.integer(b"job-id", t.INTEGER, 1208)
        enc.integer(b"job-state", t.ENUM, state)
        name = b"job-state-reasons"
        for reason in reasons:
            enc.string(name, t.KEYWORD, reason)
            name = None
    return finish(enc)


def take(dec, sink, data, first, rest):
    """Feed ``data``, ``first`` bytes and then ``rest`` at a time, to the sink as a device does: two
    messages where it says so. Answers where the document begins. Allocates nothing."""
    dec.reset()
    at = 0
    n = first
    end = 0
    while True:
        event = dec.next()
        if event == d.NEED_DATA:
            if at == len(data):
                dec.close()
            n = min(n, len(data) - at)
            dec.feed(data, at, n)
            at += n
            end = at
            n = rest
            continue
        sink.on_event(dec, event)
        if event == d.END:
            left = dec.pos if end else 0
            if not sink.follows:
                return left
            dec.reset()
            dec.feed(data, left, end - left)


def offer_of(data, offer=None):
    """An Offer that has read ``data`` at once."""
    offer = offer or Offer()
    take(d.Decoder(1023), offer, data, len(data), len(data))
    return offer
