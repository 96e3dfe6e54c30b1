"""The page's addresses: / and its parts, /events, the pictures, and what its form and buttons send."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import BodyPartReader, MultipartReader, web

from fetchprint.ipp import tags
from fetchprint_tools.codes import Operation, Status
from fetchprint_tools.message import Message
from fetchprint_tools.printservice.dispatch import begin, perform
from fetchprint_tools.printservice.exchange import Exchange
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.statuspage.pictures import Pictures
from fetchprint_tools.statuspage.snapshot import lasting, snapshot

LOOK_SECONDS = 1.0
"""How late a reader sees at most what the queue does not tell of: that a picture is ready."""
REST_SECONDS = 0.1
"""Between two looks: a device may report ten times a second."""
ALIVE_SECONDS = 15.0
"""A reader hears something at least so often, so that a dead connection is noticed on either side."""
MAX_READERS = 50
"""Pages that are open at once."""

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_STATIC = {"page.css": "text/css", "page.js": "text/javascript"}


class StatusPage:
    """The page of one queue. ``add_to`` the application before its own catch-all address."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._pictures = Pictures(queue)
        self._readers = 0
        self._closing = False

    def add_to(self, app: web.Application) -> None:
        """Register the addresses."""
        app.router.add_get("/", self._index)
        app.router.add_get("/static/{name}", self._static)
        app.router.add_get("/state", self._state)
        app.router.add_get("/events", self._events)
        app.router.add_get("/jobs/{job:\\d{1,10}}/pages/{page:\\d{1,4}}.png", self._picture)
        app.router.add_post("/print", self._print)
        app.router.add_post("/jobs/{job:\\d{1,10}}/cancel", self._cancel)
        app.on_shutdown.append(self._release)
        app.on_cleanup.append(self._close)

    async def _release(self, app: web.Application) -> None:
        self._closing = True
        self._queue.changes.tell()  # readers need not wait any longer

    async def _close(self, app: web.Application) -> None:
        await self._pictures.close()

    async def _index(self, request: web.Request) -> web.Response:
        return web.Response(body=_read("index.html"), content_type="text/html", headers=_HEADERS)

    async def _static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in _STATIC:
            raise web.HTTPNotFound
        return web.Response(body=_read(name), content_type=_STATIC[name], headers=_HEADERS)

    def _snapshot(self, request: web.Request) -> dict[str, object]:
        return snapshot(self._queue, f"{_base(request)}/ipp/print/{self._queue.name}", self._pictures)

    async def _state(self, request: web.Request) -> web.Response:
        return web.json_response(self._snapshot(request), headers=_HEADERS)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: the whole state now and whenever it has changed."""
        if self._readers >= MAX_READERS:
            raise web.HTTPServiceUnavailable(text="too many pages are open\n", headers={"Retry-After": "30"})
        response = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        self._readers += 1
        try:
            await response.prepare(request)
            await self._tell(request, response)
        except ConnectionError:
            pass  # the reader has gone, which is how every such answer ends
        finally:
            self._readers -= 1
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse) -> None:
        told: dict[str, object] | None = None
        said_at = 0.0
        changes = self._queue.changes
        while not self._closing:
            seen = changes.count
            state = self._snapshot(request)
            now = time.monotonic()
            if lasting(state) != told or now - said_at >= ALIVE_SECONDS:
                told, said_at = lasting(state), now
                await response.write(f"data: {json.dumps(state)}\n\n".encode())
            self._pictures.tidy()
            await asyncio.sleep(REST_SECONDS)
            await changes.more_than(seen, LOOK_SECONDS)

    async def _picture(self, request: web.Request) -> web.StreamResponse:
        job = self._queue.jobs.find(int(request.match_info["job"]))
        path = None if job is None else await self._pictures.path(job, int(request.match_info["page"]))
        if path is None:
            raise web.HTTPNotFound(text="there is no picture of that page\n")
        return web.FileResponse(path, headers=_HEADERS)

    async def _print(self, request: web.Request) -> web.Response:
        """The form: one file, sent on as Print-Job, so that it meets the same checks."""
        _check_origin(request)
        if request.content_type != "multipart/form-data":
            raise web.HTTPUnsupportedMediaType(text="send a form with a file\n")
        form = await request.multipart()
        part = await form.next()
        if not isinstance(part, BodyPartReader) or part.name != "file" or not part.filename:
            raise web.HTTPBadRequest(text="choose a file\n")
        name = Path(part.filename).name
        message = _request(Operation.PRINT_JOB, self._queue)
        message.groups[0].add("job-name", tags.NAME, name.encode()[:255].decode("utf-8", "ignore"))
        exchange = begin(self._queue, message, _base(request), _chunks(form, part))
        number = await self._ask(exchange)
        return web.Response(text=f"Job {number}: {name}\n", status=201)

    async def _cancel(self, request: web.Request) -> web.Response:
        _check_origin(request)
        message = _request(Operation.CANCEL_JOB, self._queue)
        message.groups[0].add("job-id", tags.INTEGER, int(request.match_info["job"]))
        await self._ask(begin(self._queue, message, _base(request), _nothing()))
        return web.Response(text="canceled\n")

    async def _ask(self, exchange: Exchange) -> int:
        """The job-id in the answer, 0 if there is none."""
        try:
            answer = await perform(exchange)
        except Refusal as refusal:
            text = f"{refusal.message} ({refusal.status.keyword})\n"
            raise web.HTTPConflict(text=text) from refusal
        for group in answer.groups:
            if group.tag == tags.JOB:
                return int(group["job-id"].value)
        return 0


def _read(name: str) -> bytes:
    return (resources.files("fetchprint_tools.statuspage") / "static" / name).read_bytes()


def _base(request: web.Request) -> str:
    return f"{'ipps' if request.scheme == 'https' else 'ipp'}://{request.host}"


def _check_origin(request: web.Request) -> None:
    """Another site's page in the same browser must not print here (cross-site request forgery)."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="only this page itself may send this\n")


def _request(operation: Operation, queue: Queue) -> Message:
    message = Message.request(operation, 1, f"ipp://localhost/ipp/print/{queue.name}")
    message.groups[0].add("requesting-user-name", tags.NAME, "status page")
    return message


async def _chunks(form: MultipartReader, part: BodyPartReader) -> AsyncIterator[bytes]:
    """The file; Refusal unless the form's end follows it."""
    try:
        while piece := await part.read_chunk():
            yield piece
        following = await form.next()
    except (ValueError, web.RequestPayloadError, ConnectionError) as error:
        raise Refusal(Status.BAD_REQUEST, "the form was cut short") from error
    if following is not None:
        raise Refusal(Status.BAD_REQUEST, "send one file at a time")


async def _nothing() -> AsyncIterator[bytes]:
    nothing: tuple[bytes, ...] = ()
    for piece in nothing:
        yield piece
