"""IPP values that Python has no type for, and dateTime (RFC 8011 section 5.1)."""

from __future__ import annotations

import datetime
import struct
from dataclasses import dataclass

from fetchprint.ipp import tags


@dataclass(frozen=True)
class Range:
    """rangeOfInteger, both ends included."""

    low: int
    high: int


@dataclass(frozen=True)
class Resolution:
    """resolution: cross-feed and feed; ``units`` 3 = dots per inch, 4 = dots per centimetre."""

    x: int
    y: int
    units: int = 3


@dataclass(frozen=True)
class WithLanguage:
    """textWithLanguage or nameWithLanguage."""

    language: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class OutOfBand:
    """A value that says why there is none: ``tags.NO_VALUE``, ``tags.UNKNOWN`` ..."""

    tag: int


@dataclass(frozen=True)
class Extension:
    """A value whose tag has four bytes."""

    tag: int
    data: bytes


NO_VALUE = OutOfBand(tags.NO_VALUE)
UNKNOWN = OutOfBand(tags.UNKNOWN)
UNSUPPORTED = OutOfBand(tags.UNSUPPORTED)


def date_time(moment: datetime.datetime) -> bytes:
    """A dateTime value (RFC 2579 DateAndTime); ``moment`` must know its time zone."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a dateTime needs a time zone")
    minutes = int(offset.total_seconds()) // 60
    return struct.pack(
        ">HBBBBBBcBB",
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond // 100_000,
        b"-" if minutes < 0 else b"+",
        abs(minutes) // 60,
        abs(minutes) % 60,
    )


def parse_date_time(value: bytes) -> datetime.datetime:
    """What a dateTime value says. Raises ValueError if it is not a time (a leap second is taken as 59)."""
    if len(value) != 11 or value[8:9] not in (b"+", b"-"):
        raise ValueError(f"not a dateTime: {value.hex()}")
    year, month, day, hour, minute, second, tenths, sign, hours, minutes = struct.unpack(">HBBBBBBcBB", value)
    offset = datetime.timedelta(hours=hours, minutes=minutes)
    zone = datetime.timezone(-offset if sign == b"-" else offset)
    return datetime.datetime(year, month, day, hour, minute, min(second, 59), tenths * 100_000, zone)
