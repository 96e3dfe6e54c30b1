"""How long the dots of a thermal head are heated, from its supply's voltage and its temperature.

Data sheets of 58 and 80 mm heads give the energizing time of a dot as

    t = E * R / V**2 * C(T),    C(T) = (T_COLOUR - T) / (T_COLOUR - 25)

with the energy E for a dot at 25 degrees Celsius (0.2 to 0.35 mJ), the dot's resistance R (about 176 ohms
in battery powered heads, 650 in heads for 24 V), the voltage V at the head, and a straight line for the
temperature T of its substrate: a warm head needs less to reach what colours the paper.
The thermistor is the usual one, 30 kilohms at 25 degrees and B = 3950, from the input to ground, with
30 kilohms from there to the converter's full scale.
"""

from array import array

from fetchprint.engine import base
from fetchprint.port.native import micropython, ptr8

const = micropython.const

PULSE_MAX_US = const(3000)
"""No strobe is longer, whatever is measured: with a supply that would need more, nothing is printed."""
HOT = const(70)
"""Degrees Celsius at which printing pauses."""
COOL = const(62)
"""Degrees Celsius at which it goes on."""

_COLOUR = const(150)
_BINS = const(64)  # of the supply's voltage; one is 2 % of it where a supply usually is
_COLDEST = const(-10)
_STEP = const(5)
_HOTTEST_AT = const(20)
_SHORT = const(2000)  # 130 degrees: rather a thermistor that is shorted

# 65535 * r / (r + 30000) with r = 30000 * exp(3950 * (1 / (273.15 + T) - 1 / 298.15)), T = -10, -5 ... 90
_THERMISTOR = array(
    "H",
    (
        55932, 53405, 50511, 47293, 43816, 40170, 36454, 32768, 29202, 25830, 22706,
        19860, 17306, 15040, 13049, 11313, 9807, 8507, 7387, 6423, 5596,
    ),
)  # fmt: skip


@micropython.viper
def passes(line: ptr8, at: int, n: int, limit: int) -> int:
    """How often ``n`` octets of ``line`` from ``at`` are strobed when ``limit`` dots may be hot at once."""
    count = 0
    times = 0
    i = 0
    while i < n:
        v = int(line[at + i])
        if v:
            v = v - ((v >> 1) & 0x55)
            v = (v & 0x33) + ((v >> 2) & 0x33)
            v = (v + (v >> 4)) & 0x0F
            if times == 0 or count + v > limit:
                times += 1
                count = 0
            count += v
        i += 1
    return times


@micropython.viper
def portion(dst: ptr8, src: ptr8, at: int, begin: int, n: int, limit: int) -> int:
    """One of those times: fill ``dst`` with the dots from octet ``begin`` of the line on, white elsewhere.

    Answers the octet where the next one begins; ``n`` after the last.
    """
    count = 0
    i = 0
    while i < begin:
        dst[i] = 0
        i += 1
    while i < n:
        octet = int(src[at + i])
        if octet:
            v = octet - ((octet >> 1) & 0x55)
            v = (v & 0x33) + ((v >> 2) & 0x33)
            count += (v + (v >> 4)) & 0x0F
            if count > limit:
                break
        dst[i] = octet
        i += 1
    begin = i
    while i < n:
        dst[i] = 0
        i += 1
    return begin


class Heat:
    """``pulse``: microseconds that a dot is heated now, never more than PULSE_MAX_US; 0 before the first
    ``measure``. ``temperature`` in degrees Celsius."""

    def __init__(self, energy: int, resistance: int, volts: int):
        """``energy`` of a dot in uJ, its ``resistance`` in ohms; ``volts``: millivolts of the supply that
        the analogue input reads as full scale."""
        self.pulse = 0
        self.temperature = 25
        self._hot = False
        self._base = array("H", bytes(2 * _BINS))
        for i in range(_BINS):
            millivolts = (2 * i + 1) * volts // (2 * _BINS)
            self._base[i] = min(0xFFFF, energy * resistance * 1000000 // max(1, millivolts * millivolts))

    def measure(self, supply: int, thermistor: int) -> int:
        """Take both analogue inputs (0 to 65535). Answers bits of ``Engine.reasons``."""
        table = _THERMISTOR
        if not _SHORT < thermistor <= table[0]:
            return base.SUBUNIT_THERMISTOR_FAILURE
        thermistor = max(thermistor, table[_HOTTEST_AT] + 1)
        i = 0
        while table[i + 1] >= thermistor:
            i += 1
        t = _COLDEST + _STEP * i + (table[i] - thermistor) * _STEP // (table[i] - table[i + 1])
        self.temperature = t
        self._hot = t >= HOT or self._hot and t > COOL
        place = supply >> 10
        pulse = self._base[place] * (_COLOUR - t) // (_COLOUR - 25)
        if pulse > PULSE_MAX_US:
            return base.OFFLINE  # no power, or too little
        if place == _BINS - 1:
            return base.OTHER  # more than can be measured
        self.pulse = pulse
        return base.SUBUNIT_OVER_TEMPERATURE if self._hot else 0
