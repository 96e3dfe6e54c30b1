"""Random damage: whatever a message becomes, the decoder reads it or refuses it with DecodeError,
and does the same wherever the message was cut."""

import sys

from ipp_events import Random, octets, outcome
from ipp_samples import samples

from fetchprint.ipp import decoder as d

MICROPYTHON = sys.implementation.name == "micropython"


def damaged(random, messages):
    """One of the messages after a few changes."""
    data = bytearray(messages[random.below(len(messages))])
    for _ in range(1 + random.below(4)):
        at = random.below(len(data))
        kind = random.below(5)
        if kind == 0:
            data[at] = random.below(256)
        elif kind == 1:
            data[at] ^= 1 << random.below(8)
        elif kind == 2:
            data = data[:at] + data[at + 1 + random.below(6) :]
        elif kind == 3:
            data = data[:at] + bytes([random.below(256) for _ in range(1 + random.below(6))]) + data[at:]
        else:
            source = messages[random.below(len(messages))]
            start = random.below(len(source))
            data = data[:at] + source[start : start + 1 + random.below(40)] + data[at:]
        if not data:
            data = bytearray(1)
    return bytes(data)


def test_damaged_messages_are_refused_cleanly_wherever_they_are_cut():
    messages = [data for _, data, _ in samples()]
    ends = {}
    for seed in range(1000 if MICROPYTHON else 5000):
        random = Random(seed)
        data = damaged(random, messages)
        dec = d.Decoder(64)
        whole = outcome(dec, data)
        cut = random.below(len(data))
        assert outcome(dec, data, cut) == whole, (seed, cut)
        assert outcome(dec, data, 1, 1) == whole, seed
        assert 0 <= whole[1] <= len(data)
        ends[whole[0].split(" ")[0] if isinstance(whole[0], str) else "read"] = True
    assert "read" in ends and len(ends) > 5  # the changes are neither all harmless nor all fatal


def test_noise_is_refused_cleanly():
    start = octets("0x0200 0x0000 0x00000001 0x01")
    for seed in range(500 if MICROPYTHON else 3000):
        random = Random(seed)
        data = start + bytes([random.below(256) >> random.below(8) for _ in range(60)])
        dec = d.Decoder(64)
        assert outcome(dec, data, 1, 1) == outcome(dec, data), seed
