"""A service that attacks: each row of the tables against one running device, an honest job behind each."""

import hostile_document
import hostile_http
import hostile_ipp
import hostile_mobile
import hostile_mobile_service
import hostile_queue
import hostile_registration
import hostile_run
from hostile_device import LONGEST_MS, MOST_OCTETS, Printer


def test_messages():
    hostile_run.run(hostile_ipp.ATTACKS)


def test_what_is_around_messages():
    hostile_run.run(hostile_http.ATTACKS)


def test_documents():
    hostile_run.run(hostile_document.ATTACKS)


def test_compressed_documents():
    hostile_run.run(hostile_document.GZIP, document={"gzip": True})


def test_jobs_and_lost_answers():
    hostile_run.run(hostile_queue.ATTACKS)


def test_messages_in_messages_and_their_order():
    hostile_run.run(hostile_mobile.MESSAGES, hostile_mobile_service.Service, **hostile_mobile_service.CONFIG)


def test_documents_that_are_somewhere_else():
    hostile_run.run(
        hostile_mobile.REFERENCES, hostile_mobile_service.Service, **hostile_mobile_service.CONFIG
    )


def registers(answer, says):
    """A new device is answered so, then as it should be, and prints."""
    service = hostile_registration.Office()
    printer = Printer(service, **hostile_registration.CONFIG)
    service.attack(hostile_registration.REGISTER, answer)
    printer.until(lambda: not service.left and printer.said("next attempt in"), "refused")
    assert printer.said(says) and not service.known, printer.port.lines
    records = printer.port.flash.records
    assert not [key for key in records if "identity" in key or "certificate" in key], records
    printer.until(lambda: printer.waiting, "waiting")
    hostile_run.next_job(printer, service, 1)
    secret = hostile_registration.GOOD[1][2]
    assert service.seen == {b"", secret}, service.seen
    assert not printer.said(secret.decode())
    assert printer.most <= MOST_OCTETS and printer.longest <= LONGEST_MS * 1000


def test_registration():
    for name, answer, says in hostile_registration.ATTACKS:
        try:
            registers(answer, says)
        except Exception:
            print("attack: %s" % name)
            raise
