"""What the printer says of itself: the service's part, and what its device declared."""

from __future__ import annotations

from typing import Any

from fetchprint.ipp import tags
from fetchprint_tools import __version__
from fetchprint_tools.codes import Operation
from fetchprint_tools.message import Attributes, Collection, Range, Resolution, date_time
from fetchprint_tools.printservice.device import DEFAULT_DPI, DEFAULT_MEDIA
from fetchprint_tools.printservice.limits import (
    EVENT_LIFE,
    INCOMING_TIMEOUT,
    MAX_DOCUMENT,
    MAX_LEASE,
)
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.spool import COMPRESSIONS
from fetchprint_tools.printservice.subscription import EVENTS
from fetchprint_tools.render import RENDERABLE, Media
from fetchprint_tools.render.formats import OCTET_STREAM

# What a device may declare for the whole printer, by the beginnings of the names. The rest is the
# service's own: it accepts the jobs (PWG 5100.18 4.8).
_FROM_DEVICE = (
    "color-supported",
    "device-",
    "finishings",
    "label-",
    "marker-",
    "media",
    "orientation-requested",
    "output-bin",
    "pages-per-minute",
    "print-color-mode",
    "print-content-optimize",
    "print-darkness",
    "print-quality",
    "print-speed",
    "printer-alert",
    "printer-config-change",
    "printer-device-id",
    "printer-info",
    "printer-input-tray",
    "printer-location",
    "printer-make-and-model",
    "printer-output-tray",
    "printer-resolution",
    "printer-supply",
    "pwg-raster-",
    "sides",
    "urf-supported",
)

TEMPLATE = (
    "copies",
    "finishings",
    "job-hold-until",
    "job-priority",
    "job-sheets",
    "media",
    "media-col",
    "multiple-document-handling",
    "number-up",
    "orientation-requested",
    "output-bin",
    "print-color-mode",
    "print-content-optimize",
    "print-quality",
    "print-scaling",
    "printer-resolution",
    "sides",
)
"""Job Template attributes that a client may send."""

_SCHEMES = ("https", "http")

SCALINGS = ("auto", "auto-fit", "fill", "fit", "none")

_TEMPLATE_SUFFIXES = ("-default", "-ready", "-supported", "-database")


def is_template(name: str) -> bool:
    """Whether a printer attribute belongs to the group 'job-template'."""
    for suffix in _TEMPLATE_SUFFIXES:
        if name.endswith(suffix):
            base = name.removesuffix(suffix)
            return base in TEMPLATE or base.startswith("media-")
    return False


GROUPS = {
    "all": lambda name: name != "media-col-database",
    "job-template": lambda name: is_template(name) and name != "media-col-database",
    "printer-defaults": lambda name: name.endswith("-default"),
    "printer-description": lambda name: not is_template(name),
}
"""Groups of requested-attributes; media-col-database comes only by its name (PWG 5100.7 3.1)."""


def printer_attributes(queue: Queue, printer_uri: str, base: str) -> Attributes:
    """Every printer attribute, with the address by which the client reaches the service."""
    found = Attributes()
    device = queue.device
    if device is not None:
        for attribute in device.attributes.values():
            if attribute.name.startswith(_FROM_DEVICE):
                found.put(attribute)
    _identity(found, queue, printer_uri, base)
    _status(found, queue)
    _service(found, queue)
    _formats(found, queue)
    _templates(found)
    return found


def _put(found: Attributes, name: str, tag: int, *values: Any) -> None:
    """Add an attribute unless the device has declared it."""
    if name not in found:
        found.add(name, tag, *values)


def _identity(found: Attributes, queue: Queue, printer_uri: str, base: str) -> None:
    web = base.replace("ipp", "http", 1)
    _put(found, "printer-uri-supported", tags.URI, printer_uri)
    _put(found, "uri-authentication-supported", tags.KEYWORD, "none")
    _put(found, "uri-security-supported", tags.KEYWORD, "none")
    _put(found, "printer-name", tags.NAME, queue.name)
    _put(found, "printer-uuid", tags.URI, queue.uuid)
    _put(found, "printer-info", tags.TEXT, f"fetchprint queue {queue.name}")
    _put(found, "printer-location", tags.TEXT, "")
    _put(found, "printer-more-info", tags.URI, f"{web}/")
    _put(found, "printer-make-and-model", tags.TEXT, f"fetchprint print service {__version__}")
    _put(found, "ipp-features-supported", tags.KEYWORD, "infrastructure-printer")
    _put(found, "printer-device-id", tags.TEXT, "MFG:fetchprint;MDL:print service;")


def _status(found: Attributes, queue: Queue) -> None:
    now = queue.now()
    _put(found, "printer-state", tags.ENUM, queue.state)
    _put(found, "printer-state-reasons", tags.KEYWORD, *queue.state_reasons)
    _put(found, "printer-state-message", tags.TEXT, queue.state_message)
    _put(found, "printer-is-accepting-jobs", tags.BOOLEAN, True)
    _put(found, "queued-job-count", tags.INTEGER, queue.jobs.count_active())
    _put(found, "printer-up-time", tags.INTEGER, now.up_time)
    _put(found, "printer-current-time", tags.DATE_TIME, date_time(now.date))
    _put(found, "printer-state-change-time", tags.INTEGER, queue.state_changed.up_time)
    _put(found, "printer-state-change-date-time", tags.DATE_TIME, date_time(queue.state_changed.date))
    _put(found, "printer-config-change-time", tags.INTEGER, queue.config_changed.up_time)
    _put(found, "printer-config-change-date-time", tags.DATE_TIME, date_time(queue.config_changed.date))
    if queue.devices:
        _put(found, "output-device-uuid-supported", tags.URI, *queue.devices.uuids)


def _service(found: Attributes, queue: Queue) -> None:
    _put(found, "ipp-versions-supported", tags.KEYWORD, "1.1", "2.0")
    by_reference = () if reference_schemes(queue) else (Operation.PRINT_URI, Operation.SEND_URI)
    _put(found, "operations-supported", tags.ENUM, *(one for one in Operation if one not in by_reference))
    _put(found, "charset-configured", tags.CHARSET, "utf-8")
    _put(found, "charset-supported", tags.CHARSET, "utf-8", "us-ascii")
    _put(found, "natural-language-configured", tags.NATURAL_LANGUAGE, "en")
    _put(found, "generated-natural-language-supported", tags.NATURAL_LANGUAGE, "en")
    _put(found, "pdl-override-supported", tags.KEYWORD, "not-attempted")
    _put(found, "compression-supported", tags.KEYWORD, *COMPRESSIONS)
    _put(found, "multiple-document-jobs-supported", tags.BOOLEAN, queue.devices.take_many_documents)
    _put(found, "multiple-operation-time-out", tags.INTEGER, INCOMING_TIMEOUT)
    _put(found, "multiple-operation-time-out-action", tags.KEYWORD, "process-job")
    _put(found, "job-k-octets-supported", tags.RANGE, Range(0, MAX_DOCUMENT // 1024))
    _put(found, "job-ids-supported", tags.BOOLEAN, True)
    _put(found, "which-jobs-supported", tags.KEYWORD, "completed", "not-completed", "all", "fetchable")
    _put(found, "identify-actions-default", tags.KEYWORD, "display")
    _put(found, "identify-actions-supported", tags.KEYWORD, "display", "flash", "sound", "speak")
    _put(found, "notify-events-default", tags.KEYWORD, "job-completed")
    _put(found, "notify-events-supported", tags.KEYWORD, *EVENTS)
    _put(found, "notify-pull-method-supported", tags.KEYWORD, "ippget")
    _put(found, "notify-lease-duration-default", tags.INTEGER, MAX_LEASE)
    _put(found, "notify-lease-duration-supported", tags.RANGE, Range(1, MAX_LEASE))
    _put(found, "ippget-event-life", tags.INTEGER, EVENT_LIFE)


def _formats(found: Attributes, queue: Queue) -> None:
    formats = accepted_formats(queue)
    _put(found, "document-format-supported", tags.MIME_MEDIA_TYPE, *formats)
    if schemes := reference_schemes(queue):
        _put(found, "reference-uri-schemes-supported", tags.URI_SCHEME, *schemes)
    _put(found, "document-format-default", tags.MIME_MEDIA_TYPE, OCTET_STREAM)
    _put(found, "printer-resolution-default", tags.RESOLUTION, Resolution(DEFAULT_DPI, DEFAULT_DPI))
    default = found["printer-resolution-default"].value
    _put(found, "printer-resolution-supported", tags.RESOLUTION, default)


def reference_schemes(queue: Queue) -> list[str]:
    """reference-uri-schemes-supported: those by which a device fetches documents; before any device is
    known, those by which one might."""
    found = [scheme for device in queue.devices for scheme in device.schemes]
    return list(dict.fromkeys(found if len(queue.devices) else _SCHEMES))


def accepted_formats(queue: Queue) -> list[str]:
    """document-format-supported: what any device takes, and what can be rendered for one."""
    own = [mime for device in queue.devices for mime in device.formats]
    rendered = RENDERABLE if not own or any(device.renders for device in queue.devices) else ()
    return list(dict.fromkeys([OCTET_STREAM, *rendered, *own]))


def _templates(found: Attributes) -> None:
    _put(found, "copies-default", tags.INTEGER, 1)
    _put(found, "copies-supported", tags.RANGE, Range(1, 1))
    _put(found, "finishings-default", tags.ENUM, 3)
    _put(found, "finishings-supported", tags.ENUM, 3)
    _put(found, "job-hold-until-default", tags.KEYWORD, "no-hold")
    _put(found, "job-hold-until-supported", tags.KEYWORD, "no-hold")
    _put(found, "job-priority-default", tags.INTEGER, 50)
    _put(found, "job-priority-supported", tags.INTEGER, 100)
    _put(found, "job-sheets-default", tags.KEYWORD, "none")
    _put(found, "job-sheets-supported", tags.KEYWORD, "none")
    _put(found, "media-default", tags.KEYWORD, DEFAULT_MEDIA.name)
    media = found["media-default"].value
    _put(found, "media-supported", tags.KEYWORD, media)
    _put(found, "media-ready", tags.KEYWORD, media)
    size = Media.from_name(str(media)) or DEFAULT_MEDIA
    _put(found, "media-col-default", tags.BEGIN_COLLECTION, media_col(size))
    column = found["media-col-default"].value
    _put(found, "media-col-ready", tags.BEGIN_COLLECTION, column)
    _put(found, "media-col-database", tags.BEGIN_COLLECTION, column)
    _put(found, "media-col-supported", tags.KEYWORD, "media-size", "media-size-name", *_MARGINS)
    _put(found, "multiple-document-handling-default", tags.KEYWORD, "separate-documents-collated-copies")
    _put(found, "multiple-document-handling-supported", tags.KEYWORD, "separate-documents-collated-copies")
    _put(found, "number-up-default", tags.INTEGER, 1)
    _put(found, "number-up-supported", tags.INTEGER, 1)
    _put(found, "orientation-requested-default", tags.ENUM, 3)
    _put(found, "orientation-requested-supported", tags.ENUM, 3)
    _put(found, "output-bin-default", tags.KEYWORD, "face-up")
    _put(found, "output-bin-supported", tags.KEYWORD, "face-up")
    _put(found, "color-supported", tags.BOOLEAN, False)
    _put(found, "print-color-mode-default", tags.KEYWORD, "monochrome")
    _put(found, "print-color-mode-supported", tags.KEYWORD, "auto", "monochrome")
    _put(found, "print-content-optimize-default", tags.KEYWORD, "auto")
    _put(found, "print-content-optimize-supported", tags.KEYWORD, "auto")
    _put(found, "print-quality-default", tags.ENUM, 4)
    _put(found, "print-quality-supported", tags.ENUM, 4)
    _put(found, "print-scaling-default", tags.KEYWORD, "auto-fit")
    _put(found, "print-scaling-supported", tags.KEYWORD, *SCALINGS)
    _put(found, "sides-default", tags.KEYWORD, "one-sided")
    _put(found, "sides-supported", tags.KEYWORD, "one-sided")
    creation = ("job-name", "ipp-attribute-fidelity", *TEMPLATE)
    _put(found, "job-creation-attributes-supported", tags.KEYWORD, *creation)


_MARGINS = ("media-bottom-margin", "media-left-margin", "media-right-margin", "media-top-margin")


def media_col(media: Media) -> Collection:
    """``Media`` as a media-col value."""
    size = Collection()
    size.add("x-dimension", tags.INTEGER, media.x)
    size.add("y-dimension", tags.INTEGER, media.y)
    column = Collection()
    column.add("media-size", tags.BEGIN_COLLECTION, size)
    column.add("media-size-name", tags.KEYWORD, media.name)
    for name, margin in zip(_MARGINS, (media.bottom, media.left, media.right, media.top), strict=True):
        column.add(name, tags.INTEGER, margin)
    return column
