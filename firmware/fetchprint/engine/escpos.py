"""ESC/POS over a serial Stream (Epson's ESC/POS command reference and its many relatives).

Raster leaves in whole bands by ``GS v 0``, so that nothing the network does can leave the
engine in the middle of a command. ``escpos_link`` confirms each band and asks for status
in between; ``escpos_status`` tells the answers apart.

A document in the engine's own language goes through ``escpos_filter``. It may stop anywhere, so
nothing is sent in between: Automatic Status Back reports instead. Where there is no
flow control, such documents are not taken: how long their commands take cannot be known.
"""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine import escpos_commands as commands
from fetchprint.engine.escpos_filter import Filter
from fetchprint.engine.escpos_link import BAUD, CTS, LINES_PER_SECOND, PACE, Link
from fetchprint.port.native import micropython

const = micropython.const

CUT_NONE, CUT_PAGE, CUT_JOB = range(3)

_BAND_LINES = const(24)  # at most: 3 mm, about what is lost between noticing a stop and standing still
_CANCEL_MS = const(1000)  # for a stopped engine to take the end of a cancelled job, which else is sent later
_PAD_MS = const(500)  # for the answer after padding a command that a cancelled document left open
_PADS = const(40)  # of half of ``tx`` or ``buffer`` each: together more than the longest ``GS v 0`` in use
_ROOM = len(commands.RASTER) + len(commands.CUT) + len(commands.MARK)  # what a band needs beside its lines
_CUT_LINES = const(200)  # 25 mm of paper at most, in the time for which a cutter moves, too

_IDLE, _JOB, _PAGE, _PAGE_END, _PASS, _JOB_END, _CANCEL = range(7)


class EscPos(base.Engine):
    """The driver; see ``base.Engine`` for the calls.

    ``status`` is False where only TX is wired: then nothing is asked, ``reasons`` says "unknown",
    and a page counts when the paper has had the time for it (``confirmed`` is False).
    ``fault`` says why the port is gone for good: an OSError or a string; None while it works.
    """

    formats = (b"image/pwg-raster", b"application/vnd.epson.escpos")
    raster_types = (b"black_1", b"sgray_8")
    overhang = 7  # media sizes round to dots, up to a whole octet
    continuous = True
    identify_actions = (b"display",)  # on paper
    make_and_model = b"Generic ESC/POS"
    device_id = b"MFG:Generic;MDL:ESC/POS;CMD:ESCPOS,PWGRaster;"

    def __init__(
        self,
        port,
        tx,
        *,
        width: int = 576,
        dpi: int = 203,
        status: bool = True,
        buffer: int = 4096,
        cut: int = CUT_PAGE,
        guard: bool = True,
        media=None,
        flow: int = -1,
        speed: int = LINES_PER_SECOND,
        baud: int = BAUD,
        drawer: bool = False
    ):  # fmt: skip
        """``port``: a Stream. ``tx``: the caller's bytearray; its halves hold a band each.

        ``width``: dots of the head, a multiple of 8. ``buffer``: octets the engine can hold.
        ``cut``: CUT_NONE, CUT_PAGE or CUT_JOB. ``guard``: switch off in-raster real-time commands
        by ``GS ( D``; False for engines that print what they do not know. ``media`` as in ``Engine``;
        when not given, three lengths of the head's width.

        ``flow``: ``escpos_link``'s CTS, XON_XOFF or PACE; when not given, PACE without ``status``, else
        CTS. ``speed``: dot lines a second, for PACE and for when the paper stands still without
        ``status``. ``baud``: of the line. ``drawer``: a document in the engine's language may open the cash
        drawer and do anything else; when not given, see ``escpos_filter``.
        """
        base.Engine.__init__(self)
        if width % 8 or not 0 < width < 8192:
            raise base.EngineLocalError("a head of %d dots: give a multiple of 8 below 8192" % width)
        if flow < 0:
            flow = CTS if status else PACE
        if flow == PACE:
            self.formats = self.formats[:1]
        self._link = Link(port, tx, buffer, status, flow, speed, baud)
        room = self._link.room
        self._band = min(_BAND_LINES, (room - _ROOM) // (width // 8))
        if self._band < 1 or room < len(commands.INIT) + len(commands.GUARD) + _ROOM:
            raise base.EngineLocalError("two halves of %d octets (tx or buffer) hold no line" % room)
        self.resolution = dpi
        self.width = width
        self.media = media or base.rolls(width, dpi)
        self.confirmed = status
        self.fault = None
        self._filter = None if drawer else Filter(self._link)
        self._own = self._filter or self._link
        self._pad_n = room - len(commands.INIT) - _ROOM
        self._cut = cut
        self._guard = guard
        self._mode = _IDLE
        self._height = self._row = 0
        self._lines = 0  # of the page, in the message being built
        self._need = 0  # octets of a line as given
        self._stride = 0  # octets of it that the head prints
        self._last = 0xFF  # bits of the last octet that are dots
        self._cancel_at = self._pad_at = self._pads = 0
        self._show()

    def poll(self, now: int):
        self._link.poll(now)
        self._show()

    def _show(self):
        self.reasons = self._link.reasons
        self.moved = self._link.moved
        self.fault = self._link.fault

    def begin_job(self):
        if self.in_job:
            raise base.EngineLocalError("a job is already open")
        link = self._link
        link.moved = self.moved = False
        if not self._idle():
            return None
        link.in_job = self.in_job = True
        self._mode = _JOB
        link.put(commands.INIT)
        if self._guard:
            link.put(commands.GUARD)
        link.seal(False, 0)
        return True

    def begin_page(self, width: int, height: int):
        if self._mode != _JOB:
            raise base.EngineLocalError("a page can only begin in a job, after the page before it has ended")
        self._fit(width, height)
        self._height = height
        self._row = 0
        self._mode = _PAGE
        return True

    def line(self, buf, off: int, n: int):
        if self._mode != _PAGE or self._row == self._height:
            raise base.EngineLocalError("a line outside its page")
        if n < self._need:
            raise base.EngineLocalError("a line of %d octets: the page has %d" % (n, self._need))
        link = self._link
        if link.ready:
            return link.wait()
        if self._lines == 0:
            link.put(commands.RASTER)
        commands.copy(link.tx, link.fill + link.used, buf, off, self._stride, self._last)
        if not self._guard:
            commands.defuse(link.tx, link.fill + link.used, self._stride)
        link.used += self._stride
        self._lines += 1
        self._row += 1
        if self._lines == self._band and self._row < self._height:
            self._seal()
        return True

    def end_page(self):
        link = self._link
        if self._mode == _PAGE:
            if link.ready:
                return link.wait()
            if self._cut == CUT_PAGE:
                link.put(commands.CUT)
            if link.used:
                self._seal(_CUT_LINES if self._cut == CUT_PAGE else 0)
            self._mode = _PAGE_END
        elif self._mode != _PAGE_END:
            raise base.EngineLocalError("no page is open")
        if not link.settled():
            return link.wait()
        self.pages += 1
        self._mode = _JOB
        return True

    def write(self, buf, off: int, n: int):
        link = self._link
        if self._mode == _JOB:
            if link.busy():
                return link.wait()
            link.passing = True
            if self._filter:
                self._filter.start()
            self._mode = _PASS
        elif self._mode != _PASS:
            raise base.EngineLocalError("octets can only be passed through in a job and outside its pages")
        n = self._own.write(buf, off, n)
        self.moved = link.moved
        return n

    def end_job(self):
        link = self._link
        if self._mode == _JOB or self._mode == _PASS:
            if link.busy() or self._filter and not self._filter.flush():
                return link.wait()
            if self._mode == _PASS:
                link.passing = False
                link.put(commands.REPORT)
                link.seal(False, 0)
            elif link.moved and self._cut != CUT_PAGE:
                self._part(self._cut == CUT_JOB)
            self._mode = _JOB_END
        elif self._mode != _JOB_END:
            raise base.EngineLocalError("no job is open, or a page of it is")
        if not link.settled():
            return link.wait()
        self._close_job()
        return True

    def cancel(self):
        if not self.in_job:
            return True
        link = self._link
        if self._mode != _CANCEL:
            self._mode = _CANCEL
            self._cancel_at = link.now
            self._pads = 0
            if link.lost():
                link.unconfirmed = 0  # there is nothing to wait for; the end of the job can go out
            # What has not begun to leave is dropped. What has is finished, or the rest would print as text.
            self._lines = 0
            link.drop()
            link.passing = False
            if link.moved and link.fault is None:
                self._pad() if link.open else self._part(self._cut)
        link.forgot = False  # nothing of the job counts any more
        if link.settled():
            if self._pads:
                self._pads = 0
                self._part(self._cut)
                return None
            self._close_job()
            return True
        if link.fault is not None or (
            link.reasons & base.STOPS and ticks.diff(link.now, self._cancel_at) > _CANCEL_MS
        ):
            # The paper stands still. What is left leaves when it can, before the next job.
            self._close_job()
            return True
        if link.open and self._pads < _PADS:
            if link.busy():
                self._pad_at = link.now
            elif ticks.diff(link.now, self._pad_at) > _PAD_MS:
                link.unconfirmed = 0
                self._pad()
        elif link.lost():
            self._close_job()
            raise base.EngineError("the engine did not confirm the end of the cancelled job")
        return None

    def identify(self):
        if self.in_job or not self._idle():
            return None
        self._link.put(commands.IDENTIFY)
        self._seal(_CUT_LINES)
        return True

    def _idle(self):
        return not (self.reasons & base.STOPS or self._link.busy() or self._link.unconfirmed)

    def _seal(self, more=0):
        """Complete a message that moves paper: a band, a cut or a feed, which takes ``more`` lines' time."""
        link = self._link
        if self._lines:
            link.tx[link.fill + 4] = self._stride & 0xFF
            link.tx[link.fill + 5] = self._stride >> 8
            link.tx[link.fill + 6] = self._lines
        link.seal(True, self._lines + more)
        self._lines = 0

    def _pad(self):
        """End whatever command is open: raster takes these octets as white, text ignores them."""
        link = self._link
        while link.used < self._pad_n:
            link.tx[link.fill + link.used] = 0
            link.used += 1
        link.put(commands.INIT)
        link.seal(True, 0)
        self._pads += 1

    def _part(self, cut):
        """Separate what was printed from what comes next, by a cut or a feed."""
        self._link.put(commands.CUT if cut else commands.FEED)
        self._seal(_CUT_LINES)

    def _close_job(self):
        self._mode = _IDLE
        self.in_job = self._link.in_job = False
