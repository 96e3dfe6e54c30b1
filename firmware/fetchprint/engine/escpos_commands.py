"""What the ESC/POS driver sends (Epson's ESC/POS command reference), and raster lines into a message."""

from fetchprint.port.native import micropython, ptr8

INIT = b"\x1b@\x1da\x00"  # ESC @; GS a 0: no Automatic Status Back
GUARD = b"\x1d(D\x05\x00\x14\x01\x00\x02\x00"  # GS ( D: no DLE DC4, which opens drawers and switches off
REPORT = b"\x1da\x0e"  # GS a: report offline, errors and paper without being asked
QUIET = b"\x1da\x00"
CUT = b"\x1dVB\x00"  # GS V 66 0: feed to the cutter, partial cut
FEED = b"\x1bd\x04"  # ESC d 4: past the tear bar
RASTER = b"\x1dv0\x00\0\0\0\0"  # GS v 0, normal size; width in octets and height are set later
IDENTIFY = b"\x1b@* * *\n\x1bd\x04"  # three stars and four lines of paper


@micropython.viper
def copy(dst: ptr8, at: int, src: ptr8, off: int, n: int, last: int):
    i = 0
    while i < n:
        dst[at + i] = src[off + i]
        i += 1
    dst[at + n - 1] = int(dst[at + n - 1]) & last
