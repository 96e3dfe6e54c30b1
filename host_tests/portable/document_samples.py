"""Documents, Sources and an engine for the tests of ``document`` and ``engine``; shares no code with them."""


def u32(value):
    return bytes((value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255))


def page_header(width, height, bits=8, dpi=203, **fields):
    """A page header as PWG 5102.4 section 4.3 lays it out; ``fields`` by offset, as ``at_400=3``."""
    header = bytearray(1796)
    header[0:9] = b"PwgRaster"
    values = {
        276: dpi,
        280: dpi,
        340: 1,
        372: width,
        376: height,
        384: 8 if bits == 24 else bits,
        388: bits,
        392: (width * bits + 7) // 8,
        400: {1: 3, 8: 18, 24: 19}[bits],
        420: 3 if bits == 24 else 1,
    }
    for name, value in fields.items():
        values[int(name[3:])] = value
    for at, value in values.items():
        header[at : at + 4] = u32(value)
    return bytes(header)


def urf_header(width, height, bits=8, dpi=203):
    """A page header of Apple Raster."""
    return bytes((bits, bits // 24, 1, 4)) + bytes(8) + u32(width) + u32(height) + u32(dpi) + bytes(8)


def urf(pages, width, bits=8, count=None):
    """An Apple Raster document; white ends of lines are coded as blank."""
    coded = bytearray(b"UNIRAST\0" + u32(len(pages) if count is None else count))
    for lines in pages:
        coded += urf_header(width, len(lines), bits) + coded_lines(lines, bits // 8, True)
    return bytes(coded)


def runs(line, unit=1, blanks=False):
    """A line in the run coding of PWG 5102.4 section 4.4, with runs and literals of all lengths."""
    if unit > 1:
        return color_runs(line, unit, blanks)
    coded = bytearray()
    if blanks:
        whole = line
        line = line.rstrip(b"\xff")
        if len(line) < len(whole):
            return runs(line) + b"\x80"
    at = 0
    while at < len(line):
        n = 1
        while at + n < len(line) and n < 128 and line[at + n] == line[at]:
            n += 1
        if n > 1:
            coded += bytes((n - 1, line[at]))
            at += n
            continue
        while at + n < len(line) and n < 128 and line[at + n] != line[at + n - 1]:
            n += 1
        if n == 1:
            coded += bytes((0, line[at]))
        else:
            coded.append(257 - n)
            coded += line[at : at + n]
        at += n
    return bytes(coded)


def color_runs(line, unit, blanks):
    """The same for pixels of ``unit`` octets: runs of equal ones, other ones two by two."""
    pixels = [line[i : i + unit] for i in range(0, len(line), unit)]
    end = len(pixels)
    while blanks and end and pixels[end - 1] == b"\xff" * unit:
        end -= 1
    coded = bytearray()
    at = 0
    while at < end:
        n = 1
        while at + n < end and n < 128 and pixels[at + n] == pixels[at]:
            n += 1
        if n == 1 and at + 1 < end:
            coded += b"\xff" + pixels[at] + pixels[at + 1]
            n = 2
        else:
            coded.append(n - 1)
            coded += pixels[at]
        at += n
    if end < len(pixels):
        coded += b"\x80"
    return bytes(coded)


def page(lines, width, bits=8, **fields):
    """A page of ``lines``; equal neighbours are coded once with a count."""
    return page_header(width, len(lines), bits, **fields) + coded_lines(lines, max(1, bits // 8))


def coded_lines(lines, unit=1, blanks=False):
    """The lines of a page, equal neighbours once with a count."""
    coded = bytearray()
    y = 0
    while y < len(lines):
        n = 1
        while y + n < len(lines) and n < 256 and lines[y + n] == lines[y]:
            n += 1
        coded.append(n - 1)
        coded += runs(lines[y], unit, blanks)
        y += n
    return bytes(coded)


def noise(n, seed=1):
    """``n`` octets that look random, the same everywhere."""
    out = bytearray(n)
    for i in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        out[i] = seed >> 16 & 255
    return bytes(out)


def grey_lines(width, height, seed=1):
    """Lines with gradients, flat parts, noise and repeats."""
    lines = []
    for y in range(height):
        if y % 7 == 3:
            lines.append(lines[-1])
        elif y % 5 == 0:
            lines.append(bytes([x * 255 // width for x in range(width)]))
        elif y % 5 == 1:
            lines.append(bytes([y * 13 & 255]) * width)
        else:
            half = width // 2
            lines.append(noise(half, seed + y) + bytes([255]) * (width - half))
    return lines


class Source:
    """``data`` in pieces of ``piece`` octets; ``dry``: every other fill answers None first."""

    def __init__(self, data, piece=4096, dry=False):
        self.data = data
        self.piece = piece
        self.dry = dry
        self.buf = bytearray(piece)
        self.pos = 0
        self.end = 0
        self.at = 0
        self._wait = dry

    def fill(self, now):
        assert self.pos == self.end, "filled while octets were ready"
        if self.dry:
            self._wait = not self._wait
            if not self._wait:
                return None
        n = min(self.piece, len(self.data) - self.at)
        for i in range(n):  # no slices: this runs with the heap locked
            self.buf[i] = self.data[self.at + i]
        self.at += n
        self.pos = 0
        self.end = n
        return n


class Paper:
    """An engine (the seam of ``engine.base``) that keeps what it is given.

    ``slow``: each call is refused once; ``keep`` False: lines are only counted.
    """

    formats = (b"image/pwg-raster", b"application/vnd.epson.escpos")
    raster_types = (b"black_1", b"sgray_8")
    resolution = 203
    overhang = 7
    continuous = True
    media = ()

    def __init__(self, width=576, slow=False, keep=True):
        self.keep = keep
        self.count = 0
        self.width = width
        self.slow = slow
        self.in_job = False
        self.pages = 0
        self.log = []
        self.lines = []
        self.octets = bytearray()
        self._refuse = slow

    def _not_now(self):
        if not self.slow:
            return False
        self._refuse = not self._refuse
        return not self._refuse

    def begin_job(self):
        if self._not_now():
            return None
        assert not self.in_job
        self.in_job = True
        self.log.append("job")
        return True

    def begin_page(self, width, height):
        if self._not_now():
            return None
        self.log.append((width, height))
        self.lines = []
        return True

    def line(self, buf, off, n):
        if self._not_now():
            return None
        self.count += 1
        if self.keep:
            self.lines.append(bytes(buf[off : off + n]))
        return True

    def end_page(self):
        if self._not_now():
            return None
        self.pages += 1
        self.log.append(self.lines)
        return True

    def write(self, buf, off, n):
        if self._not_now():
            return None
        n = min(n, 5)
        self.octets += buf[off : off + n]
        return n

    def end_job(self):
        if self._not_now():
            return None
        self.in_job = False
        self.log.append("end")
        return True

    def cancel(self):
        if self._not_now():
            return None
        self.in_job = False
        self.log.append("cancel")
        return True
