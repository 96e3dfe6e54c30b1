"""A device that vanishes with a job, and many devices that want the same one."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fetchprint_tools.codes import JobState, Status
from service_device import Device
from service_kit import Printer, Service
from support import wait_until

pytestmark = pytest.mark.slow

PCL = "application/vnd.epson.escpos"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path, "--silence", "1") as running:
        yield running


def test_a_vanished_device_is_noticed_and_its_job_waits_for_it(service: Service) -> None:
    printer = Printer(service.uri)
    device, other = Device(service.uri), Device(service.uri)
    device.declare(formats=(PCL,))
    job = printer.print(b"paper", PCL)
    device.acknowledge(job)
    device.job_status(job, 5, "job-printing", impressions=2)
    wait_until(lambda: printer.state(job) == JobState.PROCESSING_STOPPED, 10, "the silence to be noticed")
    assert printer.job(job).values("job-state-reasons") == ["job-printing", "printer-stopped"]
    assert "nothing is heard" in printer.job(job).get("job-state-message")
    assert printer.printer().values("printer-state-reasons") == ["none", "offline-report"][1:]
    told = [line for line in service.said("device") if line["state"] == "silent"]
    assert [line["output-device-uuid"] for line in told] == [device.uuid]
    # Never to another by itself.
    other.declare(formats=(PCL,))
    assert other.fetchable() == []
    assert other.acknowledge(job) == Status.NOT_FETCHABLE
    # It comes back, is told the truth, and goes on.
    assert device.active((job, 5)) == (Status.OK, {}, [])
    assert printer.state(job) == JobState.PROCESSING
    assert printer.job(job).values("job-state-reasons") == ["job-printing"]
    assert printer.job(job).get("job-state-message") == ""
    assert device.job_status(job, 9, impressions=3) == Status.OK


def test_the_silence_outlives_a_crash(tmp_path: Path) -> None:
    with Service(tmp_path, "--silence", "1") as first:
        device = Device(first.uri)
        device.declare(formats=(PCL,))
        printer = Printer(first.uri)
        job = printer.print(b"paper", PCL)
        device.acknowledge(job)
        wait_until(lambda: printer.state(job) == JobState.PROCESSING_STOPPED, 10, "the silence")
    with Service(tmp_path, "--port", str(first.port)) as second:
        printer = Printer(second.uri)
        assert printer.job(job).values("job-state-reasons") == ["printer-stopped"]
        assert device.active((job, 5))[0] == Status.OK
        assert printer.state(job) == JobState.PROCESSING
        assert printer.job(job).values("job-state-reasons") == ["none"]


def test_a_job_of_a_vanished_device_can_be_canceled(service: Service) -> None:
    printer = Printer(service.uri)
    device = Device(service.uri)
    device.declare(formats=(PCL,))
    jobs = [printer.print(b"paper", PCL) for _ in range(2)]
    for job in jobs:
        device.acknowledge(job)
    printer.cancel(jobs[0])  # it hears of this one no more
    wait_until(
        lambda: "printer-stopped" in printer.job(jobs[0]).values("job-state-reasons"), 10, "the silence"
    )
    for job in jobs:
        assert not printer.state(job).ended
        assert printer.cancel(job) == Status.OK
        assert printer.state(job) == JobState.CANCELED
    told = device.active(*((job, 5) for job in jobs))
    assert told == (Status.OK, dict.fromkeys(jobs, JobState.CANCELED), [])
    assert device.job_status(jobs[0], 9) == Status.NOT_POSSIBLE


def test_asking_about_its_job_is_a_sign_of_life(service: Service) -> None:
    """While a document streams a device may say its uuid no more on its second connection."""
    import http.client

    from fetchprint.ipp import tags
    from fetchprint_tools.codes import Operation
    from service_kit import integer

    printer = Printer(service.uri)
    device = Device(service.uri)
    device.declare(formats=(PCL,))
    job = printer.print(b"paper", PCL)
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)

    def post(operation: Operation, named: bool) -> None:
        message = device.client.message(operation)
        message.groups[0].put(integer("job-id", job))
        if named:
            message.groups[0].add("output-device-uuid", tags.URI, device.uuid)
        connection.request("POST", "/", message.encode(), {"Content-Type": "application/ipp"})
        assert connection.getresponse().read()

    post(Operation.ACKNOWLEDGE_JOB, True)
    stop = threading.Event()
    timer = threading.Timer(3, stop.set)
    timer.start()
    try:
        while not stop.is_set():
            post(Operation.GET_JOB_ATTRIBUTES, False)
            assert printer.state(job) == JobState.PROCESSING
            stop.wait(0.2)
    finally:
        timer.cancel()
        connection.close()
    wait_until(lambda: printer.state(job) == JobState.PROCESSING_STOPPED, 10, "the silence")


def test_no_job_goes_to_two_devices(tmp_path: Path) -> None:
    with Service(tmp_path) as service:
        devices = [Device(service.uri) for _ in range(16)]
        for device in devices:
            device.declare(formats=(PCL,))
        printer = Printer(service.uri)
        jobs = {printer.print(b"paper", PCL) for _ in range(40)}
        start = threading.Barrier(len(devices))

        def take(device: Device) -> list[int]:
            start.wait(10)
            taken = []
            while offered := device.fetchable():
                for job in offered:
                    if device.acknowledge(job) == Status.OK:
                        assert device.document(job, formats=(PCL,))[0].code == Status.OK
                        assert device.job_status(job, 9, impressions=1) == Status.OK
                        taken.append(job)
            return taken

        with ThreadPoolExecutor(len(devices)) as pool:
            books = Counter(job for taken in pool.map(take, devices) for job in taken)
        assert books == dict.fromkeys(jobs, 1)
        assert all(printer.state(job) == JobState.COMPLETED for job in jobs)
