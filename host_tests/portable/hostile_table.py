"""What a row of the tables of attacks says, and how the answers of the service are made."""

from hostile_wire import OK, whole
from ipp_events import octets

LOST = "given up and tried again"
ABORTED = "the job is reported aborted"
UNASKED = "the job is reported aborted; no other host was asked for anything"
HALF = "the job is reported aborted; some of it is on paper"
COMPLETED = "no harm: the job is completed"
CANCELED = "no harm: the job is cancelled"
PRINTED = "no harm: the job is printed once"
FORGOTTEN = "the job is left to the service"


class Attack:
    """``at``: the operation whose answer attacks; ``answer(service, request, wire)``, None for an honest
    answer that is lost; ``says``: what is in the log then; ``end``: one of the above; ``times``: how often
    in a row. ``data`` and ``mime``: a document that is the attack; ``setup(service, job)`` comes before."""

    def __init__(self, name, threat, at, answer, says, end=LOST, times=1, data=None, mime=None, setup=None):
        self.name = name
        self.threat = threat
        self.at = at
        self.answer = answer
        self.says = says
        self.end = end
        self.times = times
        self.data = data
        self.mime = mime
        self.setup = setup


def message(table, code=0):
    """An IPP answer: version, ``code`` and request-id, then the octets of ``table`` (see ``octets``)."""
    body = octets(table) if isinstance(table, str) else table

    def answer(service, request, wire):
        return whole(b"\x02\0" + bytes((code >> 8, code & 255)) + request[4:8] + body)

    return answer


def raw(data):
    """These octets, whatever was asked."""

    def answer(service, request, wire):
        return data

    return answer


def stream(make):
    """The generator that ``make()`` gives."""

    def answer(service, request, wire):
        return make()

    return answer


def headers(lines, body=b"", status=b"200 OK"):
    """An answer with these header lines and Content-Type: application/ipp."""
    return raw(b"HTTP/1.1 " + status + b"\r\n" + OK[OK.find(b"\r\n") + 2 :] + lines + b"\r\n" + body)
