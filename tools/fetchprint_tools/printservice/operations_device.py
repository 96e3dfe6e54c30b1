"""The device's side of INFRA (PWG 5100.18 section 5): itself and its jobs."""

from __future__ import annotations

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Status
from fetchprint_tools.message import Attribute, Group
from fetchprint_tools.printservice.declared import split_declared
from fetchprint_tools.printservice.device import INFRA, OutputDevice
from fetchprint_tools.printservice.exchange import Answer, Exchange
from fetchprint_tools.printservice.job import Job
from fetchprint_tools.printservice.jobattributes import job_attributes
from fetchprint_tools.printservice.jobreport import take_report
from fetchprint_tools.printservice.plan import reachable, suits
from fetchprint_tools.printservice.refusal import Refusal


async def update_output_device_attributes(exchange: Exchange) -> Answer:
    """Update-Output-Device-Attributes; the first one makes the device known."""
    uuid = exchange.device_uuid()
    given = exchange.message.find(tags.PRINTER) or Group(tags.PRINTER)
    taken, ignored = split_declared(given)
    device = exchange.queue.presence.admit(uuid, INFRA)
    exchange.queue.presence.update(device, taken)
    return Answer(Status.OK_IGNORED_OR_SUBSTITUTED if ignored else Status.OK, unsupported=ignored)


async def get_output_device_attributes(exchange: Exchange) -> Answer:
    """Get-Output-Device-Attributes: what the device declared, as it did."""
    device = exchange.queue.presence.known(exchange.device_uuid())
    wanted = exchange.requested()
    answer = Answer()
    found = device.attributes.values()
    answer.group(tags.PRINTER, [one for one in found if "all" in wanted or one.name in wanted])
    return answer


async def deregister_output_device(exchange: Exchange) -> Answer:
    """Deregister-Output-Device."""
    exchange.queue.presence.remove(exchange.device_uuid())
    return Answer()


async def acknowledge_identify_printer(exchange: Exchange) -> Answer:
    """Acknowledge-Identify-Printer: what a client asked for, once."""
    queue = exchange.queue
    device = queue.presence.known(exchange.device_uuid())
    if device.identify is None:
        raise Refusal(Status.NOT_POSSIBLE, "nobody has asked the printer to identify itself")
    message = device.identify[1]
    answer = Answer(operation=queue.presence.asked_to_identify(device))
    if message:
        answer.operation.append(Attribute("message", tags.TEXT, message))
    return answer


async def update_active_jobs(exchange: Exchange) -> Answer:
    """Update-Active-Jobs: both sides say what they believe, and each learns from the other."""
    queue = exchange.queue
    device = queue.presence.known(exchange.device_uuid())
    ids = exchange.operation.values("job-ids")
    states = exchange.operation.values("output-device-job-states")
    if len(ids) != len(states) or not all(isinstance(one, int) for one in [*ids, *states]):
        raise Refusal(Status.BAD_REQUEST, "job-ids and output-device-job-states must be as many numbers each")
    foreign, differing = [], []
    for job_id, state in zip(ids, states, strict=True):
        job = queue.jobs.find(job_id)
        if job is None or job.device != device.uuid:
            foreign.append(job_id)
            continue
        if not job.ended and not job.canceling and JobState.PENDING <= state <= JobState.PROCESSING_STOPPED:
            queue.change(job, JobState(state), job.reasons)
        if job.state != state:
            differing.append(job)
    for job in queue.jobs.active():
        if job.device == device.uuid and job.id not in ids:
            queue.forgotten(job)
            differing.append(job)
    answer = Answer()
    if differing:
        answer.operation = [
            Attribute("job-ids", tags.INTEGER, *(job.id for job in differing)),
            Attribute("output-device-job-states", tags.ENUM, *(job.state for job in differing)),
        ]
    if foreign:
        answer.status = Status.OK_IGNORED_OR_SUBSTITUTED
        answer.unsupported = [Attribute("job-ids", tags.INTEGER, *foreign)]
    return answer


async def fetch_job(exchange: Exchange) -> Answer:
    """Fetch-Job: the job, to a device that may take it or has taken it."""
    device = exchange.queue.presence.known(exchange.device_uuid())
    job = exchange.job()
    mine = job.device == device.uuid and not job.ended
    if not mine and not job.fetchable_by(device.uuid):
        raise Refusal(Status.NOT_FETCHABLE, exchange.queue.why_not_fetchable(job))
    if not mine and not suits(device, job, exchange.queue.devices):
        raise Refusal(Status.NOT_FETCHABLE, f"the device cannot print job {job.id}, others can")
    answer = Answer()
    answer.group(tags.JOB, job_attributes(exchange, job))
    return answer


async def acknowledge_job(exchange: Exchange) -> Answer:
    """Acknowledge-Job: the device takes the job, or refuses it with fetch-status-code."""
    device = exchange.queue.presence.known(exchange.device_uuid())
    job = exchange.job()
    code = fetch_status(exchange)
    if code:
        exchange.queue.refuse(job, device, code, exchange.text("fetch-status-message"))
    elif not reachable(device, job):
        raise Refusal(Status.NOT_FETCHABLE, f"the device does not fetch the documents of job {job.id} itself")
    else:
        exchange.queue.acknowledge(job, device)
    return Answer()


async def update_job_status(exchange: Exchange) -> Answer:
    """Update-Job-Status: what the device says is what the job is; an end is final."""
    queue = exchange.queue
    job = owned_job(exchange, queue.presence.known(exchange.device_uuid()))
    if job.ended:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} is {job.state.keyword} already")
    group = exchange.message.find(tags.JOB)
    state = exchange.one(group, "output-device-job-state", int, needed=False)
    if state is not None and state not in tuple(JobState):
        assert group is not None  # or it would have no state
        wrong = group["output-device-job-state"]
        raise Refusal(Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED, "not a job-state", [wrong])
    reasons = (
        [] if group is None else [str(reason) for reason in group.values("output-device-job-state-reasons")]
    )
    message = "" if group is None else str(group.get("output-device-job-state-message", ""))
    take_report(queue, job, None if state is None else JobState(state), reasons, message, group)
    return Answer()


def fetch_status(exchange: Exchange) -> int:
    """fetch-status-code: 0 when it is absent, which means acceptance."""
    code: int | None = exchange.one(exchange.operation, "fetch-status-code", int, needed=False)
    if code == 0:
        raise Refusal(Status.BAD_REQUEST, "fetch-status-code must not be successful-ok: leave it out instead")
    return code or 0


def owned_job(exchange: Exchange, device: OutputDevice) -> Job:
    """The job of the request, which this device has acknowledged. Raises ``Refusal``."""
    job = exchange.job()
    if job.device != device.uuid:
        raise Refusal(Status.NOT_POSSIBLE, f"job {job.id} was not acknowledged by this device")
    return job
