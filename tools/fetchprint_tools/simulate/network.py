"""Connections between the device and the services, and what befalls them."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from fetchprint_tools.simulate.world import World

if TYPE_CHECKING:
    from fetchprint_tools.simulate.httpd import Server

LATENCY_MS = 4
_SEGMENT = 536


class Network:
    """``servers`` by host. ``cut_up``, ``cut_down``: how many octets all connections carry to and from the
    services until one breaks, the smallest first."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.servers: dict[str, Server] = {}
        self.up = self.down = 0
        self.cut_up: list[int] = []
        self.cut_down: list[int] = []
        self.off = False
        """No radio: what is sent is lost, what is open breaks."""
        self.open: list[Stream] = []

    def connect(self, host: str) -> Stream:
        """Begin a connection of the device. ``OSError`` while there is no radio."""
        if self.off:
            raise OSError(errno.EHOSTUNREACH, "no route to host")
        stream = Stream(self, self.servers[host])
        self.open.append(stream)
        return stream

    def radio(self, on: bool) -> None:
        """Wi-Fi comes and goes."""
        self.world.fault("wifi", "up" if on else "down")
        self.off = not on
        if not on:
            self.break_all()

    def break_all(self, server: Server | None = None) -> None:
        """Every connection breaks, or those of one service."""
        for stream in list(self.open):
            if server is None or stream.server is server:
                stream.broke("reset")


class Stream:
    """The device's end of a connection (see Stream in docs/architecture.md)."""

    def __init__(self, network: Network, server: Server) -> None:
        self.server = server
        self._network = network
        self._world = network.world
        self._in = bytearray()
        self._error: str | None = None
        self._closed_by_peer = False
        self._connected = False
        self._mine = True
        self._peer = server.accept(self)
        self._world.after(LATENCY_MS, self._connect)

    def _connect(self) -> None:
        if self._peer is None and self._error is None:
            self.broke("refused")
        self._connected = True

    # -- the device's side --

    def readinto(self, buf: bytearray, off: int, n: int) -> int | None:
        if self._error:
            raise OSError(errno.ECONNRESET, self._error)
        if not self._in:
            return 0 if self._closed_by_peer and self._connected else None
        n = min(n, len(self._in), _SEGMENT)

        def take() -> None:
            buf[off : off + n] = self._in[:n]
            del self._in[:n]

        self._world.operation("socket", f"read {n} octets from {self.server.host}", take, lambda: None)
        return n

    def write(self, buf: bytearray, off: int, n: int) -> int | None:
        if self._error:
            raise OSError(errno.EPIPE, self._error)
        if not self._connected:
            return None
        n = min(n, 1460)
        data = bytes(buf[off : off + n])
        self._world.operation(
            "socket",
            f"write {n} octets to {self.server.host}",
            lambda: self._send(data),
            lambda: self._send(data[: n // 2]),
        )
        return n

    def close(self) -> None:
        if self._mine:
            self._mine = False
            self._error = "stream is closed"
            self._gone()

    # -- what befalls it --

    def broke(self, why: str) -> None:
        """Both ends learn of it; what was on its way is lost."""
        if self._error is None:
            self._error = f"connection {why}"
            self._gone()

    def _gone(self) -> None:
        if self in self._network.open:
            self._network.open.remove(self)
        peer = self._peer
        if peer is not None:
            self._peer = None
            self._world.after(LATENCY_MS, peer.lost)

    def _send(self, data: bytes) -> None:
        network = self._network
        network.up += len(data)
        cut = bool(network.cut_up) and network.up >= network.cut_up[0]
        if cut:
            over = network.up - network.cut_up.pop(0)
            data = data[: len(data) - over]
        peer = self._peer
        if peer is not None and data:
            self._world.after(LATENCY_MS, lambda: peer.receive(data))
        if cut:
            self._world.fault("cut", f"connection to {self.server.host} after octet {network.up} sent")
            self._world.after(LATENCY_MS, lambda: self.broke("reset"))

    # -- the service's side --

    def deliver(self, data: bytes) -> None:
        """Octets from the service, a segment each millisecond."""
        for i, at in enumerate(range(0, len(data), _SEGMENT)):
            self._segment(LATENCY_MS + i, data[at : at + _SEGMENT])

    def _segment(self, ms: int, data: bytes) -> None:
        self._world.after(ms, lambda: self._arrive(data))

    def _arrive(self, data: bytes) -> None:
        if self._error is not None or self._closed_by_peer:
            return
        network = self._network
        network.down += len(data)
        if network.cut_down and network.down >= network.cut_down[0]:
            over = network.down - network.cut_down.pop(0)
            self._in += data[: len(data) - over]
            self._world.fault("cut", f"connection from {self.server.host} after octet {network.down - over}")
            if over & 1:
                self._closed_by_peer = True  # as if the service had died
            else:
                self._world.after(1, lambda: self.broke("reset"))
            return
        self._in += data
