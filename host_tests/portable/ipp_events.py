"""Messages as events: to bytes through the encoder, from bytes through the decoder.

An event is a tuple: its kind (a constant of the decoder), then what the decoder says of it.
"""

from fetchprint.ipp import decoder as d
from fetchprint.ipp import tags as t
from fetchprint.ipp.encoder import Encoder
from fetchprint.ipp.errors import DecodeError

C = (d.COLLECTION,)
E = (d.END_COLLECTION,)


def octets(table):
    """The bytes of a table: 0x... is hexadecimal, ``#`` a comment, all else is ASCII text."""
    out = bytearray()
    for line in table.split("\n"):
        for field in line.split("#")[0].split():
            if field.startswith("0x"):
                for i in range(2, len(field), 2):
                    out.append(int(field[i : i + 2], 16))
            else:
                out.extend(field.encode())
    return bytes(out)


def attribute(name, tag, *values):
    """The events of an attribute."""
    return [(d.ATTRIBUTE, name)] + [(d.VALUE, tag, value) for value in values]


def member(name, tag, *values):
    """The events of a collection's member."""
    return [(d.MEMBER, name)] + [(d.VALUE, tag, value) for value in values]


def value_of(dec):
    """The value of a VALUE event as Python holds it in these tests."""
    tag = dec.tag
    if tag == t.INTEGER or tag == t.ENUM:
        return dec.integer()
    if tag == t.BOOLEAN:
        return dec.byte()
    if tag == t.RANGE:
        return (dec.integer(), dec.integer(4))
    if tag == t.RESOLUTION:
        return (dec.integer(), dec.integer(4), dec.byte(8))
    if tag == t.TEXT_WITH_LANGUAGE or tag == t.NAME_WITH_LANGUAGE:
        return (dec.language(), dec.value())
    return dec.value()


def step(dec, out):
    """Append one event to ``out`` and return its kind."""
    event = dec.next()
    if event == d.HEADER:
        out.append((event, dec.version, dec.code, dec.request_id))
    elif event == d.GROUP:
        out.append((event, dec.group))
    elif event == d.ATTRIBUTE:
        out.append((event, dec.name()))
    elif event == d.MEMBER:
        out.append((event, dec.member()))
    elif event == d.VALUE:
        out.append((event, dec.tag, value_of(dec)))
    elif event == d.COLLECTION or event == d.END_COLLECTION:
        out.append((event,))
    return event


def decode(dec, data, first=None, rest=None):
    """All events of a message and the bytes behind it: (events, bytes).

    It is fed whole, or as ``first`` bytes and then all others or ``rest`` at a time.
    """
    dec.reset()
    out = []
    at = 0
    n = len(data) if first is None else first
    while True:
        piece = data[at : at + n]
        at += len(piece)
        dec.feed(piece, 0, len(piece))
        event = step(dec, out)
        while event != d.NEED_DATA:
            if event == d.END:
                return out, piece[dec.pos :] + data[at:]
            event = step(dec, out)
        assert dec.pos == len(piece)
        if at == len(data):
            dec.close()
            raise AssertionError("close() accepted a message without its end")
        n = len(data) if rest is None else rest


def outcome(dec, data, first=None, rest=None):
    """What decoding comes to: (what was read or why it was refused, at which offset).
    Only the codec's own error is caught."""
    try:
        return decode(dec, data, first, rest)[0], dec.offset
    except DecodeError as error:
        return error.reason, error.offset


def write(enc, name, event):
    """One VALUE event into the encoder."""
    tag = event[1]
    value = event[2]
    if tag == t.INTEGER or tag == t.ENUM:
        enc.integer(name, tag, value)
    elif tag == t.BOOLEAN:
        enc.boolean(name, value)
    elif tag == t.RANGE:
        enc.range(name, value[0], value[1])
    elif tag == t.RESOLUTION:
        enc.resolution(name, value[0], value[1], value[2])
    elif tag == t.DATE_TIME:
        enc.date_time(name, value)
    elif tag == t.TEXT_WITH_LANGUAGE or tag == t.NAME_WITH_LANGUAGE:
        enc.with_language(name, tag, value[0], value[1])
    elif tag <= t.LAST_OUT_OF_BAND:
        enc.out_of_band(name, tag)
    elif tag > t.EXTENSION:
        enc.extension(name, tag, value)
    else:
        enc.string(name, tag, value)


def encode(enc, events, wholes=None):
    """Replay events into the encoder; ``wholes`` collects each position at which only whole
    attributes are written."""
    name = None
    for i in range(len(events)):
        event = events[i]
        kind = event[0]
        if kind == d.HEADER:
            enc.begin(event[1], event[2], event[3])
        elif kind == d.GROUP:
            enc.group(event[1])
        elif kind == d.ATTRIBUTE or kind == d.MEMBER:
            name = event[1]
        elif kind == d.VALUE:
            write(enc, name, event)
            name = None
        elif kind == d.COLLECTION:
            enc.begin_collection(name)
            name = None
        elif kind == d.END_COLLECTION:
            enc.end_collection()
        next_kind = events[i + 1][0] if i + 1 < len(events) else d.GROUP
        if wholes is not None and kind != d.ATTRIBUTE and (next_kind == d.ATTRIBUTE or next_kind == d.GROUP):
            wholes.append(enc.pos)
    return enc.end()


class Random:
    """The same numbers on every interpreter."""

    def __init__(self, seed):
        self._state = seed

    def below(self, n):
        """A number of 0..n-1."""
        self._state = (self._state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self._state >> 12) % n


def new_encoder(size=600):
    """An encoder with its own buffer."""
    return Encoder(bytearray(size))
