"""The codes of deflate (RFC 1951 section 3.2) and its tables, all in one array.

Canonical codes are decoded bit by bit from two short tables each, as Mark Adler's puff does it: 1.7 kB
instead of the lookup tables of 10 kB that are made for speed.
"""

from array import array

from fetchprint.port.native import micropython, ptr16

# Tables, by place: counts of codes by length and symbols in order, for lengths and literals (0, 16), for
# distances (304, 320); lengths of codes (352), room for making a code (672); base and extra bits of lengths
# (688, 720) and of distances (752, 784); the order of code length codes (816).
_TABLES = 840
_ORDER = b"\x10\x11\x12\0\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"


def tables():
    """What ``inflate`` works with."""
    made = array("H", bytes(2 * _TABLES))
    base = 3
    for i in range(28):
        extra = max(0, i // 4 - 1)
        made[688 + i] = base
        made[720 + i] = extra
        base += 1 << extra
    made[688 + 28] = 258
    base = 1
    for i in range(30):
        extra = max(0, i // 2 - 1)
        made[752 + i] = base
        made[784 + i] = extra
        base += 1 << extra
    for i in range(19):
        made[816 + i] = _ORDER[i]
    return made


@micropython.viper
def _code(table: ptr16, lengths: int, n: int, counts: int, symbols: int) -> int:
    # Makes a code of n lengths. 0: it is complete; below: over-subscribed; above: some bits mean nothing.
    i = 0
    while i < 16:
        table[counts + i] = 0
        i += 1
    i = 0
    while i < n:
        at = counts + int(table[lengths + i])
        table[at] = int(table[at]) + 1
        i += 1
    left = 1
    i = 1
    table[672 + 1] = 0
    while i < 16:
        left = (left << 1) - int(table[counts + i])
        if left < 0:
            return left
        if i < 15:
            table[672 + i + 1] = int(table[672 + i]) + int(table[counts + i])
        i += 1
    i = 0
    while i < n:
        at = int(table[lengths + i])
        if at:
            to = int(table[672 + at])
            table[symbols + to] = i
            table[672 + at] = to + 1
        i += 1
    return left


def of_lengths(table):
    """Makes the code of the code lengths; whether it is one, as for the others."""
    return _code(table, 352, 19, 0, 16) == 0


def dynamic(table, literals: int, distances: int):
    """Makes the two codes whose lengths were read."""
    if not table[352 + 256]:
        return False  # no block would end
    # Distances first: the other code is made over nothing that they need.
    return _usable(table, 352 + literals, distances, 304) and _usable(table, 352, literals, 0)


def fixed(table):
    """Makes the two codes that need no lengths (section 3.2.6)."""
    for i in range(288):
        table[352 + i] = 8 if i < 144 else 9 if i < 256 else 7 if i < 280 else 8
    _code(table, 352, 288, 0, 16)
    for i in range(30):
        table[352 + i] = 5
    _code(table, 352, 30, 304, 320)
    return True


def _usable(table, lengths, n, counts):
    """Makes a code; a single symbol may leave half of it without meaning."""
    left = _code(table, lengths, n, counts, counts + 16)
    return left == 0 or left > 0 and table[counts] + table[counts + 1] == n
