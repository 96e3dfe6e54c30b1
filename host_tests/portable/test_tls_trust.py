"""Certificates as they are read, judged by a clock that may not be set, and what is kept of the time.

The sample is by the package cryptography, which also said what is in it.
"""

import binascii
import hashlib

from fetchprint import RELEASED
from fetchprint.port.credentials import certificates, pin, private_key
from fetchprint.port.trust import Clock, Trust, TrustError
from fetchprint.port.x509 import Certificate, CertificateError

CERTIFICATE = binascii.unhexlify(
    "3082019e30820144a00302010202146814d252b26ca5bd17920204d52d462de83506d6300a06082a8648ce3d04030230"
    "11310f300d06035504030c06746865204341301e170d3236313132333138353835325a170d3237303932303138353835"
    "325a30143112301006035504030c096120736572766963653059301306072a8648ce3d020106082a8648ce3d03010703"
    "42000473c60ee448576ce5b5f120bc628912d8a52a5688fcf3b07d4eb28b79996d1e8b9d73f828847ebec72f4a8a2a48"
    "0d95a937e35d792cdc1baa30f3e4e6758081c3a3773075300c0603551d130101ff04023000300e0603551d0f0101ff04"
    "040302078030400603551d1104393037820d7072696e742e6578616d706c65820e2a2e74696c6c2e6578616d706c6587"
    "047f000001871020010db800000000000000000000000730130603551d25040c300a06082b06010505070301300a0608"
    "2a8648ce3d040302034800304502205d8b27650309cd3bfec0f12a9741c34b52645e12cbc732d6677e78fda6507f9002"
    "210092fb973a1aaf748aaf390d12adc31e699bbb32494ab70fc3e90fa9cd01a1874d"
)
NOT_BEFORE, NOT_AFTER = "20261123185852", "20270920185852"
KEY = "432c1dd59138416f564f315507350fc7b09dde8dd64bc2601bcdaf3e64aad9f0"
PIN = "sha256//Qywd1ZE4QW9WTzFVBzUPx7Cd3o3WS8JgG82vPmSq2fA="
YEAR = 365 * 86400


class Store:
    """``cut``: the power is cut when a record is saved, before it or after it."""

    def __init__(self, records=None, cut=""):
        self.records = records if records is not None else {}
        self.cut = cut
        self.saves = 0

    def load(self, name):
        return self.records.get(name)

    def save(self, name, data):
        self.saves += 1
        if self.cut != "before":
            self.records[name] = bytes(data)
        if self.cut:
            raise OSError("power cut")


class System:
    """The system's clock: seconds, which a board can set and this class counts."""

    def __init__(self, text):
        self.text = text
        self.set_to = []

    def set(self, text):
        self.text = text
        self.set_to.append(text)

    def now(self):
        year, month, day = int(self.text[:4]), int(self.text[4:6]), int(self.text[6:8])
        a = year - (month < 3)
        m = month + 9 if month < 3 else month - 3
        days = 365 * a + a // 4 - a // 100 + a // 400 + (153 * m + 2) // 5 + day - 1 - 719468
        seconds = (
            days * 86400 + int(self.text[8:10]) * 3600 + int(self.text[10:12]) * 60 + int(self.text[12:])
        )
        return seconds


def clock(text, store=None, settable=True):
    system = System(text)
    return Clock(store or Store(), system.now, system.set if settable else None), system


def trust(a_clock, host="print.example", **settings):
    return Trust(settings, a_clock, host)


def refused(call, *arguments, error=TrustError):
    try:
        call(*arguments)
    except error as raised:
        return str(raised)
    raise AssertionError("not refused")


def test_what_a_certificate_says():
    one = Certificate(CERTIFICATE)
    assert one.names == ["print.example", "*.till.example"]
    assert one.addresses == [b"\x7f\0\0\x01", b"\x20\x01\x0d\xb8" + bytes(11) + b"\x07"]
    assert (one.not_before, one.not_after, one.serves) == (NOT_BEFORE, NOT_AFTER, True)
    assert binascii.hexlify(hashlib.sha256(one.key).digest()).decode() == KEY
    for host in ("print.example", "PRINT.example", "3.till.example", "127.0.0.1", "2001:db8:0::7"):
        assert one.is_for(host), host
    for host in (
        "example",
        "x.print.example",
        "a.b.till.example",
        "till.example",
        ".till.example.",
        "127.0.0.2",
        "2001:db8::8",
        "127.0.0.1.",
        "*.till.example.x",
        "",
    ):
        assert not one.is_for(host), host


def test_a_certificate_that_is_cut_short_or_damaged():
    """It is refused, or read as something; never anything but CertificateError comes out."""
    for size in range(len(CERTIFICATE)):
        refused(Certificate, CERTIFICATE[:size], error=CertificateError)
    for at in range(len(CERTIFICATE)):
        for value in (0, 1, 0x30, 0x7F, 0x80, 0x82, 0x84, 0xFF, CERTIFICATE[at] ^ 1):
            damaged = bytearray(CERTIFICATE)
            damaged[at] = value
            try:
                Certificate(damaged).is_for("print.example")
            except CertificateError:
                pass


def test_dates_are_judged_by_a_clock_that_is_right():
    for now, good, why in (
        (NOT_BEFORE, True, ""),
        (NOT_AFTER, True, ""),
        ("20400101000000", False, "expired on"),
        ("20260801000000", False, "is not valid before"),
    ):
        a_clock, _ = clock(now)
        assert not a_clock.unset
        judge = trust(a_clock)
        assert judge.judge(CERTIFICATE, 0) == good and why in judge.fault, (now, judge.fault)


def test_a_clock_that_is_not_set_is_set_to_the_floor():
    for settable in (True, False):
        a_clock, system = clock("20210101000000", settable=settable)
        assert a_clock.unset and a_clock.read() == RELEASED == a_clock.floor
        assert system.set_to == ([RELEASED] if settable else [])
        judge = trust(a_clock)
        assert judge.judge(CERTIFICATE, 0) and judge.later == NOT_BEFORE


def test_the_day_of_a_certificate_is_tried_once_and_kept_only_if_all_is_right():
    store = Store()
    a_clock, system = clock("20210101000000", store)
    judge = trust(a_clock)
    assert judge.judge(CERTIFICATE, 0)
    assert "that day is tried next" in str(judge.explain("validity starts in the future"))
    assert system.set_to == [RELEASED, NOT_BEFORE] and not store.saves
    # The next attempt fails for another reason: the day is taken back, as an impostor may have named it.
    assert "unknown CA" in str(judge.explain("not signed by trusted CA"))
    assert system.text == RELEASED and not store.saves
    assert judge.judge(CERTIFICATE, 0)
    judge.explain("validity starts in the future")
    assert judge.judge(CERTIFICATE, 0)
    judge.accepted()
    assert store.records == {"clock.json": NOT_BEFORE.encode()} and system.text == NOT_BEFORE
    # From now on no earlier time is believed, after whatever power cut.
    again, _ = clock("20210101000000", store)
    assert again.floor == NOT_BEFORE and again.unset


def test_the_floor_over_power_cuts_and_damage():
    for cut in ("before", "after"):
        store = Store({"clock.json": b"20261001000000"}, cut)
        a_clock, _ = clock("20261124000000", store)
        judge = trust(a_clock)
        assert judge.judge(CERTIFICATE, 0)
        refused(judge.accepted, error=OSError)
        kept = Clock(Store(store.records), System("20210101000000").now, None).floor
        assert kept == ("20261001000000" if cut == "before" else "20261124000000")
    for damaged in (b"", b"2026", b"x" * 14, b"20200101000000", b"{}"):
        a_clock, _ = clock("20261124000000", Store({"clock.json": damaged}))
        assert a_clock.floor == RELEASED, damaged
    store = Store({"clock.json": b"20261123120000"})
    a_clock, _ = clock("20261124000000", store)
    judge = trust(a_clock)
    judge.judge(CERTIFICATE, 0)
    judge.accepted()
    assert not store.saves  # not each connection: flash wears


def test_pins_as_they_are_written():
    assert pin(PIN) == pin(KEY) == binascii.unhexlify(KEY)
    for bad in ("", PIN[:-1], "sha256//" + "!" * 44, KEY[:-1] + "x", "sha1//abc", PIN + "A"):
        assert "tls.pin" in refused(pin, bad)
    judge = trust(clock("20261124000000")[0], pin=["0" * 64, PIN])
    assert judge.judge(CERTIFICATE, 0)
    judge = trust(clock("20261124000000")[0], pin="0" * 64)
    assert not judge.judge(CERTIFICATE, 0) and "not the pinned one" in judge.fault


def test_what_is_no_certificate_or_key_is_told_without_showing_it():
    secret = b"c2VjcmV0IG9mIHRoZSBwcmludGVy"
    for data in (
        secret,
        b"-----BEGIN PRIVATE KEY-----\n" + secret,
        b"",
        b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + secret + b"\n-----END ENCRYPTED PRIVATE KEY-----",
    ):
        for call in (certificates, private_key):
            text = refused(call, data, "/tls/x")
            assert "/tls/x" in text and secret.decode() not in text
