"""Replies as services really send them, made with the encoder: Fetch-Job, and Get-Jobs with many jobs."""

from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder

PRINTER = b"ipp://127.0.0.1:8501/ipp/print/infra"


def _begin(enc):
    enc.begin(0x0200, 0x0000, 7)
    enc.group(t.OPERATION)
    enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
    enc.string(b"attributes-natural-language", t.NATURAL_LANGUAGE, b"en")


def _media_col(enc, name):
    enc.begin_collection(name)
    enc.begin_collection(b"media-size")
    enc.integer(b"x-dimension", t.INTEGER, 21000)
    enc.integer(b"y-dimension", t.INTEGER, 29700)
    enc.end_collection()
    enc.string(b"media-size-name", t.KEYWORD, b"iso_a4_210x297mm")
    for side in (b"top", b"bottom", b"left", b"right"):
        enc.integer(b"media-" + side + b"-margin", t.INTEGER, 423)
    enc.string(b"media-source", t.KEYWORD, b"auto")
    enc.string(b"media-type", t.KEYWORD, b"stationery")
    enc.end_collection()


def fetch_job():
    """A Fetch-Job reply: job 1208, pending, one document, 40 job attributes."""
    enc = Encoder(bytearray(2600))
    _begin(enc)
    enc.group(t.JOB)
    enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
    enc.integer(b"copies", t.INTEGER, 2)
    enc.string(b"compression-supplied", t.KEYWORD, b"none")
    enc.date_time(b"date-time-at-completed", b"\x07\xea\x02\x1c\x17\x3b\x3b\x00+\x01\x00")
    enc.date_time(b"date-time-at-creation", b"\x07\xea\x02\x1c\x17\x3b\x3b\x00+\x01\x00")
    enc.out_of_band(b"date-time-at-processing", t.NO_VALUE)
    enc.string(b"document-format-supplied", t.MIME_MEDIA_TYPE, b"application/pdf")
    enc.string(b"document-name-supplied", t.NAME, b"Quarterly report \xe2\x80\x93 final.pdf")
    enc.integer(b"finishings", t.ENUM, 3)
    enc.integer(None, t.ENUM, 4)
    enc.boolean(b"ipp-attribute-fidelity", False)
    enc.integer(b"job-id", t.INTEGER, 1208)
    enc.integer(b"job-impressions", t.INTEGER, 12)
    enc.integer(b"job-impressions-completed", t.INTEGER, 0)
    enc.integer(b"job-k-octets", t.INTEGER, 873)
    enc.string(b"job-name", t.NAME, b"Quarterly report")
    enc.string(b"job-originating-user-name", t.NAME, b"j\xc3\xbcrgen")
    enc.string(b"job-password-encryption", t.KEYWORD, b"none")
    enc.string(b"job-printer-up-time-unit", t.KEYWORD, b"seconds")
    enc.string(b"job-printer-uri", t.URI, PRINTER)
    enc.integer(b"job-priority", t.INTEGER, 50)
    enc.string(b"job-sheets", t.KEYWORD, b"none")
    enc.integer(b"job-state", t.ENUM, 3)
    enc.with_language(b"job-state-message", t.TEXT_WITH_LANGUAGE, b"de-CH", b"Wartet auf den Drucker")
    enc.string(b"job-state-reasons", t.KEYWORD, b"job-fetchable")
    enc.string(None, t.KEYWORD, b"job-data-insufficient")
    enc.string(b"job-uri", t.URI, PRINTER + b"/1208")
    enc.string(b"job-uuid", t.URI, b"urn:uuid:8a1bd4e2-5c1d-3f1c-62a0-6a1f0e3d9b11")
    _media_col(enc, b"media-col")
    enc.string(b"media", t.KEYWORD, b"iso_a4_210x297mm")
    enc.string(b"multiple-document-handling", t.KEYWORD, b"separate-documents-uncollated-copies")
    enc.integer(b"number-of-documents", t.INTEGER, 1)
    enc.integer(b"orientation-requested", t.ENUM, 3)
    enc.string(b"output-bin", t.KEYWORD, b"face-down")
    enc.range(b"page-ranges", 1, 5)
    enc.range(None, 7, 9)
    enc.string(b"print-color-mode", t.KEYWORD, b"monochrome")
    enc.string(b"print-content-optimize", t.KEYWORD, b"auto")
    enc.integer(b"print-quality", t.ENUM, 4)
    enc.resolution(b"printer-resolution", 203, 203)
    enc.string(b"sides", t.KEYWORD, b"one-sided")
    enc.integer(b"time-at-creation", t.INTEGER, 4711)
    enc.out_of_band(b"time-at-processing", t.NO_VALUE)
    n = enc.end()
    return bytes(enc.buf[:n])


def get_jobs(count):
    """A Get-Jobs reply that lists ``count`` fetchable jobs, the newest first: 300 + count down to 301."""
    enc = Encoder(bytearray(200 + 130 * count))
    _begin(enc)
    for i in range(count, 0, -1):
        enc.group(t.JOB)
        enc.integer(b"job-id", t.INTEGER, 300 + i)
        enc.integer(b"job-state", t.ENUM, 3)
        enc.string(b"job-state-reasons", t.KEYWORD, b"job-fetchable")
        enc.string(None, t.KEYWORD, b"job-data-insufficient")
        enc.string(b"output-device-assigned", t.NAME, b"thermal")
    n = enc.end()
    return bytes(enc.buf[:n])
