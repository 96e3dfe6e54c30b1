"""What the ESC/POS driver sends (Epson's ESC/POS command reference), and raster lines into a message."""

from fetchprint.port.native import micropython, ptr8

INIT = b"\x1b@\x1da\x0e"  # ESC @; GS a: report offline, errors and paper without being asked
GUARD = b"\x1d(D\x05\x00\x14\x01\x00\x02\x00"  # GS ( D: no DLE DC4, which opens drawers and switches off
REPORT = b"\x1da\x0e"  # the same after a document's own ESC @
CUT = b"\x1dVB\x00"  # GS V 66 0: feed to the cutter, partial cut
FEED = b"\x1bd\x04"  # ESC d 4: past the tear bar
RASTER = b"\x1dv0\x00\0\0\0\0"  # GS v 0, normal size; width in octets and height are set later
IDENTIFY = b"\x1b@* * *\n\x1bd\x04"  # three stars and four lines of paper

MARK = b"\x1dr\x01"  # GS r 1
ASK = (b"", b"\x10\x04\x01", b"\x10\x04\x02", b"\x10\x04\x03", b"\x10\x04\x04")
RECOVER = b"\x10\x05\x01"  # DLE ENQ 1: go on with the line where the error occurred
CLEAR = b"\x10\x05\x02"  # DLE ENQ 2: go on, without what the engine holds of a cancelled job
MEND = b"\0\0\0"  # ends a request that was torn by a full buffer; nothing by itself


@micropython.viper
def copy(dst: ptr8, at: int, src: ptr8, off: int, n: int, last: int):
    i = 0
    while i < n:
        dst[at + i] = src[off + i]
        i += 1
    dst[at + n - 1] = int(dst[at + n - 1]) & last


@micropython.viper
def defuse(buf: ptr8, at: int, n: int):
    """No DLE DC4 in ``n`` octets at ``at`` or across their beginning: its second octet gets one dot more."""
    i = at
    while i < at + n:
        if buf[i] == 0x14 and buf[i - 1] == 0x10:
            buf[i] = 0x15
        i += 1
