"""The 2010 profile on the device: what the service believes, registration, and requests that do not fit."""

from mobile_samples import (
    DEVICE,
    FORMATS,
    JOB,
    PRINTER,
    Engine,
    begin,
    finish,
    job_report,
    offer_of,
    print_job,
    take,
)

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import Decoder
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import EncodeError
from fetchprint.service import mobile
from fetchprint.service.mobile_replies import JobReport, PrinterReport
from fetchprint.service.registration import Registration, register_printer


def test_what_the_service_believes():
    report = JobReport()
    report.follows = False
    dec = Decoder()
    for state, reasons, accepted, canceled in (
        (3, (b"job-fetchable",), False, False),
        (5, (b"none",), True, False),
        (6, (b"printer-stopped",), True, False),
        (5, (b"processing-to-stop-point", b"job-canceled-by-user"), True, True),
        (7, (b"job-canceled-by-user",), False, True),
        (9, (b"job-completed-successfully",), False, False),
        (0, (), False, False),
    ):
        data = job_report(state, reasons)
        take(dec, report, data, 1, 1)
        assert report.found == (state > 0) and report.state == state
        assert report.accepted == accepted and report.canceled == canceled, state
        assert report.ended == (state == 9)
    printer = PrinterReport()
    printer.follows = False
    take(dec, printer, job_report(6, identify=True), 1, 1)
    assert printer.found and printer.identify and bytes(printer.uuid) == JOB
    take(dec, printer, job_report(0), 1, 1)
    assert not printer.found and not printer.identify


def registered(credentials, uuid=DEVICE, lines=()):
    enc = Encoder(bytearray(9000))
    begin(enc, 0, 1)
    if uuid:
        enc.string(b"printer-uuid", t.URI, uuid)
    if credentials:
        enc.string(b"http-credentials", t.TEXT, credentials)
    name = b"printer-x509-certificate"
    for line in lines:
        enc.string(name, t.TEXT, line)
        name = None
    return finish(enc)


def registration(data, room=0):
    sink = Registration(bytearray(room))
    sink.follows = False
    take(Decoder(256), sink, data, 1, 1)
    return sink


LINES = (b"-----BEGIN CERTIFICATE-----", b"MIIB" * 16, b"AA==", b"-----END CERTIFICATE-----")


def test_registration():
    sink = registration(registered(b"Bearer 3q2-7w"))
    assert sink.usable and sink.credentials() == b"Bearer 3q2-7w" and bytes(sink.uuid) == DEVICE
    assert registration(registered(b"Basic dGlsbDpzZWNyZXQ=")).usable
    sink = registration(registered(b"", lines=LINES), 200)
    pem = b"\n".join(LINES) + b"\n"
    assert sink.usable and bytes(sink.certificate[: sink.certificate_length]) == pem
    assert registration(registered(b"", lines=LINES), len(pem)).usable
    for sink in (
        registration(registered(b"", lines=LINES), len(pem) - 1),  # no room for all of it
        registration(registered(b"Digest x")),
        registration(registered(b"Bearer x\r\nHost: evil")),
        registration(registered(b"Bearer " + b"x" * 300)),
        registration(registered(b"Bearer x", DEVICE[:44])),
        registration(registered(b"Bearer x", b"http" + DEVICE[4:])),
        registration(registered(b"Bearer x", b"")),
        registration(registered(b"")),
    ):
        assert not sink.usable


def test_certificate_requests_line_by_line():
    who = mobile.Identity(PRINTER, DEVICE)
    enc = Encoder(bytearray(9000))
    for newline in (b"\n", b"\r\n", b"\n\n"):
        n = register_printer(enc, who, Engine, b"till", b"K7QF2MXWPA", newline.join(LINES) + newline)
        sent = bytes(enc.buf[:n])
        for i in range(len(LINES)):
            name = b"printer-x509-request" if i == 0 else b""
            length = bytes([0, len(LINES[i])])
            assert b"\x41\x00" + bytes([len(name)]) + name + length + LINES[i] in sent
    for pem in (b"x" * 77, b"x\n" * 65):
        try:
            register_printer(enc, who, Engine, b"till", b"", pem)
            raise AssertionError("a request too long was sent")
        except EncodeError:
            pass


def test_a_message_that_does_not_fit_leaves_the_encoder_usable():
    who = mobile.Identity(PRINTER, DEVICE)
    offer = offer_of(print_job(((b"document-format", t.MIME_MEDIA_TYPE, b"application/pdf"),)))
    status = offer.judge(FORMATS)
    whole = Encoder(bytearray(1000))
    needed = mobile.reject_print_job(whole, who, offer, status, offer.message)
    for size in range(20, needed):
        enc = Encoder(bytearray(size), 10)
        try:
            mobile.reject_print_job(enc, who, offer, status, offer.message)
            raise AssertionError("%d bytes went into %d" % (needed, size - 10))
        except EncodeError:
            assert enc.start == 10
    enc = Encoder(bytearray(needed + 10), 10)
    who.request_id = 0
    assert mobile.reject_print_job(enc, who, offer, status, offer.message) == needed == enc.length


def test_job_uris():
    who = mobile.Identity(PRINTER, DEVICE)
    offer = offer_of(print_job())
    for job_id in (9, 2147483647, 10, 1208, 1):
        offer.job_id = job_id
        enc = Encoder(bytearray(1000))
        n = mobile.accept_print_job(enc, who, offer)
        uri = PRINTER + b"/%d" % job_id
        assert b"job-uri\x00" + bytes([len(uri)]) + uri + b"\x21" in bytes(enc.buf[:n])
