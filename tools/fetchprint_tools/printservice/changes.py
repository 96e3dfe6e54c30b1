"""Waiting for news of the queue: what a page for people needs to be live without asking again and again."""

from __future__ import annotations

import asyncio


class Changes:
    """A counter of what has changed and is stored: a job or its progress, a device, the printer.

    Who shows the queue reads ``count``, looks at ``Queue.state``, ``Queue.devices``, ``Queue.jobs.active()``
    and ``Queue.jobs.ended()``, and then waits for more than that count.
    """

    def __init__(self) -> None:
        self.count = 0
        self._news = asyncio.Event()

    def tell(self) -> None:
        """Something has changed."""
        self.count += 1
        self._news.set()
        self._news = asyncio.Event()

    async def more_than(self, seen: int, seconds: float) -> int:
        """The count once it is more than ``seen``; after ``seconds`` what it is then."""
        try:
            async with asyncio.timeout(seconds):
                while self.count <= seen:
                    await self._news.wait()
        except TimeoutError:
            return self.count  # nothing new
        return self.count
