"""PWG Raster (PWG 5102.4, ``image/pwg-raster``): black_1, black_8, sgray_8 and, reduced to grey, srgb_8."""

from fetchprint.document.errors import FORMAT_NOT_SUPPORTED as _NO
from fetchprint.document.raster import Raster

TYPES = (b"sgray_8", b"black_1", b"black_8", b"srgb_8")
"""pwg-raster-document-type-supported."""

# Color space and bits per pixel of each: octets of a pixel, bits in line_buf, what turns black to 0.
_SPACES = {3: "black", 18: "sgray", 19: "srgb"}
_KINDS = {3 << 8 | 1: (1, 1, 0), 3 << 8 | 8: (1, 8, 255), 18 << 8 | 8: (1, 8, 0), 19 << 8 | 24: (3, 8, 0)}

# Fields that only have to be within their range, as offset and largest value: CutMedia, Duplex, InsertSheet,
# Jog, LeadingEdge, Orientation, Tumble, PrintQuality, VendorLength (section 4.3).
_RANGES = ((268, 4), (272, 1), (300, 1), (304, 4), (308, 3), (344, 3), (368, 1), (484, 5), (512, 1088))


class Decoder(Raster):
    """See ``Raster``. NumCopies is not looked at: the service makes the copies (copies-supported is 1)."""

    NAME = "PWG Raster (RaS2)"
    SYNC = b"RaS2"
    HEADER_LENGTH = 1796
    CLASS = b"PwgRaster\0"
    KEPT = 268
    KEPT_END = 516

    def _read_header(self, base: int):
        self._size(base, 372)
        space = self._field(400)
        if space not in _SPACES:
            raise self.wrong(base, 400, "not black (3), sgray (18) or srgb (19) but a color space", _NO)
        bits = self._field(388)
        kind = _KINDS.get(space << 8 | bits) if bits < 256 else None
        if kind is None:
            raise self.wrong(base, 388, _SPACES[space] + " with bits per pixel", _NO)
        if self._field(384) != (8 if bits == 24 else bits):
            raise self.wrong(base, 384, "%d bits per pixel contradict bits per color" % bits)
        if self._field(392) != (self.width * bits + 7) // 8:
            raise self.wrong(base, 392, "%d dots of %d bits contradict octets a line" % (self.width, bits))
        if self._field(396):
            raise self.wrong(base, 396, "not 0 but a color order")
        # Old writers leave the number of colors out, and the transforms.
        if self._field(420) and self._field(420) != (3 if bits == 24 else 1):
            raise self.wrong(base, 420, _SPACES[space] + " contradicts a number of colors")
        for at in (456, 460):
            if self._field(at) > 1:
                raise self.wrong(base, at, "a page turned for the back of a sheet, with a transform", _NO)
        for at, most in _RANGES:
            if self._field(at) > most:
                raise self.wrong(base, at, "not 0 to %d but a header field" % most)
        self.resolution_x = self._resolution(base, 276)
        self.resolution_y = self._resolution(base, 280)
        self.resolution_at = base + 276
        self._begin(kind[0], kind[1], kind[2])
