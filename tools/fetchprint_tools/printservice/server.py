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
) -> None:
    """Run the service until SIGTERM or SIGINT. Raises ``UserError``; ``port`` 0 takes any free one.

    ``forget``: uuids of devices that are removed first, with their credentials.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    shown = f"[{host}]" if ":" in host else host
    queue = Queue(name, f"ipp://{shown}:{port}/ipp/print/{name}", data, log, silence, require_registration)
    for uuid in forget:
        if uuid not in queue.devices:
            known = ", ".join(queue.devices.uuids) or "none"
            queue.database.close()
            raise UserError(
                f"no printer {uuid} is known", where=str(data), hint=f"those that are known: {known}"
            )
        queue.presence.remove(uuid)
    runner = web.AppRunner(
        make_app(queue),
        access_log=None,
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise UserError(
                f"cannot listen: {error.strerror or error}",
                where=f"{host} port {port}",
                hint="choose another port with --port, or end the program that uses this one",
            ) from error
        chosen = runner.addresses[0][1]
        queue.uri = f"ipp://{shown}:{chosen}/ipp/print/{name}"
        log.say("listening", f"listening on {queue.uri}", uri=queue.uri, port=chosen)
        await stop.wait()
        log.say("stopping", "stopping")
    finally:
        await runner.cleanup()
        queue.database.close()
