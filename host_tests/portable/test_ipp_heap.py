"""The codec with the heap locked: whole replies, byte by byte, long values and every kind of value."""

from heap import LOCKS, locked
from ipp_events import new_encoder, octets
from ipp_replies import fetch_job, get_jobs

from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t


class Count:
    """What ``drain`` saw, in places that exist beforehand."""

    def __init__(self):
        self.events = [0] * 9
        self.job_id = self.sum = self.bytes = self.matches = 0
        self.out = bytearray(64)


def drain(dec, data, size, count):
    """Decode ``data``, ``size`` bytes at a time, using every accessor that a consumer may use."""
    events = count.events
    at = 0
    event = d.NEED_DATA
    while event != d.END:
        if event == d.NEED_DATA:
            n = min(size, len(data) - at)
            dec.feed(data, at, n)
            at += n
        event = dec.next()
        events[event] += 1
        if event == d.ATTRIBUTE and dec.name_is(b"media-col"):
            count.matches += 1
        elif event == d.MEMBER and dec.member_is(b"x-dimension"):
            count.matches += 1
        elif event == d.VALUE:
            tag = dec.tag
            if dec.long:
                n = 1
                while n != 0:
                    n = dec.read(count.out, 0, 64)
                    if n is None:
                        n = min(size, len(data) - at)
                        dec.feed(data, at, n)
                        at += n
                    else:
                        count.bytes += n
            elif tag == t.INTEGER or tag == t.ENUM:
                count.sum += dec.integer()
                if dec.name_is(b"job-id"):
                    count.job_id = dec.integer()
            elif tag == t.RANGE:
                count.sum += dec.integer() + dec.integer(4)
            elif tag == t.RESOLUTION:
                count.sum += dec.integer() + dec.integer(4) + dec.byte(8)
            elif tag == t.BOOLEAN:
                count.sum += dec.byte()
            else:
                count.bytes += max(0, dec.copy_value(count.out, 0, 64))
                if dec.value_is(b"job-fetchable"):
                    count.matches += 1
    return dec.offset


def under_lock(data, window=t.LONGEST_VALUE):
    """``data`` drained whole and byte by byte with the heap locked: the one count of both."""
    dec = d.Decoder(window)
    counts = (Count(), Count())
    with locked():
        drain(dec, data, len(data), counts[0])
        dec.close()
        dec.reset()
        drain(dec, data, 1, counts[1])
    whole, bytewise = counts
    assert bytewise.events[d.NEED_DATA] > whole.events[d.NEED_DATA] == 0
    bytewise.events[d.NEED_DATA] = 0
    assert bytewise.events == whole.events
    assert (bytewise.job_id, bytewise.sum, bytewise.matches) == (whole.job_id, whole.sum, whole.matches)
    assert bytewise.bytes == whole.bytes
    return whole


def test_the_lock_holds():
    if LOCKS:
        try:
            with locked():
                bytearray(100)
            raise AssertionError("memory was to be had")
        except MemoryError:
            pass


def test_fetch_job_reply():
    count = under_lock(fetch_job())
    assert count.events[d.HEADER] == count.events[d.END] == 1
    assert count.events[d.GROUP] == 2
    assert count.events[d.ATTRIBUTE] == 2 + 40
    assert count.events[d.COLLECTION] == count.events[d.END_COLLECTION] == 2
    assert count.events[d.MEMBER] == 10
    assert count.job_id == 1208
    assert count.matches == 3  # media-col, x-dimension, job-fetchable


def test_get_jobs_reply_with_20_jobs():
    count = under_lock(get_jobs(20))
    assert count.events[d.GROUP] == 21
    assert count.events[d.ATTRIBUTE] == 2 + 20 * 4
    assert count.events[d.VALUE] == 2 + 20 * 5
    assert count.job_id == 301
    assert count.matches == 20


def test_fetch_job_reply_in_a_small_window():
    count = under_lock(fetch_job(), 64)
    assert count.job_id == 1208


def test_long_values():
    head = octets("0x0200 0x0000 0x00000001 0x01 0x41 0x0001 a 0x0400")
    count = under_lock(head + b"x" * 1024 + octets("0x21 0x0001 b 0x0004 0x0000002A 0x03"), 64)
    assert count.bytes == 1024 and count.sum == 42


def test_every_encoder_call():
    enc = new_encoder(1200)
    source = b"0123456789"
    date = b"\x07\xea\x02\x1c\x17\x3b\x3b\x00+\x01\x00"
    with locked():
        for _ in range(3):
            enc.begin(0x0200, 2, 1)
            enc.group(t.OPERATION)
            enc.string(b"a", t.CHARSET, b"utf-8")
            enc.string(None, t.CHARSET, b"us-ascii")
            enc.string_at(b"b", t.NAME, source, 2, 5)
            enc.integer(b"c", t.INTEGER, -1)
            enc.integer(None, t.ENUM, 0x3FFFFFFF)
            enc.boolean(b"d", True)
            enc.with_language(b"e", t.TEXT_WITH_LANGUAGE, b"en", b"text")
            enc.date_time(b"f", date)
            enc.resolution(b"g", 203, 203)
            enc.range(b"h", 1, 0x3FFFFFFF)
            enc.out_of_band(b"i", t.NO_VALUE)
            enc.extension(b"j", 0x1000, source)
            enc.group(t.JOB)
            enc.begin_collection(b"k")
            enc.begin_collection(b"l")
            enc.integer(b"m", t.INTEGER, 6)
            enc.integer(None, t.INTEGER, 4)
            enc.end_collection()
            enc.end_collection()
            n = enc.end()
    assert n == enc.length == under_lock_length(enc)


def under_lock_length(enc):
    dec = d.Decoder()
    count = Count()
    with locked():
        used = drain(dec, enc.buf, len(enc.buf), count)
    return used
