"""SIGINT and SIGTERM as something that ``select`` wakes up for."""

from __future__ import annotations

import os
import signal
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM)


class Signals:
    """Catches both while its context lasts, on the main thread; a reader that is ready when one came."""

    def __init__(self) -> None:
        self.caught = 0
        """The last one that came, 0 for none."""

    def __enter__(self) -> Signals:
        self._wake, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        self._before = [signal.signal(number, self._catch) for number in NUMBERS]
        self._waker_before = signal.set_wakeup_fd(self._waker)
        return self

    def __exit__(self, *_exception: object) -> None:
        signal.set_wakeup_fd(self._waker_before)
        for number, handler in zip(NUMBERS, self._before, strict=True):
            signal.signal(number, handler)
        os.close(self._wake)
        os.close(self._waker)

    def fileno(self) -> int:
        return self._wake

    def clear(self) -> None:
        """Be ready again only when another one comes."""
        os.read(self._wake, 64)

    def _catch(self, number: int, _frame: FrameType | None) -> None:
        self.caught = number
