"""What a document in the engine's own language may not do: open the cash drawer, set the engine up.

Its commands are told apart by their lengths (Epson's ESC/POS command reference) as they pass:

- ESC p, DLE DC4 (pulse, power off, clear), GS ( D (real-time commands) and GS ( E (memory switches) are
  taken out
- engines look for DLE DC4 in the data of a command, too, and one that does not know the command takes
  its data for commands. So in data the second octet of DLE DC4 and ESC p passes as 15h and 71h; only in
  pictures that every engine knows (GS v 0, ESC *) ESC p is left as it is
- what has no known length is refused, because anything might hide behind it
"""

from fetchprint.document.errors import DocumentError
from fetchprint.port.native import micropython, ptr8

const = micropython.const

_DLE = const(0x10)
_DC4 = const(0x14)
_ESC = const(0x1B)
_FS = const(0x1C)
_GS = const(0x1D)
_LONGEST = const(1 << 24)  # octets of one command's data: no engine prints more at once

# Code and how many octets follow it, in pairs.
_AFTER_ESC = (
    b"@\0\x0c\0 \1!\1$\2%\1-\x012\x003\1=\1?\1B\2E\1G\1J\1K\1L\0M\1R\1S\0T\1U\1V\1W\x08\\\2a\1c\2"
    b"d\1e\1i\0m\0r\1t\1u\1v\0{\1"
)
_AFTER_FS = b"!\1&\0-\1.\0C\1S\2W\1p\2"
_AFTER_GS = b"!\1$\2/\1:\0B\1H\1I\1L\2P\2T\1W\2\\\2^\3a\1b\1f\1h\1r\1w\1"
_DC4_LENGTHS = b"\0\2\2\5\0\0\0\1\7"  # by function


@micropython.viper
def _plain(buf: ptr8, off: int, n: int) -> int:
    """How many octets there are before the next command."""
    i = 0
    while i < n:
        octet = int(buf[off + i])
        if octet == 0x10 or 0x1B <= octet and octet <= 0x1D:
            break
        i += 1
    return i


@micropython.viper
def _harmless(buf: ptr8, off: int, n: int, last: int, picture: int) -> int:
    """How many octets of data there are before one that completes DLE DC4, or ESC p where it is no
    ``picture``; ``last``: the one before them."""
    i = 0
    while i < n:
        octet = int(buf[off + i])
        if octet == 0x14 and last == 0x10 or octet == 0x70 and last == 0x1B and not picture:
            break
        last = octet
        i += 1
    return i


def _length(table, code):
    for i in range(0, len(table), 2):
        if table[i] == code:
            return table[i + 1]
    return -1


class Filter:
    """Stands between a document and ``link.write``; allocates nothing."""

    def __init__(self, link):
        self._link = link
        self._head = bytearray(8)  # of a command that is not yet known to be harmless
        self.start()

    def start(self):
        """A document begins."""
        self._have = 0  # octets of ``_head``
        self._at = self._ready = 0  # those of them that leave now
        self._data = self._skip = 0  # octets that follow as data, or are taken out
        self._text = False  # data up to a NUL
        self._picture = False  # data that every engine takes for dots
        self._last = 0
        self._octets = 0

    def write(self, buf, off: int, n: int):
        """As ``link.write``. Raises ``DocumentError`` for a command of unknown length."""
        if not self.flush():
            return None
        if self._skip:
            n = min(n, self._skip)
            self._skip -= n
        elif self._data:
            n = _harmless(buf, off, min(n, self._data), self._last, self._picture)
            if n:
                n = self._link.write(buf, off, n)
                if not n:
                    return n
                self._last = buf[off + n - 1]
            else:
                n = 1
                self._head[0] = self._last = buf[off] + 1
                self._ready = 1
            self._data -= n
        elif self._text:
            n = 1
            self._text = buf[off] != 0
            self._head[0] = buf[off] if _harmless(buf, off, 1, self._last, 0) else buf[off] + 1
            self._last = self._head[0]
            self._ready = 1
        elif not self._have and not _harmless(buf, off, 1, self._last, 0):
            n = 1  # it would complete what stands at the end of the data before it
        else:
            k = _plain(buf, off, n) if not self._have else 0
            if k:
                n = self._link.write(buf, off, k)
                if n:
                    self._last = 0
            else:
                n = 1
                self._head[self._have] = buf[off]
                self._have += 1
                if self._have > 1:
                    self._decide()
        self._octets += n or 0
        return n

    def flush(self) -> bool:
        """Let what was held back leave; whether it has."""
        while self._at < self._ready:
            n = self._link.write(self._head, self._at, self._ready - self._at)
            if not n:
                return False
            self._at += n
        self._at = self._ready = 0
        return True

    def _decide(self):
        head = self._head
        have = self._have
        prefix = head[0]
        code = head[1]
        n = -1
        if prefix == _DLE:
            if code == 4 or code == 5:
                n = 1
            elif code == _DC4:
                if have == 3:
                    self._take_out(_DC4_LENGTHS[head[2]] if head[2] < len(_DC4_LENGTHS) else 0)
                return
        elif code == 0x28:  # ( x pL pH
            if have < 5:
                return
            n = head[3] | head[4] << 8
            if prefix == _GS and (head[2] == 0x44 or head[2] == 0x45):
                self._take_out(n)
                return
        elif prefix == _ESC:
            if code == 0x70:
                self._take_out(3)
                return
            if code == 0x2A:  # ESC * m nL nH
                if have < 5:
                    return
                if head[2] & 0xDE == 0:  # of 8 or 24 dots
                    n = (head[3] | head[4] << 8) * (3 if head[2] >= 32 else 1)
            elif code == 0x44:  # ESC D ... NUL
                n = 0
                self._text = True
            else:
                n = _length(_AFTER_ESC, code)
        elif prefix == _FS:
            n = _length(_AFTER_FS, code)
        else:
            n = self._after_gs(head, have, code)
        if n == -2:
            return
        if not 0 <= n < _LONGEST:
            raise DocumentError(
                "ESC/POS command %02x %02x has no known length, and what opens the drawer might hide in it"
                % (prefix, code),
                self._octets + 1 - have,
            )
        if _harmless(head, 1, have - 1, self._last, 0) < have - 1:
            raise DocumentError("DLE DC4 or ESC p within a command", self._octets + 1 - have)
        self._picture = prefix == _GS and code == 0x76 or prefix == _ESC and code == 0x2A
        self._ready = have
        self._have = 0
        self._data = n
        self._last = head[have - 1]

    def _after_gs(self, head, have, code):
        """Octets that follow what is in ``head``; -2 when more of it is needed, -1 when that is not known."""
        if code == 0x76:  # GS v 0 m xL xH yL yH
            if have < 8:
                return -2
            if head[2] != 0x30 or head[3] & 0xCC or head[5] > 15 or head[7] > 15:
                return -1
            return (head[4] | head[5] << 8) * (head[6] | head[7] << 8)
        if code == 0x56:  # GS V m [n]
            if have < 3:
                return -2
            return 1 if head[2] >= 65 else 0
        if code == 0x2A:  # GS * x y
            return head[2] * head[3] * 8 if have == 4 else -2
        if code == 0x6B:  # GS k m d1... NUL, or m n d1...
            if have < 3 or head[2] >= 65 and have < 4:
                return -2
            if head[2] >= 65:
                return head[3]
            self._text = True
            return 0
        if code == 0x38:  # GS 8 L p1 p2 p3 p4
            if have < 7:
                return -2
            return head[3] | head[4] << 8 | head[5] << 16 if not head[6] else -1
        return _length(_AFTER_GS, code)

    def _take_out(self, n):
        """Drop the command in ``_head`` and the ``n`` octets that follow it."""
        self._have = 0
        self._skip = n
