"""A job and its documents, as the service keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fetchprint_tools.codes import JobState
from fetchprint_tools.message import Attribute


@dataclass
class Moment:
    """One instant as IPP wants it twice: seconds of printer-up-time, and the date."""

    up_time: int
    date: datetime


@dataclass
class Document:
    """One document of a job; ``format`` is what it is, not what the client called it."""

    number: int
    path: Path
    format: str
    octets: int
    created: Moment
    name: str = ""
    state: JobState = JobState.PENDING
    reasons: list[str] = field(default_factory=list)
    fetched: bool = False  # acknowledged by the device
    impressions_completed: int = 0
    completed: Moment | None = None


@dataclass
class Job:
    """One job. ``Queue`` alone changes its state."""

    id: int
    name: str
    user: str
    created: Moment
    template: list[Attribute] = field(default_factory=list)
    state: JobState = JobState.PENDING
    reasons: list[str] = field(default_factory=list)
    message: str = ""
    documents: list[Document] = field(default_factory=list)
    incoming: bool = True  # more documents may follow
    touched: float = 0.0  # monotonic seconds of the last document, for INCOMING_TIMEOUT
    device: str | None = None  # uuid of the device that acknowledged it
    refused_by: set[str] = field(default_factory=set)
    impressions_completed: int = 0
    sheets_completed: int = 0
    pages_completed: int = 0
    k_octets_processed: int = 0
    processing: Moment | None = None
    completed: Moment | None = None

    @property
    def ended(self) -> bool:
        """Whether it is canceled, aborted or completed."""
        return self.state.ended

    @property
    def canceling(self) -> bool:
        """Whether the user canceled it and the device has not said that it stopped."""
        return not self.ended and "processing-to-stop-point" in self.reasons

    @property
    def fetchable(self) -> bool:
        """Whether a device may take it."""
        return self.state == JobState.PENDING and not self.incoming and self.device is None

    def fetchable_by(self, uuid: str | None) -> bool:
        """Whether this device may take it: one that refused it is not asked again."""
        return self.fetchable and uuid not in self.refused_by

    @property
    def k_octets(self) -> int:
        """Size of the documents in units of 1024 octets, rounded up (RFC 8011 5.3.17.1)."""
        return sum((document.octets + 1023) // 1024 for document in self.documents)

    def template_value(self, name: str) -> object | None:
        """The first value of a Job Template attribute of the request."""
        return next((attribute.value for attribute in self.template if attribute.name == name), None)
