"""A device of the 2010 profile after lost answers, broken documents and restarts: asked for, not repeated."""

from mobile_device import Printer, assert_printed, printing
from mobile_samples import DOCUMENT, JOB, job_report
from mobile_service import (
    ABORTED,
    ACCEPT,
    CANCELED,
    COMPLETED,
    FETCH,
    PENDING,
    PROCESSING,
    REJECT,
    REPORT_JOB,
    REPORT_PRINTER,
    STOPPING,
    Service,
    offered,
)
from test_mobile_offers import REJECTED

from fetchprint.proxy import journal


def test_a_lost_answer_of_each_operation():
    for operation in (REPORT_PRINTER, FETCH, ACCEPT, REPORT_JOB):
        for times in (1, 2, 3):
            service = offered()
            service.scripted[operation] = [None] * times
            printer = Printer(service)
            printer.until(lambda printer=printer: printer.ended(), 6000)
            assert_printed(printer, service)


def test_a_lost_answer_to_a_rejection():
    service = Service(REJECTED[0][0])
    service.scripted[REJECT] = [None]
    printer = Printer(service)
    printer.until(lambda: len(service.all(FETCH)) == 2)
    assert printer.engine.jobs == 0 and printer.phase() is None


def test_a_service_that_is_down_for_a_while():
    service = offered()
    service.down = True
    printer = Printer(service)
    printer.run(1000)
    service.down = False
    printer.until(lambda: printer.ended(), 20000)
    assert_printed(printer, service)


def test_a_document_cut_before_paper_moved_is_fetched_again():
    head = len(offered().offer) - len(DOCUMENT)
    for cut in [n for n in range(1, head, 7)] + [head]:
        service = offered()
        service.cut = cut
        printer = Printer(service)
        printer.until(lambda printer=printer: printer.ended())
        assert bytes(printer.engine.out) == DOCUMENT and printer.ended() == ["completed"]
        named = [r[1][b"job-uuid"] for r in service.all(FETCH) if b"job-uuid" in r[1]]
        assert named == ([[JOB]] if cut == head else [])


def test_a_document_cut_after_its_acceptance_is_fetched_again():
    service = offered()
    service.cut = len(service.offer) - len(DOCUMENT)
    service.late = 3000
    printer = Printer(service)
    printer.until(lambda: printer.ended())
    assert bytes(printer.engine.out) == DOCUMENT and printer.ended() == ["completed"]
    assert [r[1][b"job-uuid"] for r in service.all(FETCH) if b"job-uuid" in r[1]] == [[JOB]]


def test_a_document_cut_on_paper_is_reported_aborted():
    service = offered()
    service.cut = len(service.offer) - 2
    service.first = service.rest = 1
    printer = Printer(service)
    printer.until(lambda: printer.ended())
    assert printer.ended() == ["aborted"] and service.job == ABORTED
    assert printer.engine.jobs == 1 and printer.engine.out == DOCUMENT[:-2]


def test_a_document_that_never_comes_is_given_up():
    service = offered()
    service.cut = len(service.offer) - len(DOCUMENT)
    service.cuts = 99
    printer = Printer(service)
    printer.until(lambda: printer.ended(), 20000)
    assert printer.ended() == ["aborted"] and service.job == ABORTED and not printer.engine.out
    again = [r for r in service.all(FETCH) if b"job-uuid" in r[1]]
    assert len(again) == 5 and len(service.all(ACCEPT)) == 1  # the first time it was not accepted yet


def restarted(printer, service):
    """The power fails and comes back."""
    again = Printer(service, printer.store, printer.engine)
    again.engine.waits = False
    return again


def accepting(service):
    """A printer whose Accept-Print-Job is not answered: the journal says CLAIMING."""
    service.scripted[ACCEPT] = [None]
    printer = Printer(service)
    printer.until(lambda: service.all(ACCEPT))
    assert printer.phase() == (journal.CLAIMING, 0)
    return printer


def test_restart_while_claiming():
    """By what the service believes: the job is this printer's, only offered, canceled, over, gone."""
    for state, reasons, ends in (
        (PROCESSING, (b"none",), ["completed"]),
        (PENDING, (b"none",), ["completed"]),
        (PROCESSING, STOPPING, ["canceled"]),
        (CANCELED, (b"none",), []),
        (0, (b"none",), []),
    ):
        service = offered()
        printer = accepting(service)
        service.job = state
        service.reasons = reasons
        if not state or state == CANCELED:
            service.offer = None
        accepted = len(service.all(ACCEPT))
        again = restarted(printer, service)
        again.run(100)
        asked = [r for r in service.all(REPORT_JOB) if r[1][b"job-state"] == [3]]
        assert asked, "it has not asked"
        assert again.ended() == ends and again.phase() is None
        assert again.engine.jobs == (1 if ends == ["completed"] else 0)
        assert len(service.all(ACCEPT)) - accepted == (1 if state == PENDING else 0)


def test_restart_while_streaming():
    service = offered()
    printer = printing(service)
    assert printer.phase() == (journal.STREAMING, 0)
    printer.run(5)
    again = restarted(printer, service)
    again.until(lambda: again.ended())
    assert again.ended() == ["aborted"] and service.job == ABORTED
    assert again.engine.jobs == 1 and not again.engine.out


def test_restart_with_the_end_untold():
    service = offered()
    printer = printing(service)
    service.scripted[REPORT_JOB] = [None] * 50
    printer.engine.waits = False
    printer.until(lambda: printer.phase() == (journal.ENDED, COMPLETED))
    printer.run(10)
    assert not printer.ended()
    service.scripted[REPORT_JOB] = []
    service.job = PROCESSING
    again = restarted(printer, service)
    again.until(lambda: again.ended())
    assert_printed(again, service)


def test_the_service_restarts_while_a_job_prints():
    service = offered()
    printer = printing(service)
    service.down = True
    printer.run(300)
    service.down = False
    service.known = False
    printer.engine.waits = False
    printer.until(lambda: printer.ended())
    assert len(printer.ended()) == 1 and service.job in (ABORTED, COMPLETED)
    assert printer.engine.jobs <= 2 and bytes(printer.engine.out) in (b"", DOCUMENT)
    assert printer.ended() == [("aborted", "completed")[service.job - ABORTED]]


def test_what_the_service_says_is_checked():
    service = offered()
    service.scripted[FETCH] = [b"garbage", job_report(5), offered().offer[:60]]
    printer = Printer(service)
    printer.until(lambda: printer.ended(), 6000)
    assert_printed(printer, service)
