"""From a document to the engine: pulls from a Source, pushes to an engine, a little on each call."""

from fetchprint.document import halftone as halftones
from fetchprint.document import pwg
from fetchprint.document.errors import FORMAT_NOT_SUPPORTED, DocumentError, DocumentLocalError

PWG_RASTER = b"image/pwg-raster"
OCTET_STREAM = b"application/octet-stream"

LINES_PER_POLL = 16
"""Raster lines handled by one ``poll``: a few milliseconds on a 150 MHz board."""

WRITES_PER_POLL = 16
"""Windows of the Source passed through by one ``poll``: 23 kB, a few milliseconds where nothing waits."""

_IDLE, _SNIFF, _BEGIN_JOB, _HEADER, _BEGIN_PAGE, _LINE = range(6)
_PUSH, _END_PAGE, _HEAD, _PASS, _END_JOB, _DONE = range(6, 12)


class Pipe:
    """One document at a time into ``engine``.

    ``octets``: octets of this document taken from the Source; ``pages``: pages of it that the
    engine has confirmed; ``work`` changes when a ``poll`` stopped for fairness alone, with more to
    do at once. A job that the caller has begun on the engine is left open; without one
    the pipe begins a job for the document and ends it.

    ``halftone`` turns sgray_8 to dots (see ``halftone``); error diffusion when not given.
    """

    def __init__(self, engine, halftone=None):
        width = engine.width + engine.overhang
        self._engine = engine
        self._decoder = pwg.Decoder(width)
        self._halftone = halftone or halftones.ErrorDiffusion(width)
        self._dots = bytearray((width + 7) // 8)
        self._head = bytearray(len(pwg.SYNC))
        self._state = _IDLE
        self._source = None
        self._own_job = False
        self.octets = 0
        self.pages = 0
        self.work = 0

    def start(self, source, format):
        """Begin the document that ``source`` gives, of the MIME type ``format`` (octet string).

        ``application/octet-stream`` means "find out": PWG Raster is recognised, anything else
        goes through only when the engine lists ``application/octet-stream`` itself.
        Raises ``DocumentError`` when the engine does not take the format.
        """
        if self._state != _IDLE and self._state != _DONE:
            raise DocumentLocalError("the document before this one is neither finished nor cancelled")
        if format not in self._engine.formats and format != OCTET_STREAM:
            raise DocumentError("format %r is not supported" % format, -1, FORMAT_NOT_SUPPORTED)
        if not self._engine.width and format in self._engine.formats:
            self._after_begin = _PASS
        elif format == OCTET_STREAM:
            self._after_begin = _SNIFF
        elif format == PWG_RASTER:
            self._after_begin = _HEADER
        else:
            self._after_begin = _PASS
        self._source = source
        self._head_n = 0
        self.octets = 0
        self.pages = 0
        self._decoder.start(source)
        # Nothing is begun on the engine for a document that turns out to be none.
        self._state = self._after_begin if self._after_begin == _SNIFF else _BEGIN_JOB

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
        engine = self._engine
        decoder = self._decoder
        while True:
            state = self._state
            if state == _LINE:
                if not lines:
                    self.work = (self.work + 1) & 0xFFFF
                    return None
                lines -= 1
                answer = decoder.line(now)
                self.octets = decoder.octets
                if answer is None:
                    return None
                self._rows -= 1
                if decoder.bits == 8:
                    self._halftone.line(decoder.line_buf, self._dots)
                self._state = _PUSH
            elif state == _PUSH:
                line = self._dots if decoder.bits == 8 else decoder.line_buf
                if engine.line(line, 0, self._line_n) is None:
                    return None
                self._state = _LINE if self._rows else _END_PAGE
            elif state == _SNIFF:
                if self._sniff(now) is None:
                    return None
            elif state == _BEGIN_JOB:
                if not engine.in_job:
                    self._own_job = True
                    if engine.begin_job() is None:
                        return None
                self._state = self._after_begin
            elif state == _HEADER:
                answer = decoder.header(now)
                self.octets = decoder.octets
                if answer is None:
                    return None
                if answer:
                    self._begin_page()
                else:
                    self._state = _END_JOB
            elif state == _BEGIN_PAGE:
                if engine.begin_page(decoder.width, decoder.height) is None:
                    return None
                self._state = _LINE
            elif state == _END_PAGE:
                if engine.end_page() is None:
                    return None
                self.pages += 1
                self._state = _HEADER
            elif state == _HEAD:
                n = engine.write(self._head, self._head_at, self._head_n - self._head_at)
                if n is None:
                    return None
                self._head_at += n
                if self._head_at == self._head_n:
                    self._state = _PASS
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
            if self._engine.in_job:
                stopped = self._engine.cancel()
        finally:
            if stopped:
                self._source = None
                self._own_job = False
                self._state = _IDLE
        return stopped

    def _sniff(self, now):
        source = self._source
        while self._head_n < len(self._head):
            if source.pos == source.end:
                n = source.fill(now)
                if n is None:
                    return None
                if n == 0:
                    break
            self._head[self._head_n] = source.buf[source.pos]
            self._head_n += 1
            source.pos += 1
            self.octets += 1
        if self._head == pwg.SYNC and PWG_RASTER in self._engine.formats and self._engine.width:
            self._decoder.start(source, True)
            self._after_begin = _HEADER
        elif OCTET_STREAM in self._engine.formats:
            self._head_at = 0
            self._after_begin = _HEAD if self._head_n else _PASS
        else:
            raise DocumentError("application/octet-stream that is not PWG Raster", 0, FORMAT_NOT_SUPPORTED)
        self._state = _BEGIN_JOB
        return True

    def _begin_page(self):
        decoder = self._decoder
        resolution = self._engine.resolution
        if decoder.resolution_x != resolution or decoder.resolution_y != resolution:
            raise DocumentError(
                "page %d is %d x %d dpi, this engine prints %d dpi"
                % (decoder.page, decoder.resolution_x, decoder.resolution_y, resolution),
                decoder.octets - pwg.HEADER_LENGTH + 276,
                FORMAT_NOT_SUPPORTED,
            )
        if decoder.bits == 8:
            self._halftone.start(decoder.width)
        self._rows = decoder.height
        self._line_n = (decoder.width + 7) // 8
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
        n = self._engine.write(source.buf, source.pos, source.end - source.pos)
        if n is None:
            return None
        source.pos += n
        self.octets += n
        return True
