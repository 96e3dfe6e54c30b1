"""A plain IPP client (RFC 8010 over HTTP): one request, one reply, one connection each."""

from __future__ import annotations

import http.client
import itertools
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from fetchprint.ipp import tags
from fetchprint.ipp.errors import DecodeError
from fetchprint_tools.errors import UserError
from fetchprint_tools.message import Message, MessageReader

IPP_PORT = 631
PIECE = 65536
"""Octets read or sent at a time."""

TIMEOUT = 60.0
"""Seconds without any octet after which a service counts as dead: twice a held Get-Notifications."""

Body = bytes | IO[bytes] | Iterable[bytes] | None


class ServiceError(UserError):
    """The service could not be reached, or what it said is not IPP."""


class BadUri(ServiceError):
    """The address cannot be that of an IPP service."""


class Unreachable(ServiceError):
    """No connection, or it broke."""


class NotIpp(ServiceError):
    """Something answered, but not with IPP. ``status`` is the HTTP status code."""

    def __init__(self, what: str, where: str, hint: str, status: int) -> None:
        super().__init__(what, where, hint)
        self.status = status


def trusting(ca: Path) -> ssl.SSLContext:
    """Verification by the CA in the file ``ca`` (PEM) and no other. Raises ``UserError``."""
    try:
        return ssl.create_default_context(cafile=str(ca))
    except (OSError, ssl.SSLError) as error:
        raise UserError(
            "the CA cannot be used", where=str(ca), hint="expected certificates in PEM"
        ) from error


class Reply:
    """A reply whose ``message`` has been read; document data follows with ``read``."""

    def __init__(self, message: Message, rest: bytes, body: http.client.HTTPResponse, where: str) -> None:
        self.message = message
        self._rest = rest
        self._body = body
        self._where = where

    def read(self, size: int = PIECE) -> bytes:
        """The next octets of the document, empty at its proper end; ``Unreachable`` when it was cut short."""
        if self._rest:
            piece, self._rest = self._rest[:size], self._rest[size:]
            return piece
        return _read(self._body, size, self._where)

    def read_all(self) -> bytes:
        """What remains of the document."""
        return b"".join(iter(self.read, b""))


class IppClient:
    """Speaks to one printer-uri or system-uri: ``ipp``, ``ipps``, ``http`` or ``https``.

    May be used by several threads at once. ``context`` replaces the usual verification for ipps;
    ``authorization`` is sent as the HTTP field of that name, unless it is empty.
    """

    def __init__(
        self,
        uri: str,
        *,
        timeout: float = TIMEOUT,
        context: ssl.SSLContext | None = None,
        authorization: str = "",
    ) -> None:
        self.uri = uri
        self.authorization = authorization
        self.timeout = timeout
        try:
            parts = urlsplit(uri)
            port = parts.port
        except ValueError as error:
            raise BadUri(
                f"{error}", uri, "give an address such as ipp://HOST:PORT/ipp/print/QUEUE"
            ) from error
        if parts.scheme not in ("ipp", "ipps", "http", "https") or not parts.hostname:
            raise BadUri(
                "not the address of an IPP service",
                uri,
                "give an address such as ipp://HOST:PORT/ipp/print/QUEUE",
            )
        self.secure = parts.scheme in ("ipps", "https")
        self.host = parts.hostname
        self.port = port or {"http": 80, "https": 443}.get(parts.scheme, IPP_PORT)
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._context = context
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def message(self, operation: int, *, user: str | None = None, target: str = "printer-uri") -> Message:
        """A request with a fresh request-id that begins as each one must; add to ``groups``."""
        with self._lock:
            number = next(self._ids)
        message = Message.request(operation, number, self.uri, target)
        if user is not None:
            message.groups[0].add("requesting-user-name", tags.NAME, user)
        return message

    def request(self, message: Message, data: Body = None) -> tuple[Message, bytes]:
        """Send ``message`` and the document ``data`` behind it; the reply and the data behind that.

        An IPP error status is a reply like any other. Raises ``ServiceError``.
        """
        with self.open(message, data) as reply:
            return reply.message, reply.read_all()

    @contextmanager
    def open(self, message: Message, data: Body = None) -> Iterator[Reply]:
        """Like ``request``, but the document in the reply is read by the caller, in pieces."""
        connection = self._connection()
        try:
            response = self._exchange(connection, message, data)
            yield self._reply(response, message)
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self.secure:
            context = self._context or ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)

    def _exchange(
        self, connection: http.client.HTTPConnection, message: Message, data: Body
    ) -> http.client.HTTPResponse:
        head = message.encode()
        headers = {"Content-Type": "application/ipp", "Accept": "application/ipp"}
        if self.authorization:
            headers["Authorization"] = self.authorization
        try:
            connection.connect()
        except OSError as error:
            raise self._unreachable("no service answers", error) from error
        try:
            if data is None or isinstance(data, bytes):
                connection.request("POST", self.path, head + (data or b""), headers)
            else:
                headers["Transfer-Encoding"] = "chunked"
                connection.request("POST", self.path, _pieces(head, data), headers, encode_chunked=True)
        except (BrokenPipeError, ConnectionResetError) as error:
            # A service that refuses a document may answer before it has read it: see what it says.
            try:
                return connection.getresponse()
            except (OSError, http.client.HTTPException):
                raise self._unreachable("the service closed the connection", error) from error
        except OSError as error:
            raise self._unreachable("the request could not be sent", error) from error
        try:
            return connection.getresponse()
        except http.client.HTTPException as error:
            if isinstance(error, http.client.RemoteDisconnected):
                raise self._unreachable(
                    "the service closed the connection without an answer", error
                ) from error
            raise NotIpp(f"what answers does not speak HTTP ({error!r})", self.uri, _HINT, 0) from error
        except OSError as error:
            raise self._unreachable("the service does not answer", error) from error

    def _reply(self, response: http.client.HTTPResponse, request: Message) -> Reply:
        kind = (response.getheader("Content-Type") or "nothing").split(";")[0].strip()
        if response.status != 200:
            what = f"the service answered with HTTP {response.status} {response.reason}"
            hint = "the queue is not known there: check the path" if response.status == 404 else _HINT
            raise NotIpp(what, self.uri, hint, response.status)
        if kind != "application/ipp":
            raise NotIpp(f"the answer is {kind}, not application/ipp", self.uri, _HINT, response.status)
        reader = MessageReader()
        try:
            while True:
                piece = _read(response, PIECE, self.uri)
                if not piece:
                    reader.close()
                rest = reader.feed(piece)
                if rest is not None:
                    break
        except DecodeError as error:
            raise NotIpp(f"the answer is not IPP: {error}", self.uri, _HINT, response.status) from error
        if reader.request_id != request.request_id:
            what = f"the answer is for request {reader.request_id}, not {request.request_id}"
            raise NotIpp(what, self.uri, _HINT, response.status)
        return Reply(reader.message, rest, response, self.uri)

    def _unreachable(self, what: str, error: Exception) -> Unreachable:
        detail = str(error) or type(error).__name__
        return Unreachable(
            f"{what}: {detail}", self.uri, f"check that the service runs at {self.host} port {self.port}"
        )


_HINT = "check the address: an IPP queue looks like ipp://HOST:PORT/ipp/print/QUEUE"


def _pieces(head: bytes, data: IO[bytes] | Iterable[bytes]) -> Iterator[bytes]:
    yield head
    if hasattr(data, "read"):
        while piece := data.read(PIECE):
            yield piece
    else:
        yield from (piece for piece in data if piece)


def _read(response: http.client.HTTPResponse, size: int, where: str) -> bytes:
    try:
        piece = response.read1(size)
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"the answer was cut short: {error!r}", where, "try again") from error
    # With a Content-Length, read1 answers nothing at a premature end.
    if not piece and response.length:
        raise Unreachable(
            f"the answer was cut short, {response.length} octets are missing", where, "try again"
        )
    return piece
