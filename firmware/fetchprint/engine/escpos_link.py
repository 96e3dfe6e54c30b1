"""The wire to an ESC/POS engine: whole messages in order, each confirmed, status asked in between.

A message is raster or commands built in one half of ``tx`` while the one before it leaves
from the other half. Behind each goes ``GS r 1``: the engine answers it in order with the
data, so its answer means that everything before it has been processed. That confirms
pages, and it is the flow control too: never more than two messages are unanswered. Without it the
flow is the port's (RTS/CTS), the engine's XON and XOFF, or the time that the paper takes (PACE).
"""

from fetchprint import ticks
from fetchprint.engine import base
from fetchprint.engine import escpos_commands as commands
from fetchprint.engine.escpos_status import CONFIRMATION, Status
from fetchprint.engine.xonxoff import XonXoff

CTS, XON_XOFF, PACE = range(3)

STALL_MS = 3000
"""An engine that takes no octet for this long in mid-command is offline."""
PAUSE_MS, MISSES = 1000, 2
"""One that takes none for so long in mid-command, or leaves so many requests unanswered (the rest may be in
the UART), has stopped, or lost its power: ASB tells which."""
CONFIRM_MS = 30000
"""For ``GS r`` from a ready engine: the slowest engine prints its whole buffer in less."""
LINES_PER_SECOND = 400
"""Paper speed assumed where nothing else is said: 50 mm/s, slow for an 8 dots/mm head."""
BAUD = 115200

SPARE = 8
"""One in so many octets of the engine's buffer is kept for requests: stopped, it cannot take them out."""

_RX_SIZE = 32
_READS_PER_POLL = 4


class Link:
    """Output to and answers from one engine.

    ``tx[fill:fill + used]`` is the message being built; ``ready`` when it is complete and waits
    for its turn. ``reasons`` as ``base.Engine`` has them. ``moved`` is set when a message that
    moves paper begins to leave. ``unconfirmed`` counts messages sent and not answered.
    ``forgot``: the engine lost its power in a job. ``fault``: why the port is gone for good, or None.

    The owner sets ``in_job``, ``passing`` (a document's own commands are leaving) and ``open``
    (such a document may have left a command unfinished, so that an octet may count as its data).
    """

    def __init__(self, port, tx, buffer: int, status: bool, flow: int, speed: int, baud: int):
        """``buffer``: octets that the engine can hold. ``status``: whether its answers are wired.
        ``flow``: CTS, XON_XOFF or PACE. ``speed``: dot lines a second. ``baud``: of the line.
        ``room``: octets that a message may have."""
        self.room = min(len(tx), buffer - buffer // SPARE) // 2
        self._spare = buffer // SPARE
        self._extra = self._extra_behind = 0  # octets of requests that a stopped engine holds behind messages
        self.tx = tx
        self.half = len(tx) // 2
        self.fill = self.used = self.now = self.unconfirmed = 0
        self.ready = self.moved = self.in_job = self.passing = self.open = self.forgot = False
        self.fault = None
        self.reasons = base.OFFLINE if status else base.UNKNOWN
        self._pace = flow == PACE
        self._speed = speed
        self._baud = baud
        self._flow = None
        self._urgent = port.write if port else None
        if flow == XON_XOFF:
            self._flow = port = XonXoff(port, baud)
            self._urgent = port.urgent
        self._port = port
        self._rx = bytearray(_RX_SIZE)
        self._status = Status() if status else None
        self._started = False
        self._lines = 0  # raster lines in the message that is ready
        self._prints = False  # it moves paper
        self._out = self._left = 0  # next octet to leave of the message that is leaving, and how many
        self._request = self._asking = commands.RECOVER
        self._ask_left = 0  # octets left of that request
        self._stall_at = 0  # when an octet left last
        self._confirm_at = 0  # since when an answer could have come
        self._dry_at = 0  # when the paper will have caught up, at its speed
        self._paper_ms = 0  # for the message that left last
        self._asb_at_stall = -1  # ASBs that had come when the engine stopped in mid-message
        self._refused = False  # the port takes no octet of a document, since _stall_at

    def poll(self, now: int):
        """Read answers, send what may be sent, notice what does not come."""
        self.now = now
        if self._flow:
            self._flow.poll(now)
        if not self._started:
            self._started = True
            self._confirm_at = self._stall_at = self._dry_at = now
            if self._status:
                self._status.start(now)
        if self.fault is None:
            try:
                self._receive()
                if self.fault is None:
                    self._transmit()
                    self._watch()
            except OSError as error:
                self._gone(error)

    def put(self, octets):
        """Append ``octets`` to the message being built."""
        at = self.fill + self.used
        for octet in octets:
            self.tx[at] = octet
            at += 1
        self.used = at - self.fill

    def seal(self, prints: bool, lines: int):
        """Complete the message: it leaves when its turn comes. ``lines``: dot lines of paper it takes."""
        if self._status:
            self.put(commands.MARK)
        self._prints = prints
        self._lines = lines
        self.ready = True

    def drop(self):
        """Forget the message being built or waiting. What has begun to leave goes on."""
        self.used = 0
        self.ready = False

    def busy(self) -> bool:
        """Whether a message has not left completely."""
        return self.ready or self._left > 0

    def settled(self) -> bool:
        """Whether everything given so far is on paper, as far as can be known."""
        if self.ready or self._left or self.unconfirmed or self.forgot:
            return False
        return self._status is not None or ticks.diff(self.now, self._dry_at) >= 0

    def write(self, buf, off: int, n: int):
        """Pass octets of a document through; the count taken, or None for not now."""
        stopped = self.reasons & base.STOPS and not self._refused  # if that is why, only trying tells
        if self.ready or self._left or self._ask_left or stopped:
            return self.wait()
        try:
            count = self._port.write(buf, off, n)
        except OSError as error:
            self._gone(error)
            return self.wait()
        if not count:
            if not self._refused:
                self._refused = True
                self._stall_at = self.now
            return None
        self._refused = False
        self.moved = self.open = True
        return count

    def lost(self) -> bool:
        """Whether the engine is ready and yet has not answered in time, or came back without its memory."""
        return self.forgot or self.unconfirmed > 0 and ticks.diff(self.now, self._confirm_at) > CONFIRM_MS

    def wait(self):
        """None for "not now", unless there is nothing left to wait for: then ``EngineError``."""
        if self.fault is not None:
            raise base.EngineError("the engine's port is gone: %s" % self.fault)
        if self.lost():
            raise base.EngineError("the engine is ready but has not confirmed all data: was it switched off?")
        return None

    def _may_send(self):
        if self.reasons & base.STOPS:
            return False
        if self._status:
            return self.unconfirmed < (1 if self._extra > self._spare else 2)
        # The engine then holds this message and the one before it.
        return not self._pace or ticks.diff(self._dry_at, self.now) <= self._paper_ms

    def _ask_due(self):
        if self._status is None or not self._status.due(self.now):
            return False
        # Between the octets of a document nobody knows where a command ends. Without a job nothing
        # prints, and an unfinished command does no harm; silence would.
        return not self.passing and not (self.open and self.in_job)

    def _transmit(self):
        while True:
            if self._ask_left:
                request = self._request
                n = self._urgent(request, len(request) - self._ask_left, self._ask_left)
                if not n:
                    return
                self._stall_at = self.now
                self._ask_left -= n
                if not self._ask_left:
                    if self.unconfirmed and (self._extra or self.reasons & base.STOPS):
                        self._extra += len(request)
                        self._extra_behind = self.unconfirmed
                    if request is commands.MEND:
                        self._extra = 0
                    elif request is not self._asking:
                        self._status.recover = False
                        if request is commands.CLEAR:
                            self.unconfirmed = 0
                    else:
                        self._status.sent(self.now)
            elif self._left:
                n = self._port.write(self.tx, self._out, self._left)
                if not n:
                    return
                self._stall_at = self.now
                self._out += n
                self._left -= n
            elif self._ask_due():
                self._stall_at = self.now
                self._request = self._asking = commands.ASK[self._status.n]
                if self._status.recover:
                    clear = self.unconfirmed and not self.in_job
                    self._request = commands.CLEAR if clear else commands.RECOVER
                self._ask_left = len(self._request)
            elif self.ready and self._may_send():
                if self._extra > self._spare:
                    self._request = commands.MEND
                    self._ask_left = len(commands.MEND)
                else:
                    self._begin_half()
            else:
                return

    def _begin_half(self):
        """Let the complete half leave and fill the other."""
        now = self.now
        self._out = self.fill
        self._left = self.used
        self._stall_at = now
        if self._status:
            if not self.unconfirmed:
                self._confirm_at = now
            self.unconfirmed += 1
        else:
            wire = ticks.add(now, self.used * 10000 // self._baud)  # when it will be there
            if ticks.diff(self._dry_at, wire) < 0:
                self._dry_at = wire
            self._paper_ms = (self._lines * 1000 + self._speed - 1) // self._speed
            self._dry_at = ticks.add(self._dry_at, self._paper_ms)
        if self._prints:
            self.moved = True
        self.fill = self.half if self.fill == 0 else 0
        self.drop()

    def _receive(self):
        now = self.now
        for _ in range(_READS_PER_POLL):
            n = self._port.readinto(self._rx, 0, _RX_SIZE)
            if n is None:
                return
            if n == 0:
                self._gone("it was closed")
                return
            if self._status:
                for i in range(n):
                    if self._status.take(self._rx[i], now, self.in_job, self.unconfirmed > 0) == CONFIRMATION:
                        self._confirmed()

    def _confirmed(self):
        if self.unconfirmed:  # else it answers what a document has asked
            self.unconfirmed -= 1
            self._confirm_at = self.now
            if self._asb_at_stall >= 0 and not self._left:
                # Without ASB to say that it is on line again its power was gone, and with that perhaps the
                # beginning of the message whose end is confirmed now.
                self.forgot = self.in_job and self._asb_at_stall == self._status.automatic > 0
                self._asb_at_stall = -1
            self._extra_behind -= 1
            if self._extra_behind < 0:
                self._extra = 0
            if self.reasons & base.STOPS:
                self._status.start(self.now)
            if not self.passing and self.settled():
                self.open = False  # the answer to what was sent behind the document

    def _watch(self):
        now = self.now
        self._refused = self._refused and self.passing
        waits = self._left + self._ask_left > 0 or self._refused
        stalled = waits and ticks.diff(now, self._stall_at) > STALL_MS
        if self._status:
            self._status.watch(now, stalled)
            self.reasons = self._status.reasons
            held = self._left and ticks.diff(now, self._stall_at) > PAUSE_MS
            if self._asb_at_stall < 0 and (held or self.unconfirmed and self._status.misses >= MISSES):
                self._asb_at_stall = self._status.automatic
        else:
            self.reasons = base.OFFLINE if stalled else base.UNKNOWN
            self._dry_at = now if ticks.diff(now, self._dry_at) > 0 else self._dry_at
        if self.reasons & base.STOPS or self._left or not self.unconfirmed:
            self._confirm_at = now
        elif not self.in_job and self.lost():
            self.unconfirmed = 0  # what a cancelled job had left went with the engine's power

    def _gone(self, fault):
        self.fault = fault
        self.reasons = base.OFFLINE
        self._left = self._ask_left = 0
        self.drop()
