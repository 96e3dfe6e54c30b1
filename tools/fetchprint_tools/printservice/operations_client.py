"""What ordinary clients ask: RFC 8011, and two operations of CUPS so that ``lp`` finds the queue."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import Status
from fetchprint_tools.message import Attribute
from fetchprint_tools.printservice import submission
from fetchprint_tools.printservice.capabilities import GROUPS, printer_attributes
from fetchprint_tools.printservice.exchange import Answer, Exchange, select
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.jobattributes import JOB_GROUPS, job_attributes
from fetchprint_tools.printservice.plan import suits
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.ticket import read_ticket

_CUPS_PRINTER_TYPE = 0x0000_0004  # CUPS_PRINTER_BW

_SUMMARY = ("job-id", "job-uri", "job-state", "job-state-reasons", "job-state-message")


def _created(exchange: Exchange, job: Job, rest: list[Attribute]) -> Answer:
    answer = Answer(Status.OK_IGNORED_OR_SUBSTITUTED if rest else Status.OK, unsupported=rest)
    answer.group(tags.JOB, select(job_attributes(exchange, job), set(_SUMMARY), {}))
    return answer


def _create(exchange: Exchange, template: list[Attribute]) -> Job:
    fidelity = exchange.operation.get("ipp-attribute-fidelity") is True
    return exchange.queue.create_job(exchange.text("job-name"), exchange.user, template, fidelity)


async def print_job(exchange: Exchange) -> Answer:
    """Print-Job: nothing is left behind unless the whole document has arrived."""
    template, rest = read_ticket(exchange)
    path, octets, mime = await submission.receive(exchange)
    queue = exchange.queue
    try:
        with queue.database.transaction():
            job = _create(exchange, template)
            queue.add_document(job, path, mime, octets, exchange.text("document-name"))
            queue.close_job(job)
    except Refusal:
        queue.spool.remove([path])
        raise
    return _created(exchange, job, rest)


async def print_uri(exchange: Exchange) -> Answer:
    """Print-URI: the reference is passed on to a device that fetches documents itself."""
    template, rest = read_ticket(exchange)
    uri, mime = submission.check_reference(exchange)
    queue = exchange.queue
    with queue.database.transaction():
        job = _create(exchange, template)
        queue.add_document(job, None, mime, 0, exchange.text("document-name"), uri)
        queue.close_job(job)
    return _created(exchange, job, rest)


async def validate_job(exchange: Exchange) -> Answer:
    """Validate-Job: the same checks, no job."""
    _template, rest = read_ticket(exchange)
    submission.check_declared(exchange)
    return Answer(Status.OK_IGNORED_OR_SUBSTITUTED if rest else Status.OK, unsupported=rest)


async def create_job(exchange: Exchange) -> Answer:
    """Create-Job: documents follow with Send-Document."""
    template, rest = read_ticket(exchange)
    job = _create(exchange, template)
    return _created(exchange, job, rest)


async def send_document(exchange: Exchange) -> Answer:
    """Send-Document; without data it may only say that the last document has been sent."""
    job = exchange.job()
    last = exchange.one(exchange.operation, "last-document", bool)
    submission.check_open(exchange.queue, job)
    stored = await submission.receive(exchange, may_be_empty=last)
    if stored[1]:
        path, octets, mime = stored
        try:
            submission.check_open(exchange.queue, job)  # it may have been cancelled meanwhile
            with exchange.queue.jobs.edit(job):
                exchange.queue.add_document(job, path, mime, octets, exchange.text("document-name"))
                if last:
                    exchange.queue.close_job(job)
        except Refusal:
            exchange.queue.spool.remove([path])
            raise
    elif last:
        exchange.queue.close_job(job)
    return _created(exchange, job, [])


async def send_uri(exchange: Exchange) -> Answer:
    """Send-URI; without document-uri it may only say that the last document has been sent."""
    queue, job = exchange.queue, exchange.job()
    last = exchange.one(exchange.operation, "last-document", bool)
    submission.check_open(queue, job)
    if "document-uri" not in exchange.operation and last:
        queue.close_job(job)
        return _created(exchange, job, [])
    uri, mime = submission.check_reference(exchange)
    with queue.jobs.edit(job):
        queue.add_document(job, None, mime, 0, exchange.text("document-name"), uri)
        if last:
            queue.close_job(job)
    return _created(exchange, job, [])


async def close_job(exchange: Exchange) -> Answer:
    """Close-Job (PWG 5100.11): no more documents follow."""
    job = exchange.job()
    if job.ended or not job.incoming:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} takes no more documents")
    exchange.queue.close_job(job)
    return _created(exchange, job, [])


async def cancel_job(exchange: Exchange) -> Answer:
    """Cancel-Job."""
    exchange.queue.cancel(exchange.job())
    return Answer()


async def get_job_attributes(exchange: Exchange) -> Answer:
    """Get-Job-Attributes."""
    answer = Answer()
    answer.group(tags.JOB, select(job_attributes(exchange, exchange.job()), exchange.requested(), JOB_GROUPS))
    return answer


async def get_jobs(exchange: Exchange) -> Answer:
    """Get-Jobs, with which-jobs 'fetchable' for devices (PWG 5100.18 9.1)."""
    queue = exchange.queue
    which = exchange.one(exchange.operation, "which-jobs", str, needed=False) or "not-completed"
    jobs = list(queue.jobs.active())
    if which in ("completed", "all"):
        jobs = (jobs if which == "all" else []) + list(queue.jobs.ended())
    elif which == "fetchable":
        uuid = None
        if "output-device-uuid" in exchange.operation:
            device = queue.presence.known(exchange.device_uuid())
            uuid = device.uuid
            jobs = [job for job in jobs if suits(device, job, queue.devices)]
        jobs = [job for job in jobs if job.fetchable_by(uuid)]
    elif which != "not-completed":
        wrong = exchange.operation["which-jobs"]
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, f"which-jobs {which} is not known", [wrong])
    if exchange.one(exchange.operation, "my-jobs", bool, needed=False):
        jobs = [job for job in jobs if job.user == exchange.user]
    limit = exchange.one(exchange.operation, "limit", int, needed=False)
    if limit is not None and limit < 1:
        raise Refusal(Status.BAD_REQUEST, "limit must be 1 or more", [exchange.operation["limit"]])
    wanted = exchange.requested(("job-id", "job-uri"))
    answer = Answer()
    for job in jobs[:limit]:
        answer.group(tags.JOB, select(job_attributes(exchange, job), wanted, JOB_GROUPS))
    return answer


async def get_printer_attributes(exchange: Exchange) -> Answer:
    """Get-Printer-Attributes."""
    found = printer_attributes(exchange.queue, exchange.printer_uri, exchange.base)
    answer = Answer()
    answer.group(tags.PRINTER, select(found, exchange.requested(), GROUPS))
    return answer


async def cups_get_printers(exchange: Exchange) -> Answer:
    """CUPS-Get-Default and CUPS-Get-Printers: the one queue there is, at /printers/NAME."""
    uri = f"{exchange.base}/printers/{exchange.queue.name}"
    found = printer_attributes(exchange.queue, uri, exchange.base)
    found.add("printer-type", tags.ENUM, _CUPS_PRINTER_TYPE)
    found.add("printer-is-shared", tags.BOOLEAN, True)
    answer = Answer()
    answer.group(tags.PRINTER, select(found, exchange.requested(), GROUPS))
    return answer


async def identify_printer(exchange: Exchange) -> Answer:
    """Identify-Printer (PWG 5100.13)."""
    actions = [str(action) for action in exchange.operation.values("identify-actions")] or ["display"]
    known = ("display", "flash", "sound", "speak")
    if any(action not in known for action in actions):
        wrong = exchange.operation["identify-actions"]
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "not an identify action", [wrong])
    exchange.queue.presence.identify(actions, exchange.text("message"))
    return Answer()
