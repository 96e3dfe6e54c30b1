"""IPP over HTTP (RFC 8010 section 4) with aiohttp."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterator
from contextlib import aclosing
from weakref import WeakKeyDictionary

from aiohttp import web

from fetchprint.ipp.errors import DecodeError, EncodeError
from fetchprint_tools.codes import Status
from fetchprint_tools.message import MessageReader
from fetchprint_tools.printservice.authentication import Unauthenticated, Uncertified, authenticate
from fetchprint_tools.printservice.credentials import CHALLENGE
from fetchprint_tools.printservice.dispatch import begin, perform, reply
from fetchprint_tools.printservice.exchange import Answer, Exchange
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.tls import certified
from fetchprint_tools.render import RenderError
from fetchprint_tools.statuspage.app import StatusPage

IPP = "application/ipp"

SWEEP_SECONDS = 1.0
"""How late a silence or the end of an offer is noticed at most."""

QUEUE: web.AppKey[Queue] = web.AppKey("queue", Queue)
CONNECTIONS: web.AppKey[WeakKeyDictionary[asyncio.Transport, str]] = web.AppKey("devices", WeakKeyDictionary)
"""output-device-uuid or printer-uuid of the device that a connection belongs to."""


class _CutShort(Exception):
    """The client went away in the middle of its request."""


def make_app(queue: Queue) -> web.Application:
    """The service for one queue, at any path: the target is in the IPP message."""
    app = web.Application()
    app[QUEUE] = queue
    app[CONNECTIONS] = WeakKeyDictionary()
    StatusPage(queue).add_to(app)
    app.router.add_post("/{path:.*}", _post)
    app.router.add_get("/{path:.*}", _page)
    app.cleanup_ctx.append(_sweeper)
    app.on_shutdown.append(_release)
    return app


async def _sweeper(app: web.Application) -> AsyncIterator[None]:
    async def sweep() -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                app[QUEUE].sweep()
            except Refusal as refusal:  # a full disk, say: the next sweep tries again
                app[QUEUE].log.say("refusal", refusal.message, status=refusal.status.keyword)

    task = asyncio.create_task(sweep())
    yield
    task.cancel()


async def _release(app: web.Application) -> None:
    app[QUEUE].close()


async def _page(request: web.Request) -> web.Response:
    queue = request.app[QUEUE]
    scheme = "ipps" if request.scheme == "https" else "ipp"
    text = (
        f"This is a print service. Its queue is {scheme}://{request.host}/ipp/print/{queue.name}\n"
        f"Printer: {queue.state.name.lower()} {queue.state_message}\n"
    )
    return web.Response(text=text)


async def _post(request: web.Request) -> web.StreamResponse:
    if request.content_type != IPP:
        return web.Response(status=415, text=f"send {IPP}, not {request.content_type}\n")
    queue = request.app[QUEUE]
    reader = MessageReader()
    try:
        answer = await _answer(request, reader)
    except _CutShort:
        return web.Response(status=400, text="the request was cut short\n")
    except Unauthenticated:
        text = "credentials of a registered device are needed\n"
        return web.Response(status=401, text=text, headers={"WWW-Authenticate": CHALLENGE})
    except Uncertified:
        return web.Response(status=403, text="a printer has to show its client certificate\n")
    except Refusal as refusal:
        answer = Answer(refusal.status, unsupported=refusal.unsupported, message=refusal.message)
    except Exception as error:  # noqa: BLE001 - one faulty request must not end the service; it is reported in full
        traceback.print_exc()
        message = f"fault in the service: {type(error).__name__}"
        answer = Answer(Status.INTERNAL_ERROR, message=message)
    if answer.message and answer.status >= Status.INTERNAL_ERROR:
        queue.log.say("refusal", f"{answer.status.keyword}: {answer.message}", status=answer.status.keyword)
    try:
        head = reply(reader.version, reader.request_id, answer).encode()
    except EncodeError as error:
        # What a peer declared can be decoded and yet be longer than RFC 8011 lets a sender write.
        queue.log.say(
            "refusal", f"the answer cannot be encoded: {error}", status="server-error-internal-error"
        )
        fault = Answer(Status.INTERNAL_ERROR, message=str(error))
        head = reply(reader.version, reader.request_id, fault).encode()
        answer.document = None
    if reader.request_id < 1:  # refused, but echoed as it was
        head = head[:4] + (reader.request_id & 0xFFFFFFFF).to_bytes(4, "big") + head[8:]
    if answer.document is None:
        return web.Response(body=head, content_type=IPP)
    return await _stream(request, head, answer, queue)


async def _answer(request: web.Request, reader: MessageReader) -> Answer:
    try:
        rest, octets = await _head(request, reader)
    except DecodeError as error:
        if not reader.version and not reader.code and not reader.request_id:
            raise _CutShort from error  # not even a header that an answer could refer to
        if reader.code and reader.version >> 8 not in (1, 2):
            raise Refusal(Status.VERSION_NOT_SUPPORTED, str(error)) from error
        raise Refusal(Status.BAD_REQUEST, str(error)) from error
    secure = request.scheme == "https"
    base = f"{'ipps' if secure else 'ipp'}://{request.host}"
    queue = request.app[QUEUE]
    exchange = begin(queue, reader.message, base, _body(request, rest))
    exchange.octets = octets
    exchange.connected = lambda: request.transport is not None and not request.transport.is_closing()
    authenticate(exchange, request.headers.get("Authorization"), certified(request))
    _sign_of_life(request, exchange)
    return await perform(exchange)


def _sign_of_life(request: web.Request, exchange: Exchange) -> None:
    """A connection on which a device has said who it is stays that device's: it need not say it each time,
    and the octets of a document that it takes count too."""
    queue = exchange.queue
    connections = request.app[CONNECTIONS]
    if request.transport is None:
        return
    if exchange.claimed is not None:
        connections[request.transport] = exchange.claimed
    device = queue.devices.find(connections.get(request.transport))
    if device is not None:
        queue.presence.heard(device)


async def _head(request: web.Request, reader: MessageReader) -> tuple[bytes, int]:
    """Read the message: what came behind it, and how many octets it has."""
    octets = 0
    async for piece in _body(request, b""):
        octets += len(piece)
        rest = reader.feed(piece)
        if rest is not None:
            return rest, octets - len(rest)
    reader.close()
    raise AssertionError("close() of an unfinished message raises")


async def _body(request: web.Request, first: bytes) -> AsyncIterator[bytes]:
    """The octets behind the message, as they come."""
    if first:
        yield first
    while True:
        try:
            piece = await request.content.readany()
        except (web.RequestPayloadError, ConnectionError) as error:
            raise _CutShort from error
        if not piece:
            return
        yield piece


async def _stream(request: web.Request, head: bytes, answer: Answer, queue: Queue) -> web.StreamResponse:
    assert answer.document is not None
    connections, transport = request.app[CONNECTIONS], request.transport
    device = None if transport is None else queue.devices.find(connections.get(transport))
    response = web.StreamResponse(headers={"Content-Type": IPP})
    response.enable_chunked_encoding()
    async with aclosing(answer.document) as pieces:
        try:
            await response.prepare(request)
            await response.write(head)
            async for piece in pieces:
                await response.write(piece)
                if device is not None:
                    queue.presence.heard(device)
            await response.write_eof()
        except RenderError as error:
            # No last chunk: the device must notice that this is not the whole document.
            queue.log.say("cut", f"a document was cut short: {error}", message=str(error))
            if request.transport is not None:
                request.transport.abort()
        except ConnectionError:
            queue.log.say("cut", "a device closed the connection before the document's end")
    return response
