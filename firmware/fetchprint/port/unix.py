"""The port for MicroPython's unix build: sockets, ttys and ptys, files."""

import gc
import select
import socket
import termios
import time

from fetchprint.port import common, console

_IN = select.POLLIN
_OUT = select.POLLOUT
_EINPROGRESS = 115
_CONNECTED = 106  # EISCONN
_UNDER_WAY = (_EINPROGRESS, 114)  # EALREADY
_TCP = 6
_TCP_NODELAY = 1
_VTIME = 5
_VMIN = 6
# A tty's descriptor blocks here (there is no fcntl). A tty that polls writable has room for
# one buffer of 256 bytes, so pieces of that size never wait.
_PIECE = 256


class TCPStream(common.Stream):
    """A TCP connection; made by ``Port.connect``."""

    def __init__(self, port, host, number, allows):
        self._host = host
        self._number = number
        self._address = port.address(host, number)
        if allows is not None and not allows(socket.sockaddr(self._address[-1])[1]):
            port.dead(host, number, self._address)
            raise OSError("the address of %s is not allowed" % host)
        self._socket = socket.socket(self._address[0], socket.SOCK_STREAM)
        self._alive = False
        self._error = None
        self._socket.setblocking(False)
        self._socket.setsockopt(_TCP, _TCP_NODELAY, 1)
        try:
            self._socket.connect(self._address[-1])
        except OSError as error:
            if error.errno != _EINPROGRESS:
                self._error = error
        common.Stream.__init__(self, port, self._socket)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. ``off`` other than 0 allocates."""
        if self._error is not None:
            raise self._error
        if off:
            got = self._socket.readinto(memoryview(buf)[off : off + n])
        else:
            got = self._socket.readinto(buf, n)
        if got is None:
            self.want |= _IN
        else:
            self.want &= ~_IN
            self._alive = True
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._error is not None:
            raise self._error
        done = self._socket.write(buf, off, n)
        if done is None:
            self.want |= _OUT
        else:
            self.want &= ~_OUT
            self._alive = True
        return done

    def connected(self) -> bool:
        """Whether the connection is there; for TLS, which uses ``socket`` then."""
        if self._error is not None:
            raise self._error
        try:
            self._socket.connect(self._address[-1])
        except OSError as error:
            if error.errno in _UNDER_WAY:
                self.want |= _OUT
                return False
            if error.errno != _CONNECTED:
                self._error = error
                raise
        self.want &= ~_OUT
        return True

    @property
    def socket(self):
        """The socket itself."""
        return self._socket

    def alive(self) -> None:
        """The other end has proved to be whom it should be."""
        self._alive = True

    def close(self) -> None:
        if self._socket is None:
            return
        if not self._alive:
            self._port.dead(self._host, self._number, self._address)
        self.forget()
        self._socket.close()
        self._error = OSError("stream is closed")
        self._socket = None


class DeviceStream(common.Stream):
    """A tty or pty in raw mode; made by ``Port.open_device``."""

    wakes = False

    def __init__(self, port, path):
        self._file = open(path, "r+b")
        fd = self._file.fileno()
        termios.setraw(fd)
        mode = termios.tcgetattr(fd)
        mode[6][_VMIN] = 0  # a read answers what is there, also nothing
        mode[6][_VTIME] = 0
        termios.tcsetattr(fd, termios.TCSANOW, mode)
        self._room = select.poll()
        _warm(self._room)
        self._room.register(self._file, _OUT)
        common.Stream.__init__(self, port, self._file)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md. ``off`` other than 0 allocates."""
        if self._file is None:
            raise OSError("stream is closed")
        if off:
            got = self._file.readinto(memoryview(buf)[off : off + n])
        else:
            got = self._file.readinto(buf, n)
        if not got and not self._hung_up():
            self.want |= _IN
            return None
        self.want &= ~_IN
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._file is None:
            raise OSError("stream is closed")
        done = 0
        while done < n and self._has_room():
            piece = n - done
            if piece > _PIECE:
                piece = _PIECE
            done += self._file.write(buf, off + done, piece)
        if done or not n:
            self.want &= ~_OUT
            return done
        self.want |= _OUT
        return None

    def _has_room(self):
        room = False
        for _, events in self._room.ipoll(0):
            room = events & (_OUT | select.POLLERR) != 0  # an error is told by the write
        return room

    def _hung_up(self):
        gone = False
        for _, events in self._room.ipoll(0):
            gone = events & select.POLLHUP != 0
        return gone

    def close(self) -> None:
        if self._file is None:
            return
        self.forget()
        self._room.unregister(self._file)
        self._file.close()
        self._file = None


class Port(common.Port):
    """The same names in every port."""

    def __init__(self):
        common.Port.__init__(self)
        _warm(self.poller)
        gc.threshold(8192)  # small garbage collected often leaves fewer holes than much of it at once

    def now(self) -> int:
        """Monotonic milliseconds, wrapping at ticks.PERIOD."""
        return common.wrapped(time.ticks_ms())

    def connect(self, host: str, port: int, allows=None) -> TCPStream:
        """Begin a TCP connection; the Stream answers None until it is there. ``allows`` is asked about
        the address (4 or 16 octets) that would be connected to; OSError when it answers False."""
        return TCPStream(self, host, port, allows)

    def secure(self, trust, connections: int = 2):
        """Whose ``connect`` takes the place of that above for the service that ``trust`` is for.
        ``connections``: how many there will be at a time."""
        from fetchprint.port import tls  # only where a service needs it: code costs memory

        return tls.Client(self, trust)

    def open_device(self, path: str) -> DeviceStream:
        """A tty, pty or serial device, raw; its speed is left as it is."""
        return DeviceStream(self, path)

    def open_bus(self, path: str, hz: int):
        """SPI, pins and analogue inputs of the bench at the tty ``path``, with an SPI clock of ``hz``."""
        from fetchprint.port import bench  # only where an engine needs it: code costs memory

        return bench.Bus(self, self.open_device(path), hz)

    def open_stdin(self) -> console.InputStream:
        """Standard input as a Stream to read."""
        return console.InputStream(self)

    def store(self, path: str) -> common.Store:
        """Records in the directory ``path``, which is created."""
        return common.Store(path, common.synced_by_flush, common.synced_by_flush)

    def heap(self):
        """(used, free) bytes of the interpreter's heap."""
        return gc.mem_alloc(), gc.mem_free()

    def collect(self) -> None:
        """Collect garbage."""
        gc.collect()

    def write_line(self, text: str) -> None:
        """One line to stdout, at once."""
        print(text)

    def _sleep(self, ms):
        for handle, events in self.poller.ipoll(ms):
            self._woke(handle, events)

    def _resolve(self, host, port):
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except OSError as error:
            raise OSError("cannot resolve %s: %s" % (host, error))
        # IPv4 first: what boards have.
        return [a for a in found if a[0] == socket.AF_INET] + [a for a in found if a[0] != socket.AF_INET]


def _warm(poller):
    """Have the poller's first event behind us: it allocates. A UDP socket is always writable."""
    ready = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    poller.register(ready, _OUT)
    for _ in poller.ipoll(0):
        pass
    poller.unregister(ready)
    ready.close()
