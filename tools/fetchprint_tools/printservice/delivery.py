"""A document on its way out: as it is or rendered, packed or not, never whole in memory."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import BinaryIO, cast

from fetchprint_tools.codes import JobState, Status
from fetchprint_tools.message import Collection
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.limits import PIECE
from fetchprint_tools.printservice.plan import Plan
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.refusal import refusal_reasons
from fetchprint_tools.render import RenderError, Rendering, Target

PIECES_AHEAD = 4
"""Pieces that a rendering may be ahead of the device."""


async def open_document(
    queue: Queue, job: Job, document: Document, device: OutputDevice, plan: Plan
) -> AsyncGenerator[bytes]:
    """Begin to read or render. Raises ``RenderError`` when nothing can be made of the document."""
    if document.path is None:
        raise RenderError("the document is not stored here")
    if plan.rendered:
        media = job.template_value("media-col") or job.template_value("media")
        wanted = media if isinstance(media, str | Collection) else None
        target = device.target(wanted, str(job.template_value("print-scaling") or "auto-fit"))
        rendering = await asyncio.to_thread(Rendering, document.path, document.format, target)
        _say(queue, job, document, target)
        stream = _rendered(queue, job, rendering)
    else:
        file = await asyncio.to_thread(_open, document.path)
        stream = _plain(file)
    return stream if plan.compression == "none" else _packed(stream, plan.compression)


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise RenderError(f"the stored document cannot be read: {error.strerror}") from error


def _say(queue: Queue, job: Job, document: Document, target: Target) -> None:
    media = target.media
    length = "roll" if media.roll else f"{media.y / 100:g}"
    queue.log.say(
        "render",
        f"job {job.id}: rendering {document.format} for {media.x / 100:g} x {length} mm, "
        f"{target.dpi} dpi, {target.raster_type}",
        **{"job-id": job.id, "document-format": document.format, "media": media.name, "dpi": target.dpi},
    )


async def _plain(file: BinaryIO) -> AsyncGenerator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, PIECE):
            yield piece


async def _packed(stream: AsyncGenerator[bytes], compression: str) -> AsyncGenerator[bytes]:
    pack = zlib.compressobj(wbits=31 if compression == "gzip" else -15)
    async with aclosing(stream):
        async for piece in stream:
            if packed := pack.compress(piece):
                yield packed
    yield pack.flush()


class _Stopped(Exception):
    """The device does not want the rest."""


class _Pipe(io.RawIOBase):
    """What the rendering thread writes to: gathers pieces and hands them to the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self._gathered = bytearray()
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue(PIECES_AHEAD)
        self.stopped = False

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._gathered += data
        if len(self._gathered) >= PIECE:
            self.push()
        return len(data)

    def push(self) -> None:
        """Hand over what is gathered; waits while the device is behind."""
        if self._gathered:
            self._put(bytes(self._gathered))
            self._gathered.clear()

    def end(self) -> None:
        """No more follows."""
        self._put(None)

    def _put(self, piece: bytes | None) -> None:
        if self.stopped:
            raise _Stopped
        asyncio.run_coroutine_threadsafe(self.pieces.put(piece), self._loop).result()


async def _rendered(queue: Queue, job: Job, rendering: Rendering) -> AsyncGenerator[bytes]:
    pipe = _Pipe(asyncio.get_running_loop())

    def work() -> None:
        try:
            rendering.write(cast("BinaryIO", pipe))
            pipe.push()
        except _Stopped:
            return
        finally:
            rendering.close()
            if not pipe.stopped:
                pipe.end()

    worker = asyncio.create_task(asyncio.to_thread(work))
    try:
        while (piece := await pipe.pieces.get()) is not None:
            yield piece
        await worker
    except RenderError as error:
        # What was sent already cannot be taken back: cut the reply short, so that nobody takes it for whole.
        if not job.ended:
            queue.end(job, JobState.ABORTED, refusal_reasons(Status.DOCUMENT_FORMAT_ERROR), str(error))
        raise
    finally:
        pipe.stopped = True
        while not pipe.pieces.empty():  # let the thread see that it is over
            pipe.pieces.get_nowait()
