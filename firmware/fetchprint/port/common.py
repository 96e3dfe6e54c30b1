"""What the ports share: waiting, addresses, the store. MicroPython and CPython."""

import os
import select

from fetchprint import ticks

_GONE = select.POLLHUP | select.POLLERR

_ENOENT = 2
_LINE_MAX = 16  # octets kept of a line on stdin: the one that means something has four

# A Linux pty can gain room without waking who polls for it (seen: its buffers are freed
# after the wake-up), so a wait for room is cut into pieces of this many ms.
_ROOM_MS = 20


class Stream:
    """What every Stream here has: what it waits for and where it is registered.

    ``want`` is what it last answered None to (POLLIN, POLLOUT); ``handle`` is what
    select.poll knows it by.
    """

    wakes = True  # whether poll can be relied on to tell that there is room to write

    def __init__(self, port, handle):
        self.want = 0
        self.handle = handle
        self.polled = 0  # what select.poll watches it for; -1 = not registered
        self.gone = False  # hung up: watching it further would wake for nothing
        self._port = port
        port.poller.register(handle, 0)  # now, because it allocates
        port.streams.append(self)

    def forget(self) -> None:
        """Leave the port; the handle may be closed then."""
        if self.polled >= 0:
            self._port.poller.unregister(self.handle)
            self.polled = -1
        if self in self._port.streams:
            self._port.streams.remove(self)


class Port:
    """Clock, waiting, addresses, randomness. ``streams`` are the open ones."""

    set_clock = None  # where the clock of the system may be set: a method that does; then ``ask_time``, too
    identify = None  # where there is a light: a method that makes it noticed

    def __init__(self):
        self.poller = select.poll()
        self.streams = []
        self._stdin = None
        self._typed = bytearray()  # of the line on stdin that is not complete
        self._key = bytearray(1)
        self._stop = False
        self._addresses = {}  # (host, port) -> addresses not yet found dead, best first

    def wait(self, ms: int) -> None:
        """Sleep until an open stream that last answered None can move, at most ``ms`` (>= 0).

        Each None is good for one waking: the next call on the stream renews it. So a
        stream that nobody asks any more costs no busy loop. Returning early is no promise
        that anything can move.
        """
        poller = self.poller
        for stream in self.streams:
            want = stream.want
            if stream.polled < 0:
                if want:
                    poller.register(stream.handle, want)
                    stream.polled = want
            elif stream.gone and not want:
                # poll reports a hang-up unasked: left registered it would wake every time
                poller.unregister(stream.handle)
                stream.polled = -1
            elif want != stream.polled:
                poller.modify(stream.handle, want)
                stream.polled = want
            stream.gone = False
            if want & select.POLLOUT and not stream.wakes and ms > _ROOM_MS:
                ms = _ROOM_MS
        self._sleep(ms if ms > 0 else 0)

    def _woke(self, handle, events):
        for stream in self.streams:
            if stream.handle == handle:
                if events & _GONE:
                    stream.gone = True
                    stream.want = 0
                else:
                    stream.want &= ~events

    def address(self, host: str, port: int):
        """One resolved address as getaddrinfo gives it. Blocks when it is not known yet.

        Raises OSError, naming the host, when it cannot be resolved.
        """
        known = self._addresses.get((host, port))
        if not known:
            known = self._resolve(host, port)
            if not known:
                raise OSError("cannot resolve %s" % host)
            self._addresses[(host, port)] = known
        return known[0]

    def dead(self, host: str, port: int, address) -> None:
        """``address`` did not answer, or is not allowed: try the next one, and ask again after the last."""
        known = self._addresses.get((host, port))
        if known and known[0] is address:
            known.pop(0)

    def stop_asked(self) -> bool:
        """Whether the line ``stop`` came on stdin, or stdin's other end is gone: whoever started this
        program asks so. Stays True."""
        if self._stdin is None:
            self._stdin = self.open_stdin()
        while not self._stop:
            n = self._stdin.readinto(self._key, 0, 1)
            if n is None:
                break
            if n == 0:
                self._stop = True
            elif self._key != b"\n":
                if len(self._typed) < _LINE_MAX:
                    self._typed.append(self._key[0])
            else:
                self._stop = self._typed.strip() == b"stop"
                self._typed = bytearray()
        return self._stop

    def release(self) -> None:
        """The loop has ended as it should: nothing watches over it any more."""

    def random(self, n: int) -> bytes:
        """``n`` random bytes from the system."""
        return os.urandom(n)


class Store:
    """Small named records in the directory ``path``; each save is all or nothing.

    ``sync(file)`` and ``sync_directory(path)`` make written data durable. OSError says
    what the file system said.
    """

    def __init__(self, path: str, sync, sync_directory):
        self._path = path
        self._sync = sync
        self._sync_directory = sync_directory
        _make_directories(path)

    def _file(self, name):
        if not name or "/" in name or name.startswith("."):
            raise ValueError("%r is not a record's name" % name)
        return self._path + "/" + name

    def load(self, name: str):
        """The record's bytes, or None when there is none."""
        try:
            with open(self._file(name), "rb") as file:
                return file.read()
        except OSError as error:
            if error.errno == _ENOENT:
                return None
            raise

    def save(self, name: str, data: bytes) -> None:
        """Replace the record: after a power cut it is the old one or the new one, whole."""
        path = self._file(name)
        temporary = path + ".new"
        try:
            with open(temporary, "wb") as file:
                file.write(data)
                file.flush()
                self._sync(file)
            os.rename(temporary, path)
        except OSError:
            self._drop(temporary)  # half a file takes room where there may be none
            raise
        self._sync_directory(self._path)

    def _drop(self, path):
        try:
            os.remove(path)
        except OSError:
            pass  # the first error is the one to tell

    def remove(self, name: str) -> None:
        """Forget the record; there may be none."""
        try:
            os.remove(self._file(name))
        except OSError as error:
            if error.errno != _ENOENT:
                raise
        self._sync_directory(self._path)


def _make_directories(path):
    at = 0
    while at >= 0:
        at = path.find("/", at + 1)
        part = path if at < 0 else path[:at]
        try:
            os.stat(part)
        except OSError as error:
            if error.errno != _ENOENT:
                raise
            os.mkdir(part)


def wrapped(ms: int) -> int:
    """Monotonic milliseconds as the firmware counts them."""
    return ms & (ticks.PERIOD - 1)


def synced_by_flush(_):
    """MicroPython's file.flush() is fsync(2) or the like; directories cannot be synced there."""
