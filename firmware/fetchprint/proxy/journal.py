"""What must survive a power cut: the job in hand, and the jobs done last.

A job's phase is written *before* the outside action that it announces:

    CLAIMING   before Acknowledge-Job     the service may believe that the job is ours
    STREAMING  before the first byte      paper may have moved
    ENDED      before Update-Job-Status   only the report is owed, again and again until accepted

The record is one JSON file, replaced whole through the store. A job is known by its
job-uuid; job-ids start again at 1 when a service is rebuilt.
"""

import json

from fetchprint.port.native import micropython

const = micropython.const

CLAIMING = const(1)
STREAMING = const(2)
ENDED = const(3)

_RECENT = const(16)  # jobs remembered after their end, for a service that offers one again

_NAME = "jobs.json"
_JOB_TYPES = (int, int, str, int, str, str, int, int)


def _are(values, types):
    if len(values) != len(types):
        return False
    for i in range(len(types)):
        if not isinstance(values[i], types[i]):
            return False
    return True


class Journal:
    """``store``: the port's ``load(name)`` and ``save(name, bytes)``."""

    def __init__(self, store, service: str, log):
        """``service`` tells apart the records of several services: letters, digits, ``-``."""
        self._store = store
        self._name = service + "-" + _NAME
        self._log = log
        self.job = None  # [phase, job-id, job-uuid, final job-state, reason, message, impressions, octets]
        self._recent = ""  # lines of final job-state and job-uuid, the oldest first: half of what lists take
        self._load()

    def _load(self):
        data = self._store.load(self._name)
        if data is None:
            return
        job = recent = None
        try:
            record = json.loads(data)
            job = record["job"]
            recent = record["recent"]
            valid = job is None or (_are(job, _JOB_TYPES) and CLAIMING <= job[0] <= ENDED)
            valid = valid and isinstance(recent, str)
        except (ValueError, KeyError, TypeError):
            valid = False
        if not valid:
            # Kept for whoever wants to look; the service is told the truth as far as it can be known.
            self._store.save(self._name + ".bad", data)
            self._log.event("error", message="job journal was unreadable: kept aside as %s.bad" % self._name)
            self._store.remove(self._name)
            return
        self.job = job
        self._recent = recent

    def write(self, phase: int, job):
        """Record that ``job`` reaches ``phase``; durable when this returns."""
        self.job = [
            phase,
            job.id,
            job.uuid,
            job.outcome,
            job.reason.decode(),
            job.message,
            job.impressions,
            job.octets,
        ]
        self._save()

    def close(self, job):
        """The service has accepted the job's end, or never gave it to us (``outcome`` 0)."""
        self.job = None
        if job.uuid and job.outcome:
            self._recent += "%d %s\n" % (job.outcome, job.uuid)
            if self._recent.count("\n") > _RECENT:
                self._recent = self._recent[self._recent.find("\n") + 1 :]
        self._save()

    def outcome_of(self, uuid: str) -> int:
        """The final job-state of a job that ended here before, else 0."""
        at = self._recent.find(" %s\n" % uuid)
        return int(self._recent[at - 1]) if at > 0 else 0

    def _save(self):
        self._store.save(self._name, json.dumps({"job": self.job, "recent": self._recent}).encode())
