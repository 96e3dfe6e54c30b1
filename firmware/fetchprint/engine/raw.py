"""Documents as they are: octets go to the port and nothing is known of what becomes of them.

For engines that understand whole documents and have no language for status, or one that nobody
has written a driver for. What can be said honestly is little: the state is "unknown", or
"offline" while the port takes nothing, and a document counts when the port has taken it all.
"""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.port.native import micropython

const = micropython.const

STALL_MS = 5000
"""A port that takes no octet for this long, while some wait, means an engine that is offline."""

_RX_SIZE = const(32)
_READS_PER_POLL = const(4)


class Raw(base.Engine):
    """The driver; see ``base.Engine`` for the calls. ``fault`` says why the port is gone for good."""

    def __init__(self, port, formats, make_and_model: bytes, device_id: bytes):
        """``port``: a Stream. ``formats``: the MIME types that the engine understands (octet strings)."""
        base.Engine.__init__(self)
        self.formats = formats
        self.make_and_model = make_and_model
        self.device_id = device_id
        self.confirmed = False
        self.reasons = base.UNKNOWN
        self.fault = None
        self._port = port
        self._rx = bytearray(_RX_SIZE)
        self._now = 0
        self._waiting = False  # the port has refused octets since _since
        self._since = 0

    def poll(self, now: int):
        self._now = now
        if self.fault is None:
            try:
                for _ in range(_READS_PER_POLL):  # what the engine says means nothing here
                    n = self._port.readinto(self._rx, 0, _RX_SIZE)
                    if n is None:
                        break
                    if n == 0:
                        self._gone("it was closed")
                        break
            except OSError as error:
                self._gone(error)
        if self.fault is not None:
            self.reasons = base.OFFLINE
        elif self._waiting and ticks.diff(now, self._since) > STALL_MS:
            self.reasons = base.OFFLINE | base.UNKNOWN
        else:
            self.reasons = base.UNKNOWN

    def begin_job(self):
        if self.in_job:
            raise base.EngineLocalError("a job is already open")
        self.moved = False
        if self.fault is not None:
            return None
        self.in_job = True
        return True

    def write(self, buf, off: int, n: int):
        if not self.in_job:
            raise base.EngineLocalError("octets can only be passed through in a job")
        if self.fault is None:
            try:
                count = self._port.write(buf, off, n)
            except OSError as error:
                self._gone(error)
            else:
                if count:
                    self._waiting = False
                    self.moved = True
                    return count
                if not self._waiting:
                    self._waiting = True
                    self._since = self._now
                return None
        raise base.EngineError("the engine's port is gone: %s" % self.fault)

    def end_job(self):
        if not self.in_job:
            raise base.EngineLocalError("no job is open")
        self.in_job = False
        return True

    def cancel(self):
        """True at once: nobody knows where a safe point is. The engine may wait for the rest of a command."""
        self.in_job = self._waiting = False
        return True

    def _gone(self, fault):
        self.fault = fault
