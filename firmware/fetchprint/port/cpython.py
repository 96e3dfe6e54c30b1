"""The port for CPython on a POSIX system: sockets, ttys and ptys, files."""

import errno
import gc
import os
import select
import socket
import sys
import termios
import time
import tty

from fetchprint.port import bench, common

_IN = select.POLLIN
_OUT = select.POLLOUT


class TCPStream(common.Stream):
    """A TCP connection; made by ``Port.connect``."""

    def __init__(self, port, host, number, allows):
        self._host = host
        self._number = number
        self._address = port.address(host, number)
        if allows is not None:
            family, *_, where = self._address
            if not allows(socket.inet_pton(family, where[0].partition("%")[0])):
                port.dead(host, number, self._address)
                raise OSError("the address of %s is not allowed" % host)
        self._socket = socket.socket(self._address[0], socket.SOCK_STREAM)
        self._alive = False
        self._error = None
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        result = self._socket.connect_ex(self._address[-1])
        if result not in (0, errno.EINPROGRESS):
            self._error = OSError(result, os.strerror(result))
        common.Stream.__init__(self, port, self._socket.fileno())

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md."""
        if self._error is not None:
            raise self._error
        try:
            got = self._socket.recv_into(memoryview(buf)[off : off + n])
        except BlockingIOError:
            self.want |= _IN
            return None
        self.want &= ~_IN
        self._alive = True
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._error is not None:
            raise self._error
        try:
            done = self._socket.send(memoryview(buf)[off : off + n])
        except BlockingIOError:
            self.want |= _OUT
            return None
        self.want &= ~_OUT
        self._alive = True
        return done

    def connected(self) -> bool:
        """Whether the connection is there; for TLS, which takes ``socket`` over then."""
        if self._error is not None:
            raise self._error
        try:
            self._socket.getpeername()
        except OSError as error:
            number = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if number:
                self._error = OSError(number, os.strerror(number))
                raise self._error
            if error.errno != errno.ENOTCONN:
                raise
            self.want |= _OUT
            return False
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
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        try:
            tty.setraw(self._fd, termios.TCSANOW)
        except termios.error as error:
            os.close(self._fd)
            raise OSError("%s is not a tty: %s" % (path, error))
        common.Stream.__init__(self, port, self._fd)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md."""
        if self._fd < 0:
            raise OSError("stream is closed")
        try:
            got = os.readv(self._fd, [memoryview(buf)[off : off + n]])
        except BlockingIOError:
            self.want |= _IN
            return None
        self.want &= ~_IN
        return got

    def write(self, buf: bytearray, off: int, n: int):
        if self._fd < 0:
            raise OSError("stream is closed")
        try:
            done = os.write(self._fd, memoryview(buf)[off : off + n])
        except BlockingIOError:
            self.want |= _OUT
            return None
        self.want &= ~_OUT
        return done

    def close(self) -> None:
        if self._fd < 0:
            return
        self.forget()
        os.close(self._fd)
        self._fd = -1


class InputStream(common.Stream):
    """Standard input, to be read only; made by ``Port.open_stdin``. Closing leaves it open."""

    def __init__(self, port):
        self._fd = sys.stdin.fileno()
        self._ready = select.poll()
        self._ready.register(self._fd, _IN)
        common.Stream.__init__(self, port, self._fd)

    def readinto(self, buf: bytearray, off: int, n: int):
        """See Stream in docs/architecture.md."""
        if self._fd < 0:
            raise OSError("stream is closed")
        # Not made non-blocking: whoever started us may share the descriptor.
        if self._ready.poll(0):
            self.want &= ~_IN
            return os.readv(self._fd, [memoryview(buf)[off : off + n]])
        self.want |= _IN
        return None

    def close(self) -> None:
        if self._fd >= 0:
            self.forget()
            self._fd = -1


class Port(common.Port):
    """The same names in every port."""

    def now(self) -> int:
        """Monotonic milliseconds, wrapping at ticks.PERIOD."""
        return common.wrapped(time.monotonic_ns() // 1000000)

    def connect(self, host: str, port: int, allows=None) -> TCPStream:
        """Begin a TCP connection; the Stream answers None until it is there. ``allows`` is asked about
        the address (4 or 16 octets) that would be connected to; OSError when it answers False."""
        return TCPStream(self, host, port, allows)

    def secure(self, trust, connections: int = 2):
        """Whose ``connect`` takes the place of that above for the service that ``trust`` is for.
        ``connections``: how many there will be at a time."""
        from fetchprint.port import tls_cpython

        return tls_cpython.Client(self, trust)

    def open_device(self, path: str) -> DeviceStream:
        """A tty, pty or serial device, raw; its speed is left as it is."""
        return DeviceStream(self, path)

    def open_bus(self, path: str, hz: int) -> bench.Bus:
        """SPI, pins and analogue inputs of the bench at the tty ``path``, with an SPI clock of ``hz``."""
        return bench.Bus(self, self.open_device(path), hz)

    def open_stdin(self) -> InputStream:
        """Standard input as a Stream to read."""
        return InputStream(self)

    def store(self, path: str) -> common.Store:
        """Records in the directory ``path``, which is created."""
        return common.Store(path, os.fsync, _sync_directory)

    def heap(self):
        """None: CPython's memory has no fixed heap to speak of."""
        return None

    def collect(self) -> None:
        """Collect garbage."""
        gc.collect()

    def write_line(self, text: str) -> None:
        """One line to stdout, at once."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def _sleep(self, ms):
        for handle, events in self.poller.poll(ms):
            self._woke(handle, events)

    def _resolve(self, host, port):
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
        except OSError as error:
            raise OSError("cannot resolve %s: %s" % (host, error))
        # IPv4 first: what boards have.
        return sorted(found, key=lambda address: address[0] != socket.AF_INET)


def _sync_directory(path):
    """Make a rename or removal in ``path`` durable."""
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
