"""Octets that nobody should send: both readers of frames and the reference engine, by Hypothesis."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fetchprint.engine import base, link_frames, link_setup
from fetchprint.engine.link import FramedLink
from fetchprint_tools.engines.link import frames
from fetchprint_tools.engines.link.controller import Controller, Identity
from fetchprint_tools.engines.link.printer import LinkPrinter
from link_reading import LONGEST, Found, Talker, by_engine, by_host

pytestmark = pytest.mark.slow

whole_frames = st.builds(frames.frame, st.integers(0, 255), st.integers(0, 255), st.binary(max_size=LONGEST))
"""Of any type, good."""
spoiled = st.builds(
    lambda data, at, bit: bytes(
        octet ^ (1 << bit if i == at % len(data) else 0) for i, octet in enumerate(data)
    ),
    whole_frames,
    st.integers(0, 200),
    st.integers(0, 7),
)
cut = st.builds(lambda data, at: data[: at % len(data)], whole_frames, st.integers(0, 200))
syncs = st.integers(0, 9).map(lambda n: b"\xa5" * n)
too_long = st.integers(LONGEST + 1, 65535).map(lambda n: frames.frame(0x82, 0, bytes(n))[:6])
streams = st.lists(
    st.one_of(whole_frames, spoiled, cut, syncs, too_long, st.binary(max_size=40)), max_size=12
)


def searched(data: bytes) -> Found:
    """The frames of ``data`` by looking at each place, with all of it at hand."""
    found = []
    at = 0
    while at + frames.OVERHEAD <= len(data):
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        end = at + frames.OVERHEAD + length
        if length <= LONGEST and end <= len(data):
            kind, number, payload = data[at + 1], data[at + 2], data[at + 6 : end - 4]
            if data[at:end] == frames.frame(kind, number, payload):
                found.append((kind, payload))
                at = end
                continue
        at += 1
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(streams, max_size=3))
def test_both_readers_find_what_is_there(parts: list[list[bytes]]) -> None:
    data = b"".join(piece for part in parts for piece in part) + bytes(LONGEST + frames.OVERHEAD)
    assert by_host(data) == by_engine(data)
    assert by_host(data)[0] == searched(data)


@settings(max_examples=300, deadline=None)
@given(st.lists(whole_frames, max_size=8))
def test_good_frames_are_found_at_once(wanted: list[bytes]) -> None:
    found = by_host(b"".join(wanted))
    assert found == ([(frame[1], frame[6:-4]) for frame in wanted], 0)
    assert by_engine(b"".join(wanted)) == found


kinds = st.sampled_from(
    [*range(1, 5), 0x0F, *range(0x10, 0x16), *([0x20] * 3), 0x21, 0x2F, 0x30, 0x3F, 0x40, 0x82]
)
payloads = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"\x12\x34\x01", b"\0\x10\0\0\0\x02", b"\0\x01", b"\xff\x00\x00\xff", b""]),
)
steps = st.lists(st.tuples(kinds, st.booleans(), st.integers(0, 255), payloads), max_size=60)


@settings(max_examples=300, deadline=None)
@given(steps, st.sampled_from([96, 130, 300]))
def test_an_engine_survives_any_host(said: list[tuple[int, bool, int, bytes]], size: int) -> None:
    printer = LinkPrinter(16)
    engine = Controller(printer, Identity(16, 203, languages=("text/plain",)), size, 1)
    engine.receive(frames.frame(frames.HELLO, 0, b"\x12\x34\x01"))
    expected = 0
    printed = 0
    for kind, in_order, number, payload in said:
        number = expected if in_order else number
        engine.receive(frames.frame(kind, number, payload[: size // 2 - frames.OVERHEAD]))
        engine.work()
        assert engine.waiting <= size
        assert printer.lines >= printed
        printed = printer.lines
        data = engine.transmit()
        found, damaged = by_host_of_any_length(data)
        assert not damaged
        for answer, status in found:
            assert answer in (frames.CAPABILITIES, frames.STATUS)
            if answer == frames.STATUS:
                assert len(status) == 21
                assert int.from_bytes(status[14:16], "big") == size - engine.waiting
                expected = status[4]
    # whatever it was, CANCEL ends it and a page prints
    engine.receive(frames.frame(frames.HELLO, 0, b"\x56\x78\x01"))
    pages = engine.pages
    for number, (kind, payload) in enumerate(
        [(0x10, b"\0\x01"), (0x11, b"\0\x10\0\0\0\x01"), (0x20, b"\xa5\xa5"), (0x12, b""), (0x13, b"")]
    ):
        engine.receive(frames.frame(kind, number, payload))
        engine.work()
    status = by_host_of_any_length(engine.transmit())[0][-1][1]
    assert engine.pages == pages + 1
    assert status[4] == status[6] == 5
    assert status[20] == 0
    assert status[19] == 2


def by_host_of_any_length(data: bytes) -> tuple[Found, int]:
    reader = link_frames.Reader(bytearray(1024))
    found = []
    at = 0
    while at < len(data):
        at += reader.put(data, at, len(data))
        while reader.find():
            found.append((reader.kind, bytes(reader.buf[6 : 6 + reader.length])))
    return found, reader.damaged


statuses = st.builds(
    lambda begin, rest: begin + rest,
    st.sampled_from([b"\0\1\0\7", b"\0\2\0\7", b"\0\1\0\0"]),
    st.one_of(st.binary(min_size=17, max_size=19), st.just(bytes(10) + b"\x08\0" + bytes(5))),
)
answers = st.one_of(
    st.builds(frames.frame, st.just(frames.STATUS), st.just(0), statuses),
    st.builds(frames.frame, st.sampled_from([0x81, 0x82, 0x83]), st.just(0), st.binary(max_size=40)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(answers, max_size=40), st.integers(0, 300))
def test_a_driver_survives_any_engine(said: list[bytes], step: int) -> None:
    talker = Talker()
    driver = FramedLink(talker, bytearray(256), 64, 7)
    driver.poll(1)
    told = b"\1\1\0\7\0\1\0\x40\0\x10\0\xcb"
    talker.says = frames.frame(frames.CAPABILITIES, 0, told)
    driver.poll(2)
    link_setup.describe(driver, told)
    now = 2
    for data in said:
        talker.says += data
        for _ in range(3):
            now += step
            driver.poll(now)
            try:
                if not driver.in_job:
                    driver.begin_job() and driver.begin_page(16, 1000)
                elif driver.cancel() if now & 4 else driver.line(b"\xff\xff", 0, 2):
                    continue
            except base.EngineError:
                driver.cancel()
            except base.EngineLocalError as error:
                # the session was lost between job and page, or the job is being cancelled
                assert "outside its page" in str(error)
        assert driver.reasons >> len(base.KEYWORDS) == 0
        assert 0 <= driver.pages < 1 << 24


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
@example(b"\5\3a b")
def test_capabilities_are_taken_or_refused(texts: bytes) -> None:
    driver = FramedLink(Talker(), bytearray(256), 64, 7)
    try:
        link_setup.describe(driver, b"\1\1\0\7\0\1\0\x40\0\x10\0\xcb" + texts)
    except base.EngineError:
        return
    assert driver.media
    assert driver.formats[0] == b"image/pwg-raster"
