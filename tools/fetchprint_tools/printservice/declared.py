"""Which of the attributes that a device declares are taken: the same in both profiles."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.exchange import unsupported
from fetchprint_tools.printservice.records import packable

# The service's own (PWG 5100.18 5.10).
_NOT_THE_DEVICES = frozenset(
    (
        "charset-configured",
        "charset-supported",
        "ippget-event-life",
        "job-ids-supported",
        "multiple-document-jobs-supported",
        "operations-supported",
        "printer-uri-supported",
        "which-jobs-supported",
    )
)


def split_declared(given: Group) -> tuple[Group, list[Attribute]]:
    """What is taken of ``given``, and the rest for the unsupported group."""
    taken, ignored = Group(tags.PRINTER), []
    for one in given:
        if not packable(one):
            ignored.append(unsupported(one.name))
        elif one.name in _NOT_THE_DEVICES:
            ignored.append(one)
        else:
            taken.put(one)
    return taken, ignored
