"""How real INFRA services deviate from the standard, as data: what is known of each is in
``docs/architecture.md`` and in the comments of the firmware that copes with it."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Quirks:
    """The defaults are what PWG 5100.18 says."""

    name: str
    empty_active_refused: bool = False
    """Update-Active-Jobs without job-ids: client-error-bad-request."""
    reveals: str = "forgotten"
    """What Update-Active-Jobs lists beside differing jobs: the forgotten ones, every one ever assigned
    (``all``), or none."""
    sequence_off_by_one: bool = False
    """Get-Notifications answers from the number after the one asked for."""
    jobs_stopped: bool = False
    """A job that waits is processing-stopped, not pending."""
    canceled_stay: bool = False
    """Get-Jobs goes on listing jobs that were canceled before anyone fetched them."""
    ended_stay: bool = False
    """And jobs whose end the device has told."""
    newest_first: bool = False
    unknown_device_ok: bool = False
    """Fetch-Job for an unknown device: successful-ok without a job group."""
    counts_documents: bool = True
    """Fetch-Job tells number-of-documents and job-state."""
    not_fetchable: int = 0x0420
    acknowledged_again: int = 0x0404
    """Acknowledge-Job for a job that this device has already: ippserver 0420, PAPPL 0000."""
    document_again: int = 0x0404
    cancel_applied: bool = True
    """Update-Job-Status 7 changes the job."""
    end_applied: bool = True
    """Update-Job-Status 8 and 9 change job-state; where not, only the reasons tell, of the last report."""
    format_in_operation_group: bool = True
    chunked: bool = True


STANDARD = Quirks("standard")
IPPSERVER = Quirks(
    "ippserver",
    empty_active_refused=True,
    reveals="all",
    sequence_off_by_one=True,
    jobs_stopped=True,
    canceled_stay=True,
    newest_first=True,
    acknowledged_again=0x0420,
    document_again=0x0000,
)
IPPSERVER_2022 = replace(IPPSERVER, name="ippserver-2022", ended_stay=True, end_applied=False)
PAPPL = Quirks(
    "pappl",
    reveals="none",
    unknown_device_ok=True,
    counts_documents=False,
    not_fetchable=0x0404,
    acknowledged_again=0x0000,
    cancel_applied=False,
    chunked=False,
)
ALL = {quirks.name: quirks for quirks in (STANDARD, IPPSERVER, IPPSERVER_2022, PAPPL)}
