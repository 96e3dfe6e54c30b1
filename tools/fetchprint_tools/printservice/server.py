"""Listening, and stopping in an orderly way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.app import make_app
from fetchprint_tools.printservice.log import Log
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.tls import Settings, endpoint

SHUTDOWN_SECONDS = 1.0
"""For documents that are being sent when the service is told to stop; a device asks again for the rest."""

KEEPALIVE_SECONDS = 75.0
"""How long an idle connection is kept: longer than a device that polls every minute needs."""


async def serve(
    host: str,
    port: int,
    data: Path,
    name: str,
    log: Log,
    silence: float,
    require_registration: bool,
    forget: Iterable[str] = (),
    secure: Settings | None = None,
) -> None:
    """Run the service until SIGTERM or SIGINT. Raises ``UserError``; ``port`` 0 takes any free one.

    ``forget``: uuids of devices that are removed first, with their credentials; ``secure``: over TLS.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shown = f"[{host}]" if ":" in host else host
    scheme = "ipp" if secure is None else "ipps"
    uri = f"{scheme}://{shown}:{port}/ipp/print/{name}"
    queue = Queue(name, uri, data, log, silence, require_registration)
    for uuid in forget:
        if uuid not in queue.devices:
            known = ", ".join(queue.devices.uuids) or "none"
            queue.database.close()
            raise UserError(
                f"no printer {uuid} is known", where=str(data), hint=f"those that are known: {known}"
            )
        queue.presence.remove(uuid)
    tls = None
    if secure is not None:
        try:
            tls = endpoint(secure, queue.authority, host)
        except UserError:
            queue.database.close()
            raise
        queue.registration.certificates = secure.client_ca
    runner = web.AppRunner(
        make_app(queue),
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, ssl_context=None if tls is None else tls.context)
        try:
            await site.start()
        except OSError as error:
            raise UserError(
                f"cannot listen: {error.strerror or error}",
                where=f"{host} port {port}",
                hint="choose another port with --port, or end the program that uses this one",
            ) from error
        chosen = runner.addresses[0][1]
        queue.uri = f"{scheme}://{shown}:{chosen}/ipp/print/{name}"
        if tls is not None:
            by = f"--ca {tls.ca} or --pin {tls.pin}" if tls.ca else f"--pin {tls.pin} or their --ca"
            log.say("tls", f"printers trust this service by {by}", ca=str(tls.ca or ""), pin=tls.pin)
        log.say("listening", f"listening on {queue.uri}", uri=queue.uri, port=chosen)
        await stop.wait()
        log.say("stopping", "stopping")
    finally:
        await runner.cleanup()
        queue.database.close()
