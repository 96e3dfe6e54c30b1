"""What a device of the 2010 profile makes of an offer: printed, rejected, held back, ended before."""

from mobile_device import Paper, Printer, assert_printed, prints
from mobile_samples import DOCUMENT, ESCPOS, JOB, job_report, outer, print_job, print_uri
from mobile_service import (
    ABORTED,
    ACCEPT,
    CANCELED,
    COMPLETED,
    FETCH,
    PROCESSING,
    REJECT,
    REPORT_JOB,
    REPORT_PRINTER,
    STOPPING,
    Service,
    offered,
)

from fetchprint.document.inflate import Inflate
from fetchprint.engine import base
from fetchprint.ipp import tags as t
from fetchprint.service import mobile
from fetchprint.service.mobile_offer import Offer

UNPACKER = Inflate()


def test_a_job_from_offer_to_end():
    service = offered()
    printer = prints(service)
    assert_printed(printer, service)
    first, second = service.requests[:2]
    assert first[0] == REPORT_PRINTER and first[1][b"document-format-supported"] == [ESCPOS]
    assert second[0] == FETCH and second[1][b"fetch-wait"] == [60]
    accepted = service.all(ACCEPT)
    assert len(accepted) == 1 and accepted[0][1][b"job-uuid"] == [JOB] and accepted[0][2] == 0
    states = [request[1][b"job-state"][0] for request in service.all(REPORT_JOB)]
    assert states[-1] == COMPLETED and states.count(COMPLETED) == 1
    assert b"fetch-wait" in service.requests[-1][1] or service.printer == 3


def test_an_offer_split_at_every_byte():
    """Outer message, embedded message, document: each comes as it is, whatever comes in one piece."""
    data = print_job(template=((b"copies", t.INTEGER, 1),))
    service = Service(data)
    service.known, service.printer = True, 3
    printer = Printer(service)
    exchange = printer.session.control.documents
    who = printer.session.identity
    offer = Offer(0)
    for first in range(1, len(data) + 1):
        service.first = first
        service.requests.clear()
        offer.clear()
        exchange.start(0, mobile.fetch_print_job(exchange.encoder, who, 0), who.request_id, offer)
        status = None
        while status is None:
            status = exchange.poll(0)
        assert status == 0 and offer.judge((ESCPOS,)) == 0 and offer.job_id == 1208
        source = exchange.connection
        document = bytes(source.buf[source.pos : source.end])
        while source.fill(0):
            document += bytes(source.buf[source.pos : source.end])
        assert document == DOCUMENT, first
        exchange.finish()


def test_a_job_whose_offer_comes_in_two_pieces():
    data = print_job()
    for first in range(1, len(data) + 1, 19):
        service = Service(data)
        service.first = first
        assert_printed(prints(service), service)


def test_an_offer_in_small_pieces():
    for size in (1, 2, 3, 7, 64):
        service = offered()
        service.first = service.rest = size
        assert_printed(prints(service), service)


# The embedded request and the status-code inside Reject-Print-Job.
REJECTED = (
    (print_job(((b"document-format", t.MIME_MEDIA_TYPE, b"application/pdf"),)), 0x040A),
    (print_job(((b"compression", t.KEYWORD, b"gzip"),)), 0x040F),
    (print_job(((b"job-id", 0, 0),)), 0x0400),
    (
        print_job(((b"ipp-attribute-fidelity", t.BOOLEAN, True),), ((b"copies", t.INTEGER, 2),)),
        0x040B,
    ),
    (print_uri(), 0x040C),
    (print_uri() + b"x", 0x0400),  # nothing may be behind a Print-URI Request
    (outer(b"print-job-request") + b"\x09" + print_job(data=b"")[100:], 0x0503),
    (print_job(data=b"")[:-40], 0x0400),  # the embedded request ends too early
)


def test_offers_that_are_rejected():
    for data, status in REJECTED:
        service = Service(data)
        printer = Printer(service)
        printer.until(lambda service=service: service.all(REJECT))
        request = service.all(REJECT)[0]
        assert request[1][b"job-uuid"] == [JOB] and request[2] == status, (request, status)
        printer.run(50)
        assert not service.all(ACCEPT) and printer.engine.jobs == 0 and printer.phase() is None
        service.offer, service.job = print_job(), 3
        printer.until(lambda printer=printer: printer.ended())
        assert_printed(printer, service)


PWG = b"image/pwg-raster"
FORMAT = b"document-format"
GZIP = (b"compression", t.KEYWORD, b"gzip")
PACKED = (
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x93v\xf0H\xcd\xc9\xc9\xe7bfb``\x04\x00v\x85DL\r\x00\x00\x00"
)


class Head(Paper):
    """Takes raster, too."""

    width = 64
    resolution = 203
    formats = (ESCPOS, PWG)


# A document that begins as no such document can, and the status-code inside Reject-Print-Job.
NO_SUCH_DOCUMENTS = (
    (print_job(((FORMAT, t.MIME_MEDIA_TYPE, PWG),), data=b"RaS3 and so on"), 0x0411),
    (print_job(((FORMAT, t.MIME_MEDIA_TYPE, PWG),), data=b"%PDF-1.4"), 0x0411),
    (print_job(((FORMAT, t.MIME_MEDIA_TYPE, b"image/urf"),), data=b"UNIVERSE"), 0x0411),
    (print_job(data=b""), 0x0411),
    (print_job((GZIP,)), 0x0410),
    (print_job((GZIP,), data=b"BZh9"), 0x0410),
)


def test_documents_are_looked_at_before_their_job_is_accepted():
    for data, status in NO_SUCH_DOCUMENTS:
        for first, rest in ((1 << 16, 1 << 16), (len(data) - 3, 1)):
            service = Service(data)
            service.first, service.rest = first, rest
            printer = Printer(service, paper=Head(), inflate=UNPACKER)
            printer.until(lambda service=service: service.all(REJECT))
            assert service.all(REJECT)[0][2] == status
            assert not service.all(ACCEPT) and printer.engine.jobs == 0
            assert printer.phase() is None and printer.device.owner is None
            service.offer, service.job = print_job(), 3
            printer.until(lambda printer=printer: printer.ended())
            assert_printed(printer, service)


def test_a_document_that_is_slow_to_begin_is_accepted_unseen():
    for late, unseen in ((300, False), (5000, True)):
        service = offered()
        service.late = late
        printer = Printer(service)
        begun = printer.now
        printer.until(lambda service=service: service.all(ACCEPT))
        assert (printer.now - begun < late) == unseen and not printer.engine.out
        printer.until(lambda printer=printer: printer.ended())
        assert_printed(printer, service)


def test_a_packed_document_is_unpacked():
    for first in range(len(print_job((GZIP,))) - len(DOCUMENT), len(print_job((GZIP,), data=PACKED)) + 1):
        service = offered((GZIP,), data=PACKED)
        service.first = first
        printer = Printer(service, inflate=UNPACKER)
        printer.until(lambda printer=printer: printer.ended())
        assert_printed(printer, service)
    described = service.all(REPORT_PRINTER)[0][1]
    assert described[b"compression-supported"] == [b"gzip", b"none"]


def test_a_packed_document_that_is_damaged():
    service = offered((GZIP,), data=PACKED[:-6] + b"\0" + PACKED[-5:])
    printer = Printer(service, inflate=UNPACKER)
    printer.until(lambda: printer.ended())
    assert printer.ended() == ["aborted"] and service.job == ABORTED
    assert service.all(REPORT_JOB)[-1][1][b"job-state-reasons"] == [b"compression-error"]


def test_a_document_larger_than_the_printer_takes():
    for size, k_octets, status in ((2048, 2, 0), (2049, 3, 0x0408), (2048, 3, 0x0408)):
        service = offered(((b"job-k-octets", t.INTEGER, k_octets),), data=bytes(size))
        printer = Printer(service, most=2048)
        printer.until(lambda printer=printer, service=service: printer.ended() or service.all(REJECT))
        assert [request[2] for request in service.all(REJECT)] == ([status] if status else [])
        assert len(printer.engine.out) == (0 if status else size)
    # The service does not say how large it is.
    service = offered(data=bytes(9000))
    printer = Printer(service, most=2048)
    printer.until(lambda: printer.ended())
    assert printer.ended() == ["aborted"] and service.job == ABORTED
    last = service.all(REPORT_JOB)[-1][1]
    assert last[b"job-state-reasons"] == [b"aborted-by-system"]
    assert b"more than the 2048 octets" in last[b"job-state-message"][0]
    assert 0 < len(printer.engine.out) < 9000


def test_an_ignored_attribute_is_told():
    service = offered(template=((b"copies", t.INTEGER, 2),))
    assert_printed(prints(service), service)
    assert service.all(ACCEPT)[0][2] == 1


def test_an_offer_that_crosses_a_stop_is_rejected_for_now():
    service = Service()
    printer = Printer(service)
    printer.until(lambda: service.all(FETCH))
    service.offer, service.job = print_job(), 3
    printer.engine.reasons = base.COVER_OPEN
    printer.until(lambda: service.all(REJECT))
    assert service.all(REJECT)[0][2] == 0x0504
    printer.until(lambda: service.printer == 5)


def test_an_offer_while_another_service_prints_is_rejected_for_now():
    service = Service()
    printer = Printer(service)
    printer.until(lambda: service.all(FETCH))
    other = Printer(Service()).session
    other.job.on_engine = True
    printer.device.owner = other
    service.offer, service.job = print_job(), 3
    printer.until(lambda: service.all(REJECT))
    assert service.all(REJECT)[0][2] == 0x0507
    printer.until(lambda: service.printer == 4)
    fetches = len(service.all(FETCH))
    service.offer, service.job = print_job(), 3
    printer.run(200)
    assert len(service.all(FETCH)) <= fetches + 1  # held, while the state says processing
    assert len(service.all(REJECT)) == 1
    printer.device.owner = None
    printer.until(lambda: printer.ended())
    assert_printed(printer, service)


def test_accept_is_answered_that_the_job_is_gone():
    for answer in (job_report(CANCELED, status=0x0404), outer(b"", 0x0406, b""), job_report(CANCELED)):
        service = offered()
        service.scripted[ACCEPT] = [answer]
        printer = Printer(service)
        printer.until(lambda service=service: service.all(ACCEPT))
        service.offer, service.job = None, 0
        printer.run(20)
        assert printer.engine.jobs == 0 and printer.phase() is None and not printer.ended()
        assert printer.device.owner is None


def test_a_cancel_that_comes_with_the_acceptance():
    service = offered()
    service.scripted[ACCEPT] = [job_report(PROCESSING, STOPPING)]
    printer = prints(service)
    assert printer.ended() == ["canceled"] and printer.engine.jobs == 0 and service.job == CANCELED


def test_a_job_that_ended_here_is_not_printed_again():
    service = offered()
    printer = prints(service)
    service.offer, service.job = print_job(), 3
    printer.until(lambda: len(printer.ended()) == 2)
    assert printer.engine.jobs == 1 and service.job == COMPLETED and len(service.all(ACCEPT)) == 1


def test_a_job_of_which_nothing_is_known_is_reported_aborted():
    for place in (REPORT_PRINTER, FETCH):
        service = Service()
        service.job = PROCESSING
        if place == FETCH:
            service.scripted[REPORT_PRINTER] = [job_report(0)]
        printer = Printer(service)
        printer.until(lambda printer=printer: printer.ended())
        assert printer.ended() == ["aborted"] and service.job == ABORTED and printer.engine.jobs == 0
