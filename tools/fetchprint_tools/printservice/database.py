"""DATA/service.sqlite3: what must outlive the process, whole transactions or nothing.

The service runs on one thread, and so does the one connection. Each commit is on the disk before
the answer that speaks of it goes out: the write-ahead log is synced (``synchronous=FULL``).
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fetchprint_tools.codes import Status
from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.refusal import Refusal

NAME = "service.sqlite3"

SCHEMA_VERSION = 1
"""PRAGMA user_version; a database with a higher one was written by a newer fetchprint."""

_SCHEMA = """
CREATE TABLE service (printer_uuid TEXT NOT NULL) STRICT;

-- AUTOINCREMENT: an id is never given out twice, not even after its job is deleted.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    user TEXT NOT NULL,
    created REAL NOT NULL,        -- POSIX seconds, as every other time
    template BLOB NOT NULL,       -- Job Template attributes, an IPP message
    fidelity INTEGER NOT NULL,
    state INTEGER NOT NULL,
    reasons TEXT NOT NULL,        -- keywords with spaces between, as every other set of keywords
    message TEXT NOT NULL,
    incoming INTEGER NOT NULL,
    device TEXT,                  -- uuid of the device that took the job
    offered_to TEXT,              -- uuid of the device that was offered it last
    bound INTEGER NOT NULL,       -- the offer holds: no other device may take the job
    refused_by TEXT NOT NULL,
    stranded TEXT,                -- state, reasons and message before its device fell silent, JSON
    impressions INTEGER NOT NULL,
    sheets INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    k_octets INTEGER NOT NULL,
    processing REAL,
    completed REAL
) STRICT;
CREATE INDEX jobs_completed ON jobs (completed);

CREATE TABLE documents (
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    file TEXT,                    -- in DATA/spool; NULL: by reference, or removed after the end
    uri TEXT,                     -- by reference: the device fetches it itself
    format TEXT NOT NULL,
    octets INTEGER NOT NULL,
    created REAL NOT NULL,
    name TEXT NOT NULL,
    state INTEGER NOT NULL,
    reasons TEXT NOT NULL,
    fetched INTEGER NOT NULL,
    impressions INTEGER NOT NULL,
    completed REAL,
    PRIMARY KEY (job_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    uuid TEXT PRIMARY KEY,
    profile TEXT NOT NULL,        -- 'infra' or 'mobile'
    attributes BLOB NOT NULL,     -- what it declared, an IPP message
    secret TEXT,                  -- hashes of its credentials; NULL: it was never registered
    heard REAL NOT NULL
) STRICT;

CREATE TABLE codes (
    hash TEXT PRIMARY KEY,        -- of a registration code
    expires REAL NOT NULL,
    proposed TEXT,                -- the uuid that the device proposed which used it
    assigned TEXT,                -- the uuid that it was given
    used REAL
) STRICT;
"""


class Database:
    """The one connection. Nested transactions are one with the outermost."""

    def __init__(self, data: Path) -> None:
        """Open or make it. Raises ``UserError`` when it cannot be used."""
        self.path = data / NAME
        self._open = False
        self._after: list[Callable[[], object]] = []
        self._undo: list[Callable[[], object]] = []
        try:
            self._connection = sqlite3.connect(self.path, timeout=1.0, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._prepare()
        except sqlite3.Error as error:
            in_use = "locked" in str(error)
            raise UserError(
                f"the database cannot be used: {error}",
                where=str(self.path),
                hint="end the service that runs on this directory, or give another with --data"
                if in_use
                else "give a directory that you may write to with --data",
            ) from error

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode=EXCLUSIVE")  # two services on one directory would each hand out its jobs
        run("PRAGMA journal_mode=WAL")
        run("PRAGMA synchronous=FULL")
        run("PRAGMA foreign_keys=ON")
        run("BEGIN IMMEDIATE")
        version = run("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            run("ROLLBACK")
            raise UserError(
                f"the database has schema version {version}, this program knows {SCHEMA_VERSION}",
                where=str(self.path),
                hint="run the newer fetchprint that wrote it, or give another directory with --data",
            )
        if version == 0:
            for statement in _SCHEMA.split(";\n"):
                run(statement)
            run("INSERT INTO service VALUES (?)", (uuid.uuid4().urn,))
            run(f"PRAGMA user_version={SCHEMA_VERSION}")
        run("COMMIT")

    @property
    def printer_uuid(self) -> str:
        """printer-uuid: made with the database, so that job-ids that begin anew are another printer's."""
        return str(self.rows("SELECT printer_uuid FROM service")[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done inside is committed at the end, or undone by any exception.

        Raises ``Refusal`` (temporary-error) when it cannot be stored.
        """
        if self._open:
            yield
            return
        self._after, self._undo = [], []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._open = True
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            self._back()
            if isinstance(error, sqlite3.Error):
                raise Refusal(Status.TEMPORARY_ERROR, f"it cannot be stored: {error}") from error
            raise
        self._open = False
        after, self._after = self._after, []
        for done in after:
            done()

    def _back(self) -> None:
        self._open = False
        if self._connection.in_transaction:  # a full disk ends it by itself
            self._connection.execute("ROLLBACK")
        for undo in reversed(self._undo):
            undo()

    def after(self, done: Callable[[], object]) -> None:
        """Call ``done`` when the transaction is committed; now, if there is none."""
        if self._open:
            self._after.append(done)
        else:
            done()

    def undo(self, restore: Callable[[], object]) -> None:
        """Call ``restore`` if the transaction that is open fails."""
        self._undo.append(restore)

    def run(self, statement: str, *values: Any) -> int:
        """One statement of a transaction; the id of the row that it inserted, if it did."""
        with self.transaction():
            return self._connection.execute(statement, values).lastrowid or 0

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """What a SELECT finds. Raises ``Refusal`` (temporary-error) when it cannot be read."""
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise Refusal(Status.TEMPORARY_ERROR, f"it cannot be read: {error}") from error

    def close(self) -> None:
        """After it nothing may be stored."""
        self._connection.close()
