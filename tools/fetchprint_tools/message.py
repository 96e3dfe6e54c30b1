"""IPP messages as trees of Python objects, over the firmware's codec (RFC 8010).

What the tree is made of can be imported from here: see ``values`` and ``attributes``.

What a value is in Python, by its tag:

    integer, enum                       int
    boolean                             bool
    text, name, keyword, uri, ...       str (UTF-8; bytes that are not come back as surrogate escapes)
    textWithLanguage, nameWithLanguage  WithLanguage(language, text)
    rangeOfInteger                      Range(low, high)
    resolution                          Resolution(x, y, units)
    dateTime                            bytes, 11 of them: see date_time() and parse_date_time()
    octetString                         bytes
    collection                          Collection
    no-value, unknown, unsupported ...  OutOfBand(tag)
    a tag of four bytes                 Extension(tag, data)

The tag of every value is kept, as one attribute may mix them (keyword and name, say).
Malformed messages raise ``fetchprint.ipp.errors.DecodeError``; values that IPP does not
allow raise ``EncodeError``, which names the attribute.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fetchprint.ipp import decoder as events
from fetchprint.ipp import tags
from fetchprint.ipp.decoder import Decoder
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import DecodeError
from fetchprint_tools.attribute_writer import STRINGS, size_of, write
from fetchprint_tools.attributes import Attribute, Attributes, Collection, Group
from fetchprint_tools.values import (
    NO_VALUE,
    UNKNOWN,
    UNSUPPORTED,
    Extension,
    OutOfBand,
    Range,
    Resolution,
    WithLanguage,
    date_time,
    parse_date_time,
)

__all__ = [
    "NO_VALUE",
    "STRINGS",
    "UNKNOWN",
    "UNSUPPORTED",
    "Attribute",
    "Attributes",
    "Collection",
    "Extension",
    "Group",
    "Message",
    "MessageReader",
    "OutOfBand",
    "Range",
    "Resolution",
    "WithLanguage",
    "date_time",
    "decode",
    "parse_date_time",
]


@dataclass
class Message:
    """One IPP message. ``version`` is 0x0200 for 2.0; ``code`` an operation-id or a status-code."""

    version: int
    code: int
    request_id: int
    groups: list[Group] = field(default_factory=list)

    @classmethod
    def request(
        cls, code: int, request_id: int, uri: str, target: str = "printer-uri", version: int = 0x0200
    ) -> Message:
        """A request with the operation attributes that each one must begin with (RFC 8011 4.1.4)."""
        message = cls._begun(version, code, request_id)
        message.groups[0].add(target, tags.URI, uri)
        return message

    @classmethod
    def response(cls, code: int, request_id: int, version: int = 0x0200) -> Message:
        """A response with the two operation attributes that each one must begin with."""
        return cls._begun(version, code, request_id)

    @classmethod
    def _begun(cls, version: int, code: int, request_id: int) -> Message:
        message = cls(version, code, request_id)
        operation = message.add_group(tags.OPERATION)
        operation.add("attributes-charset", tags.CHARSET, "utf-8")
        operation.add("attributes-natural-language", tags.NATURAL_LANGUAGE, "en")
        return message

    def add_group(self, tag: int) -> Group:
        """Append an empty group and return it."""
        group = Group(tag)
        self.groups.append(group)
        return group

    def groups_of(self, tag: int) -> list[Group]:
        """Every group with this tag, in order (one for each job in a Get-Jobs response)."""
        return [group for group in self.groups if group.tag == tag]

    def find(self, tag: int) -> Group | None:
        """The first group with this tag."""
        return next((group for group in self.groups if group.tag == tag), None)

    def get(self, tag: int, name: str, default: Any = None) -> Any:
        """The first value of ``name`` in the first group with this tag, or ``default``."""
        group = self.find(tag)
        return default if group is None else group.get(name, default)

    def values(self, tag: int, name: str) -> list[Any]:
        """All values of ``name`` in the first group with this tag."""
        group = self.find(tag)
        return [] if group is None else group.values(name)

    def encode(self) -> bytes:
        """The message as bytes, up to and including the end tag. Raises ``EncodeError``."""
        buf = bytearray(9 + sum(1 + size_of(group) for group in self.groups))
        encoder = Encoder(buf)
        encoder.begin(self.version, self.code, self.request_id)
        for group in self.groups:
            encoder.group(group.tag)
            write(encoder, group)
        return bytes(buf[: encoder.end()])


class MessageReader:
    """Reads one message from pieces of any size.

    ``version``, ``code`` and ``request_id`` hold as soon as the first eight bytes are in,
    also when the message is refused because of them or of what follows: enough to answer.
    """

    def __init__(self) -> None:
        self._decoder = Decoder(tags.MAX_VALUE)  # every value fits: none is "long"
        self._message: Message | None = None
        self._attribute: Attribute | None = None
        self._open: list[tuple[Collection, Attribute | None]] = []
        self._done = False

    @property
    def version(self) -> int:
        return int(self._decoder.version)

    @property
    def code(self) -> int:
        return int(self._decoder.code)

    @property
    def request_id(self) -> int:
        return int(self._decoder.request_id)

    @property
    def message(self) -> Message:
        """The whole message; RuntimeError before ``feed`` has answered bytes."""
        if self._message is None or not self._done:
            raise RuntimeError("the message has not ended yet")
        return self._message

    def feed(self, data: bytes) -> bytes | None:
        """Take the next piece: None while the message goes on, and once it has ended
        the bytes behind it (the document's, perhaps none). Raises ``DecodeError``."""
        if self._done:
            return data
        decoder = self._decoder
        decoder.feed(data, 0, len(data))
        while True:
            event = decoder.next()
            if event == events.NEED_DATA:
                return None
            if event == events.END:
                self._done = True
                return data[decoder.pos :]
            self._on(event)

    def close(self) -> None:
        """The input has ended: raises ``DecodeError`` if the message had not."""
        self._decoder.close()

    def _on(self, event: int) -> None:
        decoder = self._decoder
        if event == events.HEADER:
            self._message = Message(decoder.version, decoder.code, decoder.request_id)
            return
        assert self._message is not None  # HEADER comes first
        if event == events.GROUP:
            self._message.add_group(decoder.group)
        elif event == events.ATTRIBUTE:
            self._begin(self._message.groups[-1], _text(decoder.name()))
        elif event == events.MEMBER:
            self._begin(self._open[-1][0], _text(decoder.member()))
        elif event == events.COLLECTION:
            collection = Collection()
            self._append(tags.BEGIN_COLLECTION, collection)
            self._open.append((collection, self._attribute))
        elif event == events.END_COLLECTION:
            self._attribute = self._open.pop()[1]
        else:
            tag = int(decoder.tag)
            self._append(tag, _value(decoder, tag))

    def _begin(self, owner: Attributes, name: str) -> None:
        if name in owner:  # RFC 8011 4.1.3: an attribute occurs once in a group
            raise DecodeError(f"attribute {name!r} twice in one group", self._decoder.offset)
        self._attribute = Attribute(name, 0)
        owner.put(self._attribute)

    def _append(self, tag: int, value: Any) -> None:
        assert self._attribute is not None  # the decoder refuses values without a name
        self._attribute.append(tag, value)


def decode(data: bytes) -> tuple[Message, int]:
    """The message that ``data`` begins with, and how many bytes it has. Raises ``DecodeError``."""
    reader = MessageReader()
    rest = reader.feed(data)
    reader.close()
    return reader.message, len(data) - len(rest or b"")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _value(decoder: Decoder, tag: int) -> Any:
    if tag in (tags.INTEGER, tags.ENUM):
        return decoder.integer()
    if tag == tags.BOOLEAN:
        return decoder.byte() == 1
    if tag == tags.RANGE:
        return Range(decoder.integer(), decoder.integer(4))
    if tag == tags.RESOLUTION:
        return Resolution(decoder.integer(), decoder.integer(4), decoder.byte(8))
    if tag in (tags.TEXT_WITH_LANGUAGE, tags.NAME_WITH_LANGUAGE):
        return WithLanguage(_text(decoder.language()), _text(decoder.value()))
    if tag <= tags.LAST_OUT_OF_BAND:
        return OutOfBand(tag)
    if tag > tags.EXTENSION:
        return Extension(tag, decoder.value())
    if tag in STRINGS:
        return _text(decoder.value())
    return decoder.value()
