"""Subscriptions, held Get-Notifications and Identify-Printer of the print service."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from fetchprint.ipp import tags
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute
from service_device import Device, declared
from service_kit import Printer, Service, integer
from support import wait_until

PCL = "application/vnd.epson.escpos"
PAPER = b"\x1b@hello\n"


@pytest.fixture
def device(service: Service) -> Iterator[Device]:
    with declared(service.uri, ("image/pwg-raster", PCL)) as one:
        yield one


def test_identify(printer: Printer, device: Device) -> None:
    assert device.ask(Operation.ACKNOWLEDGE_IDENTIFY_PRINTER).code == Status.NOT_POSSIBLE
    device.subscribe("printer-state-changed")
    asked = printer.ask(Operation.IDENTIFY_PRINTER, Attribute("identify-actions", tags.KEYWORD, "flash"))
    assert asked.code == Status.OK
    event = device.events(wait=True)[0]
    assert "identify-printer-requested" in event.values("printer-state-reasons")
    told = device.ask(Operation.ACKNOWLEDGE_IDENTIFY_PRINTER)
    assert told.values(tags.OPERATION, "identify-actions") == ["flash"]
    assert device.ask(Operation.ACKNOWLEDGE_IDENTIFY_PRINTER).code == Status.NOT_POSSIBLE


def test_a_held_request_is_answered_by_the_event(printer: Printer, device: Device) -> None:
    assert device.subscribe("job-fetchable", "job-state-changed", "job-completed") == Status.OK
    assert device.events(wait=False) == []
    answers: list[tuple[float, list[str]]] = []

    def wait() -> None:
        found = device.events(wait=True)
        answers.append((time.monotonic(), [event.get("notify-subscribed-event") for event in found]))

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive(), "Get-Notifications was not held"
    sent = time.monotonic()
    job = printer.print(PAPER, PCL)
    thread.join(5)
    assert answers and answers[0][0] - sent < 1
    wait_until(
        lambda: "job-fetchable" in answers[0][1] or answers[0][1].extend(_names(device)),
        5,
        "the job-fetchable event",
    )
    first = device.sequence
    printer.cancel(job)
    completed = device.events(wait=True)
    assert [event.get("notify-sequence-number") for event in completed] == [first]
    assert completed[0].get("notify-subscribed-event") == "job-completed"
    assert completed[0].get("job-id") == job
    assert completed[0].get("job-state") == JobState.CANCELED


def _names(device: Device) -> list[str]:
    return [event.get("notify-subscribed-event") for event in device.events(wait=False)]


def test_renew_and_cancel_a_subscription(device: Device) -> None:
    device.subscribe("job-fetchable")
    number = integer("notify-subscription-id", device.subscription)
    renewed = device.ask(Operation.RENEW_SUBSCRIPTION, number, integer("notify-lease-duration", 60))
    assert renewed.get(tags.SUBSCRIPTION, "notify-lease-duration") == 60
    assert device.ask(Operation.CANCEL_SUBSCRIPTION, number).code == Status.OK
    assert device.ask(Operation.RENEW_SUBSCRIPTION, number).code == Status.NOT_FOUND
    gone = device.ask(Operation.GET_NOTIFICATIONS, integer("notify-subscription-ids", device.subscription))
    assert gone.code == Status.NOT_FOUND
    assert device.subscribe("no-such-event") == Status.ATTRIBUTES_OR_VALUES_NOT_SUPPORTED
