"""The firmware's events, read off its stdout: one JSON object a line."""

from __future__ import annotations

import collections
import json
from typing import Any

from fetchprint_tools.firmware_process import LinePipe

Event = dict[str, Any]

OTHER = ""
"""The kind of what is no event: ``message`` is the line. It keeps its place among the events."""

_LAST_EVENTS = 5


class EventReader:
    """Events as they come, and the last few for telling what led to a failure."""

    def __init__(self, pipe: LinePipe) -> None:
        self._pipe = pipe
        self._last: collections.deque[str] = collections.deque(maxlen=_LAST_EVENTS)

    def take(self) -> list[Event]:
        """What waits; none when nothing does."""
        events = []
        for line in self._pipe.lines():
            event = parse_event(line)
            if event is not None:
                self._last.append(line)
            events.append(event or {"event": OTHER, "message": line})
        return events

    def history(self) -> str:
        return "its last events were\n    " + "\n    ".join(self._last) if self._last else "it wrote no event"


def parse_event(line: str) -> Event | None:
    """The event on ``line``; None when the line is something else."""
    try:
        event = json.loads(line)
    except ValueError:
        return None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return None
    if event["event"] in ("engine-begin", "engine-end") and not isinstance(event.get("job-id"), int):
        return None
    return event
