"""An engine controller on the framed link: the reference that vendors port (docs/link-protocol.md).

Written to become C: numbers, byte arrays of a fixed size, no memory taken while it works. Three
entries: ``receive`` for octets from the wire, ``work`` from the main loop, ``transmit`` for octets
to the wire. ``jobs`` has what the frames mean; what moves paper is behind its ``Mechanism``.
"""

from __future__ import annotations

from dataclasses import dataclass

from fetchprint_tools.engines.link import frames
from fetchprint_tools.engines.link.jobs import RECORD, SPOILED, Jobs, Mechanism, Ring

VERSION = 1
LONGEST = 502
"""Octets of payload that are taken in a frame, where the buffer is large enough."""

SMALLEST = 96
"""Octets of the smallest buffer: two frames of 38 octets of payload."""


@dataclass(frozen=True)
class Identity:
    """What the capabilities say. ``width`` in dots; ``languages`` are MIME types; ``media``: text kind 5."""

    width: int
    dpi: int
    make_and_model: str = "fetchprint emulated link engine"
    device_id: str = "MFG:fetchprint;MDL:emulated link engine;CMD:PWGRaster;"
    languages: tuple[str, ...] = ()
    identify: tuple[str, ...] = ("display",)
    media: tuple[str, ...] = ()


class Controller:
    """One power-on of the controller. ``boot``: a number that is another at each power-on.

    ``buffer_size``: octets of frames that can wait, at least ``SMALLEST``.
    """

    def __init__(self, mechanism: Mechanism, identity: Identity, buffer_size: int, boot: int) -> None:
        if buffer_size < SMALLEST:
            raise ValueError(f"the buffer of a link engine must hold at least {SMALLEST} bytes")
        self._mechanism = mechanism
        self._identity = identity
        self._boot = boot & 0xFFFF
        self._longest = min(LONGEST, buffer_size // 2 - frames.OVERHEAD)
        self._receiver = frames.Receiver(self._longest)
        self._buffer_size = buffer_size
        self._ring = Ring(buffer_size)
        self._jobs = Jobs(mechanism, self._ring, identity.width)
        self._out = bytearray()
        self._told_reasons = 0
        self._told_credit = 0
        self._answer = 0
        self._status_due = False
        self._begin_session(0)

    def _begin_session(self, session: int) -> None:
        self._session = session
        self._expected = 0
        self._last_seen = 0xFF
        self._gap = 0
        self._done = 0
        self._jobs.end(0)

    @property
    def pages(self) -> int:
        """Pages since power-on."""
        return self._jobs.pages

    @property
    def waiting(self) -> int:
        """Octets that are stored and not yet dealt with."""
        return self._ring.stored

    @property
    def damaged(self) -> int:
        """Frames that came damaged, about."""
        return self._receiver.damaged

    # -- from the wire ----------------------------------------------------------------------------

    def receive(self, data: bytes) -> None:
        """Octets from the host. Whole frames are stored or answered at once."""
        for octet in data:
            found = self._receiver.take(octet)
            while found:
                self._frame(self._receiver.kind, self._receiver.number, self._receiver.payload())
                found = self._receiver.next()

    def _frame(self, kind: int, number: int, payload: bytes) -> None:
        if kind <= frames.CANCEL and len(payload) < 3:
            return
        if kind == frames.HELLO:
            self._hello(int.from_bytes(payload[0:2], "big"), payload[2])
        elif kind == frames.POLL:
            self._answer = payload[2]
            self._status_due = True
        elif kind == frames.CANCEL:
            self._cancel(int.from_bytes(payload[0:2], "big"), payload[2])
        elif 0x10 <= kind <= 0x3F and self._session != 0:
            self._numbered(kind, number, payload)

    def _hello(self, session: int, version: int) -> None:
        if session != self._session:
            self._begin_session(session)
        self._say(frames.CAPABILITIES, self._capabilities(min(version, VERSION)))

    def _numbered(self, kind: int, number: int, payload: bytes) -> None:
        self._status_due = True
        ahead = (number - self._expected) & 0xFF
        if ahead >= 0x80:
            return  # had already
        if ahead > 0 or RECORD + len(payload) > self._ring.room:
            # Some are missing. The frames behind a gap are told of once, not each.
            if number != (self._last_seen + 1) & 0xFF:
                self._gap = (self._gap + 1) & 0xFF
            self._last_seen = number
            return
        self._last_seen = number
        self._expected = (number + 1) & 0xFF
        if self._jobs.error:
            self._done = self._expected  # the job was given up: passed over until CANCEL
            return
        self._ring.put(kind)
        self._ring.put(number)
        self._ring.put(len(payload) >> 8)
        self._ring.put(len(payload) & 0xFF)
        for octet in payload:
            self._ring.put(octet)

    def _cancel(self, job: int, number: int) -> None:
        self._status_due = True
        if self._session == 0 or (self._jobs.in_job and job != self._jobs.job):
            return
        self._jobs.end(job)
        self._expected = number
        self._done = number
        self._last_seen = (number - 1) & 0xFF

    # -- the main loop ----------------------------------------------------------------------------

    def work(self) -> None:
        """Deal with what is stored, as far as the mechanism takes it."""
        while self._ring.stored > 0:
            kind = self._ring.get(0)
            number = self._ring.get(1)
            length = self._ring.get(2) << 8 | self._ring.get(3)
            if not self._jobs.execute(kind, length):
                return
            if self._jobs.error:
                self._give_up()
                return
            self._ring.drop(RECORD + length)
            self._done = (number + 1) & 0xFF
            if kind < frames.LINES:
                self._status_due = True

    def spoil(self) -> None:
        """The page in hand is ruined, by a jam for example: the job is given up."""
        if self._jobs.in_page:
            self._jobs.error = SPOILED
            self._give_up()

    def _give_up(self) -> None:
        self._jobs.stop()
        self._done = self._expected
        self._status_due = True

    # -- to the wire ------------------------------------------------------------------------------

    def transmit(self) -> bytes:
        """Octets for the host; each is given once. With SPI the READY line is active while there are any."""
        reasons = self._mechanism.reasons()
        credit = self._ring.room
        if (
            self._status_due
            or reasons != self._told_reasons
            or (self._session != 0 and credit - self._told_credit >= self._buffer_size // 4)
        ):
            self._say(frames.STATUS, self._status(reasons, credit))
        data = bytes(self._out)
        self._out.clear()
        return data

    def _say(self, kind: int, payload: bytes) -> None:
        self._out += frames.frame(kind, 0, payload)

    def _status(self, reasons: int, credit: int) -> bytes:
        self._status_due = False
        self._told_reasons = reasons
        self._told_credit = credit
        status = bytearray(21)
        status[0:2] = self._boot.to_bytes(2, "big")
        status[2:4] = self._session.to_bytes(2, "big")
        status[4] = self._expected
        status[5] = self._gap
        status[6] = self._done
        status[7] = self._answer
        status[8:10] = self._jobs.job.to_bytes(2, "big")
        status[10:14] = reasons.to_bytes(4, "big")
        status[14:16] = min(credit, 0xFFFF).to_bytes(2, "big")
        status[16:19] = (self._jobs.pages & 0xFFFFFF).to_bytes(3, "big")
        status[19] = (1 if self._jobs.in_job else 0) | (2 if self._jobs.moved else 0)
        status[20] = self._jobs.error
        return bytes(status)

    def _capabilities(self, version: int) -> bytes:
        identity = self._identity
        caps = bytes((version, 0x01))
        for number in (self._session, self._boot, self._longest, identity.width, identity.dpi):
            caps += number.to_bytes(2, "big")
        texts = [(1, identity.make_and_model), (2, identity.device_id)]
        for several, kind in ((identity.languages, 3), (identity.identify, 4), (identity.media, 5)):
            texts += [(kind, text) for text in several]
        for kind, text in texts:
            caps += bytes((kind, len(text))) + text.encode("ascii")
        return caps
