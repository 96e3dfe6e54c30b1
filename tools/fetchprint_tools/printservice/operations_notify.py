"""Subscriptions and Get-Notifications (RFC 3995, RFC 3996)."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.exchange import Answer, Exchange
from fetchprint_tools.printservice.limits import MAX_LEASE, NOTIFY_WAIT
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.subscription import EVENTS

_GET_INTERVAL = 1
"""notify-get-interval, seconds: whoever waits is answered at once, so ask again at once."""


async def create_printer_subscriptions(exchange: Exchange) -> Answer:
    """Create-Printer-Subscriptions: each subscription group is granted or refused by itself."""
    asked = exchange.message.groups_of(tags.SUBSCRIPTION)
    if not asked:
        raise Refusal(Status.BAD_REQUEST, "there is no subscription group")
    answer = Answer()
    refused = 0
    for group in asked:
        made = answer.group(tags.SUBSCRIPTION)
        try:
            _create(exchange, group, made)
        except Refusal as refusal:
            refused += 1
            made.add("notify-status-code", tags.ENUM, refusal.status)
            answer.unsupported += refusal.unsupported
    if refused == len(asked):
        answer.status = Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
    elif refused or answer.unsupported:
        answer.status = Status.OK_IGNORED_OR_SUBSTITUTED
    return answer


def _create(exchange: Exchange, asked: Group, made: Group) -> None:
    if "notify-recipient-uri" in asked or asked.get("notify-pull-method") != "ippget":
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "only the pull method ippget is supported")
    events = [str(event) for event in asked.values("notify-events")] or ["job-completed"]
    known = [event for event in events if event in EVENTS]
    if not known:
        wrong = asked["notify-events"]
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "none of these events is supported", [wrong])
    data = exchange.one(asked, "notify-user-data", bytes, needed=False) or b""
    lease = exchange.one(asked, "notify-lease-duration", int, needed=False)
    interval = exchange.one(asked, "notify-time-interval", int, needed=False) or 0
    lease = MAX_LEASE if lease is None else lease
    one = exchange.queue.subscriptions.create(known, exchange.user, data, interval, lease)
    made.add("notify-subscription-id", tags.INTEGER, one.id)
    made.add("notify-lease-duration", tags.INTEGER, MAX_LEASE if lease <= 0 else min(lease, MAX_LEASE))


async def renew_subscription(exchange: Exchange) -> Answer:
    """Renew-Subscription."""
    subscriptions = exchange.queue.subscriptions
    one = subscriptions.find(exchange.one(exchange.operation, "notify-subscription-id", int))
    group = exchange.message.find(tags.SUBSCRIPTION) or exchange.operation
    lease = exchange.one(group, "notify-lease-duration", int, needed=False)
    granted = subscriptions.renew(one, MAX_LEASE if lease is None else lease)
    answer = Answer()
    answer.group(tags.SUBSCRIPTION).add("notify-lease-duration", tags.INTEGER, granted)
    return answer


async def cancel_subscription(exchange: Exchange) -> Answer:
    """Cancel-Subscription."""
    exchange.queue.subscriptions.cancel(exchange.one(exchange.operation, "notify-subscription-id", int))
    return Answer()


async def get_notifications(exchange: Exchange) -> Answer:
    """Get-Notifications; with notify-wait held until an event comes, at most NOTIFY_WAIT seconds."""
    subscriptions = exchange.queue.subscriptions
    ids = exchange.operation.values("notify-subscription-ids")
    numbers = exchange.operation.values("notify-sequence-numbers")
    if not ids or not all(isinstance(one, int) for one in [*ids, *numbers]):
        raise Refusal(Status.BAD_REQUEST, "notify-subscription-ids must be numbers, at least one")
    if len(numbers) > len(ids):
        raise Refusal(Status.BAD_REQUEST, "there are more notify-sequence-numbers than subscriptions")
    numbers += [1] * (len(ids) - len(numbers))
    wanted = [(subscriptions.find(one), number) for one, number in zip(ids, numbers, strict=True)]
    if exchange.one(exchange.operation, "notify-wait", bool, needed=False):
        await subscriptions.wait(wanted, NOTIFY_WAIT)
    answer = Answer()
    answer.operation = [
        Attribute("notify-get-interval", tags.INTEGER, _GET_INTERVAL),
        Attribute("printer-up-time", tags.INTEGER, exchange.queue.now().up_time),
    ]
    for one, number in wanted:
        answer.groups += one.since(number)
        if not subscriptions.alive(one):
            answer.status = Status.OK_EVENTS_COMPLETE
    return answer
