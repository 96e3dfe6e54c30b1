"""Registration by a code that the device makes: it is logged and printed, and a person enters it at the
service (docs/mobile-operations.md section 7 rule 1).

Only imported to register so.
"""

from fetchprint import ticks
from fetchprint.document.pipe import TEXT
from fetchprint.engine.base import EngineError
from fetchprint.port.native import micropython

const = micropython.const

_LIFE_MS = const(3600000)  # who has not entered it by then is not there
_LETTERS = const(10)  # of 32 kinds: 50 bits
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

_SLIP = """Registration code

    %s %s

Enter it at the service within the hour:

%s
"""

_NEW, _WAITING, _PRINTING, _STOPPING, _SHOWN = range(5)


class OwnCode:
    """The code, and the Source of the slip that it is printed on."""

    def __init__(self, session, random):
        """``random``: the port's source of random bytes."""
        self.code = "".join([_ALPHABET[octet & 31] for octet in random(_LETTERS)])
        half = _LETTERS // 2
        self.buf = (_SLIP % (self.code[:half], self.code[half:], session.uri)).encode()
        self.pos = self.end = 0
        self._session = session
        self._state = _NEW
        self._since = 0

    def fill(self, now: int):
        """See Source: there is no more."""
        return 0

    def over(self, now: int) -> bool:
        """It was shown so long ago that it is given up."""
        return self._state == _SHOWN and ticks.diff(now, self._since) > _LIFE_MS

    def shown(self, now: int) -> bool:
        """True once it has been logged and, where text can be printed, printed. It waits for the engine, as a
        job does; an engine that fails over it has had its turn."""
        session = self._session
        device = session.device
        control = session.control
        if self._state == _NEW:
            session.log.event(
                "registration", state="code", message="enter %s at the service" % self.code, code=self.code
            )
            self._since = now
            self._state = _WAITING if TEXT in device.pipe.formats else _SHOWN
        elif self._state == _WAITING:
            if control.may_print(now) and control.take_engine(now):
                session.job.on_engine = True
                session.log.event("engine-begin", **{"job-id": 0})
                self.pos = 0
                self.end = len(self.buf)
                device.pipe.start(self, TEXT)
                self._state = _PRINTING
        elif self._state != _SHOWN:
            try:
                done = device.pipe.poll(now) if self._state == _PRINTING else device.pipe.cancel()
            except EngineError as error:
                session.log.event("error", message="the registration code was not printed: %s" % error)
                done = self._state == _STOPPING
                self._state = _STOPPING
            if done:
                control.off_engine()
                self._since = now
                self._state = _SHOWN
        return self._state == _SHOWN
