"""An engine controller at the far end of a framed link, for tests. It allocates nothing while it works.

Shares no code with the firmware or with the reference engine; docs/link-protocol.md says what it does.
"""

from link_wire import Wire

HELD = 2048


def digest(lines):
    """What ``Engine.digest`` becomes when ``lines`` have been printed."""
    value = 0
    for line in lines:
        for octet in line:
            value = (value * 31 + octet) & 0xFFFFFF
    return value


class Engine(Wire):
    """``digest``: of all octets printed; ``page_digests``: of each page that came out whole.

    ``stop_at``: the line, counted from the first ever, before which paper ends. ``limit``: credit.
    """

    def __init__(self, width=72, longest=32, limit=HELD, piece=1000):
        Wire.__init__(self, longest, piece)
        self.width = width
        self.limit = limit
        self.boot = 1
        self.pages = self.jobs = self.cancels = self.polls = self.identified = self.hellos = 0
        self.lines = self.half_pages = 0
        self.digest = self.page_digest = self.passed = 0
        self.page_digests = []
        self.keep = True  # page_digests
        self.reasons = 0
        self.stop_at = -1
        self.over = 0  # octets that came beyond the credit
        self.texts = b"\x01\x04ACME\x02\x07MFG:A;\n\x03\x0atext/plain\x09\x01?\x04\x05flash"
        self._held = bytearray(HELD)
        self._state = bytearray(21)
        self._told = 0  # reasons
        self.forget(0)

    def forget(self, session):
        self.session = session
        self.expected = self.gap = self.done = self.job = self.error = 0
        self.last = 255
        self.in_job = self.in_page = self.moved = False
        self._held_n = self._dealt = 0
        self._row = 0
        self._due = False

    def power_cut(self):
        """The controller starts again."""
        if self.in_page and self.moved:
            self.half_pages += 1
        self.boot += 1
        self.lose()
        self.pages = 0
        self.forget(0)

    # frames

    def frame(self, kind, number, n):
        rx = self.rx
        if kind == 1:
            self.hellos += 1
            session = rx[6] << 8 | rx[7]
            assert session and rx[8] == 1
            if session != self.session:
                self.forget(session)
            self._capabilities()
        elif kind == 2:
            self.polls += 1
            self._state[7] = rx[8]
            self._due = True
        elif kind == 3:
            self._cancel(rx[6] << 8 | rx[7], rx[8])
        else:
            assert 0x10 <= kind <= 0x21, "unknown frame"
            self._due = True
            if not self.session:
                return
            ahead = number - self.expected & 255
            if ahead >= 128:
                return
            fits = self._held_n + n + 10 <= self.limit
            if not ahead and not fits:
                self.over += 1
            if ahead or not fits:
                if number != self.last + 1 & 255:
                    self.gap = self.gap + 1 & 255
                self.last = number
                return
            self.last = number
            self.expected = number + 1 & 255
            held = self._held
            at = self._held_n
            held[at] = kind
            held[at + 1] = number
            held[at + 2] = n
            for i in range(n):
                held[at + 10 + i] = rx[6 + i]
            self._held_n = at + n + 10

    def _cancel(self, job, number):
        self.cancels += 1
        self._due = True
        if not self.session or self.in_job and job != self.job:
            return
        if job != self.job:
            self.job = job
            self.moved = False
        if self.in_page and self.moved:
            self.half_pages += 1
        self._held_n = self._dealt = 0
        self.in_job = self.in_page = False
        self.error = 0
        self.expected = self.done = number
        self.last = number - 1 & 255

    # paper

    def work(self):
        """Deal with what is held, and say how things are."""
        held = self._held
        while self._held_n and not self.reasons & 0x1BE7F:
            n = held[2]
            if not self._execute(held[0], n):
                break
            self.done = held[1] + 1 & 255
            for i in range(n + 10, self._held_n):
                held[i - n - 10] = held[i]
            self._held_n -= n + 10
            self._dealt = 0
        self.tell()

    def _execute(self, kind, n):
        held = self._held
        if kind == 0x20:
            assert self.in_page
            stride = (self.page_width + 7) // 8
            while self._dealt < n:
                if self._row == 0 and self.lines == self.stop_at:
                    self.stop_at = -1
                    self.reasons |= 1
                    self._due = True
                    return False
                self.moved = True
                octet = held[10 + self._dealt]
                self.digest = (self.digest * 31 + octet) & 0xFFFFFF
                self.page_digest = (self.page_digest * 31 + octet) & 0xFFFFFF
                self._dealt += 1
                self._row += 1
                if self._row == stride:
                    self._row = 0
                    self.lines += 1
                    self.page_lines -= 1
                    assert self.page_lines >= 0
            return True
        self._due = True
        if kind == 0x10:
            assert not self.in_job
            self.job = held[10] << 8 | held[11]
            self.in_job = True
            self.moved = False
            self.jobs += 1
        elif kind == 0x11:
            assert self.in_job and not self.in_page and n == 6
            self.in_page = True
            self.page_width = held[10] << 8 | held[11]
            self.page_lines = held[14] << 8 | held[15]
            assert self.page_width <= self.width
            self.page_digest = self._row = 0
        elif kind == 0x12:
            assert self.in_page and not self._row
            self.in_page = False
            self.pages += 1
            if self.keep:
                self.page_digests.append(self.page_digest)
        elif kind == 0x13:
            assert self.in_job and not self.in_page
            self.in_job = False
        elif kind == 0x14:
            assert not self.in_job
            self.identified += 1
        else:
            assert kind == 0x21 and self.in_job and not self.in_page
            self.moved = True
            self.passed += n
            for i in range(n):
                self.digest = (self.digest * 31 + held[10 + i]) & 0xFFFFFF
        return True

    # status

    def tell(self):
        """A STATUS, when there is something new."""
        s = self._state
        if not self._due and self._told == self.reasons:
            return
        self._due = False
        self._told = self.reasons
        s[0] = 0
        s[1] = self.boot
        s[2] = self.session >> 8
        s[3] = self.session & 255
        s[4] = self.expected
        s[5] = self.gap
        s[6] = self.done
        s[8] = self.job >> 8
        s[9] = self.job & 255
        s[10] = self.reasons >> 24
        s[11] = self.reasons >> 16 & 255
        s[12] = self.reasons >> 8 & 255
        s[13] = self.reasons & 255
        credit = self.limit - self._held_n
        s[14] = credit >> 8
        s[15] = credit & 255
        s[18] = self.pages & 255
        s[19] = (1 if self.in_job else 0) | (2 if self.moved else 0)
        s[20] = self.error
        self.send(0x82, s, 21)

    def _capabilities(self):
        caps = bytearray(12)
        caps[0] = caps[1] = 1
        caps[2] = self.session >> 8
        caps[3] = self.session & 255
        caps[5] = self.boot
        caps[6] = self.longest >> 8
        caps[7] = self.longest & 255
        caps[8] = self.width >> 8
        caps[9] = self.width & 255
        caps[11] = 203
        caps += self.texts
        self.send(0x81, caps, len(caps))
