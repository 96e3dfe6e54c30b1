"""What must survive a power cut: the job in hand, and what became of the last jobs.

A job's phase is written *before* the outside action that it announces:

    CLAIMING   before Acknowledge-Job     the service may believe that the job is ours
    STREAMING  before the first byte      paper may have moved
               and before a report of more pages
    ENDED      before Update-Job-Status   only the report is owed, again and again until accepted

One record, NAME-jobs, has the job in hand and the jobs that ended last; it is replaced whole. Eight ends
at a time are moved on into NAME-done-K, of which KEPT jobs are always there. An end is eight octets: seven of
the SHA-256 of the job-uuid, and the final job-state. A job-id alone would not do: they start again at 1 when
a service is rebuilt; so a job without job-uuid is not remembered after its end.
"""

import hashlib
import struct

from fetchprint import ticks
from fetchprint.port.native import micropython

const = micropython.const

CLAIMING = const(1)
STREAMING = const(2)
ENDED = const(3)

KEPT = const(1024)
"""Ends that are known at least; a service that offers one of these jobs again is told its end again."""

_MAGIC = b"FPJ1"
_HEAD = ">IBBIIIBBB"  # ends so far, phase, job-state, job-id, pages, octets, lengths of the three texts
_HEAD_SIZE = const(21)
_CHECK = const(8)  # magic and the first octets of the SHA-256 of what follows
_END = const(8)
_BATCH = const(64)  # octets of ends in the record before they are moved on
_PIECE = const(512)  # octets of ends in one NAME-done-K: 64 jobs
_PIECES = const(17)  # the one being filled, and KEPT
_READS = const(3)  # of a record, before it counts as lost
_RETRY_MS = const(5000)
_PATIENCE_MS = const(30000)  # the end of a job is told by then, durable or not: nobody else can tell it
_TEXT_MAX = const(255)


class Journal:
    """``store``: the port's ``load(name)`` and ``save(name, bytes)``.

    ``job``: what was in hand when the device stopped, as (phase, job-id, job-uuid, final job-state,
    reason, message, impressions, octets), or None. ``fresh``: there is no memory of what was before, so
    the service has to be asked; ``lost``: there should be some. ``failing``: what was to be kept is not
    durable; ``waits``: it may become so soon. ``pages``: durable impressions of the job in hand.
    """

    def __init__(self, store, service: str, log, known: bool = False):
        """``service`` tells apart the records of several services: letters, digits, ``-``. ``known``: this
        device has been here before, so that there must be a record."""
        self._store = store
        self._name = service
        self._log = log
        self.job = None
        self.pages = 0
        self.fresh = self.lost = self.failing = self.waits = False
        self._head = struct.pack(_HEAD, 0, 0, 0, 0, 0, 0, 0, 0, 0)  # with its texts
        self._ends = b""  # of the last jobs, up to a batch
        self._sequence = 0  # ends before these
        self._tried_at = self._since = 0
        self._load(known)

    def _load(self, known):
        name = self._name + "-jobs"
        data = self._read(name)
        if data is not None:
            body = _checked(data)
            if body is not None and self._take(body):
                return
            self._aside(name, data)
        elif known and not self.lost:
            self.lost = True
            self._log.event("error", message="the job journal is gone: jobs from before are not known")
        self.fresh = True
        self._save()

    def _read(self, name):
        """What is kept as ``name``, or None. A record that cannot be read must not stop the device."""
        for _ in range(_READS):
            try:
                return self._store.load(name)
            except OSError as error:
                why = error
        self.lost = True
        self._log.event("error", message="job journal: %s cannot be read: %s" % (name, why))

    def _take(self, body):
        if len(body) < _HEAD_SIZE:
            return False
        self._sequence, phase, outcome, job_id, pages, octets, a, b, c = struct.unpack(
            _HEAD, body[:_HEAD_SIZE]
        )
        a += _HEAD_SIZE
        b += a
        at = b + c
        if phase > ENDED or at > len(body) or (len(body) - at) % _END:
            return False
        try:
            texts = [part.decode() for part in (body[_HEAD_SIZE:a], body[a:b], body[b:at])]
        except UnicodeError:
            return False
        self._head = body[:at]
        self._ends = body[at:]
        if phase:
            self.pages = pages
            self.job = (phase, job_id, texts[0], outcome, texts[1], texts[2], pages, octets)
        return True

    def _aside(self, name, data):
        """Kept for whoever wants to look; the service is told that it was lost."""
        self.lost = True
        self._log.event("error", message="job journal was unreadable: kept aside as %s.bad" % name)
        try:
            self._store.save(name + ".bad", data)
            self._store.remove(name)
        except OSError as error:
            self._log.event("error", message="%s.bad: %s" % (name, error))

    def write(self, phase: int, job, pages=None) -> bool:
        """Record that ``job`` reaches ``phase``, with ``pages`` on paper where that is not what the job
        says. Durable when this returns True; False: it is not, and ``retry`` goes on trying."""
        texts = (job.urn[:_TEXT_MAX], job.reason[:_TEXT_MAX], job.text)
        if pages is None:
            pages = job.impressions
        a, b, c = [len(text) for text in texts]
        numbers = struct.pack(_HEAD, 0, phase, job.outcome, job.id, pages, job.octets & 0xFFFFFFFF, a, b, c)
        self._head = numbers + b"".join(texts)
        if not self._save():
            return False
        self.pages = pages
        return True

    def close(self, job) -> bool:
        """The service has accepted the job's end, or never gave it to us (``outcome`` 0). As ``write``."""
        self._head = struct.pack(_HEAD, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        self.pages = 0
        if job.urn and job.outcome:
            end = _key(job.urn) + bytes((job.outcome,))
            if self._ends[-_END:] != end:
                self._ends = self._ends[-_BATCH:] + end  # beyond a batch only while nothing can be written
        return self._save()

    def outcome_of(self, uuid: str) -> int:
        """The final job-state of a job that ended here before, else 0."""
        key = _key(uuid.encode())
        found = _find(self._ends, key)
        for piece in range(_PIECES):
            if found:
                break
            found = _find(self._piece(piece), key)
        return found

    def retry(self, now: int):
        """Every turn: try again to make durable what is not, now and then."""
        if not self.failing:
            self._since = self._tried_at = now
        elif not 0 <= ticks.diff(now, self._tried_at) < _RETRY_MS:
            self._tried_at = now
            self._save()
        self.waits = self.failing and ticks.diff(now, self._since) < _PATIENCE_MS

    def _save(self):
        try:
            if len(self._ends) >= _BATCH:
                self._move_on()
            head = struct.pack(">I", self._sequence) + self._head[4:]
            self._store.save(self._name + "-jobs", _with_check(head + self._ends))
        except OSError as error:
            if not self.failing:
                self.failing = True
                self._log.event("error", message="the job journal cannot be written: %s" % error)
            return False
        self.failing = False
        return True

    def _move_on(self):
        """Put a batch of ends where it belongs. When power fails before the record is replaced, the same
        is done again."""
        piece = self._sequence * _END // _PIECE % _PIECES
        at = self._sequence * _END % _PIECE
        before = self._piece(piece)[:at] if at else b""
        data = before + b"\0" * (at - len(before)) + self._ends[:_BATCH]
        self._store.save(self._piece_name(piece), _with_check(data))
        self._sequence += _BATCH // _END
        self._ends = self._ends[_BATCH:]

    def _piece_name(self, piece):
        return "%s-done-%d" % (self._name, piece)

    def _piece(self, piece):
        name = self._piece_name(piece)
        data = self._read(name)
        if data is None:
            return b""
        body = _checked(data)
        if body is None:
            self._aside(name, data)
            return b""
        return body


def _key(uuid):
    return hashlib.sha256(uuid).digest()[: _END - 1]


def _with_check(body):
    return _MAGIC + hashlib.sha256(body).digest()[: _CHECK - len(_MAGIC)] + body


def _checked(data):
    """What stands behind the check, None when it does not fit."""
    body = bytes(data[_CHECK:])
    return body if _with_check(body) == data else None


def _find(ends, key):
    at = ends.find(key)
    while at >= 0 and at % _END:
        at = ends.find(key, at + 1)
    return ends[at + _END - 1] if at >= 0 else 0
