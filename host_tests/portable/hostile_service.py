"""An Infrastructure Printer that behaves, until it is told to attack: ``attack(operation, answer, times)``."""

from document_samples import noise, page
from hostile_wire import whole
from mobile_service import parse

from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder

PWG = b"image/pwg-raster"
TEXT = b"text/plain"
ESCPOS = b"application/vnd.epson.escpos"

UPDATE_DEVICE, UPDATE_ACTIVE, SUBSCRIBE, RENEW, UNSUBSCRIBE = 0x49, 0x45, 0x16, 0x1A, 0x1B
NOTIFICATIONS, GET_JOBS, FETCH_JOB, ACK_JOB, FETCH_DOCUMENT = 0x1C, 0x0A, 0x43, 0x41, 0x42
ACK_DOCUMENT, DOCUMENT_STATUS, JOB_STATUS, JOB_STATE, IDENTIFY = 0x3F, 0x47, 0x48, 0x09, 0x40

PENDING, PROCESSING, CANCELED, ABORTED, COMPLETED = 3, 5, 7, 8, 9
NOT_FOUND, NOT_FETCHABLE = 0x0406, 0x0420

_HOLD_MS = 20000  # of Get-Notifications
_LOOK_MS = 20


def honest(seed):
    """A page of raster and its lines of dots, which differ from any other's."""
    lines = [noise(72, seed * 16 + y + 1) for y in range(16)]
    return b"RaS2" + page(lines, 576, 1), lines


def begin(code, request, size=700):
    """The encoder of a message that answers ``request``, behind its operation attributes."""
    enc = Encoder(bytearray(size))
    enc.begin(0x0200, code, int.from_bytes(request[4:8], "big"))
    enc.group(t.OPERATION)
    enc.string(b"attributes-charset", t.CHARSET, b"utf-8")
    enc.string(b"attributes-natural-language", t.NATURAL_LANGUAGE, b"en")
    return enc


def finish(enc):
    return bytes(enc.buf[: enc.end()])


def status(code, request):
    """An answer that is no more than its status."""
    return finish(begin(code, request))


class Job:
    def __init__(self, number, data, mime):
        self.id = number
        self.uuid = b"urn:uuid:00000000-0000-4000-8000-%012d" % number
        self.data = data
        self.mime = mime
        self.compression = b"none"
        self.documents = 1
        self.state = PENDING
        self.fetches = 0
        self.reasons = b"none"
        self.message = ""


class Service:
    """What it believes is in plain attributes."""

    def __init__(self):
        self.others = []  # that it may tell of, and does not have
        self.jobs = []  # in the order in which they came
        self.next = 1
        self.sequence = 0
        self.subscription = 7
        self.requests = {}  # operation -> how many came
        self.wires = []
        self.targets = []  # where documents were fetched by reference
        self._attack = None
        self._operation = 0
        self.left = 0  # how often the attack is still to come
        self.used = 0

    # -- what tests say --

    def add(self, data, mime=PWG):
        """Offer a job."""
        job = Job(self.next, data, mime)
        self.next += 1
        self.jobs.append(job)
        self.sequence += 1
        return job

    def attack(self, operation, answer, times=1):
        """The next ``times`` requests of this operation are answered with ``answer(service, request,
        wire)``: see ``Wire``; None loses the honest answer on its way."""
        self._operation = operation
        self._attack = answer
        self.left = times
        self.used = 0

    def at_peace(self):
        self._attack = None
        self._operation = self.left = 0
        self.jobs = []
        self.others = []

    def hang_up(self):
        """Every connection breaks."""
        for wire in self.wires:
            wire.hang_up()
        self.wires = []

    def job(self, names):
        for job in self.jobs:
            if job.id == names[b"job-id"][0]:
                return job
        return None

    # -- what the device meets --

    def at(self, host, port, allows):
        """Who listens there."""
        return self

    def answer(self, head, request, wire):
        if len(self.wires) > 4:
            self.wires = [one for one in self.wires if not one.closed]
        if wire not in self.wires:
            self.wires.append(wire)
        operation, names, _ = parse(request)
        self.requests[operation] = self.requests.get(operation, 0) + 1
        if self.arrives(operation, names):
            answer = self.attacked(operation, names, request, wire)
            if answer is not None:
                return answer
        return self.honest(operation, names, request, wire)

    def arrives(self, operation, names):
        """Whether an attack on this operation comes with its request."""
        return True

    def attacked(self, operation, names, request, wire):
        """What the attack answers; None when it is not this operation's turn."""
        if self._attack is None or operation != self._operation or not self.left:
            return None
        self.left -= 1
        self.used += 1
        answer = self._attack(self, request, wire)
        if answer is None:
            self.reply(operation, names, request)
            wire.hang_up()
            return iter(())
        return answer

    def honest(self, operation, names, request, wire):
        if operation == NOTIFICATIONS:
            return self._notifications(names, request)
        return whole(self.reply(operation, names, request))

    def _notifications(self, names, request):
        seen = names[b"notify-sequence-numbers"][0] - 1 if b"notify-sequence-numbers" in names else 0
        if names[b"notify-subscription-ids"][0] != self.subscription:
            yield whole(status(NOT_FOUND, request))
            return
        for _ in range(_HOLD_MS // _LOOK_MS):
            if self.sequence > seen:
                break
            yield _LOOK_MS
        yield whole(self.events(request, [self.sequence] if self.sequence > seen else []))

    def events(self, request, numbers):
        """Get-Notifications' answer."""
        enc = begin(0, request, 200 + 60 * len(numbers))
        for n in numbers:
            enc.group(t.EVENT_NOTIFICATION)
            enc.integer(b"notify-sequence-number", t.INTEGER, n)
        return finish(enc)

    def reply(self, operation, names, request):
        """The message, and the document behind it, of an honest service."""
        if operation == SUBSCRIBE:
            self.subscription += 1
            self.sequence = len(self.jobs)
            return self.subscribed(request, self.subscription, 3600)
        if operation == RENEW and names[b"notify-subscription-id"][0] != self.subscription:
            return status(NOT_FOUND, request)
        if operation == GET_JOBS:
            return self.list(request, [job for job in self.jobs if job.state == PENDING])
        if operation == IDENTIFY:
            return status(0x0404, request)
        if b"job-id" not in names:
            return status(0, request)
        job = self.job(names)
        if job is None:
            return status(NOT_FOUND, request)
        if operation in (FETCH_JOB, JOB_STATE):
            return self.described(request, job)
        if operation == ACK_JOB:
            if job.state != PENDING:
                return status(NOT_FETCHABLE, request)
            job.state = PROCESSING
        elif operation == FETCH_DOCUMENT:
            return self.document(request, job) + job.data
        elif operation == JOB_STATUS and job.state < CANCELED:
            state = names[b"output-device-job-state"][0]
            if state >= CANCELED:
                job.state = state
                job.reasons = names[b"output-device-job-state-reasons"][0]
                job.message = names[b"output-device-job-state-message"][0].decode()
        return status(0, request)

    def subscribed(self, request, number, lease):
        enc = begin(0, request)
        enc.group(t.SUBSCRIPTION)
        enc.integer(b"notify-subscription-id", t.INTEGER, number)
        enc.integer(b"notify-lease-duration", t.INTEGER, lease)
        return finish(enc)

    def list(self, request, jobs, size=0):
        enc = begin(0, request, 300 + 60 * len(jobs))
        for job in jobs:
            enc.group(t.JOB)
            enc.integer(b"job-id", t.INTEGER, job.id)
            enc.integer(b"job-state", t.ENUM, job.state)
        return finish(enc)

    def described(self, request, job, **change):
        """A job; ``change``: job_id, uuid, documents or state as told."""
        enc = begin(0, request)
        enc.group(t.JOB)
        enc.integer(b"job-id", t.INTEGER, change.get("job_id", job.id))
        enc.string(b"job-uuid", t.URI, change.get("uuid", job.uuid))
        enc.integer(b"job-state", t.ENUM, change.get("state", job.state))
        enc.integer(b"number-of-documents", t.INTEGER, change.get("documents", job.documents))
        return finish(enc)

    def document(self, request, job, mime=None, compression=None):
        """What is before the data."""
        job.fetches += 1
        enc = begin(0, request)
        enc.string(b"compression", t.KEYWORD, compression or job.compression)
        enc.group(t.DOCUMENT)
        enc.string(b"document-format", t.MIME_MEDIA_TYPE, mime or job.mime)
        return finish(enc)
