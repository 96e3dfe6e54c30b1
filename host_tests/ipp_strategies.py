"""Random IPP messages and their parts, for hypothesis."""

from __future__ import annotations

import datetime
from typing import Any

from hypothesis import strategies as st

from fetchprint.ipp import tags
from fetchprint_tools import message as m
from fetchprint_tools.message import Attribute, Collection, Group, Message

INT32 = st.integers(-(2**31), 2**31 - 1)
NAMES = st.text("abcdefghijklmnopqrstuvwxyz-0123456789", min_size=1, max_size=24).map("x-".__add__)


def utf8(limit: int, minimum: int = 0) -> st.SearchStrategy[str]:
    """Strings of at most ``limit`` bytes of UTF-8."""
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=minimum, max_size=limit).filter(
        lambda text: len(text.encode()) <= limit
    )


DATES = st.datetimes(
    timezones=st.just(datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
    min_value=datetime.datetime(1970, 1, 1),
    max_value=datetime.datetime(2100, 1, 1),
).map(m.date_time)

VALUES: list[st.SearchStrategy[tuple[int, Any]]] = [
    st.tuples(st.sampled_from([tags.INTEGER, tags.ENUM]), INT32),
    st.tuples(st.just(tags.BOOLEAN), st.booleans()),
    st.tuples(st.sampled_from([tags.TEXT, tags.URI]), utf8(300)),
    st.tuples(st.sampled_from([tags.NAME, tags.KEYWORD, tags.MIME_MEDIA_TYPE]), utf8(60)),
    st.tuples(st.sampled_from([tags.URI_SCHEME, tags.CHARSET, tags.NATURAL_LANGUAGE]), utf8(20)),
    st.tuples(
        st.sampled_from([tags.TEXT_WITH_LANGUAGE, tags.NAME_WITH_LANGUAGE]),
        st.builds(m.WithLanguage, utf8(12), utf8(60)),
    ),
    st.tuples(st.just(tags.DATE_TIME), DATES),
    st.tuples(
        st.just(tags.RESOLUTION),
        st.builds(m.Resolution, st.integers(1, 2**31 - 1), st.integers(1, 9600), st.sampled_from([3, 4])),
    ),
    st.tuples(st.just(tags.RANGE), st.tuples(INT32, INT32).map(lambda pair: m.Range(min(pair), max(pair)))),
    st.sampled_from([0x10, 0x12, 0x13, 0x15, 0x16, 0x17]).map(lambda tag: (tag, m.OutOfBand(tag))),
]
# What pyipp has no notion of.
OTHERS = [
    st.tuples(st.just(tags.OCTET_STRING), st.binary(max_size=200)),
    st.builds(m.Extension, st.integers(0x80, 2**31 - 1), st.binary(max_size=60)).map(lambda x: (x.tag, x)),
]


def attributes(values: st.SearchStrategy[tuple[int, Any]], sets: int) -> st.SearchStrategy[list[Attribute]]:
    """Attributes of different names, each of 1 to ``sets`` values."""

    def build(found: dict[str, list[tuple[int, Any]]]) -> list[Attribute]:
        result = []
        for name, pairs in found.items():
            attribute = Attribute(name, 0)
            for tag, value in pairs:
                attribute.append(tag, value)
            result.append(attribute)
        return result

    return st.dictionaries(NAMES, st.lists(values, min_size=1, max_size=sets), min_size=1, max_size=5).map(
        build
    )


def collections(leaves: st.SearchStrategy[tuple[int, Any]], sets: int) -> st.SearchStrategy[tuple[int, Any]]:
    """Values that may be collections, up to three deep."""

    def deeper(inner: st.SearchStrategy[tuple[int, Any]]) -> st.SearchStrategy[tuple[int, Any]]:
        return st.tuples(st.just(tags.BEGIN_COLLECTION), attributes(inner, sets).map(Collection))

    return leaves | deeper(leaves | deeper(leaves | deeper(leaves)))


MESSAGES = st.builds(
    Message,
    st.sampled_from([0x0100, 0x0101, 0x0200, 0x0202]),
    st.integers(0, 0xFFFF),
    st.integers(1, 2**31 - 1),
    st.lists(
        st.builds(
            Group,
            st.sampled_from([1, 2, 4, 5, 6, 7, 9, 10]),
            attributes(collections(st.one_of(*VALUES, *OTHERS), 3), 4) | st.just([]),
        ),
        max_size=5,
    ),
)
