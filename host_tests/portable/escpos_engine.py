"""A scripted ESC/POS engine at the far end of a Stream. It allocates nothing while it works."""


def digest(lines):
    """What ``Engine.digest`` becomes when ``lines`` have come."""
    value = 0
    for line in lines:
        for octet in line:
            value = (value * 31 + octet) & 0xFFFFFF
    return value


class Engine:
    """Understands only what the driver sends, and fails on anything else.

    ``digest``: of the raster octets in order, ``count`` of them; see ``digest`` below.
    ``slow``: octets taken by one ``write``. ``answering``: whether DLE EOT is answered, with
    ``status[n]``. ``confirming``: whether GS r is; unanswered ones wait in ``owed``. ``stray``:
    octets to say before the next answer.
    """

    def __init__(self, slow=0):
        self.digest = 0
        self.count = 0
        self.slow = slow
        self.blocked = False
        self.broken = False
        self.answering = True
        self.confirming = True
        self.owed = 0
        self.asked = 0
        self.recovers = 0
        self.clears = 0
        self.cuts = 0
        self.feeds = 0
        self.inits = 0
        self.bands = 0
        self.tallest = 0
        self.in_flight = 0  # most octets that were unconfirmed at any time
        self.status = bytearray(b"\x12" * 5)
        self.paper = 0
        self.text = bytearray(600)
        self.text_n = 0
        self._say = bytearray(256)
        self._said = 0
        self._command = bytearray(16)
        self._n = 0
        self._raster = 0
        self._since = 0
        self._turn = False

    # the Stream

    def readinto(self, buf, off, n):
        if self.broken:
            return 0
        if not self._said:
            return None
        n = min(n, self._said)
        for i in range(n):
            buf[off + i] = self._say[i]
        for i in range(n, self._said):
            self._say[i - n] = self._say[i]
        self._said -= n
        return n

    def write(self, buf, off, n):
        if self.broken:
            raise OSError(5)
        if self.blocked:
            return None
        if self.slow:
            self._turn = not self._turn
            if self._turn:
                return None
            n = min(n, self.slow)
        for i in range(n):
            self._take(buf[off + i])
        self._since += n
        self.in_flight = max(self.in_flight, self._since)
        return n

    def say(self, octet):
        self._say[self._said] = octet
        self._said += 1

    def confirm(self):
        """Answer the GS r that are owed."""
        while self.owed:
            self.owed -= 1
            self.say(self.paper)
        self._since = 0

    # the language

    def _take(self, octet):
        if self._raster:
            self.digest = (self.digest * 31 + octet) & 0xFFFFFF
            self.count += 1
            self._raster -= 1
            return
        if not self._n and octet not in (0x10, 0x1B, 0x1D):
            if not octet:
                return
            self.text[self.text_n] = octet
            self.text_n += 1
            return
        c = self._command
        c[self._n] = octet
        self._n += 1
        n = self._n
        if c[0] == 0x10:
            if n == 3:
                self._real_time(octet)
                self._n = 0
        elif c[0] == 0x1B:
            if n == 2 and octet == 0x40:
                self.inits += 1
                self._n = 0
            elif n == 3:
                assert c[1] == 0x64
                self.feeds += 1
                self._n = 0
        elif n == 3 and c[1] == 0x72:
            assert octet == 1
            self.owed += 1
            if self.confirming:
                self.confirm()
            self._n = 0
        elif n == 3 and c[1] == 0x61:
            assert octet in (0, 14)
            self._n = 0
        elif n == 4 and c[1] == 0x56:
            assert c[2] == 66
            self.cuts += 1
            self._n = 0
        elif n == 8 and c[1] == 0x76:
            assert c[2] == 0x30 and c[3] == 0 and not c[7]
            self.bands += 1
            self.tallest = max(self.tallest, c[6])
            self._raster = (c[4] | c[5] << 8) * c[6]
            assert self._raster
            self._n = 0
        elif n == 10 and c[1] == 0x28:
            assert c[2] == 0x44 and c[3] == 5 and c[5] == 20
            self._n = 0
        else:
            assert n < 2 or c[1] in (0x56, 0x61, 0x72, 0x76, 0x28), "unknown command"

    def _real_time(self, octet):
        if self._command[1] == 4:
            assert 1 <= octet <= 4
            self.asked += 1
            if self.answering:
                self.say(self.status[octet])
        else:
            assert self._command[1] == 5 and octet in (1, 2)
            self.recovers += 1
            if octet == 2:
                self.clears += 1
                self.owed = 0
            self.status[3] = self.status[2] = self.status[1] = 0x12
