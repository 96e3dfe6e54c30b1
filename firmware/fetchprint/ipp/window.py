"""Takes pieces of a message, puts names and values together, shows them without a copy."""

from fetchprint.errors import LocalError
from fetchprint.ipp.encoder import WORDS, copy
from fetchprint.ipp.errors import DecodeError
from fetchprint.port.native import micropython, ptr8

const = micropython.const

VALUE_AT = const(0)  # behind the value are the attribute's name and the member's


@micropython.viper
def same(a: ptr8, at: int, b: ptr8, off: int, n: int) -> bool:
    """Whether ``n`` bytes are the same in both."""
    i = 0
    while i < n and a[at + i] == b[off + i]:
        i += 1
    return i == n


class Window:
    """What the decoder's last event is about: the attribute's and the member's name, the value."""

    def __init__(self, value_window: int, name_window: int):
        self._win = bytearray(value_window + 2 * name_window)
        self._name_at = value_window  # where the attribute's name is, and the room for values ends
        self._name_room = name_window  # what of longer names is beyond it is not kept
        self._member_at = value_window + name_window
        self._name_length = self._member_length = 0
        self._value = VALUE_AT  # where the value starts in the window
        self.length = 0  # bytes of the value (of its text, where a language precedes it)
        self.long = False  # the value is not in the window: read() it or let next() skip it
        self.offset = 0  # bytes of the message taken so far
        self._piece = self._win
        self.pos = self._end = 0  # the unread part of the piece
        self._left = 0  # bytes of a long value not yet taken
        self._have = self._need = 0  # bytes of the item being put together, and of it whole
        self._to = VALUE_AT  # where it goes

    def feed(self, buf, off: int, n: int):
        """Lend ``buf[off:off+n]``; it must stay unchanged until ``NEED_DATA`` or ``END``."""
        self._within(buf, off, n)
        self._piece = buf
        self.pos = off
        self._end = off + n

    def name_is(self, name) -> bool:
        """Whether the attribute's name is this bytes object; creates nothing."""
        return self._is(name, self._name_length, self._name_at)

    def member_is(self, name) -> bool:
        """Whether the innermost member's name is this bytes object."""
        return self._is(name, self._member_length, self._member_at)

    def value_is(self, literal) -> bool:
        """Whether the value (its text part) is this bytes object."""
        return not self.long and self._is(literal, self.length, self._value)

    def _is(self, word, n, at):
        if isinstance(word, int):  # see WORDS
            return n == word & 255 and same(self._win, at, WORDS, word >> 8, n)
        return n == len(word) and self._win.startswith(word, at)

    def integer(self, at: int = 0) -> int:
        """The signed 32-bit number ``at`` bytes into the value: integer and enum at 0; range low 0,
        high 4; resolution x 0, y 4. (Beyond 30 bits the number itself costs memory on a 32-bit board.)"""
        if self.long or at + 4 > self.length:
            raise DecodeError("value of %d bytes has no integer at %d" % (self.length, at), self.offset)
        return self._int(self._value + at)

    def byte(self, at: int = 0) -> int:
        """One byte of the value: a boolean, or the units of a resolution at 8."""
        if self.long or at >= self.length:
            raise DecodeError("value of %d bytes has no byte %d" % (self.length, at), self.offset)
        return self._win[self._value + at]

    def copy_value(self, dst, off: int, room: int) -> int:
        """Copy the value to ``dst[off:off+room]``; its length, or -1 (nothing copied) if it does not fit."""
        self._within(dst, off, room)
        if self.long or self.length > room:
            return -1
        copy(dst, off, self._win, self._value, self.length)
        return self.length

    def read(self, dst, off: int, room: int):
        """The next bytes of a long value: their count, None when more must be fed, 0 at its end.

        ``room`` is at least 1. A long textWithLanguage or nameWithLanguage comes as it is on
        the wire: length and bytes of the language, length and bytes of the text."""
        self._within(dst, off, room)
        if self._left == 0:
            return 0
        n = min(self._left, self._end - self.pos, room)
        if n == 0:
            return None
        copy(dst, off, self._piece, self.pos, n)
        self._advance(n)
        self._left -= n
        return n

    def name(self) -> bytes:
        """The attribute's name (allocates: for messages to people, not for comparing)."""
        return self._kept(self._name_at, self._name_length)

    def member(self) -> bytes:
        """The member's name (allocates)."""
        return self._kept(self._member_at, self._member_length)

    def _kept(self, at, n):
        return bytes(self._win[at : at + min(n, self._name_room)])

    def value(self) -> bytes:
        """The value, or its text part (allocates); empty for a long value, which is to be ``read``."""
        if self.long:
            return b""
        return bytes(self._win[self._value : self._value + self.length])

    def language(self) -> bytes:
        """The language of a textWithLanguage or nameWithLanguage (allocates)."""
        return bytes(self._win[VALUE_AT + 2 : max(self._value - 2, VALUE_AT + 2)])

    def _short(self):
        win = self._win
        return win[VALUE_AT] << 8 | win[VALUE_AT + 1]

    def _int(self, at):
        win = self._win
        high = win[at]
        if high > 127:
            high -= 256
        return high << 24 | win[at + 1] << 16 | win[at + 2] << 8 | win[at + 3]

    def _within(self, buf, off, n):
        """``copy`` writes where it is told to: the caller's mistake must end here."""
        if off < 0 or n < 0 or off + n > len(buf):
            raise LocalError("bytes %d to %d of a buffer of %d" % (off, off + n, len(buf)))

    def _gather(self):
        """Bring the item being read together in the window; False while bytes are missing."""
        missing = self._need - self._have
        if not missing:
            return True
        n = self._end - self.pos
        if n > missing:
            n = missing
        if n:
            kept = n
            if self._to >= self._name_at:
                kept = min(n, self._name_room - self._have)
            copy(self._win, self._to + self._have, self._piece, self.pos, kept)
            self._advance(n)
            self._have += n
        return n == missing

    def _skip(self):
        """Pass over a long value; False while bytes are missing."""
        n = min(self._left, self._end - self.pos)
        self._advance(n)
        self._left -= n
        return self._left == 0

    def _advance(self, n):
        self.pos += n
        self.offset += n
