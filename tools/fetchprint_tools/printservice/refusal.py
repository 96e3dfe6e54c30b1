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


_REFUSALS = {
    Status.DOCUMENT_FORMAT_NOT_SUPPORTED: "unsupported-document-format",
    Status.DOCUMENT_FORMAT_ERROR: "document-format-error",
    Status.DOCUMENT_ACCESS_ERROR: "document-access-error",
    Status.COMPRESSION_NOT_SUPPORTED: "unsupported-compression",
    Status.COMPRESSION_ERROR: "compression-error",
    Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED: "unsupported-attributes-or-values",
}
"""job-state-reasons for the fetch-status-code of a device that refused."""


LASTING = (Status.OPERATION_NOT_SUPPORTED, Status.VERSION_NOT_SUPPORTED)
"""Server errors that do not pass: the same job would be refused again."""


def refusal_reasons(code: int) -> list[str]:
    """job-state-reasons for a status-code with which a document was refused."""
    return [*(reason for status, reason in _REFUSALS.items() if status == code), "aborted-by-system"]
