"""Attacks by jobs and their order, by answers that get lost, and by services that keep a printer busy."""

from hostile_service import (
    ACK_DOCUMENT,
    ACK_JOB,
    CANCELED,
    DOCUMENT_STATUS,
    FETCH_DOCUMENT,
    FETCH_JOB,
    GET_JOBS,
    JOB_STATE,
    JOB_STATUS,
    NOTIFICATIONS,
    PWG,
    SUBSCRIBE,
    UPDATE_ACTIVE,
    UPDATE_DEVICE,
    Job,
    status,
)
from hostile_table import ABORTED, FORGOTTEN, PRINTED, Attack
from hostile_table import CANCELED as GONE
from hostile_wire import cut, whole

LOST_ANSWER = "lost answer after a committed operation"
ENDLESS = "endless queue"
STORM = "cancel storm"
STOLEN = "a job that is not this printer's"
FORGETS = "a service that forgets"


def refused(code, times=1):
    def answer(service, request, wire):
        return whole(status(code, request))

    return answer


def lost(name, at, says="connection closed without a reply", end=PRINTED, times=1):
    """The service acts, and its answer never comes."""
    return Attack(name, LOST_ANSWER, at, lambda s, r, w: None, says, end, times)


def many(service, job):
    """Jobs that Get-Jobs lists besides, and that are not to be had."""
    service.others = [Job(100000 + i, b"", PWG) for i in range(600)]


def all_listed(service, request, wire):
    """The honest job stands last."""
    return whole(service.list(request, service.others + service.jobs))


def cancels(service, request, wire):
    """The job is cancelled while its document is on the way."""
    job = service.jobs[-1]
    job.state = CANCELED
    return cut(whole(service.document(request, job) + job.data)[:1900])


def claimed_elsewhere(service, request, wire):
    service.jobs[-1].state = CANCELED
    return whole(status(0x0404, request))


def broken(service, request, wire):
    """The document breaks off before its first line."""
    job = service.jobs[-1]
    return cut(whole(service.document(request, job) + job.data)[:600])


ATTACKS = (
    lost("the answer to a claim is lost", ACK_JOB),
    lost("the document's answer is lost", FETCH_DOCUMENT),
    lost("the document's answer is lost four times", FETCH_DOCUMENT, times=4),
    lost("the answer to its acknowledgement is lost", ACK_DOCUMENT),
    lost("the answer to its status is lost", DOCUMENT_STATUS),
    lost("the answer to the job's end is lost", JOB_STATUS, "job-end"),
    lost("the answer to the description is lost", UPDATE_DEVICE, ""),
    lost("the answer to the question for jobs is lost", GET_JOBS),
    lost("the answer to the job's description is lost", FETCH_JOB),
    lost("the subscription's number is lost", SUBSCRIBE),
    lost("the list of active jobs is lost three times", UPDATE_ACTIVE, times=3),
    Attack("a document that always breaks off", "paper denied", FETCH_DOCUMENT, broken, "in 5 attempts", ABORTED, 5),
    Attack("a job that another device has", STOLEN, ACK_JOB, claimed_elsewhere, "", GONE),
    Attack("a job that is forbidden", STOLEN, ACK_JOB, refused(0x0403), "status 0x0403", FORGOTTEN),
    Attack("a document that is forbidden", STOLEN, FETCH_DOCUMENT, refused(0x0406), "Fetch-Document: status 0x0406",
           FORGOTTEN),
    Attack("a document that is not to be had in any format", STOLEN, FETCH_DOCUMENT, refused(0x040A),
           "in no format that this printer takes", ABORTED),
    Attack("600 jobs besides that nobody gets", ENDLESS, GET_JOBS, all_listed, "job-end", PRINTED, 1, None, None,
           many),
    Attack("not found, whatever is asked", FORGETS, GET_JOBS, refused(0x0406), "the service forgot this device",
           times=4),
    Attack("the subscription is not found", FORGETS, NOTIFICATIONS, refused(0x0406), "job-end", PRINTED, 3),
    Attack("the job is not found while it prints", FORGETS, JOB_STATE, refused(0x0406), "job-end", PRINTED, 0),
    Attack("the job's end is not found", FORGETS, JOB_STATUS, refused(0x0406), "job-end", PRINTED, 0),
    Attack("cancelled at the moment of the claim", STORM, ACK_JOB, claimed_elsewhere, "", GONE),
    Attack("cancelled while the document comes", STORM, FETCH_DOCUMENT, cancels, "cut short", GONE),
)  # fmt: skip
