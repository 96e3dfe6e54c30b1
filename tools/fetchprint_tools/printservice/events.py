"""The attributes of an event notification (RFC 3995 section 9, RFC 3996 section 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchprint.ipp import tags
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.subscription import Subscription

if TYPE_CHECKING:
    from fetchprint_tools.printservice.printqueue import Queue


def notification(queue: Queue, to: Subscription, name: str, event: str, facts: list[Attribute]) -> Group:
    """One event-notification group for ``to``, which subscribed to ``name``."""
    group = Group(tags.EVENT_NOTIFICATION)
    group.add("notify-charset", tags.CHARSET, "utf-8")
    group.add("notify-natural-language", tags.NATURAL_LANGUAGE, "en")
    group.add("notify-subscription-id", tags.INTEGER, to.id)
    group.add("notify-sequence-number", tags.INTEGER, to.next_sequence)
    group.add("notify-subscribed-event", tags.KEYWORD, name)
    group.add("notify-printer-uri", tags.URI, queue.uri)
    group.add("notify-text", tags.TEXT, event.replace("-", " "))
    group.add("notify-user-data", tags.OCTET_STRING, to.user_data)
    group.add("printer-up-time", tags.INTEGER, queue.now().up_time)
    for fact in facts:
        group.put(fact)
    return group


def job_facts(job: Job) -> list[Attribute]:
    """What an event about a job says."""
    return [
        # RFC 3995 table 5 has the one, its table 7 the other; some proxies look for one only.
        Attribute("notify-job-id", tags.INTEGER, job.id),
        Attribute("job-id", tags.INTEGER, job.id),
        Attribute("job-state", tags.ENUM, job.state),
        Attribute("job-state-reasons", tags.KEYWORD, *(job.reasons or ["none"])),
        Attribute("job-impressions-completed", tags.INTEGER, job.impressions_completed),
    ]


def printer_facts(queue: Queue) -> list[Attribute]:
    """What an event about the printer says."""
    return [
        Attribute("printer-state", tags.ENUM, queue.state),
        Attribute("printer-state-reasons", tags.KEYWORD, *queue.state_reasons),
        Attribute("printer-is-accepting-jobs", tags.BOOLEAN, True),
    ]
