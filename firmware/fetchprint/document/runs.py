"""The run coding that PWG Raster and Apple Raster share (PackBits in whole pixels), straight to grey.

A code octet 0..127 repeats one pixel n + 1 times, 129..255 is followed by 257 - n literal pixels.
128 is reserved in PWG Raster (PWG 5102.4 section 4.4) and leaves the rest of the line blank in Apple Raster.

Colour becomes grey on the way, with the weights of ITU-R BT.601 on the sRGB values as they are,
in 1/65536: (19595 R + 38470 G + 7471 B + 32768) >> 16. Pillow's ``convert("L")`` does the same.
So a line takes an octet a dot at most, whatever the type of the raster.
"""

from fetchprint.port.native import micropython, ptr8, ptr32

# Indexes into the decoder's state. AT and STRIDE count units of the line as coded (an octet of black_1, else
# a pixel); of them the first KEEP are stored, from ORIGIN on. LEFT units of the run in hand are to come, of
# the kind MODE. UNIT octets make a unit, PART of them are in, with the weighted SUM. FLIP turns black to 0.
POS, END, AT, STRIDE, KEEP, ORIGIN, LEFT, MODE, UNIT, PART, SUM, FLIP, BLANK = range(13)
SIZE = 13

MORE, DONE, OVERRUN, RESERVED = range(4)
"""What ``decode`` answers: octets are needed, the line is whole, or what is wrong at POS."""


@micropython.viper
def decode(state: ptr32, src: ptr8, line: ptr8) -> int:
    """Go on with the line, from src[POS] to END at most."""
    pos = int(state[0])
    end = int(state[1])
    at = int(state[2])
    stride = int(state[3])
    keep = int(state[4])
    origin = int(state[5])
    left = int(state[6])
    mode = int(state[7])
    unit = int(state[8])
    part = int(state[9])
    total = int(state[10])
    flip = int(state[11])
    answer = 0
    while at < stride and pos < end:
        octet = int(src[pos])
        n = 0
        if mode == 0:
            if octet < 128:
                left = octet + 1
                mode = 1
            elif octet > 128:
                left = 257 - octet
                mode = 2
            elif int(state[12]) == 0:
                answer = 3
                break
            else:
                left = stride - at
                n = left
                octet = 255
            if at + left > stride:
                answer = 2
                break
            pos += 1
        elif unit == 3:
            pos += 1
            if part == 0:
                total = 19595 * octet + 32768
                part = 1
            elif part == 1:
                total += 38470 * octet
                part = 2
            else:
                octet = (total + 7471 * octet) >> 16
                part = 0
                n = left if mode == 1 else 1
        elif mode == 1:
            pos += 1
            octet ^= flip
            n = left
        else:
            n = left
            if n > end - pos:
                n = end - pos
            left -= n
            stop = at + n
            while at < stop:
                if at < keep:
                    line[origin + at] = int(src[pos]) ^ flip
                at += 1
                pos += 1
            n = 0
            if left == 0:
                mode = 0
        if n:
            left -= n
            stop = at + n
            if stop > keep:
                while at < keep:
                    line[origin + at] = octet
                    at += 1
            else:
                while at < stop:
                    line[origin + at] = octet
                    at += 1
            at = stop
            if left == 0:
                mode = 0
    if answer == 0 and at == stride:
        answer = 1
    state[0] = pos
    state[2] = at
    state[6] = left
    state[7] = mode
    state[9] = part
    state[10] = total
    return answer


@micropython.viper
def fill(line: ptr8, n: int, octet: int):
    """The first ``n`` octets of ``line`` become ``octet``."""
    i = 0
    while i < n:
        line[i] = octet
        i += 1
