"""Streams of boards: TCP over lwIP, and UARTs."""

import socket

from fetchprint.port import common
from fetchprint.port.native import micropython

const = micropython.const

_IN = const(1)  # select.POLLIN and POLLOUT: the same on every board
_OUT = const(4)
# Numbers of RP2 and ESP32, which differ; the module errno lacks some of them.
_CONNECTED = (106, 127)  # EISCONN
_UNDER_WAY = (115, 114, 119, 120)  # EINPROGRESS, EALREADY

_BEFORE = const(0)  # the network is not up, or the name is not resolved
_CONNECTING = const(1)
_OPEN = const(2)


class TCPStream(common.Stream):
    """A TCP connection; made by ``Port.connect``."""

    def __init__(self, port, host, number, allows):
        self._host = host
        self._allows = allows
        self._number = number
        self._address = None
        self._alive = False
        self._error = None
        self._phase = _BEFORE
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        common.Stream.__init__(self, port, self._socket)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. ``off`` other than 0 allocates."""
        if self._phase != _OPEN and not self.connected():
            return None
        if off:
            got = self._socket.readinto(memoryview(buf)[off : off + n])
        else:
            got = self._socket.readinto(buf, n)
        if got is None:
            self.want |= _IN
        else:
            self.want &= ~_IN
            if not self._alive:
                self.alive()
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._phase != _OPEN and not self.connected():
            return None
        done = self._socket.write(buf, off, n)
        if done is None:
            self.want |= _OUT
        else:
            self.want &= ~_OUT
        return done

    def connected(self) -> bool:
        """Go on with connecting as far as it goes without waiting; whether it is done."""
        if self._phase == _OPEN:
            return True
        if self._error is not None:
            raise self._error
        try:
            if self._phase == _BEFORE:
                if not self._port.online:
                    return False
                address = self._port.address(self._host, self._number)
                if address is None:
                    return False  # the name is being looked up
                if self._allows is not None and not self._allows(_octets(address[-1][0])):
                    self._port.dead(self._host, self._number, address)
                    raise OSError("the address of %s is not allowed" % self._host)
                self._address = address
                self._phase = _CONNECTING
            self._socket.connect(self._address[-1])
        except OSError as error:
            # lwIP: once connected, connecting again is answered with EISCONN.
            if error.errno in _CONNECTED:
                self._phase = _OPEN
                return True
            if error.errno not in _UNDER_WAY:
                self._error = error
                raise
        self.want |= _OUT
        return False

    @property
    def socket(self):
        """The socket itself."""
        return self._socket

    def alive(self) -> None:
        """The other end answers, and is whom it should be."""
        self._alive = True
        self._port.proven()

    def close(self) -> None:
        if self._socket is None:
            return
        if not self._alive and self._address:
            self._port.dead(self._host, self._number, self._address)
        self.forget()
        self._socket.close()
        self._phase = _BEFORE
        self._error = OSError("stream is closed")
        self._socket = None


class UARTStream(common.Stream):
    """A UART; made by ``Port.open_device``. ``buffer`` bytes are sent without the CPU;
    ``writer(buf, off, n)`` never waits and answers the count moved or nothing."""

    def __init__(self, port, uart, writer, buffer, baudrate):
        self._uart = uart
        self._write = writer
        # poll tells of room for a single byte: wait until a good part of the buffer is free instead.
        self._room_ms = max(1, buffer * 5000 // baudrate)
        common.Stream.__init__(self, port, uart)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. ``off`` other than 0 allocates."""
        if self._uart is None:
            raise OSError("stream is closed")
        if off:
            got = self._uart.readinto(memoryview(buf)[off : off + n])
        else:
            got = self._uart.readinto(buf, n)
        if got:
            self.want &= ~_IN
            return got
        self.want |= _IN
        return None

    def write(self, buf: bytearray, off: int, n: int):
        if self._uart is None:
            raise OSError("stream is closed")
        done = self._write(buf, off, n)
        if not done:
            self._port.soon(self._room_ms)
            return None
        return done

    def close(self) -> None:
        if self._uart is not None:
            self.forget()
            self._uart.deinit()
            self._uart = None


def _octets(address):
    """An IPv4 address in dotted form as four octets; boards have no other kind."""
    return bytes([int(part) for part in address.split(".")])
