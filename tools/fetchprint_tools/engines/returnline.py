"""The line from an emulated engine back to the host: what is said, asked or by itself."""

from __future__ import annotations

from fetchprint_tools.engines.status import Sensors

_XON, _XOFF = b"\x11", b"\x13"
_MARGIN = 128
"""Free bytes, at most, below which the host is told to stop: a quarter of a small buffer."""


class ReturnLine:
    """Collects what the engine says until it is taken; a ``muted`` line loses it.

    ``xon_xoff``: stop the host by XOFF when the receive buffer gets full, and let it go on by XON.
    """

    def __init__(self, sensors: Sensors, xon_xoff: bool = False) -> None:
        self.muted = False
        self._xon_xoff = xon_xoff
        self._held = False
        self._sensors = sensors
        self._said = bytearray()
        self._automatic = 0
        self._watched = sensors.watched(0)

    def say(self, data: bytes) -> None:
        if not self.muted:
            self._said += data

    def handshake(self, room: int, size: int) -> None:
        """``room`` of the ``size`` bytes of the receive buffer are free: tell the host what it may do."""
        margin = min(_MARGIN, size // 4)
        if self._xon_xoff and (room < margin if not self._held else room >= 2 * margin):
            self._held = not self._held
            self.say(_XOFF if self._held else _XON)

    def take(self) -> bytes:
        """What was said; each byte is given once."""
        data = bytes(self._said)
        self._said.clear()
        return data

    def watch(self, sensors: int) -> None:
        """Automatic Status Back (GS a): say at once, and on each change from now on, how the sensors
        named by the bits stand; 0 ends it."""
        self._automatic = sensors
        self._watched = self._sensors.watched(sensors)
        if sensors:
            self.say(self._sensors.automatic())

    def look(self) -> None:
        """Say how the sensors stand, when one that is watched has changed."""
        watched = self._sensors.watched(self._automatic)
        if watched != self._watched:
            self._watched = watched
            self.say(self._sensors.automatic())

    def reset(self) -> None:
        """The power went or came: nothing is left to say, nothing is watched; XON tells of the power."""
        self._said.clear()
        self.watch(0)
        if self._xon_xoff:
            self._held = False
            self.say(_XON)
