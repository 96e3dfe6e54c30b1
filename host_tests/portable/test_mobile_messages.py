"""The 2010 profile on the device: messages in messages wherever they are cut, and the answers to them."""

from mobile_samples import (
    DOCUMENT,
    ESCPOS,
    FORMATS,
    JOB,
    OTHER,
    URI,
    embedded,
    job_report,
    offer_of,
    outer,
    print_job,
    print_uri,
    take,
)

from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import Decoder
from fetchprint.ipp.errors import DecodeError
from fetchprint.service import mobile
from fetchprint.service.mobile_offer import Offer

HTTPS = (b"https",)


def check_print_job(offer, status=0):
    assert offer.announced == offer.operation == mobile.PRINT_JOB
    assert offer.inside and not offer.follows
    assert (bytes(offer.uuid), offer.uuid_length) == (JOB, 45)
    assert (offer.job_id, offer.request_id, offer.format()) == (1208, 7, ESCPOS)
    assert offer.judge(FORMATS) == status


def test_a_job_split_at_every_byte():
    data = print_job(template=((b"copies", t.INTEGER, 1), (b"sides", t.KEYWORD, b"one-sided")))
    dec = Decoder(256)
    offer = Offer()
    for first in range(len(data) - len(DOCUMENT) + 1):
        at = take(dec, offer, data, first, len(data))
        assert data[at:] == DOCUMENT
        check_print_job(offer)


def test_a_job_in_pieces_of_every_size():
    data = print_job()
    dec = Decoder(256)
    offer = Offer()
    for size in range(1, 65):
        at = take(dec, offer, data, size, size)
        assert data[at:] == DOCUMENT
        check_print_job(offer)


def test_a_uri_split_at_every_byte():
    data = print_uri()
    dec = Decoder(256)
    offer = Offer()
    for first in range(len(data) + 1):
        assert take(dec, offer, data, first, len(data)) == len(data)
        assert offer.announced == offer.operation == mobile.PRINT_URI
        assert bytes(offer.document_uri[: offer.uri_length]) == URI
        assert offer.judge(FORMATS, HTTPS) == 0


def test_every_beginning_is_told_from_the_whole():
    data = print_job(data=b"")
    dec = Decoder(256)
    offer = Offer()
    at_embedded = len(outer(b"print-job-request"))
    for n in range(len(data)):
        offer.clear()
        try:
            take(dec, offer, data[:n], n, n)
            raise AssertionError("%d of %d bytes were taken for a job" % (n, len(data)))
        except DecodeError:
            pass
        offer.damaged(dec)
        assert offer.judge(FORMATS) == 0x0400
        assert offer.uuid_length == 45 or n < at_embedded


def test_no_job():
    for data in (outer(b"none", uuid=b""), outer(b"", 0x0507, b"")):
        offer = offer_of(data)
        assert not offer.announced and not offer.inside and not offer.found


def test_a_job_that_is_in_the_way():
    offer = offer_of(job_report(5, status=0x0404))
    assert offer.found and offer.accepted and bytes(offer.uuid) == JOB and offer.job_id == 1208
    assert not offer.announced


def test_someone_looks_for_the_printer():
    offer = offer_of(job_report(0, identify=True))
    assert offer.identify and not offer.found
    offer_of(print_job(), offer)
    assert not offer.identify


def test_an_offer_that_broke_off_leaves_nothing_behind():
    offer = offer_of(print_job(template=((b"copies", t.INTEGER, 2),)))
    offer.judge((b"image/urf",))
    data = outer(b"print-job-request")
    try:
        take(Decoder(), offer, data, len(data), 1)
    except DecodeError:
        pass
    assert offer.follows
    offer.clear()
    offer_of(print_job(), offer)
    check_print_job(offer)
    assert offer.bad_tag == 0


# What is wrong with the embedded request, and the status with which it is rejected.
WRONG = (
    (b"document-format", t.MIME_MEDIA_TYPE, b"application/pdf", 0x040A),
    (b"document-format", t.MIME_MEDIA_TYPE, ESCPOS + b"x", 0x040A),
    (b"document-format", 0, b"", 0x0400),
    (b"compression", t.KEYWORD, b"gzip", 0x040F),
    (b"job-id", 0, 0, 0x0400),
    (b"job-id", t.INTEGER, 0, 0x0400),
    (b"job-uuid", t.URI, OTHER, 0x0400),
    (b"job-uuid", t.URI, JOB[:44], 0x0400),
    (b"job-uuid", 0, b"", 0x0400),
)
UNSUPPORTED = {0x040A: b"document-format", 0x040F: b"compression"}


def test_requests_that_are_rejected():
    for name, tag, value, status in WRONG:
        offer = offer_of(print_job(((name, tag, value),)))
        assert offer.judge(FORMATS) == status, (name, value)
        assert offer.message
        if status in UNSUPPORTED:
            assert offer.bad_name() == UNSUPPORTED[status] and offer.bad_tag == tag
            assert bytes(offer.bad_value[: offer.bad_length]) == value
        else:
            assert not offer.bad_tag


def test_requests_of_another_kind():
    for kind, operation, status in (
        (b"print-job-request", 0x0004, 0x0501),
        (b"print-job-request", 0x0003, 0x0400),
        (b"print-uri-request", 0x0002, 0x0400),
    ):
        offer = offer_of(outer(kind) + embedded(operation))
        assert offer.judge(FORMATS, HTTPS) == status, operation
    offer = offer_of(outer(b"print-job-request") + embedded(charset=b"iso-8859-1"))
    assert offer.judge(FORMATS) == 0x040D


def test_an_unknown_version_is_rejected():
    inner = bytearray(embedded())
    inner[0] = 9
    data = outer(b"print-job-request") + bytes(inner)
    offer = Offer()
    dec = Decoder()
    try:
        take(dec, offer, data, len(data), 1)
        raise AssertionError("version 9 was taken")
    except DecodeError:
        offer.damaged(dec)
    assert offer.judge(FORMATS) == 0x0503 and bytes(offer.uuid) == JOB


def test_document_uris():
    for uri, schemes, status in (
        (URI, HTTPS, 0),
        (b"HTTPS" + URI[5:], HTTPS, 0),
        (URI, (), 0x040C),
        (b"http" + URI[5:], HTTPS, 0x040C),
        (b"file:///etc/passwd", HTTPS, 0x040C),
        (b"httpsx://a/", HTTPS, 0x040C),
        (b"https", HTTPS, 0x040C),
        (URI + b"x" * 980, HTTPS, 0),
        (URI + b"x" * 984, HTTPS, 0),
    ):
        offer = offer_of(print_uri(uri))
        assert offer.judge(FORMATS, schemes) == status, uri
    small = Offer(64)
    offer_of(print_uri(URI + b"x" * 64), small)
    assert small.judge(FORMATS, HTTPS) == 0x0409 and not small.bad_tag
    offer = Offer()
    data = print_uri(URI + b"x" * 300)
    take(Decoder(256), offer, data, len(data), 1)
    assert offer.judge(FORMATS, HTTPS) == 0x0409
    offer = offer_of(outer(b"print-uri-request") + embedded(0x0003))
    assert offer.judge(FORMATS, HTTPS) == 0x0400


def test_what_has_no_say_is_passed_over():
    more = ((b"compression", t.KEYWORD, b"none"), (b"x", t.KEYWORD, b"y"))
    templates = ((b"x-laser-show", t.KEYWORD, b"yes"), (b"x-smoke", t.KEYWORD, b"yes"))
    offer = offer_of(print_job(more, templates))
    assert offer.judge(FORMATS) == 1 and offer.bad_name() == b"x-laser-show"  # the first of them is told
    printer = b"\x04\x44\0\x06copies\0\x03two\x03"  # in a group of another kind
    offer = offer_of(outer(b"print-job-request") + embedded()[:-1] + printer + DOCUMENT)
    assert offer.judge(FORMATS) == 0


def test_schemes_that_begin_alike():
    offer = offer_of(
        outer(b"print-uri-request") + embedded(0x0003, ((b"document-uri", t.URI, b"httpx://h/a"),))
    )
    assert offer.judge(FORMATS, (b"https", b"http")) == 0x040C


def test_large_documents():
    offer = offer_of(print_job(((b"job-k-octets", t.INTEGER, 700),)))
    assert offer.judge(FORMATS) == 0
    assert offer.judge(FORMATS, (), 700) == 0
    assert offer.judge(FORMATS, (), 699) == 0x0408


# Job Template attributes: whether they are supported; if not, the syntax that the answer has.
TEMPLATES = (
    (b"copies", t.INTEGER, 1, 0),
    (b"copies", t.INTEGER, 2, t.INTEGER),
    (b"copies", t.KEYWORD, b"two", t.UNSUPPORTED),
    (b"finishings", t.ENUM, 3, 0),
    (b"finishings", t.ENUM, 4, t.ENUM),
    (b"sides", t.KEYWORD, b"one-sided", 0),
    (b"sides", t.KEYWORD, b"two-sided-long-edge", t.KEYWORD),
    (b"sides", t.KEYWORD, b"x" * 65, t.UNSUPPORTED),
    (b"media", t.KEYWORD, b"iso_a4_210x297mm", 0),
    (b"x-laser-show", t.KEYWORD, b"yes", t.UNSUPPORTED),
)


def test_job_template_attributes():
    for fidelity in (True, False):
        for name, tag, value, bad_tag in TEMPLATES:
            change = ((b"ipp-attribute-fidelity", t.BOOLEAN, fidelity),)
            offer = offer_of(print_job(change, ((name, tag, value), (b"number-up", t.INTEGER, 2))))
            if not bad_tag:
                name, value, bad_tag = b"number-up", 2, t.INTEGER
            assert offer.judge(FORMATS) == (0x040B if fidelity else 1), name
            assert (offer.bad_name(), offer.bad_tag) == (name, bad_tag)
            if bad_tag == t.INTEGER or bad_tag == t.ENUM:
                assert offer.bad_number == value
            elif bad_tag == t.KEYWORD:
                assert bytes(offer.bad_value[: offer.bad_length]) == value
