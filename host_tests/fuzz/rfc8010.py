"""A reader of IPP messages that shares nothing with the firmware's: RFC 8010 section 3, recursion and slices.

pyipp is the weaker judge: it reads lengths as signed and loses sets in collections.
"""

import struct

_LONGEST = 1023  # longer values are compared by their length


def items(data, end):
    """Groups, values and collections of the message ``data[:end]``, in their order."""
    at = 8
    found = []
    while True:
        tag = data[at]
        at += 1
        if tag == 3:
            assert at == end, (at, end)
            return found
        if tag < 0x10:
            found.append(("group", tag))
            continue
        (n,) = struct.unpack_from(">H", data, at)
        at += 2 + n
        (n,) = struct.unpack_from(">H", data, at)
        value = data[at + 2 : at + 2 + n]
        assert len(value) == n
        at += 2 + n
        if tag == 0x34:
            found.append(("collection",))
        elif tag == 0x37:
            found.append(("end",))
        elif tag == 0x4A:
            found.append(("member", value))
        else:
            kind = tag
            if tag == 0x7F:
                (kind,) = struct.unpack_from(">I", value)
                value = value[4:]
            if len(value) > _LONGEST:
                found.append(("value", kind, len(value)))
                continue
            if tag in (0x35, 0x36):
                (language,) = struct.unpack_from(">H", value)
                value = value[language + 4 :]
            found.append(("value", kind, value))
