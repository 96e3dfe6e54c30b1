"""What the person who runs the service sees."""

from __future__ import annotations

import json
import sys
import time

from fetchprint_tools.printservice.job import Job


class Log:
    """One line per event on stderr; with ``as_json`` one JSON object a line on stdout instead."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json

    def say(self, event: str, text: str, **facts: object) -> None:
        """``text`` is for people, ``event`` and ``facts`` for machines."""
        if self._as_json:
            print(json.dumps({"event": event, "time": round(time.time(), 3), **facts}), flush=True)
        else:
            print(text, file=sys.stderr, flush=True)

    def job(self, job: Job) -> None:
        """A job's state has changed."""
        reasons = [reason for reason in job.reasons if reason != "none"]
        text = f"job {job.id}: {job.state.keyword}"
        if reasons:
            text += f" ({', '.join(reasons)})"
        if job.impressions_completed:
            text += f", {job.impressions_completed} page{'s' * (job.impressions_completed != 1)} printed"
        if job.message:
            text += f": {job.message}"
        self.say(
            "job-state",
            text,
            **{
                "job-id": job.id,
                "job-name": job.name,
                "job-state": job.state.keyword,
                "job-state-reasons": reasons,
                "job-state-message": job.message,
                "job-impressions-completed": job.impressions_completed,
            },
        )
