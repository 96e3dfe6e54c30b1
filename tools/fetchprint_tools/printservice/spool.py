"""Documents on the disk, and the few numbers that must outlive the process."""

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
    """DATA/spool/ holds documents, DATA/next-job-id and DATA/printer-uuid what their names say."""

    def __init__(self, data: Path) -> None:
        """Raises ``UserError`` when ``data`` cannot be written to."""
        self._data = data
        self._documents = data / "spool"
        try:
            self._documents.mkdir(parents=True, exist_ok=True)
            # Jobs do not outlive the process yet, so neither do their documents.
            for left in self._documents.glob("document-*"):
                left.unlink()
            self.printer_uuid = self._remembered("printer-uuid", uuid.uuid4().urn)
            self._next_job_id = int(self._remembered("next-job-id", "1"))
        except OSError as error:
            raise UserError(
                f"the data directory cannot be used: {error.strerror}",
                where=str(error.filename or data),
                hint="give a directory that you may write to with --data",
            ) from error
        except ValueError as error:
            raise UserError(
                f"not a job-id: {error}",
                where=str(data / "next-job-id"),
                hint="write the number of the next job into the file, or remove it",
            ) from error

    def new_job_id(self) -> int:
        """The next job-id; ids are not used again after a restart."""
        job_id = self._next_job_id
        self._write("next-job-id", str(job_id + 1))
        self._next_job_id = job_id + 1
        return job_id

    async def receive(self, pieces: AsyncIterator[bytes], compression: str) -> tuple[Path, int]:
        """Store a document, unpacked, and give its file and its octets; a cut-short one leaves nothing."""
        path = self._documents / f"document-{uuid.uuid4().hex}"
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
                await asyncio.to_thread(_sync, file.fileno())
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise Refusal(
                Status.TEMPORARY_ERROR, f"the document cannot be stored: {error.strerror}"
            ) from error
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return path, octets

    def remove(self, paths: Iterable[Path]) -> None:
        """Documents that nobody needs any more; who reads one still can go on."""
        for path in paths:
            path.unlink(missing_ok=True)

    def _remembered(self, name: str, first: str) -> str:
        path = self._data / name
        if not path.exists():
            self._write(name, first)
        return path.read_text().strip()

    def _write(self, name: str, text: str) -> None:
        partial = self._data / f"{name}.partial"
        partial.write_text(f"{text}\n")
        partial.replace(self._data / name)


def _sync(descriptor: int) -> None:
    os.fsync(descriptor)


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
