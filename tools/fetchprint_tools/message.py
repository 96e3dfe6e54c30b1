"""IPP messages as trees of Python objects, over the firmware's codec (RFC 8010).

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

import datetime
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from fetchprint.ipp import decoder as events
from fetchprint.ipp import tags
from fetchprint.ipp.decoder import Decoder
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import DecodeError, EncodeError

STRINGS = frozenset(
    (
        tags.TEXT,
        tags.NAME,
        tags.KEYWORD,
        tags.URI,
        tags.URI_SCHEME,
        tags.CHARSET,
        tags.NATURAL_LANGUAGE,
        tags.MIME_MEDIA_TYPE,
    )
)


@dataclass(frozen=True)
class Range:
    """rangeOfInteger, both ends included."""

    low: int
    high: int


@dataclass(frozen=True)
class Resolution:
    """resolution: cross-feed and feed; ``units`` 3 = dots per inch, 4 = dots per centimetre."""

    x: int
    y: int
    units: int = 3


@dataclass(frozen=True)
class WithLanguage:
    """textWithLanguage or nameWithLanguage."""

    language: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class OutOfBand:
    """A value that says why there is none: ``tags.NO_VALUE``, ``tags.UNKNOWN`` ..."""

    tag: int


@dataclass(frozen=True)
class Extension:
    """A value whose tag has four bytes."""

    tag: int
    data: bytes


NO_VALUE = OutOfBand(tags.NO_VALUE)
UNKNOWN = OutOfBand(tags.UNKNOWN)
UNSUPPORTED = OutOfBand(tags.UNSUPPORTED)


class Attribute:
    """A name and one or more values (1setOf); ``tags[i]`` is the tag of ``values[i]``."""

    def __init__(self, name: str, tag: int, *values: Any) -> None:
        self.name = name
        self.values: list[Any] = []
        self.tags: list[int] = []
        for value in values:
            self.append(tag, value)

    def append(self, tag: int, value: Any) -> None:
        """Add a value. OutOfBand and Extension values bring their own tag."""
        self.tags.append(value.tag if isinstance(value, OutOfBand | Extension) else tag)
        self.values.append(value)

    @property
    def tag(self) -> int:
        """Tag of the first value."""
        return self.tags[0]

    @property
    def value(self) -> Any:
        """The first value."""
        return self.values[0]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Attribute)
            and (self.name, self.tags) == (other.name, other.tags)
            and self.values == other.values
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Attribute({self.name!r}, {[hex(tag) for tag in self.tags]}, {self.values!r})"


class Attributes:
    """Attributes by name, in their order; what a Group and a Collection have in common."""

    def __init__(self, attributes: Iterable[Attribute] = ()) -> None:
        self.attributes: dict[str, Attribute] = {}
        for attribute in attributes:
            self.put(attribute)

    def add(self, name: str, tag: int, *values: Any) -> Self:
        """Append an attribute with these values (at least one); returns itself, for chains.

        Raises ValueError without values or when the attribute is there already.
        """
        if not values:
            raise ValueError(f"attribute {name!r} needs a value")
        self.put(Attribute(name, tag, *values))
        return self

    def put(self, attribute: Attribute) -> None:
        """Append an attribute; ValueError when one of its name is there already."""
        if attribute.name in self.attributes:
            raise ValueError(f"attribute {attribute.name!r} is there already")
        self.attributes[attribute.name] = attribute

    def get(self, name: str, default: Any = None) -> Any:
        """The first value of ``name``, or ``default`` if it is absent."""
        attribute = self.attributes.get(name)
        return default if attribute is None else attribute.value

    def values(self, name: str) -> list[Any]:
        """All values of ``name``; an empty list if it is absent."""
        attribute = self.attributes.get(name)
        return [] if attribute is None else list(attribute.values)

    def __getitem__(self, name: str) -> Attribute:
        return self.attributes[name]

    def __contains__(self, name: object) -> bool:
        return name in self.attributes

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes.values())

    def __len__(self) -> int:
        return len(self.attributes)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Collection(Attributes):
    """A collection value: its members by name, in order."""

    def __repr__(self) -> str:
        return f"Collection({list(self)!r})"


class Group(Attributes):
    """An attribute group: ``tag`` is ``tags.OPERATION``, ``tags.JOB`` ..."""

    def __init__(self, tag: int, attributes: Iterable[Attribute] = ()) -> None:
        super().__init__(attributes)
        self.tag = tag

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Group) and self.tag == other.tag and super().__eq__(other)

    __hash__ = None

    def __repr__(self) -> str:
        return f"Group(0x{self.tag:02x}, {list(self)!r})"


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
        buf = bytearray(9 + sum(1 + _size(group) for group in self.groups))
        encoder = Encoder(buf)
        encoder.begin(self.version, self.code, self.request_id)
        for group in self.groups:
            encoder.group(group.tag)
            _write_all(encoder, group)
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


def date_time(moment: datetime.datetime) -> bytes:
    """A dateTime value (RFC 2579 DateAndTime); ``moment`` must know its time zone."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("a dateTime needs a time zone")
    minutes = int(offset.total_seconds()) // 60
    return struct.pack(
        ">HBBBBBBcBB",
        moment.year,
        moment.month,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second,
        moment.microsecond // 100_000,
        b"-" if minutes < 0 else b"+",
        abs(minutes) // 60,
        abs(minutes) % 60,
    )


def parse_date_time(value: bytes) -> datetime.datetime:
    """What a dateTime value says. Raises ValueError if it is not a time (a leap second is taken as 59)."""
    if len(value) != 11 or value[8:9] not in (b"+", b"-"):
        raise ValueError(f"not a dateTime: {value.hex()}")
    year, month, day, hour, minute, second, tenths, sign, hours, minutes = struct.unpack(">HBBBBBBcBB", value)
    offset = datetime.timedelta(hours=hours, minutes=minutes)
    zone = datetime.timezone(-offset if sign == b"-" else offset)
    return datetime.datetime(year, month, day, hour, minute, min(second, 59), tenths * 100_000, zone)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


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


def _size(attributes: Attributes) -> int:
    """At least the bytes that these attributes take."""
    size = 0
    for attribute in attributes:
        name = len(_bytes(attribute.name))
        for value in attribute.values:
            size += 10 + name
            if isinstance(value, Collection):
                size += 5 + _size(value)
            elif isinstance(value, str):
                size += len(_bytes(value))
            elif isinstance(value, WithLanguage):
                size += 4 + len(_bytes(value.language)) + len(_bytes(value.text))
            elif isinstance(value, Extension):
                size += 4 + len(value.data)
            elif isinstance(value, bytes):
                size += len(value)
            else:
                size += 9  # the longest of the rest, a resolution
    return size


def _write_all(encoder: Encoder, attributes: Attributes) -> None:
    for attribute in attributes:
        if not attribute.values:
            raise EncodeError(f"attribute {attribute.name!r} has no value")
        name: bytes | None = _bytes(attribute.name)
        for tag, value in zip(attribute.tags, attribute.values, strict=True):
            try:
                _write(encoder, name, tag, value)
            except (AttributeError, TypeError) as error:
                raise EncodeError(
                    f"attribute {attribute.name!r}: {value!r} is not a value for tag 0x{tag:02x}"
                ) from error
            except EncodeError as error:
                raise EncodeError(f"attribute {attribute.name!r}: {error}") from error
            name = None


def _write(encoder: Encoder, name: bytes | None, tag: int, value: Any) -> None:
    if isinstance(value, OutOfBand):
        encoder.out_of_band(name, value.tag)
    elif isinstance(value, Extension):
        encoder.extension(name, value.tag, value.data)
    elif tag in STRINGS:
        encoder.string(name, tag, _bytes(value))
    elif tag == tags.BOOLEAN:
        encoder.boolean(name, value)
    elif tag == tags.RANGE:
        encoder.range(name, value.low, value.high)
    elif tag == tags.RESOLUTION:
        encoder.resolution(name, value.x, value.y, value.units)
    elif tag in (tags.TEXT_WITH_LANGUAGE, tags.NAME_WITH_LANGUAGE):
        encoder.with_language(name, tag, _bytes(value.language), _bytes(value.text))
    elif tag == tags.DATE_TIME:
        encoder.date_time(name, value)
    elif tag == tags.OCTET_STRING:
        encoder.string(name, tag, value)
    elif tag == tags.BEGIN_COLLECTION:
        if not isinstance(value, Collection):
            raise TypeError("not a Collection")
        encoder.begin_collection(name)
        _write_all(encoder, value)
        encoder.end_collection()
    else:
        encoder.integer(name, tag, value)
