"""A wire between host and engine that spoils what a test tells it to. It allocates nothing while it works."""


def _table():
    table = []
    for value in range(16):
        for _ in range(4):
            value = value >> 1 ^ 0xEDB88320 if value & 1 else value >> 1
        table.append(value)
    return table


_CRC = _table()


def crc(data, start, end):
    """CRC-32 (IEEE 802.3)."""
    value = 0xFFFFFFFF
    for at in range(start, end):
        value ^= data[at]
        value = value >> 4 ^ _CRC[value & 15]
        value = value >> 4 ^ _CRC[value & 15]
    return value ^ 0xFFFFFFFF


class Wire:
    """The engine's end. A subclass has ``frame(kind, number, n)``: one with ``n`` octets from ``rx[6]`` on.

    ``up`` and ``down`` hold faults by octet, counted from the first: it is XORed with the value, lost when
    that is -1, doubled when it is -2. ``up_frames``, ``down_frames``: the same by frame: -1 lost, -2 doubled.
    ``piece``: octets a read gives, a write takes. ``restart_at``: the power goes with this frame.
    """

    def __init__(self, longest, piece):
        self.longest = longest
        self.piece = piece
        self.up = {}
        self.down = {}
        self.up_frames = {}
        self.down_frames = {}
        self.up_n = self.down_n = self.up_frame_n = self.down_frame_n = 0
        self.silent = self.broken = False
        self.restart_at = -1
        self.rx = bytearray(1100)
        self._rx_n = 0
        self._say = bytearray(1200)
        self._said = 0
        self._out = bytearray(b"\xa5" + bytes(600))

    def lose(self):
        """What is on its way is gone."""
        self._said = self._rx_n = 0

    # the Stream

    def readinto(self, buf, off, n):
        if self.broken:
            return 0
        if not self._said:
            return None
        n = min(n, self._said, self.piece)
        for i in range(n):
            buf[off + i] = self._say[i]
        for i in range(n, self._said):
            self._say[i - n] = self._say[i]
        self._said -= n
        return n

    def waiting(self):
        """Octets that a read could have."""
        return self._said

    def write(self, buf, off, n):
        if self.broken:
            raise OSError(5)
        n = min(n, self.piece)
        for i in range(n):
            fault = self.up.get(self.up_n, 0)
            self.up_n += 1
            if fault == -1:
                continue
            self._octet(buf[off + i] ^ fault if fault > 0 else buf[off + i])
            if fault == -2:
                self._octet(buf[off + i])
        self.work()
        return n

    def say(self, octet):
        fault = self.down.get(self.down_n, 0)
        self.down_n += 1
        if self.silent or fault == -1:
            return
        for _ in range(2 if fault == -2 else 1):
            self._say[self._said] = octet ^ fault if fault > 0 else octet
            self._said += 1

    # frames

    def _octet(self, octet):
        rx = self.rx
        rx[self._rx_n] = octet
        self._rx_n += 1
        while self._rx_n:
            if rx[0] != 0xA5:
                self._drop(1)
                continue
            if self._rx_n < 6:
                return
            n = rx[3] << 8 | rx[4]
            if n > self.longest or crc(rx, 1, 5) & 0xFF != rx[5]:
                self._drop(1)
                continue
            if self._rx_n < n + 10:
                return
            sum = rx[n + 6] << 24 | rx[n + 7] << 16 | rx[n + 8] << 8 | rx[n + 9]
            if sum != crc(rx, 1, n + 6):
                self._drop(1)
                continue
            fault = self.up_frames.get(self.up_frame_n, 0)
            if self.up_frame_n == self.restart_at:
                self.power_cut()
            self.up_frame_n += 1
            if fault != -1:
                self.frame(rx[1], rx[2], n)
            if fault == -2:
                self.frame(rx[1], rx[2], n)
            if self._rx_n:
                self._drop(n + 10)

    def _drop(self, n):
        rx = self.rx
        for i in range(n, self._rx_n):
            rx[i - n] = rx[i]
        self._rx_n -= n

    def send(self, kind, payload, n):
        fault = self.down_frames.get(self.down_frame_n, 0)
        self.down_frame_n += 1
        if fault == -1:
            return
        for _ in range(2 if fault == -2 else 1):
            f = self._out
            f[1] = kind
            f[3] = n >> 8
            f[4] = n & 255
            f[5] = crc(f, 1, 5) & 255
            for i in range(n):
                f[6 + i] = payload[i]
            sum = crc(f, 1, n + 6)
            for i in range(4):
                f[n + 6 + i] = sum >> (24 - 8 * i) & 255
            for i in range(n + 10):
                self.say(f[i])
