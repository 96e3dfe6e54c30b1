"""A print service of the 2010 profile that behaves until it is told to attack, and the hosts that documents are
fetched from by reference."""

import hostile_service
from hostile_service import CANCELED, COMPLETED, PENDING, PROCESSING, begin, finish, status
from hostile_wire import whole
from mobile_samples import embedded, outer
from mobile_service import parse

from fetchprint.ipp import tags as t

FETCH, ACCEPT, REJECT, REPORT_JOB, REPORT_PRINTER, REGISTER = range(0x6F01, 0x6F07)
PRINT_JOB, PRINT_URI = 2, 3
URI = "ipp://127.0.0.1/ipp/print/till"
SECRET = b"c2VjcmV0OnNlY3JldA"

_LOOK_MS = 20
_IDLE = 3
_BUSY = 0x0507  # it stays here and is offered again

# What names turn out to be, whoever owns them.
ADDRESSES = {
    "files.example": b"\x05\x09\x01\x02",
    "loopback.example": b"\x7f\0\0\1",
    "10.0.0.9": b"\x0a\0\0\x09",
    "lan.example": b"\xc0\xa8\1\1",
    "ten.example": b"\x0a\0\0\1",
    "carrier.example": b"\x64\x40\0\1",
    "cloud.example": b"\xa9\xfe\xa9\xfe",
    "nobody.example": b"\0\0\0\0",
    "everybody.example": b"\xff\xff\xff\xff",
    "multicast.example": b"\xe0\0\0\xfb",
    "six-loopback.example": bytes(15) + b"\1",
    "six-link.example": b"\xfe\x80" + bytes(13) + b"\1",
    "six-local.example": b"\xfd" + bytes(14) + b"\1",
    "mapped.example": bytes(10) + b"\xff\xff\x7f\0\0\1",
    "mapped-cloud.example": bytes(10) + b"\xff\xff\xa9\xfe\xa9\xfe",
    "translated.example": b"\0\x64\xff\x9b" + bytes(8) + b"\x7f\0\0\1",
    "tunnel.example": b"\x20\x02\x7f\0\0\1" + bytes(10),
}
CONFIG = {
    "services": [{"uri": URI, "profile": "mobile", "authorization": "Basic " + SECRET.decode()}],
    "references": {"schemes": ["http"], "hosts": sorted(ADDRESSES), "most-octets": 100000},
}
"""Of the device: credentials for the service, and a few hosts that documents may come from."""


class Files:
    """A web server; ``answer``: what it says instead of the document in hand."""

    def __init__(self, service):
        self._service = service

    def answer(self, head, request, wire):
        service = self._service
        service.targets.append(head)
        fields = head.lower()
        assert fields.startswith(b"get /") and SECRET.lower() not in fields and b"authorization" not in fields
        if service.page is not None:
            return service.page(service, request, wire)
        return whole(service.jobs[-1].data, b"HTTP/1.1 200 OK\r\nContent-Type: image/pwg-raster\r\n")


class Service(hostile_service.Service):
    """Its jobs may have ``uri``: then they only refer to their document."""

    def __init__(self):
        hostile_service.Service.__init__(self)
        self.known = False
        self.state = _IDLE  # printer-state
        self.page = None  # see Files

    def at(self, host, port, allows):
        if allows is None:
            assert (host, port) == ("127.0.0.1", 631), (host, port)
            return self
        if not allows(ADDRESSES[host]):
            raise OSError("the address of %s is not allowed" % host)
        return Files(self)

    def at_peace(self):
        hostile_service.Service.at_peace(self)
        self.page = None
        self.targets = []

    def job(self, names):
        for job in self.jobs:
            if [job.uuid] == names.get(b"job-uuid"):
                return job
        return None

    def honest(self, operation, names, request, wire):
        if operation == FETCH and b"job-uuid" not in names:
            return self._held(names, request, wire)
        return whole(self.reply(operation, names, request))

    def arrives(self, operation, names):
        """Whether an attack on this operation comes with its request; an offer comes when there is a job."""
        return operation != FETCH or b"job-uuid" in names

    def _held(self, names, request, wire):
        for _ in range(names[b"fetch-wait"][0] * 1000 // _LOOK_MS):
            waits = any([job.state < CANCELED for job in self.jobs])
            if not self.known or (waits and self.state == _IDLE):
                break
            yield _LOOK_MS
        answer = self.attacked(FETCH, names, request, wire)
        if answer is None:
            yield whole(self.reply(FETCH, names, request))
        elif isinstance(answer, bytes):
            yield answer
        else:
            for piece in answer:  # an offer that never ends, among others
                yield piece

    def reply(self, operation, names, request):
        job = self.job(names)
        if operation == REPORT_PRINTER:
            self.known = self.known or b"document-format-supported" in names
            self.state = names[b"printer-state"][0]
            return status(0, request)
        if operation == FETCH:
            if not self.known:
                return status(0x0404, request)
            if job is None:
                for one in self.jobs:
                    if one.state < CANCELED:
                        job = one
                        break
                if job is None:
                    return answered(outer(b"none", uuid=b""), request)
            if job.state >= CANCELED:
                return status(0x0406, request)
            return self.offer(request, job) + (job.data if job.uri is None else b"")
        if job is None:
            return status(0x0406, request)
        if operation == ACCEPT and job.state == PENDING:
            job.state = PROCESSING
        elif operation == REJECT and parse(request)[2] != _BUSY:
            job.state = hostile_service.ABORTED
            job.message = "rejected"
        elif operation == REPORT_JOB and job.state < CANCELED and names[b"job-state"][0] >= CANCELED:
            job.state = names[b"job-state"][0]
            job.reasons = names[b"job-state-reasons"][0]
            job.message = names[b"job-state-message"][0].decode()
            assert job.state == COMPLETED or job.message
        return self.report(request, job)

    def add(self, data, mime=hostile_service.PWG):
        job = hostile_service.Service.add(self, data, mime)
        job.uri = None
        return job

    def report(self, request, job, code=0, **change):
        """A job as the service sees it; ``change``: state, uuid, job_id or reason as told."""
        enc = begin(code, request)
        enc.group(t.JOB)
        enc.string(b"job-uuid", t.URI, change.get("uuid", job.uuid))
        enc.integer(b"job-id", t.INTEGER, change.get("job_id", job.id))
        enc.integer(b"job-state", t.ENUM, change.get("state", job.state))
        enc.string(b"job-state-reasons", t.KEYWORD, change.get("reason", b"none"))
        return finish(enc)

    def offer(self, request, job, change=(), template=(), **told):
        """The outer message and the embedded one; ``change``, ``template`` and charset as for ``embedded``;
        ``kind``, ``operation`` and ``uuid`` of the outer message as told."""
        job.fetches += 1
        operation = PRINT_JOB if job.uri is None else PRINT_URI
        kind = b"print-job-request" if job.uri is None else b"print-uri-request"
        usual = [
            (b"job-id", t.INTEGER, job.id),
            (b"job-uuid", t.URI, job.uuid),
            (b"document-format", t.MIME_MEDIA_TYPE, job.mime),
        ]
        if job.uri is not None:
            usual.append((b"document-uri", t.URI, job.uri))
        changed = [entry[0] for entry in change]
        change = [entry for entry in usual if entry[0] not in changed] + list(change)
        message = outer(told.get("kind", kind), uuid=told.get("uuid", job.uuid))
        inside = embedded(told.get("operation", operation), change, template, told.get("charset", b"utf-8"))
        return answered(message, request) + inside


def answered(message, request):
    """``message`` with the request-id of ``request``."""
    return message[:4] + request[4:8] + message[8:]
