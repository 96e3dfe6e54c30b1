"""The services' HTTP: octets of requests in, octets of replies out."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from fetchprint_tools.message import Message, decode
from fetchprint_tools.simulate.network import Network, Stream

Handler = Callable[["Connection", Message, bytes], None]


@lru_cache(4096)
def _decoded(rest: bytes) -> tuple[Message, int]:
    """A request without its request-id. Most of those of a run are alike but for that."""
    message, length = decode(rest[:4] + b"\0\0\0\1" + rest[4:])
    return message, length - 4


class Server:
    """One service's listener. ``lose``: numbers of requests, from 1, that are handled and not answered;
    ``miss``: that are not even handled."""

    def __init__(self, network: Network, host: str, handler: Handler) -> None:
        self.host = host
        self.network = network
        self.handler = handler
        self.up = True
        self.chunked = True
        self.requests = 0
        self.lose: set[int] = set()
        self.miss: set[int] = set()
        network.servers[host] = self

    def accept(self, stream: Stream) -> Connection | None:
        """A new connection; None while the service is down."""
        return Connection(self, stream) if self.up else None

    def stop(self) -> None:
        """The service is gone, with all of its connections."""
        self.up = False
        self.network.break_all(self)


class Connection:
    """The service's end. ``request_id`` of the request in hand."""

    def __init__(self, server: Server, stream: Stream) -> None:
        self.server = server
        self.alive = True
        self.request_id = 0
        self._stream = stream
        self._buffer = bytearray()
        self._mute = False

    def receive(self, data: bytes) -> None:
        """Octets from the device."""
        if not (self.alive and self.server.up):
            return
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(rest) < length:
            return
        body = bytes(rest[:length])
        del self._buffer[: len(head) + 4 + length]
        self._request(body)

    def _request(self, body: bytes) -> None:
        server = self.server
        world = server.network.world
        server.requests += 1
        message, at = _decoded(body[:4] + body[8:])
        self.request_id = int.from_bytes(body[4:8], "big")
        if server.requests in server.miss:
            world.fault("response", f"request {server.requests} to {server.host} is lost")
            self._stream.broke("reset")
            return
        self._mute = server.requests in server.lose
        server.handler(self, message, body[at + 4 :])

    def reply(self, message: Message, *behind: bytes) -> None:
        """Answer the request in hand; ``behind`` the message comes what is embedded, or a document."""
        if not self.alive:
            return
        server = self.server
        if self._mute:
            server.network.world.fault("response", f"to request {server.requests} of {server.host} is lost")
            self._stream.broke("reset")
            return
        message.request_id = self.request_id
        pieces = [message.encode(), *behind]
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n"
        if server.chunked:
            head += b"Transfer-Encoding: chunked\r\n\r\n"
            pieces = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece] + [b"0\r\n\r\n"]
        else:
            head += b"Content-Length: %d\r\n\r\n" % sum(map(len, pieces))
        self._stream.deliver(head + b"".join(pieces))

    def lost(self) -> None:
        """The device has hung up, or the line is dead."""
        self.alive = False
