"""The codec before pyipp, another implementation, in both directions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyipp.enums import IppOperation, IppTag
from pyipp.parser import parse
from pyipp.serializer import construct_attribute, encode_dict

from fetchprint.ipp import tags
from fetchprint_tools import message as m
from fetchprint_tools.message import Attribute, Collection, Group, Message, decode
from ipp_strategies import INT32, NAMES, VALUES, attributes, collections, utf8

# pyipp 0.17: what it can say of a message. Its limits, each of them kept out of the messages below or
# modelled in ``as_pyipp``: it reads lengths, codes and versions as signed; knows the groups 1, 2, 4
# and 5 only and none without attributes; keeps the last value of a 1setOf inside a collection; adds
# the second range of a 1setOf to the first one's list; takes extensions and octetStrings for text;
# drops the language of a text.


def as_pyipp(attribute_list: m.Attributes, nested: bool = False) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for attribute in attribute_list:
        values = [
            pyipp_value(value, tag) for tag, value in zip(attribute.tags, attribute.values, strict=True)
        ]
        result[attribute.name] = values[-1] if nested or len(values) == 1 else values
        if not nested and isinstance(values[0], list) and len(values) > 1:
            result[attribute.name] = values[0] + values[1:]
    return result


def pyipp_value(value: Any, tag: int) -> Any:
    if isinstance(value, Collection):
        return as_pyipp(value, nested=True)
    if isinstance(value, m.WithLanguage):
        return value.text
    if isinstance(value, m.Range):
        return [value.low, value.high]
    if isinstance(value, m.Resolution):
        return (value.x, value.y, value.units)
    if isinstance(value, m.OutOfBand):
        return ""
    if tag == tags.DATE_TIME:
        return m.parse_date_time(value)
    return value


PYIPP_ATTRIBUTES = attributes(collections(st.one_of(*VALUES), 3), 4)
PYIPP_KEYS = {1: "operation-attributes", 2: "jobs", 4: "printers", 5: "unsupported-attributes"}


@pytest.mark.slow
@settings(max_examples=200)
@given(
    PYIPP_ATTRIBUTES,
    st.lists(st.builds(Group, st.sampled_from([2, 4, 5]), PYIPP_ATTRIBUTES), max_size=4),
    st.integers(0, 0x7FFF),
    st.integers(1, 2**31 - 1),
)
def test_pyipp_reads_what_is_written(
    operation: list[Attribute], groups: list[Group], code: int, request_id: int
) -> None:
    message = Message(0x0200, code, request_id, [Group(1, operation), *groups])
    seen = parse(message.encode() + b"document", contains_data=True)
    assert (seen["version"], seen["status-code"], seen["request-id"]) == ((2, 0), code, request_id)
    assert seen["data"] == b"document"
    assert seen["operation-attributes"] == as_pyipp(message.groups[0])
    for tag in (2, 4, 5):
        assert seen[PYIPP_KEYS[tag]] == [as_pyipp(group) for group in message.groups_of(tag)]


def test_pyipp_messages_are_read() -> None:
    data = encode_dict(
        {
            "version": (2, 0),
            "operation": IppOperation.PRINT_JOB,
            "request-id": 4711,
            "operation-attributes-tag": {
                "attributes-charset": "utf-8",
                "attributes-natural-language": "en",
                "printer-uri": "ipp://printer.example/ipp/print",
                "requesting-user-name": "Jürgen",
                "document-format": "application/pdf",
                "requested-attributes": ["job-id", "job-state", "job-uri"],
            },
            "job-attributes-tag": {"copies": 2, "sides": "one-sided"},
            "data": b"%PDF",
        }
    )
    message, used = decode(data)
    assert data[used:] == b"%PDF"
    assert (message.version, message.code, message.request_id) == (0x0200, 2, 4711)
    assert [group.tag for group in message.groups] == [tags.OPERATION, tags.JOB]
    operation = message.groups[0]
    assert operation.get("requesting-user-name") == "Jürgen"
    assert operation["requesting-user-name"].tag == tags.NAME
    assert operation["document-format"].tag == tags.MIME_MEDIA_TYPE
    assert operation.values("requested-attributes") == ["job-id", "job-state", "job-uri"]
    assert message.get(tags.JOB, "copies") == 2


@given(
    st.lists(
        st.tuples(
            NAMES,
            st.one_of(
                st.tuples(
                    st.sampled_from([IppTag.INTEGER, IppTag.ENUM]), st.lists(INT32, min_size=1, max_size=4)
                ),
                st.tuples(st.just(IppTag.BOOLEAN), st.lists(st.booleans(), min_size=1, max_size=4)),
                st.tuples(
                    st.sampled_from([IppTag.TEXT, IppTag.NAME, IppTag.KEYWORD, IppTag.URI]),
                    st.lists(utf8(100), min_size=1, max_size=4),
                ),
            ),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda pair: pair[0],
    )
)
def test_pyipp_attributes_are_written_the_same(found: list[tuple[str, tuple[IppTag, list[Any]]]]) -> None:
    group = Group(tags.JOB)
    octets = b"\x02\x00\x00\x05\x00\x00\x00\x07\x02"
    for name, (tag, values) in found:
        group.add(name, tag.value, *values)
        octets += construct_attribute(name, values, tag)
    message = Message(0x0200, 5, 7, [group])
    assert message.encode() == octets + b"\x03"
    assert decode(octets + b"\x03")[0] == message
