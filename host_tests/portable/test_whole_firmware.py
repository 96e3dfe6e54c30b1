"""The whole firmware with an honest service of either profile, in virtual time: what there is besides jobs
that come and are printed. Simulation has the faults, ``test_hostile`` the attacks."""

import hostile_run
from document_samples import noise, page
from hostile_service import (
    ABORTED,
    ACK_JOB,
    CANCELED,
    COMPLETED,
    DOCUMENT_STATUS,
    ESCPOS,
    FETCH_DOCUMENT,
    FETCH_JOB,
    JOB_STATE,
    JOB_STATUS,
    PROCESSING,
    RENEW,
    UPDATE_ACTIVE,
    Service,
    begin,
    finish,
    honest,
    status,
)
from hostile_wire import dripping, whole
from whole_firmware import EITHER, printed, ready

from fetchprint.engine import base
from fetchprint.ipp import tags as t
from fetchprint.proxy import control


def test_a_job_of_three_documents():
    printer, service = ready()
    data, lines = honest(1)
    job = service.add(data)
    job.documents = 3
    printed(printer, service, job)
    assert job.fetches == 3 and printer.shows(lines * 3) and service.requests[DOCUMENT_STATUS] == 3


def test_a_page_wider_than_the_head_is_told():
    for make, config in EITHER:
        printer, service = ready(make, **config)
        job = service.add(b"RaS2" + page([noise(80, y) for y in range(16)], 640, 1))
        printed(printer, service, job)
        assert job.reasons == b"job-completed-with-warnings" and "beyond the print head" in job.message


def test_how_many_documents_there_are_is_asked_where_it_is_not_said():
    printer, service = ready()
    service.attack(FETCH_JOB, lambda s, r, w: whole(s.described(r, s.jobs[-1], documents=0)))
    job = service.add(honest(1)[0])
    printed(printer, service, job)
    assert service.requests[JOB_STATE]


def test_a_job_that_is_canceled_as_it_is_fetched_is_left():
    for change in ({"state": CANCELED}, {"state": ABORTED}, {"state": COMPLETED}):
        printer, service = ready()
        job = service.add(honest(1)[0])

        def answer(service, request, wire, job=job, change=change):
            job.state = change["state"]
            return whole(service.described(request, job, **change))

        service.attack(FETCH_JOB, answer)
        printer.until(lambda service=service: not service.left, "asked")
        printer.until(lambda printer=printer: printer.waiting, "waiting")
        assert ACK_JOB not in service.requests and not printer.paper.count


def test_whose_a_job_is_may_be_unclear():
    for ours in (True, False):
        printer, service = ready()
        job = service.add(honest(1)[0])

        def acknowledged(service, request, wire, job=job, ours=ours):
            job.state = PROCESSING if ours else CANCELED
            return whole(status(0x0404, request))

        def active(service, request, wire, job=job):
            enc = begin(0, request)
            enc.group(t.UNSUPPORTED_GROUP)
            enc.integer(b"job-ids", t.INTEGER, job.id + 1)  # of another one
            enc.integer(b"job-ids", t.INTEGER, job.id)
            return whole(finish(enc))

        service.attack(ACK_JOB, acknowledged)
        printer.until(lambda service=service: not service.left, "acknowledged")
        if not ours:
            service.attack(UPDATE_ACTIVE, active)
        printer.until(lambda job=job, printer=printer: job.state >= CANCELED and printer.idle, "over")
        assert (job.state == COMPLETED) == ours
        assert ours or printer.said("another device has the job")


def test_a_document_that_is_refused_for_a_while_is_fetched_later():
    printer, service = ready()
    job = service.add(honest(1)[0])
    service.attack(FETCH_DOCUMENT, lambda s, r, w: whole(status(0x0505, r)), 2)
    printed(printer, service, job)
    assert printer.said("Fetch-Document: status 0x0505")


def test_an_end_that_is_refused_for_a_while_is_told_later():
    printer, service = ready()
    job = service.add(honest(1)[0])
    service.attack(JOB_STATUS, lambda s, r, w: whole(status(0x0505, r)), 3)
    printed(printer, service, job)


def slowly(service, request, wire):
    """The document, in twelve seconds."""
    job = service.jobs[-1]
    before = service.document(request, job)
    return dripping(whole(before + job.data), 20, 200)


def test_a_cancel_that_the_service_does_not_take_from_the_printer_becomes_an_abort():
    """Quirk canceled-not-applied."""
    for applied in (True, False):
        printer, service = ready()
        job = service.add(b"Hello\n" * 100, ESCPOS)
        service.attack(FETCH_DOCUMENT, slowly)
        job.told = []

        def told(operation, names, request, service=service, job=job, applied=applied):
            if operation == JOB_STATUS:
                state = names[b"output-device-job-state"][0]
                job.told.append(state)
                if state == CANCELED and not applied:
                    return status(0, request)
            if operation == JOB_STATE:
                reason = b"processing-to-stop-point" if job.cancel else b"none"
                enc = begin(0, request)
                enc.group(t.JOB)
                enc.integer(b"job-state", t.ENUM, job.state)
                enc.string(b"job-state-reasons", t.KEYWORD, reason)
                return finish(enc)
            return Service.reply(service, operation, names, request)

        job.cancel = False
        service.reply = told
        printer.until(lambda printer=printer: printer.paper.text_n > 100, "under way")
        job.cancel = True
        printer.until(lambda job=job, printer=printer: job.state >= CANCELED and printer.idle, "over")
        assert job.told[-1] == (CANCELED if applied else ABORTED), job.told


def test_an_engine_that_breaks_off_ends_the_job():
    for make, config in EITHER:
        printer, service = ready(make, **config)
        engine = printer.session.device.engine
        job = service.add(honest(1)[0])

        def line(buf, off, n):
            raise base.EngineError("the paper is on fire")

        def cancel(engine=engine):
            engine.in_job = False
            raise base.EngineError("the fire goes on")

        engine.line = line
        engine.cancel = cancel
        printer.until(lambda job=job: job.state >= CANCELED, "over")
        assert job.state == ABORTED and job.message == "the paper is on fire"
        assert printer.said("the fire goes on")


def test_a_lease_is_renewed():
    printer, service = ready()
    printer.run(2000)
    assert service.requests[RENEW] == 1
    service.attack(RENEW, lambda s, r, w: whole(status(0x0406, r)))
    printer.run(2000)
    assert not service.left and printer.waiting
    hostile_run.next_job(printer, service, 1)


def test_a_transport_that_blocks_keeps_the_engine_going():
    printer, _ = ready()
    loop = printer.loop
    device = printer.session.device
    printer.until(lambda: printer.waiting and printer.session.reported == device.version, "reported")
    assert not loop.meanwhile()
    printer.session.reported = -1
    assert loop.meanwhile()  # a report is more urgent than events
    printer.until(lambda: printer.waiting and printer.session.reported == device.version, "reported")
    printer.port.stopping = True
    assert loop.meanwhile()
    assert printer.session.stopping


def test_the_heap_is_told_after_each_job():
    printer, service = ready()
    printer.port.heap = lambda: (1000, 5000)
    hostile_run.next_job(printer, service, 1)
    assert printer.said('"used": 1000') and printer.said('"peak": 1000')


def test_a_control_of_no_profile_asks_and_holds_nothing():
    printer, _ = ready()
    bare = control.Control(printer.session, printer.session.control.documents, None, printer.port.random)
    assert not bare.looking and not bare.holding and not bare.asking
