"""Saying no in IPP."""

from __future__ import annotations

from collections.abc import Iterable

from fetchprint_tools.codes import Status
from fetchprint_tools.message import Attribute


class Refusal(Exception):
    """Ends an operation with ``status``; ``message`` goes out as status-message."""

    def __init__(self, status: Status, message: str, unsupported: Iterable[Attribute] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.unsupported = list(unsupported)
