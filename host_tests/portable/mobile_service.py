"""A print service of the 2010 profile for one device, scripted: no sockets, virtual time. What the
service believes is in plain attributes, so that a test says what it wants.
"""

from mobile_samples import DOCUMENT, job_report, outer, print_job

from fetchprint import ticks
from fetchprint.http.errors import HTTPPeerError
from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.decoder import Decoder

FETCH, ACCEPT, REJECT, REPORT_JOB, REPORT_PRINTER = range(0x6F01, 0x6F06)
IDLE = 3  # printer-state
PENDING, PROCESSING, CANCELED, ABORTED, COMPLETED = 3, 5, 7, 8, 9  # job-state
STOPPING = (b"processing-to-stop-point", b"job-canceled-by-user")

NO_JOB = outer(b"none", uuid=b"")
UNKNOWN = outer(b"", 0x0404, b"")


def parse(data):
    """A request: (operation, attributes by name (a list of values each), status-code inside or None)."""
    code, names, rest = _message(data)
    inside = _message(rest)[0] if rest else None
    return code, names, inside


def _message(data):
    dec = Decoder()
    dec.feed(data, 0, len(data))
    names = {}
    code = 0
    while True:
        event = dec.next()
        if event == d.HEADER:
            code = dec.code
        elif event == d.VALUE and dec.depth == 0:
            value = dec.integer() if dec.tag in (t.INTEGER, t.ENUM) else dec.value()
            names.setdefault(dec.name(), []).append(value)
        elif event == d.END:
            return code, names, data[dec.pos :]


class Service:
    """``offer``: the whole Fetch-Print-Job answer to give, or None while there is no job. ``job`` is what
    the service believes about JOB: 0 = no such job here, PENDING = offered."""

    def __init__(self, offer=None):
        self.offer = offer
        self.job = PENDING if offer else 0
        self.reasons = (b"none",)
        self.known = False  # it has the capabilities
        self.printer = 0
        self.identify = False
        self.requests = []  # (operation, attributes, inside), as they came
        self.scripted = {}  # operation -> answers to give instead, in this order; None: lose it, acted on
        self.down = False
        self.first = self.rest = 1 << 16  # sizes in which answers come
        self.cut = -1  # a Fetch-Print-Job answer breaks off after so many octets ...
        self.cuts = 1  # ... so many times
        self.aimed = None  # path and credentials that were chosen last
        self.late = 0  # ms after which the document of an offer begins to come

    def all(self, operation):
        """The requests of one operation so far."""
        return [request for request in self.requests if request[0] == operation]

    def ask(self, data):
        """Act on a request that has arrived; whether the answer will get through."""
        code, names, inside = parse(data)
        self.requests.append((code, names, inside))
        if code == REPORT_PRINTER:
            self.known = self.known or b"document-format-supported" in names
            self.printer = names[b"printer-state"][0]
        elif code == ACCEPT and self.job == PENDING:
            self.job = PROCESSING
        elif code == REJECT:
            self.offer = None
            self.job = 0
        elif code == REPORT_JOB and self.job and self.job < CANCELED:
            if names[b"job-state"][0] >= CANCELED:
                self.job = names[b"job-state"][0]
                self.offer = None
        answers = self.scripted.get(code)
        if answers:
            return answers.pop(0)
        return False

    def answer(self, data):
        """The answer as things are now, None while it is held."""
        code, names, _ = parse(data)
        if code == FETCH:
            return self._fetch(names)
        if code == REJECT:
            return outer(b"", 0, b"")
        if code == REPORT_PRINTER:
            return job_report(self.job if PROCESSING <= self.job < CANCELED else 0, identify=self.identify)
        return self._job()

    def _job(self):
        if not self.job:
            return outer(b"", 0x0406, b"")
        return job_report(self.job, self.reasons)

    def _fetch(self, names):
        if not self.known:
            return UNKNOWN
        if b"job-uuid" in names:
            return self.offer or outer(b"", 0x0406, b"")
        if PROCESSING <= self.job < CANCELED:
            return job_report(self.job, self.reasons, 0x0404)
        return self.offer if self.printer == IDLE else None


class Wire:
    """The Connection of one exchange to a Service."""

    def __init__(self, service, tx, rx):
        self.body = 0
        self.buf = rx
        self.pos = self.end = 0
        self.retry_after = 0
        self._service = service
        self._tx = tx
        self._request = self._reply = None
        self._at = 0
        self._scripted = False

    def post(self, now, length, wait_ms):
        assert self._request is None
        self._request = bytes(self._tx[:length])
        self._reply = None
        self._at = self.pos = self.end = 0
        self._since = now
        self._wait = wait_ms
        if self._service.down:
            raise HTTPPeerError("cannot open a connection", -1, False)
        self._scripted = self._service.ask(self._request)

    def poll(self, now):
        service = self._service
        if service.down or self._scripted is None:
            raise HTTPPeerError("connection closed without a reply")
        reply = self._scripted or service.answer(self._request)
        if reply is None and ticks.diff(now, self._since) > self._wait - 30000:
            reply = NO_JOB
        if reply is None:
            return None
        if isinstance(reply, int):
            self._request = None
            return reply
        self._reply = reply[:4] + self._request[4:8] + reply[8:]
        self._size = service.first
        return 200

    def fill(self, now):
        service = self._service
        fetched = self._request is not None and self._request[2:4] == b"\x6f\x01"
        if service.down or (fetched and 0 <= service.cut <= self._at):
            if not service.down:
                service.cuts -= 1
                service.cut = service.cut if service.cuts else -1
            raise HTTPPeerError("reply cut short in its body")
        n = min(self._size or 1, len(self._reply) - self._at, len(self.buf))
        if fetched and service.late and self._reply.endswith(DOCUMENT):
            head = len(self._reply) - len(DOCUMENT)
            if self._at < head:
                n = min(n, head - self._at)
            elif ticks.diff(now, self._since) < service.late:
                return None
        if fetched and service.cut >= 0:
            n = min(n, service.cut - self._at) or 1
        if n <= 0:
            self._request = None
            return 0
        self.buf[:n] = self._reply[self._at : self._at + n]
        self._at += n
        self._size = service.rest
        self.pos = 0
        self.end = n
        return n

    def aim(self, path, authorization):
        self._service.aimed = (path, authorization)

    def close(self):
        self._request = None
        self.pos = self.end = 0


def offered(change=(), template=(), data=DOCUMENT):
    """A service with one job."""
    return Service(print_job(change, template, data))
