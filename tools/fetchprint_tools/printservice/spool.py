"""Documents on the disk."""

from __future__ import annotations

import asyncio
import os
import uuid
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from fetchprint_tools.codes import Status
from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.limits import MAX_DOCUMENT, PIECE
from fetchprint_tools.printservice.refusal import Refusal

COMPRESSIONS = ("none", "gzip", "deflate")


class Spool:
    """DATA/spool/ holds the documents; which job they belong to is in the database.

    A document is written and synced under another name, renamed, and only then named in the database;
    its row goes before its file. So a crash at any moment leaves at worst a file that no row names.
    """

    def __init__(self, data: Path) -> None:
        """Raises ``UserError`` when ``data`` cannot be written to."""
        self.folder = data / "spool"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"the data directory cannot be used: {error.strerror}",
                where=str(error.filename or data),
                hint="give a directory that you may write to with --data",
            ) from error

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove every document but these: a crash came between it and its row."""
        known = set(names)
        for path in self.folder.glob("document-*"):
            if path.name not in known:
                path.unlink()

    async def receive(self, pieces: AsyncIterator[bytes], compression: str) -> tuple[Path, int]:
        """Store a document, unpacked, and give its file and its octets; a cut-short one leaves nothing."""
        path = self.folder / f"document-{uuid.uuid4().hex}"
        partial = path.with_suffix(".partial")
        unpack = Unpacker(compression)
        octets = 0
        try:
            with partial.open("wb") as file:
                async for piece in pieces:
                    for plain in unpack.feed(piece):
                        octets += len(plain)
                        if octets > MAX_DOCUMENT:
                            raise Refusal(
                                Status.REQUEST_ENTITY_TOO_LARGE,
                                f"the document has more than {MAX_DOCUMENT} octets",
                            )
                        file.write(plain)
                unpack.close()
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            partial.replace(path)
            await asyncio.to_thread(sync_folder, self.folder)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise Refusal(
                Status.TEMPORARY_ERROR, f"the document cannot be stored: {error.strerror}"
            ) from error
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return path, octets

    def remove(self, paths: Iterable[Path | None]) -> None:
        """Documents that nobody needs any more; who reads one still can go on."""
        for path in paths:
            if path is not None:
                path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """The name of a file must be on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Unpacker:
    """Undoes gzip (RFC 1952) and deflate (RFC 1951, or with the frame of RFC 1950 that some clients add)."""

    def __init__(self, compression: str) -> None:
        self._compression = compression
        self._inflate: zlib._Decompress | None = None
        if compression == "gzip":
            self._inflate = zlib.decompressobj(31)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """What the next octets unpack to, in pieces of bounded size."""
        if self._compression == "none":
            yield piece
            return
        if self._inflate is None:
            framed = len(piece) > 1 and piece[0] & 15 == 8 and (piece[0] << 8 | piece[1]) % 31 == 0
            self._inflate = zlib.decompressobj(15 if framed else -15)
        try:
            while piece and not self._inflate.eof:
                yield self._inflate.decompress(piece, PIECE)
                piece = self._inflate.unconsumed_tail
        except zlib.error as error:
            raise Refusal(
                Status.COMPRESSION_ERROR, f"the document is not {self._compression}: {error}"
            ) from error

    def close(self) -> None:
        """Raises ``Refusal`` when the packed document was cut short."""
        if self._inflate is not None and not self._inflate.eof:
            raise Refusal(Status.COMPRESSION_ERROR, f"the {self._compression} document is cut short")
