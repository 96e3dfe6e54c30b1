"""Tags of RFC 8010 section 3.5 and the bounds of their values (RFC 8011 section 5.1)."""

from fetchprint.port.native import micropython

const = micropython.const

# Delimiter tags: groups (RFC 8010 3.5.1, RFC 3995, PWG 5100.5, PWG 5100.22).
OPERATION = const(0x01)
JOB = const(0x02)
END = const(0x03)
PRINTER = const(0x04)
UNSUPPORTED_GROUP = const(0x05)
SUBSCRIPTION = const(0x06)
EVENT_NOTIFICATION = const(0x07)
DOCUMENT = const(0x09)
SYSTEM = const(0x0A)
LAST_DELIMITER = const(0x0F)

# Out-of-band values (RFC 8010 3.5.2, RFC 3380): no value bytes.
UNSUPPORTED = const(0x10)
UNKNOWN = const(0x12)
NO_VALUE = const(0x13)
NOT_SETTABLE = const(0x15)
DELETE_ATTRIBUTE = const(0x16)
ADMIN_DEFINE = const(0x17)
LAST_OUT_OF_BAND = const(0x1F)

INTEGER = const(0x21)
BOOLEAN = const(0x22)
ENUM = const(0x23)
OCTET_STRING = const(0x30)
DATE_TIME = const(0x31)
RESOLUTION = const(0x32)
RANGE = const(0x33)
BEGIN_COLLECTION = const(0x34)
TEXT_WITH_LANGUAGE = const(0x35)
NAME_WITH_LANGUAGE = const(0x36)
END_COLLECTION = const(0x37)
TEXT = const(0x41)
NAME = const(0x42)
KEYWORD = const(0x44)
URI = const(0x45)
URI_SCHEME = const(0x46)
CHARSET = const(0x47)
NATURAL_LANGUAGE = const(0x48)
MIME_MEDIA_TYPE = const(0x49)
MEMBER_NAME = const(0x4A)
EXTENSION = const(0x7F)  # the first four value bytes are the real tag

MAX_NAME = const(255)  # attribute names are keywords: RFC 8011 5.1.4
MAX_VALUE = const(32767)  # value-length is a SIGNED-SHORT: RFC 8010 3.1.4
MAX_LANGUAGE = const(63)  # RFC 8011 5.1.9
MAX_TEXT = const(1023)  # RFC 8011 5.1.2
MAX_NAME_VALUE = const(255)  # RFC 8011 5.1.3
LONGEST_VALUE = const(4 + 63 + 1023)  # a textWithLanguage; every other type is shorter
FIRST_EXTENSION = const(0x80)  # what has a tag of one byte is not written with four

# Exact sizes of fixed values, in bytes.
_FIXED = {INTEGER: 4, BOOLEAN: 1, ENUM: 4, DATE_TIME: 11, RESOLUTION: 9, RANGE: 8, BEGIN_COLLECTION: 0}

# Longest values that an encoder may write, in bytes (RFC 8011 5.1).
_LONGEST = {
    OCTET_STRING: 1023,
    TEXT: MAX_TEXT,
    NAME: MAX_NAME_VALUE,
    KEYWORD: 255,
    URI: 1023,
    URI_SCHEME: 63,
    CHARSET: 63,
    NATURAL_LANGUAGE: MAX_LANGUAGE,
    MIME_MEDIA_TYPE: 255,
}


def fixed_size(tag: int) -> int:
    """Bytes of a value of this tag where the type fixes it (0 for out-of-band), else -1."""
    if tag <= LAST_OUT_OF_BAND:
        return 0
    return _FIXED.get(tag, -1)


def longest(tag: int) -> int:
    """The most bytes RFC 8011 allows in a string value of this tag; -1 if it is not a string type."""
    return _LONGEST.get(tag, -1)
