"""What the print service knows after a crash: everything that it has answered for."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from fetchprint.ipp import tags
from fetchprint_tools import processes
from fetchprint_tools.codes import JobState, Operation, Status
from fetchprint_tools.message import Attribute
from service_device import Device
from service_kit import Printer, Service, integer

pytestmark = pytest.mark.slow

PCL = "application/vnd.epson.escpos"


def crash(service: Service) -> None:
    """SIGKILL."""
    processes.kill(service.process)


def again(service: Service, *options: str) -> Service:
    """Started again on the same port and directory."""
    return Service(service.data, "--port", str(service.port), *options)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_job_survives_with_all_that_is_known_of_it(data: Path) -> None:
    with Service(data) as first:
        device = Device(first.uri)
        device.declare(formats=(PCL,))
        printer = Printer(first.uri)
        wishes = [Attribute("sides", tags.KEYWORD, "one-sided"), Attribute("copies", tags.INTEGER, 1)]
        name = Attribute("job-name", tags.NAME, "the näme")
        number = printer.print(b"paper" * 1000, PCL, name, job=wishes)
        before = printer.job(number)
        crash(first)
    with again(first) as second:
        printer = Printer(second.uri)
        after = printer.job(number)
        moving = {"job-printer-up-time", "time-at-creation"}
        assert [one for one in after if one.name not in moving] == [
            one for one in before if one.name not in moving
        ]
        assert after.get("time-at-creation") <= 1
        assert device.fetchable() == [number]
        assert device.acknowledge(number) == Status.OK
        assert device.document(number, formats=(PCL,))[1] == b"paper" * 1000


def test_a_job_that_was_taken_is_still_taken_and_goes_on(data: Path) -> None:
    with Service(data) as first:
        device, other = Device(first.uri), Device(first.uri)
        for one in (device, other):
            one.declare(formats=(PCL,))
        printer = Printer(first.uri)
        mine, left_out, done, refused = (printer.print(b"paper", PCL) for _ in range(4))
        for number in (mine, left_out, done):
            assert device.acknowledge(number) == Status.OK
        device.acknowledge(refused, refusal=Status.DOCUMENT_FORMAT_ERROR)
        device.job_status(mine, 5, "job-printing", impressions=3)
        device.document_status(mine, 5, 3)
        device.job_status(done, 9, impressions=1)
        crash(first)
    with again(first) as second:
        printer = Printer(second.uri)
        assert device.fetchable() == []
        assert other.fetchable() == [refused]
        assert other.acknowledge(mine) == Status.NOT_FETCHABLE
        assert printer.job(mine).get("job-impressions-completed") == 3
        assert printer.job(mine).get("output-device-uuid-assigned") == device.uuid
        assert printer.job(mine).values("job-state-reasons") == ["job-printing"]
        # Both directions, and neither had to declare itself again.
        code, differing, foreign = device.active((mine, 5), (done, 5), (99999, 5))
        assert code == Status.OK_IGNORED_OR_SUBSTITUTED
        assert differing == {done: JobState.COMPLETED, left_out: JobState.PROCESSING_STOPPED}
        assert foreign == [99999]
        assert device.document(mine, formats=(PCL,))[1] == b"paper"
        assert device.job_status(mine, 9, impressions=5) == Status.OK
        assert printer.state(mine) == JobState.COMPLETED
        assert device.job_status(done, 9) == Status.NOT_POSSIBLE
        assert printer.job(done).get("job-impressions-completed") == 1


def test_cancels_survive(data: Path) -> None:
    with Service(data) as first:
        device = Device(first.uri)
        device.declare(formats=(PCL,))
        printer = Printer(first.uri)
        waiting, held = (printer.print(b"paper", PCL) for _ in range(2))
        device.acknowledge(held)
        assert printer.cancel(waiting) == printer.cancel(held) == Status.OK
        crash(first)
    with again(first) as second:
        printer = Printer(second.uri)
        assert printer.state(waiting) == JobState.CANCELED
        assert printer.job(held).values("job-state-reasons") == [
            "processing-to-stop-point",
            "job-canceled-by-user",
        ]
        assert device.active((held, 5))[1] == {held: JobState.PROCESSING_STOPPED}
        assert device.job_status(held, 7) == Status.OK


def test_a_job_that_is_still_coming_in_can_be_finished(data: Path) -> None:
    def send(printer: Printer, number: int, data: bytes, last: bool) -> int:
        return printer.ask(
            Operation.SEND_DOCUMENT,
            integer("job-id", number),
            Attribute("last-document", tags.BOOLEAN, last),
            Attribute("document-format", tags.MIME_MEDIA_TYPE, "text/plain"),
            data=data,
        ).code

    with Service(data) as first:
        number = Printer(first.uri).ask(Operation.CREATE_JOB).get(tags.JOB, "job-id")
        assert send(Printer(first.uri), number, b"one", False) == Status.OK
        crash(first)
    with again(first) as second:
        device = Device(second.uri)
        device.declare(formats=("text/plain",))
        assert device.fetchable() == []
        assert send(Printer(second.uri), number, b"two", True) == Status.OK
        assert device.fetchable() == [number]
        device.acknowledge(number)
        assert [device.document(number, one, ("text/plain",))[1] for one in (1, 2)] == [b"one", b"two"]


def test_ids_never_start_again(data: Path) -> None:
    with Service(data) as first:
        number = Printer(first.uri).print(b"text", "text/plain")
        identity = Printer(first.uri).printer().get("printer-uuid")
        uuid = Printer(first.uri).job(number).get("job-uuid")
        crash(first)
    with sqlite3.connect(data / "service.sqlite3") as database:
        database.execute("PRAGMA foreign_keys=ON")
        database.execute("DELETE FROM jobs")
    database.close()
    with again(first) as second:
        printer = Printer(second.uri)
        assert printer.printer().get("printer-uuid") == identity
        assert printer.print(b"text", "text/plain") == number + 1
        assert printer.job(number + 1).get("job-uuid") != uuid


def test_a_new_database_is_a_new_printer(data: Path) -> None:
    """Job-ids begin anew then: nobody may take the new job 1 for the old one."""
    with Service(data) as first:
        printer = Printer(first.uri)
        old = printer.printer().get("printer-uuid"), printer.job(printer.print(b"a", "text/plain"))
    (data / "service.sqlite3").unlink()
    with Service(data) as second:
        printer = Printer(second.uri)
        job = printer.job(printer.print(b"b", "text/plain"))
        assert job.get("job-id") == old[1].get("job-id") == 1
        assert job.get("job-uuid") != old[1].get("job-uuid")
        assert printer.printer().get("printer-uuid") != old[0]
        assert len(list((data / "spool").iterdir())) == 1


def test_files_that_no_job_names_are_removed(data: Path) -> None:
    with Service(data) as first:
        Printer(first.uri).print(b"text", "text/plain")
    kept = set((data / "spool").iterdir())
    (data / "spool" / "document-0123").write_bytes(b"never named")
    (data / "spool" / "document-4567.partial").write_bytes(b"cut short")
    with again(first):
        assert set((data / "spool").iterdir()) == kept


def test_the_history_is_bounded_on_the_disk(data: Path) -> None:
    with Service(data) as first:
        device = Device(first.uri)
        device.declare(formats=(PCL,))
        for _ in range(24):
            number = Printer(first.uri).print(b"paper", PCL)
            device.acknowledge(number)
            device.job_status(number, 9)
        assert len(list((data / "spool").iterdir())) == 20
        crash(first)
    with again(first) as second:
        which = Attribute("which-jobs", tags.KEYWORD, "completed")
        listed = Printer(second.uri).ask(Operation.GET_JOBS, which).groups_of(tags.JOB)
        assert [group.get("job-id") for group in listed] == list(range(24, 0, -1))
        assert len(list((data / "spool").iterdir())) == 20


def serve(data: Path) -> subprocess.CompletedProcess[str]:
    """``fetchprint serve`` that is expected to give up."""
    command = [sys.executable, "-m", "fetchprint_tools", "serve", "--port", "0", "--data", str(data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def test_two_services_do_not_share_a_directory(data: Path) -> None:
    with Service(data):
        done = serve(data)
    assert done.returncode == 1 and "service.sqlite3" in done.stderr and "--data" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_from_the_future_and_one_that_is_none(data: Path) -> None:
    data.mkdir()
    with sqlite3.connect(data / "service.sqlite3") as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    done = serve(data)
    assert done.returncode == 1 and "version 99" in done.stderr and "Traceback" not in done.stderr
    (data / "service.sqlite3").write_bytes(b"no database at all " * 100)
    done = serve(data)
    assert done.returncode == 1 and "service.sqlite3" in done.stderr and "Traceback" not in done.stderr
