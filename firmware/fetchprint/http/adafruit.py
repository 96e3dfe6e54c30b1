"""The HTTP connection over ``adafruit_requests``, for radios that come with that library.

The same interface and limits as ``http.client``. The library writes requests, keeps
sockets and takes chunks apart; what it does not guarantee is done between it and the
Stream, by the same strict parser that ``http.client`` uses:

- It would send a POST again when no answer comes: its socket may be written once and its
  pool gives one socket a request, so the second try is an HTTPPeerError with ``sent``.
- It takes a cut body for a whole one, and a 1xx for the final reply: every byte passes the
  parser first, and the library sees the head of the final reply only, reduced to the
  lines it acts on. Headers it would store are never given to it.
- It sends a head in a dozen small writes: they are joined into one.
- It blocks. While it does, ``idle`` is called; what cannot be done meanwhile is in the list.

What cannot be done over this library, and what happens instead:

- ``poll`` blocks from the request to the head of the reply, and ``fill`` until a chunk-size
  line begun is complete. From inside ``idle`` this connection answers None to ``poll`` and
  ``fill``, raises HTTPLocalError for ``post``, and ``close`` abandons the request.
- A request costs garbage (about 11 kB on a 64-bit heap), so heap-locked use is impossible.
- The connection is not kept after a reply other than 200: its body is not read away.
- Trailers must have the form ``name: value``, else HTTPPeerError.
- Needs adafruit_requests 4.1; another one that lacks what is used here is an HTTPLocalError.
"""

import sys

if sys.implementation.name == "micropython":

    class _Names:
        """Stands in for the typing modules, which the library imports names from but never uses."""

        IO = Any = Dict = List = Optional = Tuple = Type = TracebackType = None
        CircuitPythonSocketType = InterfaceType = SocketpoolModuleType = None
        SocketType = SSLContextType = None

    for _name in ("typing", "types", "circuitpython_typing", "circuitpython_typing.socket"):
        if _name not in sys.modules:
            sys.modules[_name] = _Names

import adafruit_connection_manager as _manager
import adafruit_requests

from fetchprint import VERSION, ticks
from fetchprint.http.errors import HTTPLocalError, HTTPPeerError
from fetchprint.http.limits import BODY_MS, LENGTH_DIGITS
from fetchprint.http.request import host_field, write_head
from fetchprint.http.wire import Wire

_IDLE = 0
_SEND = 1  # posted: the next poll does it
_BODY = 2


class Connection:
    """As ``http.client.Connection``, with two more: ``clock()`` gives the time (ms, wrapping as
    fetchprint.ticks says), ``wait(ms)`` sleeps until a Stream can move. Both are required.

    ``idle`` (settable) is called with nothing while the library blocks; when it returns
    True the request is abandoned: ``Abandoned`` is raised, the connection closed.
    """

    def __init__(
        self,
        open_stream,
        host: str,
        port: int,
        path: str,
        tx: bytearray,
        rx: bytearray,
        authorization=None,
        clock=None,
        wait=None,
    ):
        if clock is None or wait is None:
            raise HTTPLocalError("the adafruit transport blocks: it needs clock and wait")
        if not hasattr(adafruit_requests.Response, "_readinto") or not hasattr(
            _manager, "_global_connection_managers"
        ):
            raise HTTPLocalError("adafruit_requests is not of the 4.1 series: install 4.1.17")
        if not rx:
            raise HTTPLocalError("rx is empty")
        # The library writes the same fields, so its head has the size of ours.
        self.body = write_head(tx, host, port, path, authorization)
        self.buf = rx
        self.pos = 0
        self.end = 0
        self.status = 0
        self.retry_after = 0
        self._tx = tx
        self._url = "http://printer" + path  # the wire connects to host and port, whatever this says
        self._headers = {
            "Host": host_field(host, port),
            "User-Agent": "fetchprint/" + VERSION,
            "Content-Type": "application/ipp",
            "Accept": "application/ipp",
        }
        if authorization is not None:
            self._headers["Authorization"] = authorization
        self._wire = Wire(open_stream, host, port, tx, rx, clock, wait)
        self._session = None
        self._response = None
        self._state = _IDLE
        self._busy = False
        self._length = 0
        self._mark = 0
        self._starved = False

    @property
    def sent(self):
        return self._wire.sent

    @property
    def idle(self):
        return self._wire.idle

    @idle.setter
    def idle(self, hook):
        self._wire.idle = hook

    def post(self, now: int, length: int, wait_ms: int) -> None:
        """As ``http.client``; an unresolvable host is reported by ``poll``."""
        if self._busy or self._state != _IDLE:
            raise HTTPLocalError("post while the last reply is still unread: read it to its end or close")
        if not 0 <= length <= len(self._tx) - self.body or length >= 10**LENGTH_DIGITS:
            room = len(self._tx) - self.body
            raise HTTPLocalError("a body of %d bytes does not fit tx: room for %d" % (length, room))
        self.status = 0
        self.retry_after = 0
        if self._wire.stream is not None and self._wire.is_stale():
            self._drop()
        self._wire.begin(self.body + length, wait_ms)
        self.pos = self.end = 0
        self._length = length
        self._state = _SEND

    def poll(self, now: int):
        """As ``http.client``, but the call after ``post`` blocks until the reply's head is in."""
        if self._busy:
            return None
        if self._state == _SEND:
            self._exchange()
        if not self.status:
            raise HTTPLocalError("poll before post")
        return self.status

    def fill(self, now: int):
        """As ``http.client``."""
        if self._busy:
            return None
        if self._state != _BODY:
            if self._state == _IDLE:
                return 0
            raise HTTPLocalError("fill before the reply's head is in")
        wire = self._wire
        self._busy = True
        try:
            if wire.at == wire.raw and not wire.reply.done and wire.receive() is None:
                if not self._starved:
                    self._starved = True
                    self._mark = now
                elif ticks.diff(now, self._mark) > BODY_MS:
                    raise wire.failed("body made no progress for %d ms" % BODY_MS)
                return None
            wire.ask()
            n = self._response._readinto(self.buf)
            if not n and not wire.reply.done:
                raise wire.failed("adafruit_requests ended the body before its end")
        except HTTPPeerError:
            self._drop()
            raise
        except (ValueError, RuntimeError, OSError) as error:
            failure = wire.failed("adafruit_requests cannot read the body: %s" % error)
            self._drop()
            raise failure
        finally:
            self._busy = False
        self._starved = False
        self.pos = 0
        self.end = n
        if n:
            return n
        self._state = _IDLE
        self._response.close()
        self._response = None
        if wire.at < wire.raw or not wire.reply.keep:
            self._drop()
        return 0

    def close(self) -> None:
        """As ``http.client``; from inside ``idle`` it abandons the request."""
        if self._busy:
            self._wire.abandoned = True
            return
        self._drop()
        self.status = 0
        self._session = None
        # The library keeps a manager for each pool for ever: without this, tx and rx would stay too.
        _manager._global_connection_managers.pop(self._wire, None)

    def _exchange(self):
        """The whole request and the reply's head, in the library."""
        if self._session is None:
            self._session = adafruit_requests.Session(self._wire)
        length = "%d" % self._length
        self._headers["Content-Length"] = " " * (LENGTH_DIGITS - len(length)) + length
        body = memoryview(self._tx)[self.body : self.body + self._length]
        self._busy = True
        try:
            self._response = self._session.post(
                self._url, data=body, headers=self._headers, stream=True, allow_redirects=False
            )
        except HTTPPeerError:
            self._drop()
            raise
        except (ValueError, RuntimeError, OSError, adafruit_requests.OutOfRetries) as error:
            failure = self._wire.failed("adafruit_requests cannot do the request: %s" % error)
            self._drop()
            raise failure
        finally:
            self._busy = False
        self.status = self._wire.reply.status
        self.retry_after = self._wire.reply.retry_after
        self._starved = False
        self._state = _BODY
        if self.status != 200:
            self._drop()

    def _drop(self):
        self._state = _IDLE
        if self._response is not None:
            self._response.close()  # else the library would free its socket once more
            self._response = None
        self.pos = self.end = 0
        if self._session is not None:
            _manager.connection_manager_close_all(self._wire)  # the library forgets its socket
        self._wire.shut()
