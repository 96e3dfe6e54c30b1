"""Time as IPP wants it: seconds since the service started, and the date."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Moment:
    """One instant as IPP wants it twice. What was before the service started has an ``up_time`` of
    0 or less: printer-up-time begins anew with each start, and the times of jobs follow it
    (RFC 8011 5.3.14)."""

    up_time: int
    date: datetime


class Clock:
    """Gives moments; ``printer-up-time`` is 1 at the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._date = datetime.now(UTC)

    def now(self) -> Moment:
        """This instant."""
        return Moment(int(time.monotonic() - self._started) + 1, datetime.now(UTC))

    def at(self, stamp: float) -> Moment:
        """The moment of a POSIX time stamp."""
        date = datetime.fromtimestamp(stamp, UTC)
        return Moment(int((date - self._date).total_seconds() // 1) + 1, date)
