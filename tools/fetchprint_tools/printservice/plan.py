"""How a document goes out to a device."""

from __future__ import annotations

from collections.abc import Iterable
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
    return choose(document.format, device.formats, device.strings("compression-supported"))


def reachable(device: OutputDevice, job: Job) -> bool:
    """Whether the device fetches documents by the schemes of those that are only references."""
    return all(not document.uri or document.scheme in device.schemes for document in job.documents)


def suits(device: OutputDevice, job: Job, devices: Iterable[OutputDevice]) -> bool:
    """Whether an INFRA device should see the job: it can print it, or no other device can either, and
    then it is this one's to say why not."""
    if not reachable(device, job):
        return False
    return prints(device, job) or not any(prints(other, job) for other in devices)


def prints(device: OutputDevice, job: Job) -> bool:
    """Whether it can print all documents of the job, by what it declared."""
    return all(for_device(device, document) is not None for document in job.documents)
