"""Subscriptions and their events (RFC 3995), pulled with Get-Notifications (RFC 3996)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from fetchprint_tools.codes import Status
from fetchprint_tools.message import Group
from fetchprint_tools.printservice.limits import EVENT_HISTORY, MAX_LEASE, MAX_SUBSCRIPTIONS
from fetchprint_tools.printservice.refusal import Refusal

EVENTS = (
    "document-config-changed",
    "document-created",
    "document-fetchable",
    "document-state-changed",
    "job-completed",
    "job-config-changed",
    "job-created",
    "job-fetchable",
    "job-progress",
    "job-state-changed",
    "printer-config-changed",
    "printer-state-changed",
    "printer-stopped",
)
"""notify-events-supported."""

_IMPLIED = {
    "job-created": "job-state-changed",
    "job-completed": "job-state-changed",
    "printer-stopped": "printer-state-changed",
}
"""RFC 3995 5.3.3.4: who subscribed to the right one is told of the left one too."""


@dataclass
class Subscription:
    """``first`` is the sequence number of the oldest event kept."""

    id: int
    events: frozenset[str]
    user: str
    user_data: bytes
    interval: int
    expires: float
    kept: deque[Group] = field(default_factory=lambda: deque(maxlen=EVENT_HISTORY))
    next_sequence: int = 1

    def wants(self, event: str) -> str | None:
        """The event that it subscribed to and that ``event`` is a case of."""
        if event in self.events:
            return event
        wider = _IMPLIED.get(event)
        return wider if wider in self.events else None

    def since(self, sequence: int) -> list[Group]:
        """Events with this sequence number or a later one."""
        first = self.next_sequence - len(self.kept)
        return list(self.kept)[max(0, sequence - first) :]


class Subscriptions:
    """All subscriptions of the queue, and who waits for their events."""

    def __init__(self) -> None:
        self._by_id: dict[int, Subscription] = {}
        # A random start, so that an id from before a restart is not taken for one of now.
        self._next_id = secrets.randbelow(1 << 20) + 1
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    def create(
        self, events: Iterable[str], user: str, user_data: bytes, interval: int, lease: int
    ) -> Subscription:
        """A new subscription for ``lease`` seconds (0 means the longest)."""
        self._expire()
        if len(self._by_id) >= MAX_SUBSCRIPTIONS:
            raise Refusal(
                Status.TOO_MANY_SUBSCRIPTIONS, f"there are {MAX_SUBSCRIPTIONS} subscriptions already"
            )
        number = self._next_id
        self._next_id += 1
        made = Subscription(number, frozenset(events), user, user_data, interval, 0.0)
        self.renew(made, lease)
        self._by_id[number] = made
        return made

    def renew(self, subscription: Subscription, lease: int) -> int:
        """Extend it; the seconds granted."""
        granted = min(lease, MAX_LEASE) if lease > 0 else MAX_LEASE
        subscription.expires = time.monotonic() + granted
        return granted

    def find(self, number: int) -> Subscription:
        """Raises ``Refusal`` when there is none of this id."""
        self._expire()
        found = self._by_id.get(number)
        if found is None:
            raise Refusal(Status.NOT_FOUND, f"there is no subscription {number}")
        return found

    def cancel(self, number: int) -> None:
        """Forget it; who waits for it is answered."""
        self.find(number)
        del self._by_id[number]
        self._wake()

    def alive(self, subscription: Subscription) -> bool:
        """Whether it has neither expired nor been cancelled."""
        self._expire()
        return subscription.id in self._by_id

    def interested(self, event: str) -> list[tuple[Subscription, str]]:
        """Who is to be told of ``event``, and as which event."""
        self._expire()
        return [(one, name) for one in self._by_id.values() if (name := one.wants(event)) is not None]

    def keep(self, subscription: Subscription, event: Group) -> None:
        """Add an event that carries ``subscription.next_sequence``."""
        subscription.kept.append(event)
        subscription.next_sequence += 1
        self._wake()

    async def wait(self, wanted: list[tuple[Subscription, int]], seconds: float) -> None:
        """Until one has an event of its sequence number or later, is gone, or the time is over."""

        def ready() -> bool:
            return self._closed or any(
                one.id not in self._by_id or one.since(number) for one, number in wanted
            )

        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(seconds):
                while not ready():
                    news.clear()
                    await news.wait()
        except TimeoutError:
            return  # nothing happened, which is an answer too
        finally:
            self._waiting.discard(news)

    def close(self) -> None:
        """Answer everybody now: the service stops."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()

    def _expire(self) -> None:
        now = time.monotonic()
        for number in [number for number, one in self._by_id.items() if one.expires <= now]:
            del self._by_id[number]
