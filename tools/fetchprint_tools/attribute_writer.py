"""Writes the attributes of a message tree with the firmware's encoder."""

from __future__ import annotations

from typing import Any

from fetchprint.ipp import tags
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import EncodeError
from fetchprint_tools.attributes import Attributes, Collection
from fetchprint_tools.values import Extension, OutOfBand, WithLanguage

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


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def size_of(attributes: Attributes) -> int:
    """At least the bytes that these attributes take."""
    size = 0
    for attribute in attributes:
        name = len(_bytes(attribute.name))
        for value in attribute.values:
            size += 10 + name
            if isinstance(value, Collection):
                size += 5 + size_of(value)
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


def write(encoder: Encoder, attributes: Attributes) -> None:
    """Write them in order; ``EncodeError`` names the attribute that IPP does not allow."""
    for attribute in attributes:
        if not attribute.values:
            raise EncodeError(f"attribute {attribute.name!r} has no value")
        name: bytes | None = _bytes(attribute.name)
        for tag, value in zip(attribute.tags, attribute.values, strict=True):
            try:
                _write_value(encoder, name, tag, value)
            except (AttributeError, TypeError) as error:
                raise EncodeError(
                    f"attribute {attribute.name!r}: {value!r} is not a value for tag 0x{tag:02x}"
                ) from error
            except EncodeError as error:
                raise EncodeError(f"attribute {attribute.name!r}: {error}") from error
            name = None


def _write_value(encoder: Encoder, name: bytes | None, tag: int, value: Any) -> None:
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
        write(encoder, value)
        encoder.end_collection()
    else:
        encoder.integer(name, tag, value)
