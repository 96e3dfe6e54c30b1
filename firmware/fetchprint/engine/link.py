"""The framed link to an engine controller of its own (docs/link-protocol.md), over a serial Stream or SPI.

``link_frames`` finds and makes frames, ``link_window`` sends them again until the engine has
them, ``link_session`` knows what the engine says. Here are its jobs and pages.
"""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine import link_frames as frames
from fetchprint.engine.link_session import IN_JOB, MOVED, Session
from fetchprint.engine.link_window import MISSES, Window

CONFIRM_MS = 120000
"""For any progress of a ready engine that holds data: a cold fuser warms up in less."""
CANCEL_MS = 1000
"""For a silent engine to take a cancel; afterwards it learns of it by a new session, when it is back."""
AGAIN_MS = 200
"""Between two CANCELs of the same job."""

ERRORS = (
    "the engine has given the job up",
    "a jam has spoiled the page",
    "the engine does not know a frame's type",
    "the engine has found a frame out of order",
)
"""What ``error`` of a job means; a later version may know more."""

_IDLE, _JOB, _PAGE, _PAGE_END, _JOB_END, _CANCEL = range(6)


class FramedLink(base.Engine):
    """The driver; see ``base.Engine`` for the calls.

    The engine tells its own capabilities: ``link_setup.describe`` sets width, resolution and so on
    from the octets in ``session.told``. ``fault`` says why the link is gone for good: an OSError or
    a string; None while it works.
    """

    overhang = 7  # media sizes round to dots, up to a whole octet
    raster_types = (b"black_1", b"sgray_8")

    def __init__(self, stream, tx, slot: int, session: int):
        """``tx``: the caller's bytearray, for frames on their way, in slots of ``slot`` octets (see Window).

        ``session``: see Session.
        """
        base.Engine.__init__(self)
        self.reasons = base.OFFLINE
        self.fault = None
        self.window = Window(stream, tx, slot)
        self.session = Session(stream, self.window, session)
        self._mode = _IDLE
        self._job = 0  # its number, 1 to 65535
        self._broken = None  # why the job cannot go on
        self._passed = False  # octets in the engine's own language
        self._height = self._row = 0
        self._need = 0  # octets of a line as given
        self._stride = 0  # octets of it that the head prints
        self._last = 0xFF  # bits of the last octet that are dots
        self._taken = 0  # octets of the line in hand that are in frames
        self._cancel_at = self._again_at = 0

    def poll(self, now: int):
        session = self.session
        window = self.window
        window.in_job = self.in_job
        session.poll(now)
        self.reasons = session.reasons
        self.pages = session.pages
        self.fault = session.fault
        if window.moved or self.in_job and session.job == self._job and session.flags & MOVED:
            self.moved = True
        if self.in_job:
            if session.lost:
                self._broken = "the engine has started again in mid-job"
            elif session.error and session.job == self._job:
                self._broken = ERRORS[session.error if session.error < len(ERRORS) else 0]

    def begin_job(self):
        if self.in_job:
            raise base.EngineLocalError("a job is already open")
        self.moved = self.window.moved = False
        if not self._idle():
            return None
        self.in_job = True
        self._broken = None
        self.session.lost = False
        self._passed = False
        self._job = self._job % 0xFFFF + 1
        self._mode = _JOB
        self._mark(frames.JOB_BEGIN, 2, self._job, 0, 0)
        return True

    def begin_page(self, width: int, height: int):
        if self._mode != _JOB:
            raise base.EngineLocalError("a page can only begin in a job, after the page before it has ended")
        width = self._fit(width, height)
        if self._slot() < 0:
            return None
        self._mark(frames.PAGE_BEGIN, 6, width, height >> 16, height)
        self._height = height
        self._row = self._taken = 0
        self._mode = _PAGE
        return True

    def line(self, buf, off: int, n: int):
        if self._mode != _PAGE or self._row == self._height:
            raise base.EngineLocalError("a line outside its page")
        if n < self._need:
            raise base.EngineLocalError("a line of %d octets: the page has %d" % (n, self._need))
        window = self.window
        left = self._stride - self._taken
        while left:
            at = self._slot()
            if at < 0:
                return None
            part = min(window.room - window.fill, left)
            frames.copy(window.tx, at + window.fill, buf, off + self._taken, part)
            window.fill += part
            left -= part
            self._taken += part
            if not left:
                window.tx[at + window.fill - 1] &= self._last
            if window.fill == window.room:
                window.close(frames.LINES)
        self._taken = 0
        self._row += 1
        return True

    def end_page(self):
        window = self.window
        if self._mode == _PAGE:
            if self._slot() < 0:
                return None
            if window.fill:
                window.close(frames.LINES)
                if self._slot() < 0:
                    return None
            window.close(frames.PAGE_END)
            self._mode = _PAGE_END
        elif self._mode != _PAGE_END:
            raise base.EngineLocalError("no page is open")
        if self._settled() is None:
            return None
        self._mode = _JOB
        return True

    def write(self, buf, off: int, n: int):
        if self._mode != _JOB:
            raise base.EngineLocalError("octets can only be passed through in a job and outside its pages")
        at = self._slot()
        if at < 0:
            return None
        window = self.window
        n = min(n, window.room)
        frames.copy(window.tx, at, buf, off, n)
        window.fill = n
        window.close(frames.LANGUAGE)
        self._passed = True
        return n

    def end_job(self):
        window = self.window
        if self._mode != _JOB and self._mode != _JOB_END:
            raise base.EngineLocalError("no job is open, or a page of it is")
        # Each page has been confirmed: an engine that starts again now takes nothing back.
        if self._passed or self._broken is None and self.fault is None:
            if self._mode == _JOB:
                if self._slot() < 0:
                    return None
                window.close(frames.JOB_END)
                self._mode = _JOB_END
            if self._settled() is None:
                return None
        self._close_job()
        return True

    def cancel(self):
        if not self.in_job:
            return True
        session = self.session
        window = self.window
        now = session.now
        if self._mode != _CANCEL:
            self._mode = _CANCEL
            self._cancel_at = self._again_at = now
            window.forget()
            window.small(frames.CANCEL, self._job, window.next)
        if session.joined and session.fault is None and not session.lost:
            if session.job != self._job or session.flags & IN_JOB or not window.carried_out():
                waited = ticks.diff(now, self._cancel_at)
                if waited < CANCEL_MS or window.misses < MISSES and waited < CONFIRM_MS:
                    if ticks.diff(now, self._again_at) >= AGAIN_MS:
                        self._again_at = now
                        window.small(frames.CANCEL, self._job, window.next)
                    return None
                session.leave()
            elif not session.flags & MOVED:
                self.moved = False  # the engine knows it better
        self._close_job()
        return True

    def identify(self):
        if self.in_job or not self._idle():
            return None
        self.window.close(frames.IDENTIFY)
        return True

    def _idle(self):
        return self.session.joined and not self.reasons & base.STOPS and self.window.carried_out()

    def _settled(self):
        """True once the engine has done everything, None before. EngineError when the job is lost."""
        if self._broken is None and self.fault is None and self.window.carried_out():
            return True
        return self._wait()

    def _slot(self) -> int:
        """Where the payload of the next frame goes; -1 for not now. EngineError when the job is lost."""
        at = self.window.at()
        if at < 0 or self._broken is not None or self.fault is not None:
            self._wait()
        return at

    def _mark(self, kind, n, a, b, c):
        """A frame of ``n`` octets out of three numbers of 16 bits. There is a slot for it."""
        tx = self.window.tx
        at = self.window.at()
        tx[at] = a >> 8
        tx[at + 1] = a & 0xFF
        tx[at + 2] = b >> 8 & 0xFF
        tx[at + 3] = b & 0xFF
        tx[at + 4] = c >> 8 & 0xFF
        tx[at + 5] = c & 0xFF
        self.window.fill = n
        self.window.close(kind)

    def _wait(self):
        """None for "not now", unless there is nothing left to wait for: then ``EngineError``."""
        if self.fault is not None:
            raise base.EngineError("the engine's port is gone: %s" % self.fault)
        if self._broken is not None:
            raise base.EngineError(self._broken)
        if ticks.diff(self.session.now, self.session.progress_at) > CONFIRM_MS:
            raise base.EngineError("the engine is ready but has done nothing for %d s" % (CONFIRM_MS // 1000))
        return None

    def _close_job(self):
        self._mode = _IDLE
        self.in_job = False
        self._broken = None
