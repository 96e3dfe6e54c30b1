"""A service that does what it can to keep the device busy, for ever: jobs, events, answers."""

import hostile_run
from hostile_device import Printer
from hostile_service import (
    CANCELED,
    COMPLETED,
    FETCH_DOCUMENT,
    GET_JOBS,
    NOTIFICATIONS,
    RENEW,
    SUBSCRIBE,
    Service,
    honest,
    status,
)
from hostile_wire import whole


def ready():
    service = Service()
    printer = Printer(service)
    hostile_run.next_job(printer, service, 1)
    printer.until(lambda: printer.waiting, "waiting")
    return printer, service


def over(printer, job):
    printer.until(lambda: job.state >= CANCELED and printer.waiting, "over")


def test_a_job_offered_again_moves_no_paper():
    printer, service = ready()
    data = honest(5)[0]
    first = service.add(data)
    printer.until(lambda: first.state == COMPLETED and printer.waiting, "printed")
    printer.blank()
    for _ in range(3):
        again = service.add(data)
        again.uuid = first.uuid
        over(printer, again)
        assert again.state == COMPLETED and not again.fetches
    assert not printer.paper.count and printer.said("has ended here before")
    hostile_run.next_job(printer, service, 6)


def test_a_hundred_jobs_in_a_second():
    printer, service = ready()
    start = printer.port.ms
    jobs = [service.add(honest(i)[0]) for i in range(100)]
    printer.until(lambda: jobs[-1].state >= CANCELED and printer.waiting, "all printed")
    assert [job.state for job in jobs] == [COMPLETED] * 100 and [job.fetches for job in jobs] == [1] * 100
    assert printer.port.ms - start < 60000
    service.at_peace()
    hostile_run.next_job(printer, service, 300)


def test_a_hundred_jobs_cancelled_in_a_second():
    printer, service = ready()
    jobs = [service.add(honest(i)[0]) for i in range(100)]
    printer.until(lambda: jobs[3].fetches, "under way")
    for job in jobs:
        job.state = max(job.state, CANCELED)
    printer.until(lambda: printer.waiting, "waiting")
    assert not any(job.fetches for job in jobs[4:])
    service.at_peace()
    hostile_run.next_job(printer, service, 300)


def busy(printer, service, seconds=20):
    """Requests and connections a second, while the service does what it can to have more of them."""
    before = sum(service.requests.values())
    connections = printer.port.connections
    printer.run(seconds)
    asked = sum(service.requests.values()) - before
    assert asked <= 40 * seconds, "%d requests in %d s: %r" % (asked, seconds, service.requests)
    assert printer.port.connections - connections <= 2 * seconds
    service.at_peace()
    hostile_run.next_job(printer, service, 9)


FOR_EVER = 1 << 28


def test_events_without_end_cannot_keep_it_busy():
    printer, service = ready()
    numbers = [0]

    def answer(service, request, wire):
        numbers[0] += 1
        yield 1
        yield whole(service.events(request, [numbers[0]]))

    service.attack(NOTIFICATIONS, answer, FOR_EVER)
    busy(printer, service)


def test_answers_that_are_not_held_cannot_keep_it_busy():
    printer, service = ready()
    service.attack(NOTIFICATIONS, lambda s, r, w: whole(s.events(r, [])), FOR_EVER)
    busy(printer, service)


def test_a_subscription_that_is_always_lost_cannot_keep_it_busy():
    printer, service = ready()
    service.attack(NOTIFICATIONS, lambda s, r, w: whole(status(0x0406, r)), FOR_EVER)
    busy(printer, service)


def short_lease(lease):
    printer, service = ready()

    def subscribed(service, request, wire):
        service.subscription += 1
        return whole(service.subscribed(request, service.subscription, lease))

    service.attack(SUBSCRIBE, subscribed)
    service.subscription += 1
    service.hang_up()
    printer.until(lambda: service.used and printer.waiting, "subscribed")
    service.attack(RENEW, lambda s, r, w: whole(s.subscribed(r, s.subscription, lease)), FOR_EVER)
    busy(printer, service)


def test_leases_of_no_time_cannot_keep_it_busy():
    for lease in (0, 1, -1, -3600):
        short_lease(lease)


def test_a_job_that_is_never_to_be_had_cannot_keep_it_busy():
    printer, service = ready()
    job = service.add(honest(2)[0])

    def answer(service, request, wire):
        job.state = 3  # offered again, at once
        service.sequence += 1
        return whole(status(0x0406, request))

    service.attack(FETCH_DOCUMENT, answer, FOR_EVER)
    busy(printer, service)


def test_an_answer_that_is_always_wrong_cannot_keep_it_busy():
    printer, service = ready()
    service.attack(GET_JOBS, lambda s, r, w: whole(b""), FOR_EVER)
    service.add(honest(2)[0])
    busy(printer, service)
