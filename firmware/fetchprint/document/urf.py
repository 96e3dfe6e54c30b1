"""Apple Raster (``image/urf``): W8 and, reduced to grey, SRGB24.

There is no published standard. As clients and CUPS write it: ``UNIRAST`` and a zero octet, the number
of pages in 4 octets (0: not known), then for each page a header of 32 octets (bits per pixel, color
space, duplex, quality, 8 octets of no use here, width, height and dots per inch in 4 octets each, big
endian, 8 unused) and lines coded as in PWG Raster, where run code 128 leaves the rest of a line blank.

The number of pages is not looked at: ipptransform says 1 for any document, and whether the document came
whole is known from its transfer.
"""

from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, DocumentError
from fetchprint.document.raster import Raster

KINDS = (b"W8", b"SRGB24")
"""What urf-supported says of the raster itself."""


class Decoder(Raster):
    """See ``Raster``."""

    NAME = "Apple Raster (UNIRAST)"
    SYNC = b"UNIRAST\0"
    LEAD = 4
    HEADER_LENGTH = 32
    KEPT_END = 24
    BLANKS = 1

    def _read_header(self, base: int):
        bits = self._kept[0]
        space = self._kept[1]
        if not (bits == 8 and space == 0 or bits == 24 and space == 1):
            raise DocumentError(
                "%d bits in color space %d: this printer takes W8 (8, 0) and SRGB24 (24, 1)" % (bits, space),
                base,
                FORMAT_NOT_SUPPORTED,
            )
        if self._kept[2] > 3 or self._kept[3] > 5:
            raise DocumentError("a duplex mode or a quality that there is not", base + 2)
        self._size(base, 12)
        self.resolution_x = self.resolution_y = self._resolution(base, 20)
        self.resolution_at = base + 20
        self._begin(bits // 8, 8, 0)
