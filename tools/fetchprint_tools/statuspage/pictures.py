"""Pictures of a job's pages: what the device was or will be sent, dot for dot, made smaller.

They are made when the job is first looked at, one document at a time, and kept as PNG files beside
the spool, so that a long job costs no memory. They go with the job's documents.
"""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from fetchprint_tools.message import Collection
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.raster_reader import RasterError, read_pwg
from fetchprint_tools.render import RENDERABLE, RenderError, Rendering
from fetchprint_tools.render.formats import PWG_RASTER

MAX_PAGES = 50
"""Pages of a job that get a picture."""
MAX_SIDE = 900
"""Pixels of a picture's longer side."""


class Pictures:
    """The pictures of all jobs, in DATA/pictures/JOB-ID/PAGE.png."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._folder = queue.spool.folder.parent / "pictures"
        if self._folder.exists():
            shutil.rmtree(self._folder)  # made anew from the documents when wanted
        self._made: dict[int, int] = {}  # job-id -> pages
        self._busy: dict[int, asyncio.Task[int]] = {}

    def counted(self, job: Job) -> int | None:
        """How many pages have pictures; None while that is not known. Begins to make them when it is not."""
        if job.id not in self._made and job.id not in self._busy and not job.incoming:
            self._busy[job.id] = asyncio.create_task(self._make(job))
        return self._made.get(job.id)

    async def path(self, job: Job, page: int) -> Path | None:
        """The picture of a page, from 1; None when there is none. Waits until it is made."""
        if self.counted(job) is None and job.id in self._busy:
            await self._busy[job.id]
        path = self._folder / str(job.id) / f"{page}.png"
        return path if path.is_file() else None

    def tidy(self) -> None:
        """Forget the pictures of jobs whose documents are gone."""
        for number in tuple(self._made):
            job = self._queue.jobs.find(number)
            if job is None or all(document.path is None for document in job.documents):
                if self._made[number]:
                    shutil.rmtree(self._folder / str(number))
                self._made[number] = 0
                if job is None:
                    del self._made[number]

    async def close(self) -> None:
        """Wait for what is being made."""
        await asyncio.gather(*self._busy.values())

    async def _make(self, job: Job) -> int:
        device = self._queue.devices.find(job.device) or self._queue.device or OutputDevice("")
        folder = self._folder / str(job.id)
        pages = 0
        try:
            for document in job.documents:
                room = MAX_PAGES - pages
                try:
                    pages += await asyncio.to_thread(_draw, job, document, device, folder, pages, room)
                except (RenderError, OSError, RasterError) as error:
                    text = f"job {job.id}: no picture of document {document.number}: {error}"
                    self._queue.log.say("picture", text, **{"job-id": job.id, "message": str(error)})
        finally:
            self._made[job.id] = pages
            del self._busy[job.id]
        return pages


def _draw(job: Job, document: Document, device: OutputDevice, folder: Path, before: int, room: int) -> int:
    """PNG files of a document's pages; how many there are now."""
    count = 0
    for image in _pages(job, document, device):
        if count == room:
            break
        count += 1
        folder.mkdir(parents=True, exist_ok=True)
        picture = image.convert("L")
        picture.thumbnail((MAX_SIDE, MAX_SIDE))
        encoded = io.BytesIO()
        picture.save(encoded, "PNG")
        (folder / f"{before + count}.png").write_bytes(encoded.getvalue())
    return count


def _pages(job: Job, document: Document, device: OutputDevice) -> Iterator[Image.Image]:
    if document.path is None:
        return
    if document.format == PWG_RASTER:
        with document.path.open("rb") as file:
            yield from read_pwg(file)
    elif document.format in RENDERABLE:
        media = job.template_value("media-col") or job.template_value("media")
        wanted = media if isinstance(media, str | Collection) else None
        target = device.target(wanted, str(job.template_value("print-scaling") or "auto-fit"))
        rendering = Rendering(document.path, document.format, target)
        try:
            yield from rendering.pages()
        finally:
            rendering.close()
