"""One-time codes by which new devices are registered (docs/mobile-operations.md section 7).

A code is shown once, by the log; the database keeps a hash of it. It is slow to compute, for a code is
short enough to be guessed by who has the database.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
import time
import uuid
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fetchprint_tools.codes import Status
from fetchprint_tools.printservice import entered
from fetchprint_tools.printservice.credentials import Credentials
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.limits import (
    ATTEMPTS_MINUTE,
    CODE_AGAIN,
    CODE_LETTERS,
    CODE_LIFE,
    WRONG_CODES,
)
from fetchprint_tools.printservice.refusal import Refusal

if TYPE_CHECKING:
    import sqlite3

    from fetchprint_tools.printservice.printqueue import Queue

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class Registration:
    """The codes of one queue, and the devices that they make known."""

    def __init__(self, queue: Queue, required: bool) -> None:
        """``required``: only registered devices are served, and a code is always on display."""
        self._queue = queue
        self.required = required
        self.certificates: str | None = None  # whose client certificates are demanded, if any: see ``tls``
        self.credentials = Credentials(queue.devices)
        self._wrong: deque[float] = deque()  # when, monotonic
        self._shown = ""  # hash of the code on display
        self._data = queue.database.path.parent
        entered.prepare(self._data)

    # -- codes --

    def new_code(self) -> str:
        """A code for one device; shown to the person who runs the service, and stored as a hash."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LETTERS))
        expires = time.time() + CODE_LIFE
        self._shown = self._hash(code)
        self._queue.database.run("INSERT INTO codes (hash, expires) VALUES (?,?)", self._shown, expires)
        until = datetime.fromtimestamp(expires, UTC).isoformat(timespec="seconds")
        text = f"one printer can be registered with the code {code} until {until}"
        self._queue.log.say("registration-code", text, code=code, expires=until)
        return code

    def enter(self, code: str) -> None:
        """A code that a device has made and a person has entered: good for one device and a day."""
        expires = time.time() + CODE_LIFE
        run = self._queue.database.run
        run("INSERT OR IGNORE INTO codes (hash, expires) VALUES (?,?)", self._hash(code), expires)
        text = "the code that was entered is good for one printer"
        self._queue.log.say("code-entered", text, expires=expires)

    def sweep(self) -> None:
        """Once a second: codes that were entered are taken, old ones go, and where registration is required
        one is always on display."""
        for code in entered.take(self._data):
            self.enter(code)
        database = self._queue.database
        late = time.time()
        if database.rows("SELECT 1 FROM codes WHERE expires < ? LIMIT 1", late - CODE_AGAIN):
            database.run("DELETE FROM codes WHERE expires < ?", late - CODE_AGAIN)
        self._display()

    def _display(self) -> None:
        usable = "SELECT 1 FROM codes WHERE hash=? AND used IS NULL AND expires > ?"
        if self.required and not self._queue.database.rows(usable, self._shown, time.time()):
            self.new_code()

    def _hash(self, code: str) -> str:
        letters = "".join(code.split()).replace("-", "").upper()
        salt = self._queue.uuid.encode()
        return hashlib.scrypt(letters.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32).hex()

    # -- registering --

    async def register(self, code: str, proposed: str, profile: str, fixed: bool) -> tuple[OutputDevice, str]:
        """The device that ``code`` registers, and its new http-credentials. If the identity that it
        proposes is another's it gets a new one, or is refused if it cannot have one (``fixed``).

        Raises ``Refusal``: busy, not-authorized, not-possible.
        """
        attempt = self._begin_attempt()
        given = await asyncio.to_thread(self._hash, code)
        with self._queue.database.transaction():
            row = self._find(given)
            if row is None or not self._usable(row, proposed):
                raise Refusal(Status.NOT_AUTHORIZED, "the registration code is not valid")
            identity = row["assigned"] or self._identity(proposed, fixed)
            self._queue.database.run(
                "UPDATE codes SET proposed=?, assigned=?, used=? WHERE hash=?",
                proposed,
                identity,
                row["used"] or time.time(),
                row["hash"],
            )
            device = self._queue.presence.admit(identity, profile)
            credentials = self.credentials.issue(device)
        if attempt in self._wrong:  # not after a very slow minute
            self._wrong.remove(attempt)
        self._display()
        return device, credentials

    def _begin_attempt(self) -> float:
        """It counts as a wrong one until it turns out to be right: they may come all at once."""
        while self._wrong and self._wrong[0] < time.monotonic() - ATTEMPTS_MINUTE:
            self._wrong.popleft()
        if len(self._wrong) >= WRONG_CODES:
            raise Refusal(Status.BUSY, "too many wrong registration codes: wait a minute")
        self._wrong.append(time.monotonic())
        return self._wrong[-1]

    def _find(self, given: str) -> sqlite3.Row | None:
        found = None
        for row in self._queue.database.rows("SELECT * FROM codes"):
            if hmac.compare_digest(row["hash"], given):
                found = row
        return found

    def _usable(self, row: sqlite3.Row, proposed: str) -> bool:
        """Not used and not old; or used by this very device, whose answer may have been lost."""
        now = time.time()
        if row["used"] is None:
            return bool(row["expires"] > now)
        return bool(row["proposed"] == proposed and now - row["used"] < CODE_AGAIN)

    def _identity(self, proposed: str, fixed: bool) -> str:
        other = self._queue.devices.find(proposed)
        if other is None or not other.secrets:
            return proposed
        if fixed:
            raise Refusal(Status.NOT_AUTHORIZED, "another device is registered with this uuid")
        return uuid.uuid4().urn
