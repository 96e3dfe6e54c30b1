"""Report-Printer of the 2010 profile: what the device is, and how it is (section 6)."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import PrinterState, Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.declared import split_declared
from fetchprint_tools.printservice.device import MOBILE
from fetchprint_tools.printservice.exchange import Answer, Exchange, unsupported
from fetchprint_tools.printservice.mobile_exchange import claimed_uuid, describe
from fetchprint_tools.printservice.presence import STATE_ATTRIBUTES
from fetchprint_tools.printservice.syntax import integer, keywords, malformed, text
from fetchprint_tools.render.formats import PWG_RASTER

FORMATS = "document-format-supported"
"""Its presence says that a Report-Printer carries all capabilities."""

_MESSAGE = "printer-state-message"
_MAX_MESSAGE = 1023
_GOOD_BYE = "shutdown"  # among the reasons

# The capabilities that a request must carry, all or none, by the syntaxes they may have ...
_NEEDED = {
    FORMATS: (tags.MIME_MEDIA_TYPE,),
    "compression-supported": (tags.KEYWORD,),
    "printer-resolution-supported": (tags.RESOLUTION,),
    "media-supported": (tags.KEYWORD, tags.NAME),
    "media-col-default": (tags.BEGIN_COLLECTION,),
}
# ... and those that a device which takes PWG raster has to add.
_NEEDED_FOR_RASTER = {
    "pwg-raster-document-resolution-supported": (tags.RESOLUTION,),
    "pwg-raster-document-type-supported": (tags.KEYWORD,),
}


def read_printer(given: Group | None) -> tuple[Group, list[Attribute], bool]:
    """What a device says of itself, what of that is not taken, and whether it is all that the device is.
    Raises ``Refusal``."""
    if given is None:
        raise malformed("there is no printer group")
    integer(given, "printer-state", PrinterState.IDLE, PrinterState.STOPPED, tags.ENUM)
    keywords(given, "printer-state-reasons")
    if _MESSAGE in given:
        text(given, _MESSAGE, _MAX_MESSAGE)
    whole = FORMATS in given
    if whole:
        _check_capabilities(given)
    elif any(name in given for name in (*_NEEDED, *_NEEDED_FOR_RASTER)):
        raise malformed(f"capabilities come all or none: {FORMATS} is missing")
    taken, ignored = split_declared(given)
    if not whole:
        for name in [one.name for one in taken if one.name not in STATE_ATTRIBUTES]:
            ignored.append(unsupported(name))
            del taken.attributes[name]
        if _MESSAGE not in taken:
            taken.add(_MESSAGE, tags.TEXT, "")  # the last one is over
    return taken, ignored, whole


def _check_capabilities(given: Group) -> None:
    needed = dict(_NEEDED)
    if PWG_RASTER in given.values(FORMATS):
        needed |= _NEEDED_FOR_RASTER
    for name, kinds in needed.items():
        if name not in given:
            raise malformed(f"capabilities come all or none: {name} is missing")
        if any(tag not in kinds for tag in given[name].tags):
            raise malformed(f"{name} has values of another syntax", given[name])


async def report_printer(exchange: Exchange) -> Answer:
    """Report-Printer; the first one of a device that nobody registered makes it known."""
    queue = exchange.queue
    given = exchange.message.find(tags.PRINTER)
    uuid = claimed_uuid(exchange)
    taken, ignored, whole = read_printer(given)
    with queue.database.transaction():
        device = queue.presence.admit(uuid, MOBILE)
        queue.presence.update(device, taken, whole)
    if device.state == PrinterState.IDLE:
        queue.offers.idle(device)
    if _GOOD_BYE in device.state_reasons:
        device.left = True
    answer = Answer(Status.OK_IGNORED_OR_SUBSTITUTED if ignored else Status.OK, unsupported=ignored)
    answer.operation += queue.presence.asked_to_identify(device)
    for job in queue.jobs.of_device(device.uuid)[:1]:
        describe(answer, job)
    return answer
