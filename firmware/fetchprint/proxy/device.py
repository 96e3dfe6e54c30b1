"""The Output Device: the one engine, who prints on it, and its printer-state."""

from fetchprint.engine import base
from fetchprint.port.native import micropython

const = micropython.const

_IDLE = const(3)  # printer-state (RFC 8011 5.4.11)
_PROCESSING = const(4)
STOPPED = const(5)

_NAMES = {_IDLE: "idle", _PROCESSING: "processing", STOPPED: "stopped"}


class Device:
    """``version`` changes whenever ``state`` or ``reasons`` do: whoever reports remembers the last
    one that it reported."""

    def __init__(self, engine, pipe, log):
        self.engine = engine
        self.pipe = pipe
        self.light = None  # lets the board's own light flicker, if it has one
        self.owner = None  # the session that has the engine: see Turns
        self.turns = None  # who may have it next
        self.reference = None  # by which documents are fetched that a job only refers to, if at all
        self.state = 0
        self.reasons = ()  # printer-state-reasons keywords
        self.version = 0
        self.troubles = 0  # sessions that cannot write what they have to keep
        self._note = b""
        self._bits = -1
        self._log = log

    @property
    def usable(self) -> bool:
        """The engine could print a page now. An engine that cannot tell counts as usable."""
        return not (self.troubles or self.engine.reasons & base.STOPS)

    def poll(self, now: int):
        """Move the engine on and notice what changed."""
        self.engine.poll(now)
        bits = self.engine.reasons
        if self.troubles:
            bits |= base.OTHER
        state = STOPPED if bits & base.STOPS else _PROCESSING if self.owner else _IDLE
        if state != self.state or bits != self._bits:
            self.state = state
            if bits != self._bits:
                self._bits = bits
                self.reasons = _keywords(bits)
            self.version += 1
            self._log.event("printer", state=_NAMES[state], reasons=[r.decode() for r in self.reasons])

    def message(self) -> bytes:
        """printer-state-message, in plain words."""
        if self.state == STOPPED:
            why = b"Stopped: " + b", ".join(self.reasons)
            return why + _TROUBLE if self.troubles else why
        return (b"Printing." if self.state == _PROCESSING else b"Idle.") + self._note

    def forgot(self):
        """A journal was lost: until the next start each service is told so, as jobs that it offers again
        may have been printed."""
        self._note = _FORGOT
        self.version += 1


_TROUBLE = b" (the job journal cannot be written)"
_FORGOT = b" The job journal was lost: a job that is offered again may have been printed before."


def _keywords(bits):
    found = []
    i = base.next_reason(bits, 0)
    while i >= 0:
        found.append(base.KEYWORDS[i])
        i = base.next_reason(bits, i + 1)
    return tuple(found)
