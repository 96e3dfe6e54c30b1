"""What an ESC/POS engine says: asking by ``DLE EOT``, telling the answers apart, and the reasons.

The octets an engine sends are told apart by fixed bits only (Epson's command reference):

    0xx1xx10  answer to DLE EOT n
    0xx1xx00  first of the four octets of Automatic Status Back (ASB)
    0xx0xxxx  answer to GS r, or a later octet of ASB
    00010001, 00010011  XON, XOFF

Raster that happens to contain ``10 04 01``..``10 04 04`` makes real engines answer a
request nobody made. So there is one request at a time, an answer that nobody waits for is
dropped, and in a job a changed answer counts only when asking again gives the same.
"""

from fetchprint import ticks
from fetchprint.engine import base

ASK_IDLE_MS = 1000
"""Between status sweeps without a job: how long an opened cover may go unnoticed."""
ASK_BUSY_MS = 300
"""Between status sweeps in a job: the engine itself stops at once, this is for telling."""
ASK_HOLDING_MS = 10000
"""The longest time between sweeps, to which it doubles, while a stopped engine holds data: requests
stay in its buffer too. Its confirmation of that data tells at once that it goes on."""
ASK_AGAIN_MS = 50
"""Before asking again about a changed status: stray answers arrive and are dropped meanwhile."""
REPLY_MS = 1000
"""For one answer: DLE EOT is answered at once, so this is for what the UART still holds before it."""
ASB_MS = 100
"""For the four octets of ASB: when one was lost, a confirmation must not take its place for long."""
MISSES = 3
"""Unanswered requests in a row that make an engine offline."""

IGNORED, HEARD, CONFIRMATION = range(3)


class Status:
    """``reasons`` as the engine's answers give them; ``heard``: one full sweep has been answered.

    ``silent`` is offline whatever was answered before, ``stalled`` where nothing else stops it; ``misses``
    counts the requests since the last answer.
    """

    def __init__(self):
        self.reasons = base.OFFLINE  # until it has been heard
        self.heard = False
        self.silent = True
        self.stalled = False
        self.n = 1  # of the request outstanding or due next
        self.asked = False
        self.recover = False  # a latched error stands in the way, and its cause is gone
        self._ask_at = 0  # when it is due, or when it was sent
        self._pause = ASK_BUSY_MS  # before the next sweep while the engine holds data
        self.misses = 0
        self._answers = bytearray(b"\x12" * 5)  # by n; 0x12: nothing to report
        self._candidate = -1
        self.automatic = 0  # counts ASB
        self._asb = bytearray(4)
        self._asb_left = self._asb_at = 0

    def start(self, now: int):
        """Ask as soon as possible: the engine may have come to life."""
        self._pause = ASK_BUSY_MS
        if not self.asked:
            self._ask_at = now

    def due(self, now: int) -> bool:
        """Whether request ``n`` should be sent now."""
        return not self.asked and ticks.diff(now, self._ask_at) >= 0

    def sent(self, now: int):
        """Request ``n`` has left."""
        self.asked = True
        self._ask_at = now

    def watch(self, now: int, stalled: bool):
        """Notice an answer that does not come, and an engine that takes nothing (``stalled``)."""
        if self.asked and ticks.diff(now, self._ask_at) > REPLY_MS:
            self.asked = False
            self._ask_at = now
            if self.misses < MISSES:
                self.misses += 1
                if self.misses == MISSES and not self.silent:
                    self.silent = True
                    self._reason()
        if stalled != self.stalled:
            self.stalled = stalled
            self._reason()

    def take(self, octet: int, now: int, in_job: bool, holding: bool) -> int:
        """Take one octet from the engine: IGNORED, HEARD (a status), or CONFIRMATION (of a GS r).

        ``holding``: the engine has data that it has not confirmed.
        """
        if self._asb_left and ticks.diff(now, self._asb_at) > ASB_MS:
            self._asb_left = 0  # cut short
        if self._asb_left and not octet & 0x90:  # an answer may stand between the four
            self._asb[4 - self._asb_left] = octet
            self._asb_left -= 1
            if self._asb_left:
                return IGNORED
            self._automatic()
            return HEARD
        kind = octet & 0x93
        if kind == 0x12:
            if not self.asked:
                return IGNORED
            self._answered(octet, now, in_job, holding)
            return HEARD
        if kind == 0x10:
            self._asb[0] = octet
            self._asb_left = 3
            self._asb_at = now
            return IGNORED
        return IGNORED if octet & 0x90 else CONFIRMATION

    def _answered(self, octet, now, in_job, holding):
        n = self.n
        self.asked = False
        self._alive()
        if octet != self._answers[n]:
            if in_job and octet != self._candidate:
                self._candidate = octet
                self._ask_at = ticks.add(now, ASK_AGAIN_MS)
                return
            self._answers[n] = octet
        self._candidate = -1
        if n < 4:
            self.n = n + 1
            self._ask_at = now
            return
        self.n = 1
        self.heard = True
        self._reason()
        pause = ASK_BUSY_MS if in_job else ASK_IDLE_MS
        if not self.reasons & base.STOPS:
            self._pause = ASK_BUSY_MS
        elif holding:
            pause = self._pause
            self._pause = min(2 * pause, ASK_HOLDING_MS)
        self._ask_at = ticks.add(now, pause)

    def _alive(self):
        self.misses = 0
        if self.silent:
            self.silent = False
            self._reason()

    def _automatic(self):
        """Put the four octets of ASB in the terms of the answers to DLE EOT."""
        self.automatic = (self.automatic & 0xFFFF) + 1
        paper = self._asb[2]
        answers = self._answers
        answers[1] = 0x12 | (self._asb[0] & 0x08)
        answers[2] = 0x12 | (self._asb[0] & 0x20) >> 3
        if paper & 0x0C:
            answers[2] |= 0x20
        answers[3] = 0x12 | (self._asb[1] & 0x6C)
        answers[4] = 0x12 | (paper & 0x03) << 2 | (paper & 0x0C) << 3
        self._alive()
        self._reason()

    def _reason(self):
        """Work out ``reasons`` from the last answers."""
        answers = self._answers
        if self.silent or not self.heard:
            self.reasons = base.OFFLINE
            return
        reasons = 0
        if answers[2] & 0x04:
            reasons |= base.COVER_OPEN
        if answers[2] & 0x20 or answers[4] & 0x60:
            reasons |= base.MEDIA_EMPTY
        elif answers[4] & 0x0C:
            reasons |= base.MEDIA_LOW
        if answers[3] & 0x08:  # the cutter is blocked
            reasons |= base.MEDIA_JAM
        if answers[3] & 0x64 or answers[2] & 0x40 and not answers[3] & 0x08:
            # A cover opened in mid-line latches an error (bit 2) that outlasts the cover.
            self.recover = answers[3] & 0x04 and not reasons & base.STOPS
            reasons |= base.OTHER
        if (answers[1] & 0x08 or self.stalled) and not reasons & base.STOPS:
            reasons |= base.OFFLINE
        self.reasons = reasons
