"""An emulated ESC/POS receipt printer, sans-IO: bytes in, dot lines and replies out.

It behaves as the machine does where that matters to a driver: a finite receive buffer
whose overflow is lost (the rest of a torn raster then prints as text), paper that moves
at a speed, real-time commands that act on arrival, status and confirmations by the
manual, and faults on command. While paper is out, the cover open or the printer off-line
it executes nothing, its buffer fills, and it goes on where it stood when it is ready again.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from fetchprint_tools.engines import answers
from fetchprint_tools.engines.interpreter import Interpreter
from fetchprint_tools.engines.motor import Motor
from fetchprint_tools.engines.paper import MemoryPaper, Paper
from fetchprint_tools.engines.receive import ReceiveBuffer
from fetchprint_tools.engines.returnline import ReturnLine
from fetchprint_tools.engines.status import Sensors
from fetchprint_tools.engines.steps import DATA, PAPER, STOPPED, Steps

_MAX_WARNINGS = 1000
_IDLE = re.compile(rb"(?:\x10\x04[\x01-\x04])*")  # DLE EOT n


class EscPosPrinter:
    """The printer; ``now`` is in seconds on any clock that does not go back.

    ``width`` in dots, a multiple of 8. ``buffer_size`` in bytes. ``speed`` in dot lines a
    second, None for as fast as bytes come. ``paper`` may be replaced at any time and gets the
    dot lines. ``cover_error``: a cover opened in the middle of printing latches an error that
    only DLE ENQ 1 (go on) or DLE ENQ 2 (clear the buffers) ends. ``xon_xoff``: flow control by these.
    ``busy_offline``: RTS/CTS stops the host while it is off-line, too, as Epson's printers come.
    """

    def __init__(
        self,
        width: int = 576,
        buffer_size: int = 4096,
        speed: float | None = None,
        *,
        paper: Paper | None = None,
        cover_error: bool = False,
        xon_xoff: bool = False,
        busy_offline: bool = False,
        maker: str = "fetchprint",
        model: str = "emulated ESC/POS",
    ) -> None:
        if width < 8 or width % 8:
            raise ValueError(f"the width must be a multiple of 8 dots, not {width}")
        if buffer_size < 1:
            raise ValueError("the buffer must hold at least one byte")
        self.width = width
        self.paper: Paper = MemoryPaper(width) if paper is None else paper
        self.cover_error = cover_error
        self.busy_offline = busy_offline
        self.maker = maker
        self.model = model
        self.sensors = Sensors()
        self.powered = True
        self.lines = 0  # dot lines fed since the printer was made
        self.cuts = 0
        self.beeps = 0
        self.drawer_kicks: list[int] = []  # the pin (2 or 5) of each pulse
        self.warnings: list[str] = []
        """What the printer could not make sense of, the first 1,000."""
        self.warning_count = 0
        self._rx = ReceiveBuffer(buffer_size, self._realtime)
        self._return = ReturnLine(self.sensors, xon_xoff)
        self._out_at: int | None = None
        self._motor = Motor(speed)
        self._interpreter = Interpreter(self)
        self._program = self._interpreter.run()
        self.idle = _IDLE
        self.blocked = DATA
        """What ``advance`` waited for when it last returned: ``data``, ``paper`` or ``stopped``."""

    # -- the wire ---------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """Bytes that fit into the receive buffer now: what RTS/CTS tells the host. 0 without power."""
        busy = self.busy_offline and self.sensors.stopped
        return self._rx.room if self.powered and not busy else 0

    @property
    def waiting(self) -> int:
        """Bytes in the receive buffer."""
        return len(self._rx)

    @property
    def received(self) -> int:
        """Bytes that came, kept or not."""
        return self._rx.received

    @property
    def dropped(self) -> int:
        """Bytes that found the buffer full or the power off."""
        return self._rx.dropped

    def receive(self, data: bytes, now: float) -> None:
        """Bytes from the wire. Real-time commands among them act at once."""
        self._tick(now)
        if self.powered:
            self._rx.receive(data)
            self._return.handshake(self._rx.room, self._rx.size)
        else:
            self._rx.received += len(data)
            self._rx.dropped += len(data)

    def transmit(self) -> bytes:
        """The bytes that the printer says; each is given once."""
        return self._return.take()

    def mark(self, action: Callable[[], None]) -> None:
        """Call ``action`` when everything received until now has been executed."""
        self._rx.mark(action)

    # -- time -------------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        """Execute what can be executed by ``now``."""
        self._tick(now)
        try:
            self.blocked = next(self._program)
        except OSError:
            # The paper could not take it. The printer is as after a power failure in mid-command.
            self._program = self._interpreter.run()
            raise
        if self.blocked != PAPER:
            self._motor.rest()
        if self.powered:
            self._return.handshake(self._rx.room, self._rx.size)

    def wait(self) -> float | None:
        """Seconds until ``advance`` has something to do by itself; None: not before something comes."""
        return self._motor.wait() if self.blocked == PAPER else None

    def finish(self) -> None:
        """The end of the run: what the buffer still holds is dropped, all marks are called."""
        self._rx.finish()

    def _tick(self, now: float) -> None:
        self._motor.tick(now, self.blocked == PAPER)

    # -- faults and people ------------------------------------------------------------------------

    def paper_out(self, at_line: int | None = None) -> None:
        """The paper ends: now, or when ``lines`` has reached ``at_line``."""
        if at_line is not None and at_line > self.lines:
            self._out_at = at_line
            return
        self._out_at = None
        self._set(paper_end=True)

    def paper_in(self) -> None:
        """A new roll is put in."""
        self._out_at = None
        self._set(paper_end=False, near_end=False)

    def near_end(self, near: bool = True) -> None:
        self._set(near_end=near)

    def cover_open(self) -> None:
        busy = self.cover_error and (self.blocked == PAPER or len(self._rx) > 0)
        self._set(cover_open=True, error=self.sensors.error or busy)

    def cover_close(self) -> None:
        self._set(cover_open=False)

    def jam(self, jammed: bool = True) -> None:
        self._set(jam=jammed)

    def hot(self, hot: bool = True) -> None:
        self._set(hot=hot)

    def off_line(self, off: bool = True) -> None:
        """Somebody pressed the button that takes the printer off-line."""
        self._set(off_line=off)

    def mute(self, muted: bool = True) -> None:
        """The line from the printer to the host is cut: it prints, but says nothing."""
        self._return.muted = muted

    def power(self, on: bool) -> None:
        """Without power the buffers, the settings and an error are lost; sensors stay as they are."""
        if on == self.powered:
            return
        self.powered = on
        self._rx.clear()
        self.sensors.error = False
        self._interpreter = Interpreter(self)
        self._clear()
        self._return.reset()

    def _set(self, **sensors: bool) -> None:
        for sensor, value in sensors.items():
            setattr(self.sensors, sensor, value)
        self._return.look()

    # -- replies ----------------------------------------------------------------------------------

    def say(self, data: bytes) -> None:
        if self.powered:
            self._return.say(data)

    def watch(self, sensors: int) -> None:
        """GS a: what the printer tells by itself, until the power goes."""
        self._return.watch(sensors)

    def warn(self, text: str) -> None:
        self.warning_count += 1
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append(text)

    def _realtime(self, command: bytes) -> None:
        kind, parameters = command[1], command[2:]
        if kind == 0x04:
            self.say(bytes((self.sensors.real_time(parameters[0]),)))
        elif kind == 0x05:
            self._recover(parameters[0])
        elif parameters[0] in self._interpreter.disabled:
            return
        elif parameters[0] == 0x01:
            self.drawer_kicks.append(5 if parameters[1] else 2)
        else:
            self._clear()
            answers.cleared(self)

    def _recover(self, n: int) -> None:
        """DLE ENQ: 1 goes on after an error, 2 clears the buffers of a stopped printer."""
        if n == 0:
            return  # ends a wait for the feed button, which nothing here begins
        if not self.sensors.stopped:
            self.warn(f"DLE ENQ {n} without an error to recover from")
            return
        if n == 2:
            self._clear()
        if not self.sensors.cover_open:
            self._set(error=False)

    def _clear(self) -> None:
        """Empty the receive and the print buffer; settings stay."""
        self._rx.clear()
        self._interpreter.line.clear()
        self._program = self._interpreter.run()
        self.blocked = DATA

    # -- for the interpreter ----------------------------------------------------------------------

    def take(self, count: int) -> Steps[bytes]:
        """``count`` bytes out of the receive buffer, as they come."""
        yield from self.ready()
        data = self._rx.take(count)
        while len(data) < count:
            more = self._rx.take(count - len(data))
            if not more:
                yield DATA
                yield from self.ready()
            data += more
        return data

    def take_text(self) -> bytes:
        """The printable bytes that wait next in the buffer."""
        return self._rx.take_text()

    def lines_waiting(self, across: int, tall: int) -> int:
        """Raster lines of ``across`` bytes, at least 1, that are there and can be printed now."""
        count = max(1, self._rx.ready() // across)
        return max(1, self._motor.reach(count * tall) // tall)

    def ready(self) -> Steps[None]:
        """Wait while the printer is stopped or without power."""
        while self.sensors.stopped or not self.powered:
            yield STOPPED

    def print(self, rows: bytes) -> Steps[None]:
        """Dot lines onto the paper, as fast as it moves and as far as it reaches."""
        stride = self.width // 8
        while rows:
            yield from self.ready()
            count = self._motor.reach(len(rows) // stride)
            if self._out_at is not None:
                count = min(count, self._out_at - self.lines)
            if count < 1:
                yield PAPER
                continue
            self.paper.rows(rows[: count * stride])
            rows = rows[count * stride :]
            self._motor.move(count)
            self.lines += count
            if self._out_at is not None and self.lines >= self._out_at:
                self.paper_out()

    def cut(self) -> Steps[None]:
        yield from self.ready()
        self.paper.cut()
        self.cuts += 1
