"""From a document to the engine: pulls from a Source, pushes to an engine, a little on each call."""

from fetchprint.document import halftone as halftones
from fetchprint.document import pwg, urf
from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, TOO_LARGE, DocumentError, DocumentLocalError
from fetchprint.document.peek import GZIP, Peek

PWG_RASTER = b"image/pwg-raster"
APPLE_RASTER = b"image/urf"
TEXT = b"text/plain"
OCTET_STREAM = b"application/octet-stream"

LINES_PER_POLL = 16
"""Raster lines handled by one ``poll``: a few milliseconds on a 150 MHz board."""

WRITES_PER_POLL = 16
"""Windows of the Source passed through by one ``poll``: 23 kB, a few milliseconds where nothing waits."""

MOST_OCTETS = 0x3FFFFFFF
"""Of a document, unpacked, where no limit is given: what a small int counts on every board."""

_IDLE, _UNPACK, _SNIFF, _BEGIN_JOB, _HEADER, _BEGIN_PAGE, _LINE = range(7)
_PUSH, _END_PAGE, _PASS, _END_JOB, _DONE = range(7, 12)


class Pipe:
    """One document at a time into ``engine``.

    ``octets``: octets of this document taken from the Source; ``pages``: pages of it that the
    engine has confirmed; ``clipped``: most dots of a page of it that the head did not reach;
    ``work`` changes when a ``poll`` stopped for fairness alone, with more to do at once. A job that
    the caller has begun on the engine is left open; without one the pipe begins a job for the
    document and ends it.

    What can be printed, for who declares it: ``formats`` (MIME types, the preferred first),
    ``raster_types`` (pwg-raster-document-type-supported) and ``urf`` (urf-supported), empty where
    the engine takes no raster; ``compressions`` (compression-supported); ``most_k``
    (job-k-octets-supported: units of 1024 octets).
    """

    def __init__(
        self, engine, halftone=None, center: bool = False, text=None, inflate=None, most: int = MOST_OCTETS
    ):
        """``halftone`` turns grey to dots (see ``halftone``); error diffusion when not given.
        ``center``: pages narrower than the head are printed in its middle, not at its left. ``text``: the
        class of a decoder of plain text (``text.Decoder``); without it none is printed. ``inflate``: an
        ``inflate.Inflate``, without which nothing comes compressed. ``most``: octets of the largest document
        printed."""
        self.engine = engine
        self.formats = engine.formats
        self.raster_types = self.urf = ()
        self._decoders = {}
        if engine.width and PWG_RASTER in engine.formats:
            line = bytearray(engine.width)
            self._decoders = {PWG_RASTER: pwg.Decoder(line, center), APPLE_RASTER: urf.Decoder(line, center)}
            self._halftone = halftone or halftones.ErrorDiffusion(engine.width)
            self._dots = bytearray((engine.width + 7) // 8)
            if text:
                self._decoders[TEXT] = text(line, engine)
            self.formats = _join(engine.formats, tuple(self._decoders))
            self.raster_types = _join(engine.raster_types, pwg.TYPES)
            self.urf = (b"V1.4", b"CP1", b"PQ4", b"RS%d" % engine.resolution) + urf.KINDS
        self._peek = Peek()
        self._inflate = inflate
        self.compressions = (b"none",)
        if inflate:
            self._packed = Peek()
            self.compressions = (b"gzip", b"none")
        self._most = most
        self.most_k = ((most - 1) >> 10) + 1
        self._decoder = None
        self._state = _IDLE
        self._source = None
        self._own_job = self._sniffs = False
        self._rows = self._line_n = 0
        self.octets = 0
        self.pages = 0
        self.clipped = 0
        self.work = 0

    def start(self, source, format, packed: bool = False):
        """Begin the document that ``source`` gives, of the MIME type ``format`` (octet string).

        ``application/octet-stream`` means "find out": PWG Raster and Apple Raster are recognised, anything
        else goes through only when the engine lists ``application/octet-stream`` itself.
        ``packed``: the service says that it is compressed by gzip. Quirk gzip-said-not-done: ippserver says
        so of stored documents too, and sends them as they are; so the first octets decide.
        Raises ``DocumentError`` when the format cannot be printed.
        """
        if self._state != _IDLE and self._state != _DONE:
            raise DocumentLocalError("the document before this one is neither finished nor cancelled")
        if packed and not self._inflate:
            raise DocumentLocalError("nothing compressed was asked for")
        sniff = format == OCTET_STREAM and self._decoders
        if not sniff and format not in self.formats:
            raise DocumentError("format %r is not supported" % format, -1, FORMAT_NOT_SUPPORTED)
        self._source = source
        self.octets = 0
        self.pages = 0
        self.clipped = 0
        self._sniffs = sniff
        self._decoder = self._decoders.get(format)
        if packed or sniff and self._inflate:
            self._packed.start(source)
            self._state = _UNPACK
        else:
            self._begin()

    def sync(self, format, packed: bool):
        """How each document of ``format`` begins, ``packed`` by gzip or not; empty where nobody can say."""
        if packed:
            return GZIP
        decoder = self._decoders.get(format)
        return (decoder and decoder.SYNC) or b""

    def poll(self, now: int):
        """None while printing, True at the end, when the engine has confirmed everything.

        Raises ``DocumentError`` for a bad document and lets the errors of the Source and the
        engine through. After any error the only way on is ``cancel``.
        """
        if self._state == _DONE:
            return True
        if self._state == _IDLE:
            raise DocumentLocalError("no document has been started")
        lines = LINES_PER_POLL
        writes = WRITES_PER_POLL
        engine = self.engine
        decoder = self._decoder
        while True:
            state = self._state
            if state == _LINE:
                if not lines:
                    self.work = (self.work + 1) & 0xFFFF
                    return None
                lines -= 1
                answer = decoder.line(now)
                self._took(decoder.octets)
                if answer is None:
                    return self._waits(decoder)
                if answer:
                    self._rows -= 1
                    if decoder.bits == 8:
                        self._halftone.line(decoder.line_buf, self._dots)
                    self._state = _PUSH
                else:  # continuous paper ends where the text does
                    self._state = _END_PAGE
            elif state == _PUSH:
                line = self._dots if decoder.bits == 8 else decoder.line_buf
                if engine.line(line, 0, self._line_n) is None:
                    return None
                self._state = _LINE if self._rows else _END_PAGE
            elif state == _UNPACK:
                if self._packed.look(now) is None:
                    return None
                self._source = self._packed
                if self._packed.begins(GZIP):
                    self._inflate.start(self._packed)
                    self._source = self._inflate
                self._begin()
            elif state == _SNIFF:
                if self._peek.look(now) is None:
                    return None
                self._sniff()
                decoder = self._decoder
            elif state == _BEGIN_JOB:
                if not engine.in_job:
                    self._own_job = True
                    if engine.begin_job() is None:
                        return None
                self._state = _HEADER if decoder else _PASS
            elif state == _HEADER:
                answer = decoder.header(now)
                self._took(decoder.octets)
                if answer is None:
                    return self._waits(decoder)
                if answer:
                    self._begin_page()
                else:
                    self._state = _END_JOB
            elif state == _BEGIN_PAGE:
                if engine.begin_page(decoder.dots, decoder.height) is None:
                    return None
                self._state = _LINE
            elif state == _END_PAGE:
                if engine.end_page() is None:
                    return None
                self.pages += 1
                self._state = _HEADER
            elif state == _PASS:
                if not writes:
                    self.work = (self.work + 1) & 0xFFFF
                    return None
                writes -= 1
                if self._pass(now) is None:
                    return None
            else:
                if self._own_job and engine.end_job() is None:
                    return None
                self._own_job = False
                self._source = None
                self._state = _DONE
                return True

    def cancel(self):
        """Give the document up; True once the engine has stopped, None for "call again".

        The engine's job is cancelled with it. The Source is not read to its end. When the engine
        raises its ``EngineError``, the document is given up all the same.
        """
        stopped = True
        try:
            if self.engine.in_job:
                stopped = self.engine.cancel()
        finally:
            if stopped:
                self._source = None
                self._own_job = False
                self._state = _IDLE
        return stopped

    def _waits(self, decoder):
        if decoder.busy:
            self.work = (self.work + 1) & 0xFFFF
        return None

    def _begin(self):
        """The document is unpacked. Without a decoder it is passed through."""
        if self._sniffs:
            # Nothing is begun on the engine for a document that turns out to be none.
            self._peek.start(self._source)
            self._state = _SNIFF
            return
        if self._decoder:
            self._decoder.start(self._source)
        self._state = _BEGIN_JOB

    def _sniff(self):
        peek = self._peek
        self._source = peek
        for decoder in self._decoders.values():
            if decoder.SYNC and peek.begins(decoder.SYNC):
                self._decoder = decoder
        if not self._decoder and OCTET_STREAM not in self.engine.formats:
            raise DocumentError("application/octet-stream that is no raster", 0, FORMAT_NOT_SUPPORTED)
        self._sniffs = False
        self._begin()

    def _begin_page(self):
        decoder = self._decoder
        resolution = self.engine.resolution
        if decoder.resolution_x != resolution or decoder.resolution_y != resolution:
            raise DocumentError(
                "page %d is %d x %d dpi, this engine prints %d dpi"
                % (decoder.page, decoder.resolution_x, decoder.resolution_y, resolution),
                decoder.resolution_at,
                FORMAT_NOT_SUPPORTED,
            )
        if decoder.bits == 8:
            self._halftone.start(decoder.dots)
        # Media sizes round to dots: what the engine calls overhang is nobody's loss.
        if decoder.clipped > self.engine.overhang:
            self.clipped = max(self.clipped, decoder.clipped)
        self._rows = decoder.height
        self._line_n = (decoder.dots + 7) // 8
        self._state = _BEGIN_PAGE

    def _pass(self, now):
        source = self._source
        if source.pos == source.end:
            n = source.fill(now)
            if n is None:
                return None
            if n == 0:
                if not self.octets:
                    raise DocumentError("the document is empty", 0)
                self._state = _END_JOB
                return True
        n = self.engine.write(source.buf, source.pos, source.end - source.pos)
        if n is None:
            return None
        source.pos += n
        self._took(self.octets + n)
        return True

    def _took(self, octets):
        self.octets = octets
        if octets > self._most:
            raise DocumentError(
                "more than the %d octets that this printer takes" % self._most, octets, TOO_LARGE
            )


def _join(first, more):
    """``first``, and what of ``more`` is not in it."""
    return tuple(first) + tuple([one for one in more if one not in first])
