"""A session with an engine controller: begun by HELLO, lost when the engine starts again.

What the engine says is always its whole state, so that a lost answer is replaced by the next.
"""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine import link_frames as frames
from fetchprint.engine.link_window import ASK_IDLE_MS, MISSES
from fetchprint.port.native import micropython

const = micropython.const

VERSION = 1
LONGEST = 512
"""Octets of payload that an engine may send in a frame: its capabilities."""
CAPS_FIXED = 12
"""Octets of the capabilities before the texts."""
HELLO_MS = 250
"""Between two attempts to begin a session; doubled up to ASK_IDLE_MS."""
IN_JOB = 1
MOVED = 2
"""Bits of ``flags``."""

_STATUS = const(21)  # octets of STATUS; a later version may have more
_RX = const(64)
_READS_PER_POLL = const(8)
_ROUNDS_PER_POLL = const(4)


class Session:
    """``told``: the octets of the first capabilities. ``reasons`` and ``pages`` as ``base.Engine`` has them.

    As the engine last said: ``job``, its number or that of the last one; ``flags`` and ``error`` of it.
    ``lost`` is set with each session that the engine has lost. ``fault`` says why the link is gone for
    good: an OSError or a string; None while it works.
    """

    def __init__(self, stream, window, number: int):
        """``number``: 1 to 65535, best a random one, so that it is another than before a restart.
        A ``stream`` with a ``poll`` is told the time."""
        self.window = window
        self.told = None
        self.joined = False
        self.lost = False
        self.fault = None
        self.reasons = base.OFFLINE
        self.pages = self.job = self.flags = self.error = 0
        self.now = 0
        self.progress_at = 0  # when the engine had nothing to do, could not, or did something
        self._stream = stream
        self._stream_poll = getattr(stream, "poll", None)
        self._number = number
        self._rx = bytearray(_RX)
        self._reader = frames.Reader(bytearray(LONGEST + frames.OVERHEAD))
        self._hello_at = 0
        self._hello_ms = 0  # 0: not yet said
        self._caps = 0  # what tells this engine's capabilities from others

    def poll(self, now: int):
        """Move octets in both directions, ask when it is time."""
        self.now = now
        if self.fault is not None:
            return
        window = self.window
        try:
            if self._stream_poll is not None:
                self._stream_poll(now)
            self._receive()
            if self.joined:
                window.ask(now)
                if window.misses >= MISSES:
                    self.reasons = base.OFFLINE
            else:
                self._hello(now)
            for _ in range(_ROUNDS_PER_POLL):
                if self.fault is not None or not window.send(now):
                    break
                self._receive()  # with SPI the answers have come in meanwhile
        except OSError as error:
            self._gone(error)
        if self.reasons & base.STOPS:
            self.progress_at = now

    def leave(self):
        """This session is over: begin another. The engine ends a job of it."""
        self.joined = False
        self._number = self._number % 0xFFFF + 1
        self._hello_ms = 0
        self.reasons = base.OFFLINE
        self.window.restart()

    def _receive(self):
        reader = self._reader
        for _ in range(_READS_PER_POLL):
            n = self._stream.readinto(self._rx, 0, _RX)
            if n is None:
                return
            if n == 0:
                self._gone("it was closed")
                return
            at = 0
            while at < n:
                at += reader.put(self._rx, at, n)
                while reader.find():
                    if reader.kind == frames.STATUS and reader.length >= _STATUS:
                        self._status(reader.buf, frames.HEAD)
                    elif reader.kind == frames.CAPABILITIES and reader.length >= CAPS_FIXED:
                        self._capabilities(reader.buf, frames.HEAD, reader.length)

    def _hello(self, now):
        if self._hello_ms == 0 or ticks.diff(now, self._hello_at) >= self._hello_ms:
            self._hello_at = now
            self._hello_ms = min(2 * self._hello_ms, ASK_IDLE_MS) if self._hello_ms else HELLO_MS
            self.window.small(frames.HELLO, self._number, VERSION)

    def _capabilities(self, buf, at, n):
        if self.joined or u16(buf, at + 2) != self._number:
            return
        if buf[at] != VERSION:
            self._gone("the engine speaks version %d of the link, this is version %d" % (buf[at], VERSION))
            return
        caps = 0
        for i in range(at + 6, at + n):  # all but the numbers of session and boot
            caps = caps * 31 + buf[i] & 0xFFFFFF
        if self.told is None:
            self.told = bytes(buf[at : at + n])
            self._caps = caps
        elif caps != self._caps:
            self._gone("another engine than at start-up is there: start again")
            return
        self.joined = True
        self.window.restart()

    def _status(self, buf, at):
        if not self.joined:
            return
        if u16(buf, at + 2) != self._number:
            self.lost = True
            self.leave()
            return
        window = self.window
        before = window.base << 8 | window.done
        window.heard(self.now, buf[at + 4], buf[at + 5], buf[at + 6], u16(buf, at + 14), buf[at + 7])
        if window.base << 8 | window.done != before or window.carried_out():
            self.progress_at = self.now
        self.job = u16(buf, at + 8)
        reasons = (u16(buf, at + 10) & 0x3FFF) << 16 | u16(buf, at + 12)
        known = len(base.KEYWORDS)
        if reasons >> known:
            reasons = reasons & (1 << known) - 1 | base.OTHER
        self.reasons = reasons
        self.pages = buf[at + 16] << 16 | u16(buf, at + 17)
        self.flags = buf[at + 19]
        self.error = buf[at + 20]

    def _gone(self, fault):
        self.fault = fault
        self.reasons = base.OFFLINE


def u16(buf, at: int) -> int:
    """The number of 16 bits at ``at``."""
    return buf[at] << 8 | buf[at + 1]
