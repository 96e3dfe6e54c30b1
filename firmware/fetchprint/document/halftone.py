"""Grey to dots: a line of 8-bit grey (0 = black) becomes one bit a dot, MSB first, 1 = black.

All three methods are used alike: ``start(width)`` before each page, then ``line(src, dst)``
for each line from the top. ``src`` holds ``width`` octets, ``dst`` (width + 7) // 8; dots
past the width come out white. Nothing is allocated after the constructor.
"""

from array import array

from fetchprint.document.errors import DocumentLocalError
from fetchprint.port.native import micropython, ptr8, ptr16

# Bayer's 8 x 8 matrix of 0..63, line by line.
_BAYER = bytes(
    (
        0, 32, 8, 40, 2, 34, 10, 42,
        48, 16, 56, 24, 50, 18, 58, 26,
        12, 44, 4, 36, 14, 46, 6, 38,
        60, 28, 52, 20, 62, 30, 54, 22,
        3, 35, 11, 43, 1, 33, 9, 41,
        51, 19, 59, 27, 49, 17, 57, 25,
        15, 47, 7, 39, 13, 45, 5, 37,
        63, 31, 55, 23, 61, 29, 53, 21,
    )
)  # fmt: skip

# Errors, -9 * 255 to 9 * 255 sixteenths, are kept as unsigned numbers: viper's pointers read no sign.
_BIAS = 4096


@micropython.viper
def _threshold(src: ptr8, dst: ptr8, width: int, level: int):
    x = 0
    bits = 0
    while x < width:
        bits <<= 1
        if int(src[x]) < level:
            bits |= 1
        x += 1
        if x & 7 == 0:
            dst[(x >> 3) - 1] = bits
            bits = 0
    if x & 7:
        dst[x >> 3] = bits << (8 - (x & 7))


@micropython.viper
def _ordered(src: ptr8, dst: ptr8, width: int, matrix: ptr8, row: int):
    x = 0
    bits = 0
    while x < width:
        bits <<= 1
        if int(src[x]) < int(matrix[row + (x & 7)]) * 4 + 2:
            bits |= 1
        x += 1
        if x & 7 == 0:
            dst[(x >> 3) - 1] = bits
            bits = 0
    if x & 7:
        dst[x >> 3] = bits << (8 - (x & 7))


@micropython.viper
def _diffuse(src: ptr8, dst: ptr8, errors: ptr16, width: int):
    # ``errors[x + 1]`` is what the line above left for dot x, in sixteenths, 4096 (_BIAS) too
    # high; ``ahead`` is what the dot to the left passes on (7/16), ``below`` and ``corner``
    # gather what this line leaves for the dots under x - 1 and x.
    x = 0
    bits = 0
    ahead = 0
    below = 0
    corner = 0
    while x < width:
        level = ahead + int(errors[x + 1]) - 4096
        # Division that truncates towards zero, as C has it.
        if level < 0:
            level = 0 - ((0 - level) >> 4)
        else:
            level = level >> 4
        level += int(src[x])
        if level < 0:
            level = 0
        elif level > 255:
            level = 255
        bits <<= 1
        if level > 128:
            level -= 255
        else:
            bits |= 1
        errors[x] = level * 3 + below + 4096
        below = level * 5 + corner
        corner = level
        ahead = level * 7
        x += 1
        if x & 7 == 0:
            dst[(x >> 3) - 1] = bits
            bits = 0
    if x & 7:
        dst[x >> 3] = bits << (8 - (x & 7))
    errors[x] = below + 4096


class Threshold:
    """Black below ``level`` (1..255), white from it on: for text and bar codes."""

    def __init__(self, level: int = 128):
        if not 0 < level < 256:
            raise DocumentLocalError("a threshold is 1 to 255, not %d" % level)
        self._level = level
        self._width = 0

    def start(self, width: int):
        """Begin a page of ``width`` dots."""
        self._width = width

    def line(self, src, dst):
        """Halftone the next line from ``src`` to ``dst``."""
        _threshold(src, dst, self._width, self._level)


class Ordered:
    """Bayer's ordered dither, 8 x 8: 65 greys, the cheapest method that keeps pictures."""

    def __init__(self):
        self._width = 0
        self._row = 0

    def start(self, width: int):
        """Begin a page of ``width`` dots."""
        self._width = width
        self._row = 0

    def line(self, src, dst):
        """Halftone the next line from ``src`` to ``dst``."""
        _ordered(src, dst, self._width, _BAYER, self._row)
        self._row = (self._row + 8) & 63


class ErrorDiffusion:
    """Floyd and Steinberg's error diffusion, dot for dot what Pillow's ``convert("1")`` gives.

    Matching a well-known implementation exactly lets any host judge a printed page.
    Takes 2 octets of memory for each of ``max_width`` dots.
    """

    def __init__(self, max_width: int):
        self._errors = array("H", bytes(2 * (max_width + 1)))
        self._width = 0

    def start(self, width: int):
        """Begin a page of ``width`` dots, 1 to ``max_width``."""
        if not 0 < width < len(self._errors):
            raise DocumentLocalError("%d dots: this halftone has %d" % (width, len(self._errors) - 1))
        self._width = width
        for x in range(len(self._errors)):
            self._errors[x] = _BIAS

    def line(self, src, dst):
        """Halftone the next line from ``src`` to ``dst``."""
        _diffuse(src, dst, self._errors, self._width)
