"""The Job Template attributes of a request: which of them the printer can honour."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import Status
from fetchprint_tools.message import Attribute, Attributes, Collection, Range, Resolution
from fetchprint_tools.printservice.capabilities import TEMPLATE, printer_attributes
from fetchprint_tools.printservice.device import media_of
from fetchprint_tools.printservice.exchange import Exchange, unsupported
from fetchprint_tools.printservice.refusal import Refusal

# Job attributes that say something about the job and ask nothing of the printer.
_DESCRIPTION = ("job-name", "document-name-supplied", "job-originating-host-name")


def read_ticket(exchange: Exchange) -> tuple[list[Attribute], list[Attribute]]:
    """The attributes that are honoured, and those to return as unsupported (RFC 8011 4.1.7).

    With ipp-attribute-fidelity any of the latter refuses the job.
    """
    group = exchange.message.find(tags.JOB)
    if group is None:
        return [], []
    offered = printer_attributes(exchange.queue, exchange.printer_uri, exchange.base)
    honoured, rest = [], []
    for attribute in group:
        if attribute.name in _DESCRIPTION:
            continue
        if attribute.name not in TEMPLATE:
            rest.append(unsupported(attribute.name))
        elif all(_honours(offered, attribute.name, value) for value in attribute.values):
            honoured.append(attribute)
        else:
            rest.append(attribute)
    if rest and exchange.operation.get("ipp-attribute-fidelity") is True:
        names = ", ".join(attribute.name for attribute in rest)
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, f"cannot be honoured: {names}", rest)
    return honoured, rest


def _honours(offered: Attributes, name: str, value: object) -> bool:
    if name == "media-col":
        return isinstance(value, Collection) and _media_fits(offered, value)
    if name == "job-priority":  # its "supported" is the number of levels
        return isinstance(value, int) and 1 <= value <= 100
    for able in offered.values(f"{name}-supported"):
        if isinstance(able, Range):
            if isinstance(value, int) and able.low <= value <= able.high:
                return True
        elif able == value or (name == "media" and str(able) == str(value)):
            return True
    return isinstance(value, Resolution) and value in offered.values("printer-resolution-supported")


def _media_fits(offered: Attributes, wanted: Collection) -> bool:
    media = media_of(wanted)
    if media is None:
        return wanted.get("media-size-name") in offered.values("media-supported")
    for value in offered.values("media-col-database"):
        able = media_of(value) if isinstance(value, Collection) else None
        if able is not None and able.x == media.x and (able.roll or able.y == media.y):
            return True
    return False
