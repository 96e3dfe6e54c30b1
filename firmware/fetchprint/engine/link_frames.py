"""Frames of the framed link (docs/link-protocol.md): how one is closed, and how whole ones are found.

    sync, type, sequence, length (2), check, payload, CRC-32 (4)

The CRC is that of IEEE 802.3 (zlib's). ``check`` is its last octet after type, sequence and
length, so that a damaged length is noticed at once; behind it the same CRC goes on.
"""

from array import array

from fetchprint.port.native import micropython, ptr8, ptr16

SYNC = 0xA5
HEAD = 6
"""Octets before the payload."""
OVERHEAD = 10
"""Octets of a frame beside its payload."""

HELLO, POLL, CANCEL = range(0x01, 0x04)
"""From the host, without a sequence number."""
JOB_BEGIN, PAGE_BEGIN, PAGE_END, JOB_END, IDENTIFY = range(0x10, 0x15)
"""From the host, each with the next sequence number."""
LINES, LANGUAGE = range(0x20, 0x22)
"""The same, for what goes onto paper: types 0x20 to 0x2F."""
CAPABILITIES, STATUS = range(0x81, 0x83)
"""From the engine."""

# The CRC after four bits of 0..15, reflected polynomial 0xEDB88320: low half, high half.
_TABLE = array(
    "H",
    (
        0x0000, 0x0000, 0x1064, 0x1DB7, 0x20C8, 0x3B6E, 0x30AC, 0x26D9,
        0x4190, 0x76DC, 0x51F4, 0x6B6B, 0x6158, 0x4DB2, 0x713C, 0x5005,
        0x8320, 0xEDB8, 0x9344, 0xF00F, 0xA3E8, 0xD6D6, 0xB38C, 0xCB61,
        0xC2B0, 0x9B64, 0xD2D4, 0x86D3, 0xE278, 0xA00A, 0xF21C, 0xBDBD,
    ),
)  # fmt: skip
# The register in two halves: 32 bits are more than MicroPython's small numbers hold.
_register = array("H", (0, 0))


@micropython.viper
def _crc(register: ptr16, table: ptr16, buf: ptr8, at: int, n: int):
    low = int(register[0])
    high = int(register[1])
    end = at + n
    while at < end:
        low ^= int(buf[at])
        i = (low & 15) << 1
        low = (low >> 4 | (high & 15) << 12) ^ int(table[i])
        high = high >> 4 ^ int(table[i + 1])
        i = (low & 15) << 1
        low = (low >> 4 | (high & 15) << 12) ^ int(table[i])
        high = high >> 4 ^ int(table[i + 1])
        at += 1
    register[0] = low
    register[1] = high


@micropython.viper
def copy(dst: ptr8, at: int, src: ptr8, off: int, n: int):
    """``n`` octets of ``src`` from ``off`` to ``dst`` at ``at``."""
    i = 0
    while i < n:
        dst[at + i] = src[off + i]
        i += 1


@micropython.viper
def _before_sync(src: ptr8, at: int, end: int) -> int:
    """How many octets there are before the first sync; over SPI most are such zeros."""
    begin = at
    while at < end and int(src[at]) != 0xA5:
        at += 1
    return at - begin


@micropython.viper
def _next_sync(buf: ptr8, at: int, n: int) -> int:
    """Drop ``at`` octets of ``n``, and more up to the next sync; how many are left, now at the start."""
    while at < n and int(buf[at]) != 0xA5:
        at += 1
    i = at
    while i < n:
        buf[i - at] = buf[i]
        i += 1
    return n - at


def _begin(buf, at: int) -> int:
    """Begin the CRC of the frame at ``at``, over its type, sequence and length; their check octet."""
    _register[0] = _register[1] = 0xFFFF
    _crc(_register, _TABLE, buf, at + 1, 4)
    return ~_register[0] & 0xFF


def _crc_octet(i: int) -> int:
    """Octet ``i`` of the CRC when it has been brought to its end, the most significant first."""
    return ~_register[1 - (i >> 1)] >> (0 if i & 1 else 8) & 0xFF


def close(buf, at: int, kind: int, sequence: int, n: int) -> int:
    """Make a frame at ``at`` of the ``n`` octets of payload that begin at ``at + HEAD``; its size."""
    buf[at] = SYNC
    buf[at + 1] = kind
    buf[at + 2] = sequence
    buf[at + 3] = n >> 8
    buf[at + 4] = n & 0xFF
    buf[at + 5] = _begin(buf, at)
    _crc(_register, _TABLE, buf, at + 5, n + 1)
    end = at + HEAD + n
    for i in range(4):
        buf[end + i] = _crc_octet(i)
    return n + OVERHEAD


class Reader:
    """Finds whole frames among the octets ``put``: after damage, from the next sync that leads to one.

    ``buf`` is as long as the longest frame. After each ``put`` call ``find`` until it answers False. After
    True the frame lies at the start of ``buf``: ``kind``, and ``length`` octets of payload from ``HEAD``
    on. ``damaged``: how many syncs led to no frame.
    """

    def __init__(self, buf):
        self.buf = buf
        self.kind = 0
        self.length = 0
        self.damaged = 0
        self._n = 0
        self._size = 0  # of the frame given out
        self._need = HEAD  # octets before there is anything to find

    def put(self, src, at: int, end: int) -> int:
        """Take octets of ``src[at:end]``, no more than there is need of; how many."""
        skipped = 0 if self._n else _before_sync(src, at, end)
        at += skipped
        n = min(end - at, self._need - self._n)
        copy(self.buf, self._n, src, at, n)
        self._n += n
        return skipped + n

    def find(self) -> bool:
        """Whether a frame is whole. Each is found once."""
        if self._n < self._need:
            return False
        buf = self.buf
        drop = self._size
        self._size = 0
        while True:
            self._n = n = _next_sync(buf, drop, self._n)
            self._need = HEAD
            if n < HEAD:
                return False
            length = buf[3] << 8 | buf[4]
            if length <= len(buf) - OVERHEAD and buf[5] == _begin(buf, 0):
                if n < length + OVERHEAD:
                    self._need = length + OVERHEAD
                    return False
                if _whole(buf, length):
                    self._size = length + OVERHEAD
                    self.kind = buf[1]
                    self.length = length
                    return True
            self.damaged = (self.damaged + 1) & 0xFFFF
            drop = 1


def _whole(buf, length) -> bool:
    _crc(_register, _TABLE, buf, 5, length + 1)
    for i in range(4):
        if buf[length + HEAD + i] != _crc_octet(i):
            return False
    return True
