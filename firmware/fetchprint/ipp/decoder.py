"""Reads one IPP message from pieces of any size (RFC 8010 section 3), allocating nothing.

``feed`` lends the decoder a piece of the message; ``next`` answers one event at a time
and ``NEED_DATA`` when the piece is used up. At ``END`` it stops exactly behind the
end-of-attributes tag: ``pos`` is where the document data begins in the piece.

A name or value is put together in the decoder's own window, so it never matters where
a piece was cut. A value longer than the window is announced by ``VALUE`` with ``long``
set; ``read`` hands it out in pieces, and ``next`` skips what was not read.
"""

from fetchprint.ipp import tags
from fetchprint.ipp.errors import DecodeError
from fetchprint.ipp.window import VALUE_AT, Window
from fetchprint.port.native import micropython

const = micropython.const

NEED_DATA = const(0)
HEADER = const(1)  # version, code, request_id
GROUP = const(2)  # group
ATTRIBUTE = const(3)  # name_is(), tag of the first value
VALUE = const(4)  # tag, length, the accessors
COLLECTION = const(5)  # a collection value begins
MEMBER = const(6)  # member_is()
END_COLLECTION = const(7)
END = const(8)

# Limits, each far above what real services send and low enough to bound the work.
MAX_MESSAGE = const(1 << 20)  # bytes up to the end tag; Get-Jobs replies of busy services are ~100 kB
MAX_ATTRIBUTES = const(20000)  # attributes, members and groups in a message
MAX_SET = const(2000)  # values of one attribute or member; Update-Active-Jobs lists every job ever assigned
MAX_DEPTH = const(6)  # nested collections; media-col-database has 3

_S_HEADER = const(0)
_S_TAG = const(1)
_S_NAME_LENGTH = const(2)
_S_NAME = const(3)
_S_VALUE_LENGTH = const(4)
_S_EXTENSION = const(5)
_S_VALUE = const(6)
_S_LONG = const(7)
_S_END = const(8)
_S_REFUSED = const(9)


class Decoder(Window):
    """Events of one message after the other; ``reset`` before each."""

    def __init__(self, value_window: int = tags.LONGEST_VALUE, name_window: int = tags.MAX_NAME):
        """``value_window``: bytes of the longest value held whole (at least 64). ``name_window``: bytes of
        the longest name that can be asked for; of longer ones no more is kept."""
        Window.__init__(self, max(value_window, 64), name_window)
        self._outer = [0] * MAX_DEPTH  # index of the value that each open collection is
        self.reset()

    def reset(self):
        """Forget everything: the next byte fed is the first of a message."""
        self.pos = self._end = 0  # the unread part of the piece
        self.offset = 0  # bytes of the message taken so far
        self.version = self.code = self.request_id = 0
        self.group = 0
        self.tag = 0  # of the value; the four-byte one (0x80 or more) where it has an extension tag
        self.index = 0  # which value of the attribute or member, from 0
        self.depth = 0  # collections open
        self.length = 0  # bytes of the value (of its text, where a language precedes it)
        self.long = False  # the value is not in the window: read() it or let next() skip it
        self._name_length = self._member_length = 0
        self._tag = 0  # the byte that the value began with
        self._at = 0  # offset of the item being read, which an error names
        self._value = VALUE_AT  # where the value starts in the window
        self._left = 0
        self._have = 0
        self._need = 8
        self._to = VALUE_AT
        self._state = _S_HEADER
        self._attributes = 0
        self._in_member = False  # a member name was read at this depth
        self._had_value = True  # and so was a value of it

    def next(self) -> int:
        """The next event. Raises ``DecodeError`` with the offset of what is wrong; after that
        every call does, until ``reset``."""
        while True:
            state = self._state
            if state == _S_LONG:
                if not self._skip():
                    return NEED_DATA
                self._expect(_S_TAG, 1)
                continue
            if state == _S_END:
                return END
            if state == _S_REFUSED:
                raise DecodeError("message was refused", self._at)
            if not self._gather():
                return NEED_DATA
            if state == _S_TAG:
                event = self._on_tag(self._win[VALUE_AT])
            elif state == _S_NAME_LENGTH:
                event = self._on_name_length()
            elif state == _S_NAME:
                event = self._on_name()
            elif state == _S_VALUE_LENGTH:
                event = self._on_value_length()
            elif state == _S_EXTENSION:
                self.tag = self._int(VALUE_AT)
                if self.tag < tags.FIRST_EXTENSION:  # consumers would take it for the one-byte tag
                    self._fail("extension tag %d, expected 0x80 to 0x7fffffff" % self.tag)
                event = self._want_value(self.length - 4)
            elif state == _S_VALUE:
                event = self._on_value()
            else:
                event = self._on_header()
            if event:
                return event

    def close(self):
        """The body has ended: raises ``DecodeError`` if the message had not."""
        if self._state == _S_REFUSED:
            raise DecodeError("message was refused", self._at)
        if self._state != _S_END:
            self._at = self.offset
            self._fail("message cut short")

    # -- the parts of a message --

    def _on_header(self):
        win = self._win
        self.version = win[VALUE_AT] << 8 | win[VALUE_AT + 1]
        self.code = win[VALUE_AT + 2] << 8 | win[VALUE_AT + 3]
        self.request_id = self._int(VALUE_AT + 4)
        if not 1 <= win[VALUE_AT] <= 2:
            self._fail("IPP version %d.%d, expected 1.x or 2.x" % (win[VALUE_AT], win[VALUE_AT + 1]))
        if self.request_id < 1:
            self._at = 4
            self._fail("request-id %d, expected 1 or more" % self.request_id)
        self._expect(_S_TAG, 1)
        return HEADER

    def _on_tag(self, tag):
        if tag <= tags.LAST_DELIMITER:
            if self.depth:
                self._fail("group tag 0x%02x inside a collection" % tag)
            if tag == 0:
                self._fail("reserved tag 0x00")
            self._name_length = 0
            if tag == tags.END:
                self._state = _S_END
                return END
            self._count()
            self.group = tag
            self._expect(_S_TAG, 1)
            return GROUP
        if not self.group:
            self._fail("value before the first group")
        if tag > tags.EXTENSION:
            self._fail("tag 0x%02x is reserved" % tag)
        if (tag == tags.MEMBER_NAME or tag == tags.END_COLLECTION) and not self.depth:
            self._fail("tag 0x%02x outside a collection" % tag)
        self.tag = self._tag = tag
        self._expect(_S_NAME_LENGTH, 2)
        return 0

    def _on_name_length(self):
        n = self._short()
        if n > tags.MAX_NAME:
            self._fail("name of %d bytes, limit %d" % (n, tags.MAX_NAME))
        if n == 0:
            if self.tag != tags.MEMBER_NAME and self.tag != tags.END_COLLECTION:
                if self.depth and not self._in_member:
                    self._fail("collection value without a member name")
                if not self._name_length:
                    self._fail("value without an attribute name")
                self.index += 1
                if self.index >= MAX_SET:
                    self._fail("more than %d values in one attribute" % MAX_SET)
            self._expect(_S_VALUE_LENGTH, 2)
        else:
            if self.depth:
                self._fail("attribute name inside a collection")
            self._count()
            self._name_length = n
            self.index = 0
            self._expect(_S_NAME, n, self._name_at)
        return 0

    def _on_name(self):
        self._expect(_S_VALUE_LENGTH, 2)
        return ATTRIBUTE

    def _on_value_length(self):
        n = self._short()
        tag = self.tag
        if n > tags.MAX_VALUE:
            self._fail("value length 0x%04x has its sign bit set" % n)
        fixed = tags.fixed_size(tag)
        if fixed >= 0 and n != fixed:
            self._fail("value of %d bytes, tag 0x%02x has %d" % (n, tag, fixed))
        if tag == tags.END_COLLECTION:
            if n or not self._had_value:
                self._fail("end of collection with a value" if n else "member without a value")
            self.depth -= 1
            self.index = self._outer[self.depth]
            self._member_length = 0  # the outer member's name is gone from the window,
            self._in_member = self.depth > 0  # but more values of it may follow
            self._expect(_S_TAG, 1)
            return END_COLLECTION
        if tag == tags.MEMBER_NAME:
            if not 1 <= n <= tags.MAX_NAME:
                self._fail("member name of %d bytes, expected 1 to %d" % (n, tags.MAX_NAME))
            if not self._had_value:
                self._fail("member without a value")
            self._count()
            self._member_length = n
            self._in_member = True
            self._had_value = False
            self.index = -1
            self._expect(_S_VALUE, n, self._member_at)
            return 0
        self._had_value = True
        if tag == tags.BEGIN_COLLECTION:
            if self.depth == MAX_DEPTH:
                self._fail("collections nested deeper than %d" % MAX_DEPTH)
            self._outer[self.depth] = self.index
            self.depth += 1
            self._member_length = 0
            self._in_member = False
            self._expect(_S_TAG, 1)
            return COLLECTION
        if tag == tags.EXTENSION:
            if n < 4:
                self._fail("extension value of %d bytes, expected 4 or more" % n)
            self.length = n
            self._expect(_S_EXTENSION, 4)
            return 0
        return self._want_value(n)

    def _want_value(self, n):
        self._value = VALUE_AT
        self.length = n
        if n > self._name_at:
            self._expect(_S_LONG, n)
            self.long = True
            self._left = n
            return VALUE
        self.long = False
        self._expect(_S_VALUE, n)
        return 0

    def _on_value(self):
        tag = self._tag
        event = VALUE
        if tag == tags.MEMBER_NAME:
            event = MEMBER
        elif tag == tags.BOOLEAN and self._win[VALUE_AT] > 1:
            self._fail("boolean 0x%02x" % self._win[VALUE_AT])
        elif tag == tags.TEXT_WITH_LANGUAGE or tag == tags.NAME_WITH_LANGUAGE:
            self._split_language()
        self._expect(_S_TAG, 1)
        return event

    def _split_language(self):
        """Both inner lengths must fill the value exactly (RFC 8010 3.9)."""
        win = self._win
        n = self.length
        language = text = -1
        if n >= 4:
            language = win[VALUE_AT] << 8 | win[VALUE_AT + 1]
            if language + 4 <= n:
                at = VALUE_AT + 2 + language
                text = win[at] << 8 | win[at + 1]
        if text < 0 or language + text + 4 != n:
            self._fail("language and text do not fill their value of %d bytes" % n)
        self._value = VALUE_AT + 4 + language
        self.length = text

    def _expect(self, state, need, to=VALUE_AT):
        self._state = state
        self._need = need
        self._have = 0
        self._to = to
        self._at = self.offset
        if self.offset + need > MAX_MESSAGE:
            self._fail("message longer than %d bytes" % MAX_MESSAGE)

    def _count(self):
        self._attributes += 1
        if self._attributes > MAX_ATTRIBUTES:
            self._fail("more than %d attributes and groups" % MAX_ATTRIBUTES)

    def _fail(self, reason):
        self._state = _S_REFUSED
        raise DecodeError(reason, self._at)
