"""Whose turn it is at the engine, when several services have jobs for it.

A session takes the engine before it claims a job, so that what cannot be printed now stays
with its service, and gives it back when the job has ended. Of those that ask, the one whose
last turn is longest ago goes first; one that is slow to say whether it has a job loses its
turn, so that it costs the others a moment and not the engine.
"""

from fetchprint import ticks
from fetchprint.port.native import micropython

const = micropython.const

_ASK_MS = const(2000)  # a service has to find out that it has a job ...
_CLAIM_MS = const(10000)  # ... and to hand it over, before the next one may try


class Turns:
    """``device.owner`` is the session that has the engine, or None.

    Each session has ``asking``: it wants to know whether it has a job, or waits for the engine
    with one; and ``committed``: its document is on its way.
    """

    def __init__(self, device, sessions):
        self._device = device
        self._order = list(sessions)  # the one that has waited longest first
        self._since = 0  # when the engine was taken, or `_first` was given the turn
        self._first = None

    def may_take(self, session, now: int) -> bool:
        """Whether ``session`` may look for a job now, and take the engine for it."""
        owner = self._device.owner
        if owner is session:
            return True
        if owner is not None:
            if not owner.committed and ticks.diff(now, self._since) > _CLAIM_MS:
                self._device.owner = None
            return False
        for other in self._order:
            if other is session:
                return True
            if other.asking:
                if other is not self._first:
                    self._first = other
                    self._since = now
                elif ticks.diff(now, self._since) > _ASK_MS:
                    self._to_the_end(other)
                return False
        return False

    def take(self, session, now: int):
        """The engine is for ``session`` until ``device.owner`` is another or None."""
        self._device.owner = session
        self._since = now
        self._to_the_end(session)

    def _to_the_end(self, session):
        self._first = None
        self._order.remove(session)
        self._order.append(session)
