"""The host's half of the framed link: frames on their way to the engine, kept until it has them.

Sequenced frames wait in slots of one buffer. The engine says which one it expects next and
how many octets it has room for behind that; what got lost is sent again from there on. How
that is found out: the engine's gap counter has changed, or it has answered a POLL sent behind
those frames. So nothing is sent twice merely because the engine is slow.
"""

from array import array

from fetchprint import ticks
from fetchprint.engine import link_frames as frames
from fetchprint.port.native import micropython

const = micropython.const

ASK_WAITING_MS = 50
"""Silence after which the engine is asked what it has, when frames are unacknowledged."""
ASK_JOB_MS = 250
ASK_IDLE_MS = 1000
"""The same while nothing is on its way: an engine tells changes unasked, this is to know that it is there."""
REPLY_MS = 200
"""For the first answer to a POLL; doubled for each that does not come, up to 16 times."""
MISSES = 4
"""Unanswered in a row that make an engine offline: after three seconds."""

_SLOTS = const(64)  # most frames on their way: less than half of the sequence numbers
_CONTENT = const(0x20)  # set in the types of what goes onto paper


class Window:
    """``stream`` carries the frames; ``tx`` holds them, in slots of ``slot`` octets, a power of two of them.

    ``fill``: octets of payload in the frame being built, which begins at ``tx[at]``. ``moved`` is
    set when a frame with something to print begins to leave.
    """

    def __init__(self, stream, tx, slot: int):
        count = _SLOTS
        while count * slot > len(tx):
            count >>= 1
        self.tx = tx
        self.slot = slot
        self.count = count
        self.room = slot - frames.OVERHEAD
        """Octets of payload in a frame; the engine may want fewer."""
        self.fill = 0
        self.moved = False
        self.in_job = False  # set by the owner: how often to ask
        self._stream = stream
        self._sizes = array("H", (0 for _ in range(count)))
        self._small = bytearray(frames.OVERHEAD + 8)  # a frame without a number
        self._small_n = 0  # its size while it waits
        self._buf = tx  # what is leaving: tx or _small
        self._out = 0
        self._left = 0
        self._quiet_at = 0  # since when an answer could have come
        self._asked = 0  # when it was asked last
        self._poll = 0  # number of the last POLL
        self._poll_sent = 0  # what had been sent before it; -1: no longer known
        self.restart()

    def restart(self):
        """A new session: nothing is on its way, and the next frame is number 0."""
        self.base = 0  # the frame that the engine expects, as far as is known
        self.next = 0  # the next to be built
        self._sent = 0  # the next to leave
        self._high = 0  # one behind the highest that has begun to leave
        self._flying = 0  # octets of base.._sent
        self._credit = 0
        self._gap = 0
        self.misses = 1  # so that it is asked at once
        self._answer_due = False
        self.done = 0  # one behind the last that the engine has carried out
        self._poll_sent = -1
        self.fill = 0

    # -- building ---------------------------------------------------------------------------------

    def at(self) -> int:
        """Where the payload of the frame being built lies in ``tx``; -1 while there is no slot for it."""
        if (self.next - self.base) & 0xFF == self.count:
            return -1
        at = (self.next & self.count - 1) * self.slot
        if self._left and self._buf is self.tx and at <= self._out < at + self.slot:
            return -1  # acknowledged before, it is leaving once more
        return at + frames.HEAD

    def close(self, kind: int):
        """Complete the frame being built."""
        slot = self.next & self.count - 1
        self._sizes[slot] = frames.close(self.tx, slot * self.slot, kind, self.next, self.fill)
        self.next = self.next + 1 & 0xFF
        self.fill = 0

    def carried_out(self) -> bool:
        """Whether the engine has also done everything."""
        return self.done == self.next

    def forget(self):
        """Drop what has not been acknowledged; a frame that is leaving is finished."""
        self.next = self.base = self._sent = self._high
        self._flying = self.fill = 0
        self._poll_sent = -1

    # -- what the engine says ---------------------------------------------------------------------

    def heard(self, now: int, expected: int, gap: int, done: int, credit: int, poll: int):
        """A STATUS of this session has come."""
        self._quiet_at = now
        self.misses = 0
        news = expected - self.base & 0xFF
        if news > (self._high - self.base & 0xFF):
            return  # of before a cancel
        while self.base != expected:
            if self.base == self._sent:
                self._sent = self._sent + 1 & 0xFF
            else:
                self._flying -= self._sizes[self.base & self.count - 1]
            self.base = self.base + 1 & 0xFF
        self._credit = credit
        self.done = done
        lost = gap != self._gap
        self._gap = gap
        if self._answer_due and poll == self._poll:
            self._answer_due = False
            if self._poll_sent >= 0 and 0 < (self._poll_sent - expected & 0xFF) < 0x80:
                lost = True
        if lost:
            self._sent = self.base
            self._flying = 0
            self._poll_sent = -1

    # -- sending ----------------------------------------------------------------------------------

    def small(self, kind: int, a: int, b: int) -> bool:
        """Send a frame without a number: 16 bits ``a`` and 8 bits ``b``. False while another waits."""
        small = self._small
        if self._small_n or self._left and self._buf is small:
            return False
        small[frames.HEAD] = a >> 8
        small[frames.HEAD + 1] = a & 0xFF
        small[frames.HEAD + 2] = b
        self._small_n = frames.close(small, 0, kind, 0, 3)
        return True

    def ask(self, now: int):
        """POLL when it is time; what does not come counts as missed."""
        if self._answer_due:
            if ticks.diff(now, self._asked) < REPLY_MS << min(self.misses, 4):
                return
            self._answer_due = False
            if self.misses < 0xFF:
                self.misses += 1
        else:
            pause = ASK_IDLE_MS
            if self.base != self._sent:
                pause = ASK_WAITING_MS
            elif self.in_job or self.base != self.next:
                pause = ASK_JOB_MS
            if ticks.diff(now, self._quiet_at) < pause and self.misses == 0:
                return
        number = self._poll + 1 & 0xFF
        if self.small(frames.POLL, 0, number):
            self._poll = number
            self._answer_due = True
            self._asked = now

    def send(self, now: int) -> bool:
        """Let leave what may; whether anything did. Raises OSError when the stream does."""
        moved = False
        while self._left or self._begin(now):
            n = self._stream.write(self._buf, self._out, self._left)
            if not n:
                break
            self._out += n
            self._left -= n
            moved = True
        return moved

    def _begin(self, now) -> bool:
        if self._small_n:
            self._buf = self._small
            self._out = 0
            self._left = self._small_n
            self._small_n = 0
            if self._small[1] == frames.POLL:
                self._poll_sent = self._sent
                self._asked = now
            return True
        slot = self._sent & self.count - 1
        if self._sent == self.next or self._flying + self._sizes[slot] > self._credit:
            return False
        self._buf = self.tx
        self._out = slot * self.slot
        self._left = self._sizes[slot]
        if self.tx[self._out + 1] & 0xF0 == _CONTENT:
            self.moved = True
        self._flying += self._left
        self._sent = self._sent + 1 & 0xFF
        if (self._sent - self.base & 0xFF) > (self._high - self.base & 0xFF):
            self._high = self._sent
        self._quiet_at = now  # an answer can be expected from now on
        return True
