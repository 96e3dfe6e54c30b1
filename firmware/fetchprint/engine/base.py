"""The seam between the firmware and a print engine: what each driver gives.

A driver subclasses ``Engine``, sets the capabilities and gives the calls. Each call
answers True (``write``: a count) when done and None for "not now: poll and call again
with the same arguments". Whatever waits for the engine does so in ``poll``.
"""

from fetchprint.errors import LocalError, PeerError

# Bits of ``Engine.reasons``; bit i is KEYWORDS[i].
MEDIA_EMPTY = 1
MEDIA_JAM = 2
COVER_OPEN = 4
OFFLINE = 8
MEDIA_NEEDED = 16
MARKER_SUPPLY_EMPTY = 32
OTHER = 64
MEDIA_LOW = 128
UNKNOWN = 256
DOOR_OPEN = 512
INPUT_TRAY_MISSING = 1024
OUTPUT_AREA_FULL = 2048
MARKER_WASTE_FULL = 4096
FUSER_OVER_TEMP = 8192
MARKER_SUPPLY_LOW = 16384
SUBUNIT_OVER_TEMPERATURE = 32768
SUBUNIT_THERMISTOR_FAILURE = 65536

KEYWORDS = (
    b"media-empty",
    b"media-jam",
    b"cover-open",
    b"offline",
    b"media-needed",
    b"marker-supply-empty",
    b"other",
    b"media-low",
    b"unknown",
    b"door-open",
    b"input-tray-missing",
    b"output-area-full",
    b"marker-waste-full",
    b"fuser-over-temp",
    b"marker-supply-low",
    b"subunit-over-temperature",
    b"subunit-thermistor-failure",
)
"""printer-state-reasons keywords (RFC 8011 section 5.4.12, PWG 5100.9), by bit number."""

STOPS = (MEDIA_EMPTY | MEDIA_JAM | COVER_OPEN | OFFLINE | MEDIA_NEEDED | MARKER_SUPPLY_EMPTY | OTHER) | (
    (DOOR_OPEN | INPUT_TRAY_MISSING | OUTPUT_AREA_FULL | MARKER_WASTE_FULL | FUSER_OVER_TEMP)
    | (SUBUNIT_OVER_TEMPERATURE | SUBUNIT_THERMISTOR_FAILURE)
)
"""The bits with which the engine cannot print: printer-state is stopped. The others, MEDIA_LOW, UNKNOWN
and MARKER_SUPPLY_LOW, are warnings."""


def next_reason(reasons: int, i: int) -> int:
    """The number of the first set bit at or above ``i``, for KEYWORDS; -1 when there is none.

    ``i = next_reason(r, 0)``, then ``i = next_reason(r, i + 1)`` while it is not negative.
    """
    while i < len(KEYWORDS):
        if reasons >> i & 1:
            return i
        i += 1
    return -1


def rolls(width: int, dpi: int):
    """``Engine.media`` of continuous paper: three lengths, as wide as a head of ``width`` dots."""
    mm = width * 254 // (dpi * 10)
    media = []
    for length in (200, 100, 297):
        name = b"custom_%dx%dmm_%dx%dmm" % (mm, length, mm, length)
        media.append((name, mm * 100, length * 100, 0, 0, 0, 0))
    return tuple(media)


class EngineLocalError(LocalError):
    """A call out of order, an impossible page, a buffer too small, or a driver that lacks a call."""


class EngineError(PeerError):
    """The engine broke off: its port closed, or it never confirmed what it was given."""


class Engine:
    """What every driver has. The class attributes below are the capabilities, here of no engine at all."""

    make_and_model = b""
    """printer-make-and-model, at most 127 octets."""
    device_id = b""
    """printer-device-id (IEEE 1284), at most 1023 octets."""
    formats = ()
    """MIME types of the documents taken, octet strings, the preferred one first."""
    resolution = 0
    """Dots per inch, in both directions; services render for it. 0 where ``width`` is."""
    width = 0
    """Dots across the head. 0 for an engine that makes its pages itself: it gets no ``begin_page`` and no
    ``line``, every document goes through ``write``."""
    overhang = 0
    """Dots by which a page may be wider than the head, as sizes round; more is reported as clipped."""
    continuous = False
    """Paper from a roll: a page may end (``end_page``) before its ``height`` lines, and is then as short."""
    raster_types = ()
    """pwg-raster-document-type-supported: octet strings."""
    color = False
    """Whether colour comes out."""
    sides = (b"one-sided",)
    """sides-supported: octet strings, the default first."""
    copies = 1
    """Most copies that are made of a document that is sent once."""
    media = ()
    """(name, width, length, left, right, top, bottom) of each medium, in 1/100 mm, margins included;
    the first is ready. Empty: it is for the service to know."""
    pause = 20
    """Longest time in milliseconds between two ``poll`` while a job is on the engine. A driver may change
    it at any time; 0 where it has work at once."""
    identify_actions = ()
    """identify-actions-supported: what ``identify`` does, "display", "flash", "sound" or "speak"."""

    def __init__(self):
        self.reasons = 0
        """Bit set of what is wrong with the engine or worth telling; see KEYWORDS and STOPS."""
        self.pages = 0
        """Pages the engine has confirmed since power-on."""
        self.moved = False
        """Paper may have moved since ``begin_job``."""
        self.in_job = False
        """Between ``begin_job`` and the end of ``end_job`` or ``cancel``."""
        self.confirmed = True
        """Whether pages are confirmed by the engine; False where its silence has to be taken for success."""

    def poll(self, now: int):
        """Move bytes and read status; called on every turn of the loop. Never raises ``OSError``."""
        raise EngineLocalError("this engine driver has no poll")

    def begin_job(self):
        """Begin a job. Answers None while the engine cannot print."""
        raise EngineLocalError("this engine driver has no begin_job")

    def begin_page(self, width: int, height: int):
        """Begin a page of ``width`` dots (1 to ``width`` + ``overhang``) and ``height`` lines."""
        raise EngineLocalError("this engine driver prints no raster")

    def _fit(self, width, height):
        """What ``begin_page`` begins with where there is a head: how many dots of each line it takes.
        ``_need``: octets of a line, ``_stride``: those that are taken, ``_last``: the dots of the last."""
        if not 0 < width <= self.width + self.overhang or height < 1:
            raise EngineLocalError(
                "a page of %d x %d dots does not fit the head of %d dots" % (width, height, self.width)
            )
        self._need = (width + 7) // 8
        width = min(width, self.width)
        self._stride = (width + 7) // 8
        self._last = 0xFF & (0xFF << (self._stride * 8 - width))
        return width

    def line(self, buf, off: int, n: int):
        """Take one line: ``n`` octets of ``buf`` from ``off``, one bit a dot, MSB first, 1 = black."""
        raise EngineLocalError("this engine driver prints no raster")

    def end_page(self):
        """True once the engine has confirmed that the page is on paper; ``pages`` then counts it."""
        raise EngineLocalError("this engine driver prints no raster")

    def write(self, buf, off: int, n: int):
        """Take up to ``n`` octets in the engine's own language; answers how many."""
        raise EngineLocalError("this engine driver passes nothing through")

    def end_job(self):
        """True once everything of the job is confirmed."""
        raise EngineLocalError("this engine driver has no end_job")

    def cancel(self):
        """Stop the job at the next safe point; True once the paper stands still. Without a job: True."""
        raise EngineLocalError("this engine driver has no cancel")

    def identify(self):
        """Make the printer noticed by someone near it. Answers None while it prints or cannot."""
        return None
