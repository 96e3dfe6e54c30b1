"""What the page shows, as JSON: the printer, its devices, the queue and the jobs that ended last."""

from __future__ import annotations

import time
from typing import Any

from fetchprint_tools.printservice.capabilities import accepted_formats
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.statuspage.pictures import Pictures

MAX_QUEUE = 100
"""Jobs of the queue that are shown, the oldest first."""
MAX_ENDED = 20
"""Ended jobs that are shown, the latest first: those whose documents are still there."""


def snapshot(queue: Queue, uri: str, pictures: Pictures) -> dict[str, Any]:
    """The whole state. ``uri``: the queue as this reader reaches it."""
    active = list(queue.jobs.active())
    ended = [job for job, _ in zip(queue.jobs.ended(), range(MAX_ENDED), strict=False)]
    held = {job.device: job.id for job in active if job.device is not None}
    return {
        "printer": {
            "name": queue.name,
            "uri": uri,
            "state": queue.state.name.lower(),
            "reasons": [reason for reason in queue.state_reasons if reason != "none"],
            "message": queue.state_message,
            "formats": accepted_formats(queue),
        },
        "devices": [_device(queue, device, held.get(device.uuid)) for device in queue.devices],
        "queue": [_job(job, pictures) for job in active[:MAX_QUEUE]],
        "waiting": len(active),
        "ended": [_job(job, pictures) for job in ended],
    }


def lasting(state: dict[str, Any]) -> dict[str, Any]:
    """``state`` without what time alone changes: two of them differ when there is news."""
    devices = [{**device, "seconds-since-heard": 0} for device in state["devices"]]
    return {**state, "devices": devices}


def _device(queue: Queue, device: OutputDevice, job: int | None) -> dict[str, Any]:
    return {
        "uuid": device.uuid,
        "profile": device.profile,
        "name": _first(device, "printer-info"),
        "make-and-model": _first(device, "printer-make-and-model"),
        "state": device.state.name.lower(),
        "reasons": device.state_reasons,
        "message": _first(device, "printer-state-message"),
        "gone": queue.devices.silent(device),
        "job-id": job,
        "seconds-since-heard": round(time.monotonic() - device.heard, 1),
    }


def _first(device: OutputDevice, name: str) -> str:
    return next(iter(device.strings(name)), "")


def _job(job: Job, pictures: Pictures) -> dict[str, Any]:
    pages = pictures.counted(job)
    return {
        "id": job.id,
        "name": job.name,
        "user": job.user,
        "state": job.state.keyword,
        "reasons": [reason for reason in job.reasons if reason != "job-completed-successfully"],
        "message": job.message,
        "ended": job.ended,
        "canceling": job.canceling,
        "device": job.device,
        "impressions-completed": job.impressions_completed,
        "k-octets-processed": job.k_octets_processed,
        "pages": pages,
        "pictures": [
            {"page": page, "url": f"/jobs/{job.id}/pages/{page}.png"} for page in range(1, (pages or 0) + 1)
        ],
        "documents": [{"format": one.format, "octets": one.octets} for one in job.documents],
    }
