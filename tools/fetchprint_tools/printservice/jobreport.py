"""What a device says about its job: the same in both profiles."""

from __future__ import annotations

from fetchprint_tools.codes import JobState
from fetchprint_tools.message import Group
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.printqueue import Queue


def take_report(
    queue: Queue, job: Job, state: JobState | None, reasons: list[str], message: str, counts: Group | None
) -> None:
    """What the device says is what the job is; an end is final. ``state`` None: only counts."""
    with queue.jobs.edit(job):
        _count(job, counts)
        if state is None:
            queue.progress(job)
        elif state.ended:
            if state == JobState.CANCELED and job.canceling:
                reasons = ["job-canceled-by-user", *reasons]
            queue.end(job, state, reasons, message)
        elif job.canceling:
            queue.progress(job)  # it stays "to stop point" until the device says that it has stopped
        else:
            before = job.state, job.reasons
            queue.change(job, state, reasons or job.reasons, message)
            if before == (job.state, job.reasons):
                queue.progress(job)


def _count(job: Job, group: Group | None) -> None:
    """Counts never go back."""
    if group is None:
        return

    def taken(before: int, *names: str) -> int:
        given = [value for name in names if isinstance(value := group.get(name), int)]
        return max([before, *given])

    job.impressions_completed = taken(job.impressions_completed, "job-impressions-completed")
    job.sheets_completed = taken(job.sheets_completed, "job-media-sheets-completed")
    job.pages_completed = taken(job.pages_completed, "job-pages-completed")
    job.k_octets_processed = taken(job.k_octets_processed, "job-k-octets-processed", "job-k-octets-completed")
