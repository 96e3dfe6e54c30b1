"""A board's log for people: its events as sentences, everything else as it comes."""

from __future__ import annotations

import json
import time
from typing import Any

import click

from fetchprint_tools.boards.connection import Connection, Listener
from fetchprint_tools.event_text import EventText, stamp
from fetchprint_tools.meanings import Meanings

LEVELS = ("error", "info", "debug")


class Watch:
    """``level``: only errors, what happens, or also every event as JSON. ``names``: what those in tracebacks
    mean."""

    def __init__(
        self, link: Connection | Listener, level: str = "info", names: Meanings | None = None
    ) -> None:
        self._link = link
        self._level = level
        self._names = names or Meanings({})
        self._texts = EventText()

    def until_service(self, seconds: float) -> bool:
        """Show until a service has taken the printer in; False when that did not come in time."""
        deadline = time.monotonic() + seconds
        for line in self._link.lines():
            event = self.show(line) if line else {}
            if event.get("event") == "service" and event.get("state") in ("registered", "waiting"):
                return True
            if time.monotonic() > deadline:
                return False
        return False

    def for_ever(self) -> None:
        for line in self._link.lines():
            if line:
                self.show(line)

    def show(self, line: str) -> dict[str, Any]:
        """Print one line of the board; the event that it is, else {}."""
        event = _event(line)
        text = shown(self._names.long(line), event, self._level, self._texts)
        if text is not None:
            click.echo(text)
        return event


def _event(line: str) -> dict[str, Any]:
    if line.startswith("{"):
        try:
            found = json.loads(line)
        except ValueError:
            return {}
        if isinstance(found, dict) and isinstance(found.get("event"), str):
            return found
    return {}


def shown(line: str, event: dict[str, Any], level: str, texts: EventText) -> str | None:
    """``line`` as it is shown at ``level``, None when it is not."""
    if not event:
        return stamp(line)  # a traceback, or what another program says
    if level == "error":
        return stamp(f"error: {event.get('message', '')}") if event["event"] == "error" else None
    if level == "debug":
        return stamp(line)
    if event["event"] == "boot":
        return stamp(f"{event.get('board')} has started ({event.get('cause')})")
    if event["event"] == "clock":
        return stamp(f"the clock is set: {event.get('time')}")
    if event["event"] == "network":
        details = [str(event[key]) for key in ("ssid", "address", "message") if event.get(key)]
        return stamp(f"network {event.get('state')}" + (f": {', '.join(details)}" if details else ""))
    return texts.line(event, time.monotonic())
