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
    if _says_nothing_new(job, state, reasons, message, counts):
        return  # a heartbeat: nothing to store
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


def _says_nothing_new(
    job: Job, state: JobState | None, reasons: list[str], message: str, counts: Group | None
) -> bool:
    if _counted(job, counts) != _counted(job, None):
        return False
    if state is None or (job.canceling and not state.ended):
        return True
    kept = [reason for reason in dict.fromkeys(reasons or job.reasons) if reason != "none"]
    return (state, kept, message) == (job.state, job.reasons, job.message)


def _count(job: Job, group: Group | None) -> None:
    (
        job.impressions_completed,
        job.sheets_completed,
        job.pages_completed,
        job.k_octets_processed,
    ) = _counted(job, group)


def _counted(job: Job, group: Group | None) -> tuple[int, int, int, int]:
    """What the device says it has done. Counts never go back."""

    def taken(before: int, *names: str) -> int:
        given = [] if group is None else [group.get(name) for name in names]
        return max([before, *(value for value in given if isinstance(value, int))])

    return (
        taken(job.impressions_completed, "job-impressions-completed"),
        taken(job.sheets_completed, "job-media-sheets-completed"),
        taken(job.pages_completed, "job-pages-completed"),
        taken(job.k_octets_processed, "job-k-octets-processed", "job-k-octets-completed"),
    )
