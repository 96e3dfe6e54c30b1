"""What the requests of the 2010 profile have in common: who asks, about which job, and the answer."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import Status
from fetchprint_tools.message import Attribute
from fetchprint_tools.printservice.device import OutputDevice
from fetchprint_tools.printservice.exchange import Answer, Exchange
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.limits import MAX_MESSAGE
from fetchprint_tools.printservice.refusal import Refusal
from fetchprint_tools.printservice.syntax import malformed, uuid


def claimed_uuid(exchange: Exchange) -> str:
    """printer-uuid, of a message that is not too long. Raises ``Refusal``."""
    if exchange.octets > MAX_MESSAGE:
        raise malformed(f"the message has {exchange.octets} octets, more than {MAX_MESSAGE}")
    return uuid(exchange.operation, "printer-uuid")


def device_of(exchange: Exchange) -> OutputDevice:
    """The device that asks, which has just been heard. Raises ``Refusal``."""
    return exchange.queue.presence.known(claimed_uuid(exchange))


def job_of(exchange: Exchange, device: OutputDevice) -> Job | None:
    """The job of job-uuid, if it is or was this device's or is offered to it: it learns of no other."""
    job = exchange.queue.jobs.find_uuid(uuid(exchange.operation, "job-uuid"))
    if job is None:
        return None
    return job if device.uuid == (job.offered_to if job.device is None else job.device) else None


def not_found() -> Refusal:
    """The same for a job that is another's and for one that there is not."""
    return Refusal(Status.NOT_FOUND, "this job is not offered to this device, nor accepted by it")


def describe(answer: Answer, job: Job) -> Answer:
    """``answer`` with the job as the service sees it (section 5)."""
    answer.group(
        tags.JOB,
        [
            Attribute("job-uuid", tags.URI, job.uuid),
            Attribute("job-id", tags.INTEGER, job.id),
            Attribute("job-state", tags.ENUM, job.state),
            Attribute("job-state-reasons", tags.KEYWORD, *(job.reasons or ["none"])),
        ],
    )
    return answer


def not_possible(job: Job, message: str) -> Answer:
    """client-error-not-possible with the job that is in the way."""
    return describe(Answer(Status.NOT_POSSIBLE, message=message), job)
