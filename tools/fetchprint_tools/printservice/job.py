"""A job and its documents, as the service keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from fetchprint_tools.codes import JobState
from fetchprint_tools.message import Attribute
from fetchprint_tools.printservice.clock import Moment


@dataclass
class Document:
    """One document of a job; ``format`` is what it is, not what the client called it.

    ``path`` is None for one by reference (``uri``), and once it is removed after the job's end.
    """

    number: int
    path: Path | None
    format: str
    octets: int
    created: Moment
    name: str = ""
    uri: str = ""  # the device fetches it from there itself
    state: JobState = JobState.PENDING
    reasons: list[str] = field(default_factory=list)
    fetched: bool = False  # acknowledged by the device
    impressions_completed: int = 0
    completed: Moment | None = None

    @property
    def scheme(self) -> str:
        """Of its uri, empty for a document that is here."""
        return urlsplit(self.uri).scheme.lower()


@dataclass
class Job:
    """One job. ``Queue`` alone changes its state."""

    id: int
    uuid: str
    name: str
    user: str
    created: Moment
    template: list[Attribute] = field(default_factory=list)
    fidelity: bool = False  # ipp-attribute-fidelity of the request
    state: JobState = JobState.PENDING
    reasons: list[str] = field(default_factory=list)
    message: str = ""
    documents: list[Document] = field(default_factory=list)
    incoming: bool = True  # more documents may follow
    touched: float = 0.0  # monotonic seconds of the last document, for INCOMING_TIMEOUT
    device: str | None = None  # uuid of the device that took it: acknowledged or accepted
    offered_to: str | None = None  # uuid of the device that Fetch-Print-Job gave it to last
    bound: bool = False  # the offer holds: no other device may take it
    bound_until: float = 0.0  # monotonic seconds
    refused_by: set[str] = field(default_factory=set)
    not_now: dict[str, float] = field(default_factory=dict)  # device uuid -> monotonic seconds
    stranded: tuple[JobState, list[str], str] | None = None  # what it was when its device fell silent
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
        """Whether this device may take it: one that refused it is not asked again, and while it is
        offered to one device no other may."""
        return self.fetchable and uuid not in self.refused_by and not (self.bound and self.offered_to != uuid)

    @property
    def k_octets(self) -> int:
        """Size of the documents in units of 1024 octets, rounded up (RFC 8011 5.3.17.1)."""
        return sum((document.octets + 1023) // 1024 for document in self.documents)

    def template_value(self, name: str) -> object | None:
        """The first value of a Job Template attribute of the request."""
        return next((attribute.value for attribute in self.template if attribute.name == name), None)
