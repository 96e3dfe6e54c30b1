"""A document on its way in: its form is checked, its format found out, its octets stored."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import urlsplit

from fetchprint_tools.codes import Status
from fetchprint_tools.printservice.capabilities import accepted_formats, reference_schemes
from fetchprint_tools.printservice.exchange import Exchange
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.limits import MAX_DOCUMENTS
from fetchprint_tools.printservice.printqueue import Queue
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.spool import COMPRESSIONS
from fetchprint_tools.render.formats import OCTET_STREAM, SNIFF_LENGTH, sniff


def check_open(queue: Queue, job: Job) -> None:
    """Raises ``Refusal`` unless documents may be added."""
    if job.ended or not job.incoming:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} takes no more documents")
    if job.documents and not queue.devices.take_many_documents:
        raise Refusal(
            Status.MULTIPLE_DOCUMENT_JOBS_NOT_SUPPORTED, "the printers of this queue take one document a job"
        )
    if len(job.documents) >= MAX_DOCUMENTS:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} has {MAX_DOCUMENTS} documents already")


def check_declared(exchange: Exchange) -> tuple[str, str]:
    """document-format and compression as the client declared them. Raises ``Refusal``."""
    operation = exchange.operation
    compression: str = exchange.one(operation, "compression", str, needed=False) or "none"
    if compression not in COMPRESSIONS:
        wrong = operation["compression"]
        raise Refusal(
            Status.COMPRESSION_NOT_SUPPORTED, f"compression {compression} is not supported", [wrong]
        )
    mime: str = exchange.one(operation, "document-format", str, needed=False) or OCTET_STREAM
    mime = mime.split(";")[0].strip().lower()  # parameters such as charset change nothing here
    if mime not in accepted_formats(exchange.queue):
        wrong = operation["document-format"]
        raise Refusal(
            Status.DOCUMENT_FORMAT_NOT_SUPPORTED, f"document format {mime} is not supported", [wrong]
        )
    return mime, compression


def check_reference(exchange: Exchange) -> tuple[str, str]:
    """document-uri and document-format of a document by reference. The service never fetches it: a device
    does, under its own rules. Raises ``Refusal``."""
    operation = exchange.operation
    uri: str = exchange.one(operation, "document-uri", str)
    wrong = operation["document-uri"]
    devices = [device for device in exchange.queue.devices if device.schemes]
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError as error:
        raise Refusal(Status.BAD_REQUEST, f"document-uri is not a uri: {error}", [wrong]) from error
    scheme = parts.scheme.lower()
    offered = reference_schemes(exchange.queue)
    if scheme not in offered:
        known = f"only {', '.join(offered)}" if offered else "no printer of this queue fetches documents"
        raise Refusal(Status.URI_SCHEME_NOT_SUPPORTED, f"{scheme}: {known}", [wrong])
    if not host or parts.username is not None or parts.fragment or not uri.isascii() or not uri.isprintable():
        message = "document-uri needs a host, and no user, fragment, space or control character"
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, message, [wrong])
    if exchange.text("compression", "none") != "none":
        packed = operation["compression"]
        raise Refusal(Status.COMPRESSION_NOT_SUPPORTED, "not for a document by reference", [packed])
    mime = str(exchange.one(operation, "document-format", str, needed=False) or OCTET_STREAM)
    mime = mime.split(";")[0].strip().lower()
    if devices and not any(scheme in one.schemes and mime in one.formats for one in devices):
        what = f"no printer fetches {mime} itself: say its document-format"
        raise Refusal(Status.DOCUMENT_FORMAT_NOT_SUPPORTED, what)
    return uri, mime


async def receive(exchange: Exchange, may_be_empty: bool = False) -> tuple[Path, int, str]:
    """Store the document: its file, octets and format. An empty one that may be so leaves no file."""
    mime, compression = check_declared(exchange)
    spool = exchange.queue.spool
    path, octets = await spool.receive(exchange.body, compression)
    if not octets:
        spool.remove([path])
        if not may_be_empty:
            raise Refusal(Status.BAD_REQUEST, "there is no document behind the attributes")
        return path, 0, mime
    if mime == OCTET_STREAM:
        found = sniff(await asyncio.to_thread(_head, path))
        offered = accepted_formats(exchange.queue)
        takes_any = any(OCTET_STREAM in device.formats for device in exchange.queue.devices)
        if found in offered:
            mime = str(found)
        elif not takes_any:
            spool.remove([path])
            what = f"the document is {found}, which" if found else "the document's format is not known and"
            raise Refusal(Status.DOCUMENT_FORMAT_NOT_SUPPORTED, f"{what} cannot be printed here")
    return path, octets, mime


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SNIFF_LENGTH)
