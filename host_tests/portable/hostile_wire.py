"""HTTP between the device and a scripted service, in virtual time, octet by octet.

An answer is what its octets are and when they come: bytes, or a generator of bytes (ready now), of ints
(milliseconds in which nothing comes) and of CLOSE (the service hangs up).
"""

CLOSE = None


class Wire:
    """A TCP connection of the device (a Stream). ``service.answer(head, request, wire)`` gives each answer:
    ``head`` is what HTTP says."""

    def __init__(self, port, service):
        self._port = port
        self._service = service
        self._in = bytearray()
        self._out = []  # answers, the next first
        self._piece = b""
        self._at = 0
        self._ready = 0  # when the next piece comes
        self._over = False  # the service has hung up
        self._wanted = False  # the device was last told "not now"
        self.closed = False  # the device has

    def write(self, buf, off, n):
        if self.closed or self._over:
            raise OSError(32)
        self._in.extend(bytes(buf[off : off + n]))
        end = self._in.find(b"\r\n\r\n")
        if end >= 0:
            fields = bytes(self._in[:end]).lower()
            at = fields.find(b"content-length:")
            length = int(fields[at + 15 :].split(b"\r\n")[0]) if at >= 0 else 0
            if len(self._in) >= end + 4 + length:
                request = bytes(self._in[end + 4 : end + 4 + length])
                head = bytes(self._in[:end])
                assert len(self._in) == end + 4 + length, "the device sent more than one request"
                self._in = bytearray()
                self.say(self._service.answer(head, request, self))
        return n

    def say(self, answer):
        """Queue an answer; one that nobody asked for, too."""
        self._out.append(iter((answer,)) if isinstance(answer, bytes) else answer)

    def hang_up(self):
        """The service closes; what was queued is lost."""
        self._over = True
        self._out = []
        self._piece = b""
        self._at = 0

    def forget(self):
        """Drop the piece that has been read."""
        if self._at == len(self._piece):
            self._piece = b""
            self._at = 0

    def due(self, now):
        """Milliseconds until something can be read; None while nothing is known to come, or asked for."""
        if not self._wanted or not (self._out or self._over):
            return None
        return max(0, self._ready - now)

    def readinto(self, buf, off, n):
        if self.closed:
            raise OSError(9)
        now = self._port.ms
        self._wanted = False
        while self._at == len(self._piece):
            if now < self._ready:
                self._wanted = True
                return None
            if not self._out:
                if self._over:
                    return 0
                self._wanted = True
                return None
            try:
                piece = next(self._out[0])
            except StopIteration:
                if self._out:  # it may have hung up
                    self._out.pop(0)
                continue
            if piece is CLOSE:
                self.hang_up()
                return 0
            if isinstance(piece, int):
                self._ready = now + piece
                continue
            self._piece = piece
            self._at = 0
        n = min(n, len(self._piece) - self._at)
        buf[off : off + n] = self._piece[self._at : self._at + n]
        self._at += n
        self._port.octets += n
        return n

    def close(self):
        self.closed = True
        self._wanted = False
        if self in self._port.wires:
            self._port.wires.remove(self)


# -- how answers are framed --

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"


def whole(body, head=OK):
    """An answer of known length."""
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunk(data):
    return b"%x\r\n" % len(data) + data + b"\r\n"


def chunked(pieces, head=OK):
    """An answer in chunks; ``pieces`` may be endless, and hold ints and CLOSE."""
    yield head + b"Transfer-Encoding: chunked\r\n\r\n"
    for piece in pieces:
        yield chunk(piece) if isinstance(piece, (bytes, bytearray)) else piece
    yield b"0\r\n\r\n"


def cut(data):
    """``data``, and the service hangs up."""
    yield data
    yield CLOSE


def dripping(data, ms, first=0):
    """One octet of ``data`` each ``ms``; the ``first`` octets come at once."""
    if first:
        yield data[:first]
    for i in range(first, len(data)):
        yield ms
        yield data[i : i + 1]


def for_ever(data, start=b""):
    """``start``, then ``data`` again and again."""
    if start:
        yield start
    while True:
        yield data


def silence(ms=1 << 28):
    """Nothing, for days."""
    yield ms
