"""How a document goes out to a device."""

from __future__ import annotations

from dataclasses import dataclass

from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.job import Document, Job
from fetchprint_tools.printservice.spool import COMPRESSIONS
from fetchprint_tools.render import RENDERABLE
from fetchprint_tools.render.formats import PWG_RASTER


@dataclass(frozen=True)
class Plan:
    """How a document goes out. ``compression`` does not matter for one by reference."""

    format: str
    rendered: bool
    compression: str


def choose(mime: str, accepted: list[str], packings: list[str]) -> Plan | None:
    """The document's own format if the device takes it, else PWG raster; None if neither will do.

    ``packings`` is compression-accepted, the preferred first; unknown ones are passed over.
    """
    packing = next((one for one in packings if one in COMPRESSIONS), "none")
    if mime in accepted:
        return Plan(mime, False, packing)
    if PWG_RASTER in accepted and mime in RENDERABLE:
        return Plan(PWG_RASTER, True, packing)
    return None


def for_device(device: OutputDevice, document: Document) -> Plan | None:
    """By what the device declared; None if it cannot print the document."""
    if document.uri:
        fits = document.scheme in device.schemes and document.format in device.formats
        return Plan(document.format, False, "none") if fits else None
    packings = device.strings("compression-supported")
    return choose(document.format, device.formats, ["none"] if "none" in packings else packings)


def reachable(device: OutputDevice, job: Job) -> bool:
    """Whether the device fetches documents by the schemes of those that are only references."""
    return all(not document.uri or document.scheme in device.schemes for document in job.documents)
