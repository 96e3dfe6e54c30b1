"""A bare thermal head over SPI, 58 mm (384 dots) or 80 mm (576 or 640 dots), with its motor and sensors.

There is no engine controller that could confirm anything: this driver is the controller. A line
counts when it has been burnt and the paper has been stepped past it with paper in, the head down and
the supply good; a page is confirmed when all its lines are. See ``thermal_head`` for how lines get
onto the paper, ``thermal_heat`` for how long they are heated.
"""

from fetchprint.engine import base
from fetchprint.engine.thermal_head import SPOILS

_IDLE_PAUSE = 20
_IDENTIFY_LINES = 240  # 3 cm of paper, and the sound of the motor

_IDLE, _JOB, _PAGE, _PAGE_END, _JOB_END, _CANCEL = range(6)


class Thermal(base.Engine):
    """The driver; see ``base.Engine`` for the calls.

    ``poll`` blocks for one burst of lines at most (``Head``'s ``burst`` and one line more).
    A page in the middle of which the paper ended, the head was lifted or the supply failed is given up
    with an ``EngineError`` once that is mended: what is on paper of it cannot be continued.
    ``fault`` says why the bus is gone for good; None while it works.
    """

    formats = (b"image/pwg-raster",)
    raster_types = (b"black_1", b"sgray_8")
    identify_actions = (b"sound",)
    overhang = 7  # media sizes round to dots, up to a whole octet
    continuous = True
    make_and_model = b"Generic thermal head"
    device_id = b"MFG:Generic;MDL:Thermal head;CMD:PWGRaster;"

    def __init__(self, bus, head, *, width: int, dpi: int = 203, feed: int = 120, media=None):
        """``bus``: see Bus in docs/architecture.md; ``head``: a ``thermal_head.Head`` on it.

        ``width``: dots of the head, a multiple of 8. ``feed``: lines from the head to the tear bar.
        ``media`` as in ``Engine``; when not given, three lengths of the head's width.
        """
        base.Engine.__init__(self)
        self.resolution = dpi
        self.width = width
        self.media = media or base.rolls(width, dpi)
        self.fault = None
        self.reasons = base.OFFLINE
        self._bus = bus
        self._head = head
        self._feed = feed
        self._mode = _IDLE
        self._row = 0  # lines of the page that were taken
        self._need = self._stride = 0
        self._last = 0xFF

    def poll(self, now: int):
        head = self._head
        if self.fault is None:
            try:
                self._bus.poll(now)
                head.look(now)
                if self._due():
                    head.run()
            except OSError as error:
                self.fault = error
        if self.fault is None:
            self.reasons = head.reasons
        else:
            self.reasons = base.OFFLINE
        self.moved = head.moved
        self.pause = 0 if self._due() else _IDLE_PAUSE

    def _due(self):
        """Whether a burst may begin: with half a queue, or whatever there is at the end of a page."""
        head = self._head
        if self.fault is not None or head.spoilt or head.reasons & base.STOPS:
            return False
        if self._mode == _PAGE and self._row < head.height:
            return head.queued >= head.room >> 1
        return head.queued > 0 or head.feed > 0

    def begin_job(self):
        if self.in_job:
            raise base.EngineLocalError("a job is already open")
        head = self._head
        if self.reasons & base.STOPS or not head.settled():
            return None
        head.moved = self.moved = False
        self.in_job = True
        self._mode = _JOB
        return True

    def begin_page(self, width: int, height: int):
        if self._mode != _JOB:
            raise base.EngineLocalError("a page can only begin in a job, after the page before it has ended")
        self._fit(width, height)
        self._row = 0
        self._head.done = 0
        self._head.spoilt = False
        self._head.height = height
        self._mode = _PAGE
        return True

    def line(self, buf, off: int, n: int):
        head = self._head
        if self._mode != _PAGE or self._row == head.height:
            raise base.EngineLocalError("a line outside its page")
        if n < self._need:
            raise base.EngineLocalError("a line of %d octets: the page has %d" % (n, self._need))
        if head.spoilt or self.fault is not None or head.queued == head.room:
            return self._wait()
        head.put(buf, off, self._stride, self._last)
        self._row += 1
        return True

    def end_page(self):
        head = self._head
        if self._mode == _PAGE:
            head.height = self._row
            self._mode = _PAGE_END
        elif self._mode != _PAGE_END:
            raise base.EngineLocalError("no page is open")
        if head.spoilt or self.fault is not None or not head.settled():
            return self._wait()
        head.height = 0
        self.pages += 1
        self._mode = _JOB
        return True

    def end_job(self):
        if self._mode == _JOB:
            self._mode = _JOB_END
            self._tear()
        elif self._mode != _JOB_END:
            raise base.EngineLocalError("no job is open, or a page of it is")
        return self._torn()

    def cancel(self):
        if not self.in_job:
            return True
        head = self._head
        if self._mode != _CANCEL:
            self._mode = _CANCEL
            head.drop()
            head.height = 0
            head.spoilt = False
            self._tear()
        return self._torn()

    def identify(self):
        head = self._head
        if self.in_job or self.reasons & base.STOPS or not head.settled():
            return None
        head.feed = _IDENTIFY_LINES
        return True

    def _tear(self):
        if self._head.moved:
            self._head.feed = self._feed

    def _torn(self):
        """Close the job when the paper is at the tear bar; at once where it cannot be: all is printed."""
        head = self._head
        if self.fault is None and not head.settled() and not head.reasons & base.STOPS:
            return None
        head.feed = 0
        self._mode = _IDLE
        self.in_job = False
        return True

    def _wait(self):
        """None for "not now", unless there is nothing left to wait for: then ``EngineError``."""
        if self.fault is not None:
            raise base.EngineError("the engine's bus is gone: %s" % self.fault)
        if self._head.spoilt and not self.reasons & SPOILS:
            raise base.EngineError(
                "the paper ended, the head was lifted or its supply failed at line %d of a page of %d"
                % (self._head.done + 1, self._head.height)
            )
        return None
