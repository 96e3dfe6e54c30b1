"""Attacks by IPP messages."""

from hostile_service import (
    ACK_JOB,
    FETCH_DOCUMENT,
    FETCH_JOB,
    GET_JOBS,
    JOB_STATUS,
    NOTIFICATIONS,
    SUBSCRIBE,
    UPDATE_ACTIVE,
    UPDATE_DEVICE,
    begin,
    finish,
)
from hostile_table import FORGOTTEN, PRINTED, Attack, message, stream
from hostile_wire import chunked, for_ever, whole

from fetchprint.ipp import tags as t

LENGTHS = "length fields that lie"
NESTED = "nested collections"
FLOOD = "attribute floods"
WRONG = "an answer that is none"
LIES = "numbers that lie"
HOSTILE_TEXT = "hostile text in attributes"

_GROUP = "0x02 "
_SEVEN = _GROUP + "0x34 0x0001 c 0x0000 " + "0x4A 0x0000 0x0001 c 0x34 0x0000 0x0000 " * 6


def _attributes():
    """Attributes without end."""
    return chunked(for_ever(b"\x44\0\1a\0\1b" * 128, b"\x02\0\0\0\0\0\0\1\x02"))


def flood(piece):
    """An answer that begins as it should and goes on with ``piece`` for ever."""

    def answer(service, request, wire):
        return chunked(for_ever(piece, b"\x02\0\0\0" + request[4:8] + b"\x02"))

    return answer


def another_request(service, request, wire):
    wrong = request[:4] + bytes((request[4], request[5], request[6], request[7] ^ 0x55)) + request[8:]
    return whole(service.list(wrong, []))


def behind(service, request, wire):
    return whole(service.list(request, service.jobs) + b"more than was asked for")


def no_id(service, request, wire):
    enc = begin(0, request)
    enc.group(t.JOB)
    enc.string(b"job-id", t.TEXT, b"\x1b]0;owned\x07")
    return whole(finish(enc))


def lease(seconds):
    def answer(service, request, wire):
        service.subscription += 1
        return whole(service.subscribed(request, service.subscription, seconds))

    return answer


def jobs_told(**change):
    """Fetch-Job describes the job, changed so."""

    def answer(service, request, wire):
        return whole(service.described(request, service.jobs[-1], **change))

    return answer


def listed(number):
    """Get-Jobs offers a job with this number besides."""

    def answer(service, request, wire):
        enc = begin(0, request)
        enc.group(t.JOB)
        enc.integer(b"job-id", t.INTEGER, number)
        enc.integer(b"job-state", t.ENUM, 3)
        return whole(finish(enc))

    return answer


def events(numbers):
    def answer(service, request, wire):
        return whole(service.events(request, numbers))

    return answer


ATTACKS = (
    Attack("value longer than the message", LENGTHS, GET_JOBS, message(_GROUP + "0x41 0x0001 a 0x7FFF x 0x03"),
           "message cut short"),
    Attack("value length with its sign bit", LENGTHS, GET_JOBS, message(_GROUP + "0x41 0x0001 a 0xFFFF x 0x03"),
           "has its sign bit set"),
    Attack("name of 32,768 octets", LENGTHS, GET_JOBS, message(_GROUP + "0x41 0x8000 a"), "name of 32768 bytes"),
    Attack("integer of three octets", LENGTHS, GET_JOBS,
           message(_GROUP + "0x21 0x0006 job-id 0x0003 0x000001 0x03"), "value of 3 bytes, tag 0x21 has 4"),
    Attack("boolean of two octets", LENGTHS, UPDATE_DEVICE, message("0x01 0x22 0x0001 a 0x0002 0x0101 0x03"),
           "value of 2 bytes, tag 0x22 has 1"),
    Attack("language longer than its value", LENGTHS, GET_JOBS,
           message(_GROUP + "0x35 0x0001 a 0x0006 0x7FFF en 0x0000 0x03"), "do not fill their value"),
    Attack("extension tag in two octets", LENGTHS, GET_JOBS, message(_GROUP + "0x7F 0x0001 a 0x0002 0x0021 0x03"),
           "extension value of 2 bytes"),
    Attack("extension tag for a plain one", LENGTHS, GET_JOBS,
           message(_GROUP + "0x7F 0x0001 a 0x0004 0x00000021 0x03"), "extension tag 33"),
    Attack("collections seven deep", NESTED, GET_JOBS, message(_SEVEN), "nested deeper than 6"),
    Attack("a group inside a collection", NESTED, GET_JOBS, message(_GROUP + "0x34 0x0001 c 0x0000 0x02"),
           "group tag 0x02 inside a collection"),
    Attack("a member without a value", NESTED, GET_JOBS,
           message(_GROUP + "0x34 0x0001 c 0x0000 0x4A 0x0000 0x0001 m 0x37 0x0000 0x0000"),
           "member without a value"),
    Attack("the end of a collection that is none", NESTED, GET_JOBS, message(_GROUP + "0x37 0x0000 0x0000"),
           "outside a collection"),
    Attack("attributes without end", FLOOD, GET_JOBS, flood(b"\x44\0\1a\0\1b" * 100), "more than 20000 attributes"),
    Attack("values without end", FLOOD, GET_JOBS, flood(b"\x44\0\1a\0\1b" + b"\x44\0\0\0\1b" * 2001),
           "more than 2000 values"),
    Attack("long values without end", FLOOD, GET_JOBS,
           flood(b"\x44\0\1a\x0f\x00" + b"x" * 0x0F00), "message longer than 1048576 bytes"),
    Attack("groups without end", FLOOD, GET_JOBS, flood(b"\x02" * 1000), "more than 20000 attributes and groups"),
    Attack("attributes without end at start-up", FLOOD, UPDATE_DEVICE, stream(_attributes), "reply to request 1"),
    Attack("the answer to another request", WRONG, GET_JOBS, another_request, "reply to request"),
    Attack("IPP version 9.9", WRONG, GET_JOBS,
           lambda s, r, w: whole(b"\x09\x09\0\0" + r[4:8] + b"\x03"), "IPP version 9.9"),
    Attack("request-id 0", WRONG, GET_JOBS,
           lambda s, r, w: whole(b"\x02\0\0\0\0\0\0\0\x03"), "request-id 0"),
    Attack("HTML that calls itself IPP", WRONG, GET_JOBS,
           lambda s, r, w: whole(b"<!DOCTYPE html><title>Log in to the network</title>"), "IPP version 60.33"),
    Attack("an answer of no octets", WRONG, GET_JOBS, lambda s, r, w: whole(b""), "message cut short"),
    Attack("octets behind the answer", WRONG, GET_JOBS, behind, "bytes nobody asked for"),
    Attack("the status 0xFFFF", WRONG, UPDATE_DEVICE, message("0x03", 0xFFFF), "status 0xffff"),
    Attack("server-error-busy, six times", WRONG, UPDATE_ACTIVE, message("0x03", 0x0507), "status 0x0507", times=6),
    Attack("no subscription in the answer", WRONG, SUBSCRIBE, message("0x01 0x03"), "no notify-subscription-id"),
    Attack("a lease that has been over for years", LIES, SUBSCRIBE, lease(-(1 << 31)), "waiting", PRINTED),
    Attack("a lease of 68 years", LIES, SUBSCRIBE, lease((1 << 31) - 1), "waiting", PRINTED),
    Attack("event number 2,147,483,647", LIES, NOTIFICATIONS, events([(1 << 31) - 1]), "job-end", PRINTED),
    Attack("events that count backwards", LIES, NOTIFICATIONS, events([5, -5, 0, -(1 << 31)]), "job-end", PRINTED),
    Attack("a job-id below 0", LIES, GET_JOBS, listed(-7), "", PRINTED),
    Attack("a job-id that is not there", LIES, GET_JOBS, listed((1 << 31) - 1), "does not know this device"),
    Attack("another job-id than was asked for", LIES, FETCH_JOB, jobs_told(job_id=999), "job-end", PRINTED),
    Attack("-5 documents", LIES, FETCH_JOB, jobs_told(documents=-5), "job-end", PRINTED),
    Attack("success without a job", LIES, FETCH_JOB, message("0x01 0x03"), "does not know this device"),
    Attack("a job-id that is text to a terminal", HOSTILE_TEXT, GET_JOBS, no_id, "", PRINTED),
    Attack("a job-uuid with escapes of a terminal", HOSTILE_TEXT, FETCH_JOB, jobs_told(uuid=b"urn:\x1b[2J\x07"),
           "a character that no URI may have"),
    Attack("a job-uuid with line ends", HOSTILE_TEXT, FETCH_JOB, jobs_told(uuid=b"urn:uuid:1\r\n9 urn:uuid:2"),
           "a character that no URI may have"),
    Attack("a job-uuid that is not UTF-8", HOSTILE_TEXT, FETCH_JOB, jobs_told(uuid=b"urn:uuid:\xff\xfe\xc0\x80"),
           "a character that no URI may have"),
    Attack("a job-uuid that is a path", HOSTILE_TEXT, FETCH_JOB, jobs_told(uuid=b"../../../boot.py"), "job-end",
           PRINTED),
    Attack("a job-uuid that ends a JSON text", HOSTILE_TEXT, FETCH_JOB, jobs_told(uuid=b'"],"job":null}'),
           "job-end", PRINTED),
    Attack("a claim refused without a reason", WRONG, ACK_JOB, message("0x03", 0x0400), "Acknowledge-Job: status 0x0400",
           FORGOTTEN),
    Attack("document data of another request", WRONG, FETCH_DOCUMENT,
           lambda s, r, w: whole(b"\x02\0\0\0\0\x7f\0\0\x01\x03"), "reply to request"),
    Attack("a report refused for ever by nonsense", WRONG, JOB_STATUS, message("0x00", 0), "reserved tag", times=5),
)  # fmt: skip
