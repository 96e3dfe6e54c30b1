"""Message trees: random round trips, what is refused and how, values without a Python type."""

from __future__ import annotations

import datetime
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fetchprint.ipp import tags
from fetchprint.ipp.errors import DecodeError, EncodeError
from fetchprint_tools import message as m
from fetchprint_tools.message import Group, Message, MessageReader, decode
from ipp_strategies import DATES, MESSAGES


@settings(max_examples=200)
@given(MESSAGES, st.binary(max_size=40), st.lists(st.integers(0, 400), max_size=8))
def test_random_messages_round_trip(message: Message, document: bytes, cuts: list[int]) -> None:
    data = message.encode()
    assert decode(data + document) == (message, len(data))
    body = data + document
    reader = MessageReader()
    rest: bytes | None = None
    places = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    for start, end in itertools.pairwise(places):
        rest = reader.feed(body[start:end]) if rest is None else rest + reader.feed(body[start:end])
    assert rest == document
    assert reader.message == message
    assert reader.message.encode() == data


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_noise_never_breaks_the_reader(noise: bytes) -> None:
    for data in (noise, b"\x02\x00\x00\x02\x00\x00\x00\x01\x01" + noise):
        try:
            message, used = decode(data)
        except DecodeError as error:
            assert 0 <= error.offset <= len(data)
        else:
            assert decode(data[:used])[0] == message


def test_reader_knows_the_header_of_a_refused_request() -> None:
    """ipptool's IPP/1.1 tests send version 0.0 and request-id 0: a service must answer them."""
    for version, request_id in ((0x0000, 5), (0x0101, 0), (0x0300, 5)):
        reader = MessageReader()
        with pytest.raises(DecodeError):
            reader.feed(bytes([version >> 8, version & 255, 0, 11, 0, 0, 0, request_id]) + b"\x03")
        assert (reader.version, reader.code, reader.request_id) == (version, 11, request_id)


def test_reader_refuses_an_attribute_twice_in_a_group() -> None:
    one = b"\x21\x00\x01a\x00\x04\x00\x00\x00\x01"
    head = b"\x02\x00\x00\x05\x00\x00\x00\x07\x02"
    message, _ = decode(head + one + b"\x02" + one + b"\x03")
    assert len(message.groups_of(tags.JOB)) == 2
    with pytest.raises(DecodeError, match="'a' twice"):
        decode(head + one + one + b"\x03")


def test_cut_short() -> None:
    data = Message.request(0x000B, 1, "ipp://printer.example/ipp/print").encode()
    for n in range(len(data)):
        with pytest.raises(DecodeError, match=f"cut short at byte {n}"):
            decode(data[:n])
    with pytest.raises(RuntimeError):
        _ = MessageReader().message


def test_text_that_is_not_utf8_survives() -> None:
    octets = b"\x02\x00\x00\x05\x00\x00\x00\x07\x02\x42\x00\x08job-name\x00\x03a\xffz\x03"
    message, _ = decode(octets)
    assert message.get(tags.JOB, "job-name") == "a\udcffz"
    assert message.encode() == octets


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        (tags.INTEGER, "1"),
        (tags.INTEGER, 2**31),
        (tags.INTEGER, None),
        (tags.KEYWORD, 1),
        (tags.KEYWORD, "k" * 256),
        (tags.TEXT, b"bytes"),
        (tags.OCTET_STRING, "text"),
        (tags.OCTET_STRING, bytes(1024)),
        (tags.DATE_TIME, b"short"),
        (tags.RANGE, (1, 2)),
        (tags.RANGE, m.Range(2, 1)),
        (tags.RESOLUTION, 203),
        (tags.TEXT_WITH_LANGUAGE, "no language"),
        (tags.BEGIN_COLLECTION, {"a": 1}),
        (0x50, b"unknown"),
    ],
)
def test_wrong_values_name_their_attribute(tag: int, value: Any) -> None:
    group = Group(tags.JOB).add("good", tags.INTEGER, 1).add("bad-one", tag, value)
    with pytest.raises(EncodeError, match="bad-one"):
        Message(0x0200, 2, 1, [group]).encode()


def test_building_a_group() -> None:
    group = Group(tags.JOB).add("a", tags.INTEGER, 1, 2).add("b", tags.KEYWORD, m.NO_VALUE)
    assert group.get("a") == 1 and group.values("a") == [1, 2] and group["b"].tag == tags.NO_VALUE
    assert group.get("c") is None and group.get("c", 7) == 7 and group.values("c") == []
    assert "a" in group and "c" not in group and len(group) == 2
    assert [attribute.name for attribute in group] == ["a", "b"]
    with pytest.raises(ValueError, match="'a'"):
        group.add("a", tags.INTEGER, 3)
    with pytest.raises(ValueError, match="'c'"):
        group.add("c", tags.INTEGER)


@given(DATES)
def test_date_times(value: bytes) -> None:
    assert m.date_time(m.parse_date_time(value)) == value


def test_date_time_zones() -> None:
    west = datetime.timezone(-datetime.timedelta(hours=3, minutes=30))
    moment = datetime.datetime(2026, 2, 28, 23, 59, 59, 900_000, west)
    assert m.date_time(moment) == b"\x07\xea\x02\x1c\x17\x3b\x3b\x09-\x03\x1e"
    assert m.parse_date_time(m.date_time(moment)) == moment
    with pytest.raises(ValueError, match="time zone"):
        m.date_time(moment.replace(tzinfo=None))
    for wrong in (b"", b"x" * 11, b"\x07\xea\x0d\x1c\x17\x3b\x3b\x09-\x03\x1e"):
        with pytest.raises(ValueError):
            m.parse_date_time(wrong)
