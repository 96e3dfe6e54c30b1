"""A service that demands registration, and the codes that it shows."""

from __future__ import annotations

from pathlib import Path

from service_kit import Service
from support import wait_until

WRONG = "AAAAAAAAAA"
"""A code that no service has given out."""


def strict(data: Path, *options: str) -> Service:
    """A service that serves registered devices only."""
    return Service(data, "--require-registration", *options)


_given: set[str] = set()


def code(service: Service) -> str:
    """The code on display, one that no test has had."""
    wait_until(
        lambda: {line["code"] for line in service.said("registration-code")[-1:]} - _given,
        10,
        "a new code to be shown",
    )
    shown = service.said("registration-code")[-1]["code"]
    _given.add(shown)
    return str(shown)
