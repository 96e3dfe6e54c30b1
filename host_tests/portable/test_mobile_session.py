"""A device of the 2010 profile with a scripted service: reports, cancels, waiting, leaving."""

from heap import locked
from mobile_device import Printer, assert_printed, printing
from mobile_samples import job_report, outer
from mobile_service import (
    ABORTED,
    CANCELED,
    FETCH,
    NO_JOB,
    PROCESSING,
    REPORT_JOB,
    REPORT_PRINTER,
    STOPPING,
    UNKNOWN,
    Service,
    offered,
)

from fetchprint.engine import base


def test_reports_come_every_second_and_at_each_change():
    service = offered()
    printer = printing(service)
    before = len(service.all(REPORT_JOB))
    printer.run(505)
    assert 5 <= len(service.all(REPORT_JOB)) - before <= 6
    printer.engine.reasons = base.MEDIA_EMPTY
    printer.run(15)
    assert service.all(REPORT_JOB)[-1][1][b"job-state"] == [6]
    assert service.all(REPORT_PRINTER)[-1][1][b"printer-state-reasons"] == [b"media-empty"]
    printer.engine.reasons = 0
    printer.run(15)
    assert service.all(REPORT_JOB)[-1][1][b"job-state"] == [5]
    printer.engine.waits = False
    printer.until(lambda: printer.ended())
    assert_printed(printer, service)


def test_a_cancel_stops_the_paper_within_two_seconds():
    service = offered()
    printer = printing(service)
    service.reasons = STOPPING
    asked = printer.now
    printer.until(lambda: printer.ended())
    assert printer.now - asked < 2000
    assert printer.ended() == ["canceled"] and service.job == CANCELED and not printer.engine.out


def test_a_job_that_is_over_is_stopped_and_not_reported():
    for answer in (job_report(CANCELED), job_report(ABORTED, status=0x0404), outer(b"", 0x0406, b"")):
        service = offered()
        printer = printing(service)
        service.scripted[REPORT_JOB] = [answer]
        printer.until(lambda printer=printer: printer.ended())
        assert service.all(REPORT_JOB)[-1][1][b"job-state"] == [5]
        assert printer.phase() is None


def test_the_end_is_reported_until_it_is_accepted():
    for answer in (outer(b"", 0x0507, b""), outer(b"", 0x0403, b""), 503, None):
        service = offered()
        printer = printing(service)
        service.scripted[REPORT_JOB] = [job_report(PROCESSING)] if answer is None else []
        printer.run(5)
        service.scripted[REPORT_JOB] = [answer, answer]
        printer.engine.waits = False
        printer.until(lambda printer=printer: printer.ended())
        assert_printed(printer, service)


def test_a_device_that_the_service_has_forgotten_describes_itself():
    service = Service()
    printer = Printer(service)
    service.scripted[FETCH] = [UNKNOWN]
    printer.until(lambda: len(service.all(REPORT_PRINTER)) == 2)
    assert b"document-format-supported" in service.all(REPORT_PRINTER)[1][1]
    printer.until(lambda: len(service.all(FETCH)) == 2)
    service.scripted[FETCH] = [UNKNOWN] * 20
    service.offer = None
    printer.now += 61000
    printer.run(1000)
    assert len(service.all(FETCH)) < 20  # it does not go round in a tight circle


def test_a_service_that_does_not_hold_is_asked_less_and_less():
    service = Service()
    service.scripted[FETCH] = [NO_JOB] * 100
    printer = Printer(service)
    printer.run(6000)
    assert 3 <= len(service.all(FETCH)) <= 5
    assert printer.now > 60000


def test_someone_looks_for_the_printer():
    service = Service()
    service.identify = True
    printer = Printer(service)
    printer.until(lambda: printer.engine.shown)
    service.identify = False
    service.scripted[FETCH] = [job_report(0, identify=True)]
    printer.now += 61000
    printer.until(lambda: printer.engine.shown == 2)


def test_a_clean_stop_says_good_bye():
    service = Service()
    printer = Printer(service)
    printer.until(lambda: service.all(FETCH))
    printer.session.stop()
    printer.until(lambda: printer.session.stopped)
    last = service.all(REPORT_PRINTER)[-1][1]
    assert last[b"printer-state"] == [5] and last[b"printer-state-reasons"] == [b"shutdown"]


def test_a_failure_of_reports_leaves_the_document_alone():
    service = offered()
    printer = printing(service)
    service.scripted[REPORT_JOB] = [None, None]
    printer.run(300)
    printer.engine.waits = False
    printer.until(lambda: printer.ended())
    assert_printed(printer, service)
    # After a failure the service is told again what the device is.
    described = [r for r in service.all(REPORT_PRINTER) if b"document-format-supported" in r[1]]
    assert len(described) >= 2


def locked_turns(printer, turns):
    with locked():
        for _ in range(turns):
            printer.session.control.poll(printer.now)
            printer.session.watch.poll(printer.now)


def test_waiting_and_streaming_with_the_heap_locked():
    service = offered()
    printer = printing(service)
    service.scripted[REPORT_JOB] = []
    printer.run(5)
    locked_turns(printer, 5)
