"""The whole firmware in the 2010 profile, in virtual time: offers that cross something else, and jobs that
are fetched again. And what holds for several services of either profile."""

import hostile_mobile_service as mobile
import hostile_run
import hostile_service as infra
import whole_firmware
from hostile_device import Printer
from hostile_mobile_service import ACCEPT, FETCH, REJECT, REPORT_JOB, REPORT_PRINTER
from hostile_service import ABORTED, ACK_JOB, CANCELED, COMPLETED, PENDING, honest, status
from hostile_wire import cut, whole

from fetchprint.errors import LocalError
from fetchprint.ipp import tags as t


def ready():
    return whole_firmware.ready(mobile.Service, **mobile.CONFIG)


def over(printer, job):
    printer.until(lambda: job.state >= CANCELED and printer.idle, "over")


def not_its_turn(printer):
    """The engine is another service's for now; what gives it back."""
    turns = printer.session.device.turns
    may_take = turns.may_take
    turns.may_take = lambda session, now: False

    def back():
        turns.may_take = may_take

    return back


def test_an_offer_waits_for_its_turn():
    printer, service = ready()
    back = not_its_turn(printer)
    job = service.add(honest(1)[0])
    printer.until(lambda: printer.session.control.answered, "offered")
    printer.run(1)
    assert printer.session.control.answered and REJECT not in service.requests
    back()
    over(printer, job)
    assert job.state == COMPLETED and job.fetches == 1


def test_an_acceptance_that_comes_too_late_for_its_turn():
    printer, service = ready()
    job = service.add(honest(1)[0])

    def answer(service, request, wire):
        printer.session.device.owner = None
        service.back = not_its_turn(printer)
        job.state = infra.PROCESSING
        return whole(service.report(request, job))

    service.attack(ACCEPT, answer)
    printer.until(lambda: not service.left and printer.idle is False, "accepted")
    printer.run(3)
    assert service.requests[REPORT_JOB] and not printer.paper.count
    service.back()
    over(printer, job)
    assert job.state == COMPLETED and job.fetches == 2  # it was fetched again


def fetched_again(answer, taken=True, times=1):
    """A job whose acceptance is lost, ``taken`` or not, and which is then answered so when it is fetched
    again; (printer, service, job), when that has been."""
    printer, service = ready()
    job = service.add(honest(1)[0])
    service.attack(ACCEPT, (lambda s, r, w: None) if taken else (lambda s, r, w: cut(b"")))
    printer.until(lambda: not service.left, "lost")
    service.attack(FETCH, answer, times)
    printer.until(lambda: not service.left, "fetched again")
    return printer, service, job


def test_a_job_that_is_gone_when_it_is_fetched_again():
    def answer(service, request, wire):
        service.jobs[-1].state = CANCELED
        return whole(status(0x0406, request))

    printer, service, _ = fetched_again(answer)
    printer.until(lambda: printer.waiting, "waiting")
    assert printer.said("Fetch-Print-Job: status 0x0406") and not printer.paper.count
    hostile_run.next_job(printer, service, 2)


def test_a_document_that_is_not_given_again():
    printer, service, job = fetched_again(lambda s, r, w: whole(s.report(r, s.jobs[-1], 0x0404)))
    over(printer, job)
    assert job.state == ABORTED and job.message == "The service does not give the document again."
    hostile_run.next_job(printer, service, 2)


def test_another_job_than_was_asked_for():
    def answer(service, request, wire):
        job = service.jobs[-1]
        return whole(service.offer(request, job, uuid=job.uuid[:-1] + b"x") + job.data)

    printer, _, job = fetched_again(answer)
    over(printer, job)
    assert job.state == COMPLETED and printer.said("not the job that was asked for")


def test_an_offer_that_has_changed_when_it_is_fetched_again():
    for taken in (True, False):

        def answer(service, request, wire):
            job = service.jobs[-1]
            changed = ((b"document-format", t.MIME_MEDIA_TYPE, b"a/b"),)
            return whole(service.offer(request, job, changed) + job.data)

        printer, service, job = fetched_again(answer, taken)
        over(printer, job)
        assert job.state == ABORTED and service.requests.get(REJECT, 0) == (not taken)
        hostile_run.next_job(printer, service, 2)


def test_a_rejection_that_counts_as_accepted():
    printer, service = ready()
    job = service.add(honest(1)[0], b"a/b")

    def answer(service, request, wire):
        job.state = infra.PROCESSING
        return whole(service.report(request, job, 0x0404))

    described = service.requests[REPORT_PRINTER]
    service.attack(REJECT, answer)
    printer.until(lambda: not service.left, "rejected")
    job.state = CANCELED
    printer.until(lambda: printer.waiting, "waiting")
    assert service.requests[REPORT_PRINTER] > described


def test_a_question_for_a_job_that_is_not_answered_with_one():
    printer, service = ready()
    job = service.add(honest(1)[0])
    service.attack(ACCEPT, lambda s, r, w: None)
    printer.until(lambda: not service.left, "lost")
    service.attack(REPORT_JOB, lambda s, r, w: whole(status(0, r)))
    over(printer, job)
    assert job.state == COMPLETED and printer.said("Report-Print-Job: no job in the answer")


def test_a_job_in_the_way_that_has_ended_here_is_told_again():
    printer, service = ready()
    job = service.add(honest(1)[0])
    over(printer, job)
    printer.until(lambda: printer.waiting, "waiting")
    printer.blank()
    service.attack(FETCH, lambda s, r, w: whole(s.report(r, job, 0x0404, state=5)))
    other = service.add(honest(2)[0])
    job.told = service.requests[REPORT_JOB]
    service.jobs.insert(0, job)
    over(printer, other)
    assert other.state == COMPLETED and printer.said("This job has ended here before.")


# -- several services --


class Several:
    """Services by their host."""

    def __init__(self, services):
        self.services = services
        for service in services.values():
            service.at = self.at

    def at(self, host, port, allows):
        return self.services[host]


def test_services_take_turns_at_engine_and_desk():
    services = {"a.example": infra.Service(), "b.example": infra.Service(), "c.example": mobile.Service()}
    several = Several(services)
    config = [
        {"uri": "ipp://a.example/ipp/print/infra"},
        {"uri": "ipp://b.example/ipp/print/infra"},
        {"uri": "ipp://c.example/ipp/print/till", "profile": "mobile"},
    ]
    printer = Printer(several, services=config)
    sessions = printer.loop._sessions
    printer.until(lambda: all([one.holding for one in sessions]), "connected")
    jobs = [
        service.add(honest(10 * i + n)[0]) for n in range(4) for i, service in enumerate(services.values())
    ]
    printer.until(lambda: all([job.state >= CANCELED for job in jobs]), "printed")
    assert [job.state for job in jobs] == [COMPLETED] * 12
    assert not printer.session.device.turns.may_take("nobody", 0)
    printer.port.stopping = True
    printer.loop.run()
    assert printer.said('"stopped"')


def test_a_claim_that_comes_too_late_for_its_turn():
    service = infra.Service()
    printer = Printer(service)
    printer.until(lambda: printer.waiting, "waiting")
    job = service.add(honest(1)[0])

    def answer(service, request, wire):
        printer.session.device.owner = None
        service.back = not_its_turn(printer)
        job.state = infra.PROCESSING
        return whole(status(0, request))

    service.attack(ACK_JOB, answer)
    printer.until(lambda: not service.left, "claimed")
    printer.run(1)
    assert not job.fetches and printer.session.control.asking
    service.back()
    over(printer, job)
    assert job.state == COMPLETED and job.fetches == 1


def test_one_request_at_a_time_on_a_connection():
    printer, service = ready()
    exchange = printer.session.control.documents
    assert exchange.busy and job_waits(service)
    try:
        exchange.start(printer.port.now(), 0, 1, None)
        raise AssertionError("taken")
    except LocalError as error:
        assert "under way" in str(error)


def job_waits(service):
    return not [job for job in service.jobs if job.state != PENDING]
