"""The firmware's events as lines for people."""

from __future__ import annotations

import time
from typing import Any

_SIZES = ("B", "kB", "MB", "GB")
PROGRESS_SECONDS = 1.0
"""Between two lines about the progress of a page; a new page is told at once."""


def size(octets: int) -> str:
    """``120 kB``: three digits at most, powers of 1000."""
    value = float(octets)
    unit = 0
    while value >= 999.5 and unit < len(_SIZES) - 1:
        value /= 1000
        unit += 1
    return f"{value:.1f} {_SIZES[unit]}" if unit and value < 9.95 else f"{value:.0f} {_SIZES[unit]}"


class EventText:
    """Remembers what was said last, so that each change is one line."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._progress_at = -PROGRESS_SECONDS
        self._pages = 0

    def line(self, event: dict[str, Any], now: float) -> str | None:
        """The line for ``event``, None when it says nothing new. ``now`` in seconds on any clock."""
        kind = str(event.get("event"))
        if kind == "progress":
            return self._progress(event, now)
        text = self._text(kind, event)
        if text is None or (kind in ("service", "printer") and self._last.get(kind) == text):
            return None
        self._last[kind] = text
        if kind == "engine-begin":
            self._pages = 0
        return stamp(text)

    def _progress(self, event: dict[str, Any], now: float) -> str | None:
        pages = int(event.get("pages") or 0)
        if pages == self._pages and now - self._progress_at < PROGRESS_SECONDS:
            return None
        octets = size(int(event.get("octets") or 0))
        text = f"job {event.get('job-id')} printing · page {pages} · {octets}"
        if self._last.get("progress") == text:
            return None
        self._last["progress"] = text
        self._pages, self._progress_at = pages, now
        return stamp(text)

    def _text(self, kind: str, event: dict[str, Any]) -> str | None:
        job = f"job {event.get('job-id')}"
        message = f": {event['message']}" if event.get("message") else ""
        names = [str(reason) for reason in event.get("reasons") or () if reason != "none"]
        reasons = " · " + ", ".join(names) if names else ""
        if kind == "start":
            return f"firmware {event.get('version', '')} on {event.get('runtime', '')} started"
        if kind == "service":
            return f"service {event.get('state')} · {event.get('service')}{message}"
        if kind == "printer":
            return f"printer {event.get('state')}{reasons}"
        if kind == "job":
            return f"{job} {event.get('state')}{reasons}{message}"
        if kind == "job-end":
            return f"{job} ended: {event.get('state')}"
        if kind == "page":
            return f"{job} page {event.get('page')} is in {event.get('file')}"
        if kind == "engine":
            return f"engine {event.get('message')}"
        if kind == "error":
            return f"error{message}"
        if kind == "stopped":
            return "firmware stopped"
        if kind in ("engine-begin", "engine-end", "first-byte", "heap"):
            return None
        return f"{kind}{message}"


def stamp(text: str) -> str:
    return f"{time.strftime('%H:%M:%S')} {text}"
