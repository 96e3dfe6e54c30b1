"""The time from the network for a board whose clock is not set: SNTP (RFC 4330), without waiting."""

import os
import socket
import time

from fetchprint import ticks
from fetchprint.port.native import micropython

const = micropython.const

HOST = "pool.ntp.org"
_TRY_MS = const(2000)  # between two datagrams
_TRIES = const(4)
_AGAIN_MS = const(64000)  # after them (RFC 4330 10: at least a minute)
_SIZE = const(48)
_EAGAIN = const(11)  # the same on every board
_TO_1970 = 2208988800  # seconds from 1900; not const: no small integer on boards
_TO_2000 = 946684800


class Time:
    """Asks ``host`` until it says the time, which ``tell`` gets as YYYYMMDDHHMMSS (UTC); it answers whether
    that is believed."""

    def __init__(self, port, host: str, tell):
        self._port = port
        self._host = host
        self._tell = tell
        self._address = self._socket = None
        self._asked = b""
        self._tries = 0
        self._since = None  # when the last datagram was sent, or asking was given up

    def poll(self, now: int) -> bool:
        """Whether the time is known."""
        waited = _AGAIN_MS if self._since is None else ticks.diff(now, self._since)
        try:
            if self._socket is None:
                if waited < _AGAIN_MS:
                    return False
                self._address = self._port.address(self._host, self._port.ntp_port)
                if self._address is None:
                    return False  # the name is being looked up
                self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                self._socket.setblocking(False)
                self._socket.connect(self._address[-1])  # so that only the server is heard
                self._tries = 0
            if not self._tries or waited >= _TRY_MS:
                if self._tries == _TRIES:
                    raise OSError("silent")
                self._tries += 1
                self._since = now
                # Random octets in place of our time, which comes back: who cannot see them cannot answer.
                self._asked = os.urandom(8)
                self._socket.write(b"\x23" + bytes(39) + self._asked)  # version 4, client
            text = self._said(self._socket.recv(_SIZE))
        except OSError as error:
            if error.errno != _EAGAIN:
                self._give_up(now)
            return False
        if text is None:
            return False
        self._close()
        if self._tell(text):
            self._port.write_event(event="clock", time=text)
        else:
            text = "%s says that it is %s: that is past, and not believed" % (self._host, text)
            self._port.write_event(event="error", message=text)
        return True

    def _said(self, a):
        # A server (4) that is synchronised, at a distance of 1 to 15 from a clock, and was asked by us.
        if len(a) < _SIZE or a[0] & 7 != 4 or a[0] >> 6 == 3 or not 0 < a[1] < 16 or a[24:32] != self._asked:
            return None
        seconds = (a[40] << 24 | a[41] << 16 | a[42] << 8 | a[43]) - _TO_1970
        if seconds < 0:
            seconds += 1 << 32  # after 2036 (RFC 4330 3)
        if time.gmtime(0)[0] == 2000:
            seconds -= _TO_2000
        return "%04d%02d%02d%02d%02d%02d" % tuple(time.gmtime(seconds)[:6])

    def _give_up(self, now):
        self._close()
        self._since = now
        if self._address:
            self._port.dead(self._host, self._port.ntp_port, self._address)
            self._address = None

    def _close(self):
        if self._socket:
            self._socket.close()
            self._socket = None
