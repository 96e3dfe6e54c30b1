"""The whole firmware being stopped, and looked for by somebody, with an honest service of either profile."""

import hostile_mobile_service as mobile
from hostile_device import Printer
from hostile_service import (
    ABORTED,
    COMPLETED,
    GET_JOBS,
    IDENTIFY,
    NOTIFICATIONS,
    PROCESSING,
    UPDATE_DEVICE,
    Service,
    begin,
    finish,
    honest,
    status,
)
from hostile_wire import silence, whole
from whole_firmware import DEREGISTER, EITHER, REGISTER_DEVICE, ready, stops

from fetchprint.ipp import tags as t


def test_a_stop_while_waiting():
    for make, config in EITHER:
        printer, service = ready(make, **config)
        stops(printer)
        assert service.requests.get(DEREGISTER, 0) == (make is Service)


def test_a_stop_while_a_job_prints():
    for make, config in EITHER:
        printer, service = ready(make, **config)
        data, lines = honest(1)
        job = service.add(data)
        printer.until(lambda job=job: job.fetches, "fetched")
        stops(printer)
        assert job.state == COMPLETED and printer.shows(lines)


def test_a_stop_without_a_service():
    for make, config in EITHER:
        service = make()

        def nobody(host, port, allows):
            raise OSError(111)

        service.at = nobody
        printer = Printer(service, **config)
        printer.run(3)
        stops(printer)
        assert not service.requests


def test_a_stop_as_jobs_are_listed():
    printer, service = ready()
    job = service.add(honest(1)[0])

    def answer(service, request, wire):
        printer.session.stop()
        return whole(service.reply(GET_JOBS, {}, request))

    service.attack(GET_JOBS, answer)
    stops(printer)
    assert not printer.paper.count and job.state < PROCESSING  # it stays with the service


def test_a_stop_as_a_job_is_offered():
    printer, service = ready(mobile.Service, **mobile.CONFIG)
    job = service.add(honest(1)[0])
    printer.until(lambda: printer.session.control.answered, "offered")
    printer.session.stop()
    stops(printer)
    assert printer.said("The printer is being switched off.") and job.state == ABORTED
    assert not printer.paper.count


def test_a_registered_printer_that_is_switched_off_stays_registered():
    class Office(Service):
        def reply(self, operation, names, request):
            if operation == REGISTER_DEVICE:
                assert names[b"system-uri"] == [b"ipp://service.example:631/ipp/system"]
            return Service.reply(self, operation, names, request)

    services = [{"uri": "ipp://service.example/ipp/print/infra", "register": True}]
    printer, service = ready(Office, services=services)
    assert service.requests[REGISTER_DEVICE] == 1 and printer.session.registered
    described = service.requests[UPDATE_DEVICE]
    stops(printer)
    assert DEREGISTER not in service.requests and service.requests[UPDATE_DEVICE] > described


# -- somebody looks for the printer --


def looked_for(request, number):
    """An event that says so."""
    enc = begin(0, request)
    enc.group(t.EVENT_NOTIFICATION)
    enc.integer(b"notify-sequence-number", t.INTEGER, number)
    enc.string(b"printer-state-reasons", t.KEYWORD, b"identify-printer-requested")
    return whole(finish(enc))


def events(printer, service, answer, operation=NOTIFICATIONS):
    """The answer to what is held, or comes next."""
    service.attack(operation, answer)
    service.sequence += 1
    printer.until(lambda: not service.left and printer.waiting, "heard")


def test_a_printer_that_is_looked_for_makes_itself_noticed():
    printer, service = ready()
    for taken in (False, True):
        service.sequence += 1
        number = service.sequence
        printer.until(lambda: printer.waiting, "waiting")
        service.attack(NOTIFICATIONS, lambda s, r, w, number=number: looked_for(r, number))
        printer.until(lambda: not service.left, "heard")
        if taken:  # else there is none pending any more
            service.attack(IDENTIFY, lambda s, r, w: whole(status(0, r)))
        printer.until(lambda: not service.left and printer.waiting, "waiting")
        assert printer.said('"identify"') == taken
    printer.paper.reasons = 0
    printer, service = ready(mobile.Service, **mobile.CONFIG)

    def answer(service, request, wire):
        enc = begin(0, request)
        enc.string(b"identify-actions", t.KEYWORD, b"flash")
        return whole(finish(enc))

    service.attack(mobile.REPORT_PRINTER, answer)
    printer.session.reported = -1
    printer.until(lambda: printer.said('"identify"'), "noticed")


def test_an_engine_that_cannot_be_looked_for_now_says_so():
    printer, _ = ready()
    printer.session.device.engine.identify = lambda: None
    printer.session.control.make_noticed()
    assert printer.said("the engine cannot do that now")


def test_a_light_flickers_for_who_looks_for_the_printer():
    printer, _ = ready()
    lit = []
    printer.session.device.engine.identify = lambda: None
    printer.session.device.light = lambda: lit.append(True)
    printer.session.control.make_noticed()
    assert lit == [True] and printer.said('"identify"')


def test_a_stop_before_the_registration_is_done():
    service = mobile.Service()
    services = [{"uri": mobile.URI, "profile": "mobile", "code": "CODE2345"}]
    printer = Printer(service, services=services)
    service.attack(mobile.REGISTER, lambda s, r, w: silence())
    printer.until(lambda: service.used, "registering")
    stops(printer)
