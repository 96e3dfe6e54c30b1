"""Several services at once: each job printed once, turns fair to within one job, bad company."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from e2e import PWG, RUNTIMES, Emulate, assert_printed, submit, told
from e2e_service import dots, raster, state
from fetchprint_tools import job_output, micropython32
from fetchprint_tools.codes import JobState
from fetchprint_tools.ippsample import available
from fetchprint_tools.ippserver import IppServer
from service_kit import Printer, Service
from support import absent, unused_port, wait_until

JOBS = 4
BUDGETS = {1: "96k", 2: "96k"}
"""Heaps for three services of one profile and of both, 32 bits as a board has (docs/architecture.md)."""
PROCESSING = 4


@pytest.fixture
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Service]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Service(tmp_path / f"service-{i}")) for i in range(request.param)]


def serving(count: int) -> pytest.MarkDecorator:
    """So many built-in services."""
    return pytest.mark.parametrize("services", [count], indirect=True, ids=[f"{count}-services"])


def uris(services: list[Service]) -> list[str]:
    return [service.uri for service in services]


def folder_of(uri: str, everyone: list[str]) -> str:
    return job_output.folders([{"uri": each} for each in everyone])[uri]


def all_ready(printer: Emulate, wanted: list[str]) -> None:
    for uri in wanted:
        printer.wait("service", service=uri, state="waiting")
    printer.wait("printer", state="idle")


def small(runtime: str, profiles: int) -> list[str]:
    """Options for the heap that three services have to do with."""
    if runtime != "micropython-32":
        return []
    usable, reason = micropython32.available()
    if not usable:
        absent(reason)
    return ["--heap", BUDGETS[profiles]]


@pytest.mark.slow
@serving(3)
@pytest.mark.parametrize("runtime", [*RUNTIMES, "micropython-32"])
def test_jobs_of_three_services_take_turns(runtime: str, services: list[Service], tmp_path: Path) -> None:
    known = uris(services)
    clients = [Printer(uri) for uri in known]
    options = ["--jobs", str(3 * JOBS + 1), "--speed", "2000", *small(runtime, 1)]
    with Emulate(known, tmp_path, *options, runtime=runtime) as printer:
        all_ready(printer, known)
        # While this one prints the others' queues fill up; they see that the printer is busy.
        first = clients[0].print(raster(dots(99, 3000)), PWG)
        printer.wait("progress", job=first)
        jobs = [[clients[s].print(raster(dots(10 * s + n)), PWG) for n in range(JOBS)] for s in range(3)]
        for client in clients[1:]:
            wait_until(lambda c=client: c.printer().get("printer-state") == PROCESSING, 5, "processing")
        assert printer.ended(60) == 0
        order = [known.index(event["service"]) for event in printer.all("engine-begin")][1:]
        for n in range(len(order)):
            done = [order[: n + 1].count(s) for s in range(3)]
            assert max(done) - min(done) <= 1, order
        for s in range(3):
            printed = [e["job-id"] for e in printer.all("engine-begin", service=known[s])]
            assert printed == ([first] if s == 0 else []) + jobs[s]  # each once, in its order
            for n, job in enumerate(jobs[s]):
                assert_printed(printer, job, [dots(10 * s + n)], folder_of(known[s], known))
                state(clients[s], job, JobState.COMPLETED)
    pages = sorted(printer.out.glob("*/job-*/page-*.png"))
    assert len(pages) == 3 * JOBS + 1
    assert not list(printer.out.glob("job-*"))


@pytest.mark.slow
@serving(2)
def test_identities_stay_when_the_order_changes(services: list[Service], tmp_path: Path) -> None:
    known = uris(services)
    seen = []
    for order in (known, known[::-1]):
        with Emulate(order, tmp_path, runtime="cpython") as printer:
            all_ready(printer, known)
            assert printer.stop() == 0
        records = sorted((tmp_path / "state").glob("*-uuid.json"))
        assert len(records) == 2
        seen.append([(path.name, path.read_bytes()) for path in records])
        assert all(path.stat().st_mode & 0o077 == 0 for path in records)
    assert seen[0] == seen[1]
    assert seen[0][0][1] != seen[0][1][1]


class Hostile:
    """A TCP server that treats each connection by ``behave(connection)`` in a thread; its URI."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._behave = behave
        self._open: list[socket.socket] = []
        self.uri = f"ipp://127.0.0.1:{self._listener.getsockname()[1]}/ipp/print/infra"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return  # closed
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            self._behave(connection)
        except OSError:
            return  # closed by either side
        connection.close()

    def __enter__(self) -> Hostile:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()


def _drip(connection: socket.socket) -> None:
    """Five bytes a second: an honest head, then a body without end."""
    connection.recv(65536)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 1000000\r\n\r\n"
    connection.sendall(head + b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x47\x00\x12attributes-charset")
    while not select.select([connection], [], [], 0.2)[0]:  # until the other side closes
        connection.sendall(b"\x00")


def _garbage(connection: socket.socket) -> None:
    while connection.recv(65536):
        connection.sendall(bytes(range(256)) * 64)


def _flood(connection: socket.socket) -> None:
    """A reply that never ends, as fast as it can be read."""
    connection.recv(65536)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 1000000000\r\n\r\n"
    connection.sendall(head + b"\x02\x00\x00\x00\x00\x00\x00\x01\x01")
    attribute = b"\x44\x00\x01x\x00\x04none"
    while True:
        connection.sendall(attribute * 1000)


def _silence(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass


@pytest.mark.slow
@serving(1)
@pytest.mark.parametrize(
    ("runtime", "company"), [("cpython", (_drip, _garbage)), ("micropython", (_flood, _silence))]
)
def test_bad_company_costs_the_others_nothing(
    runtime: str,
    company: tuple[Callable[[socket.socket], None], ...],
    services: list[Service],
    tmp_path: Path,
) -> None:
    good = services[0]
    client = Printer(good.uri)
    with ExitStack() as stack:
        bad = [stack.enter_context(Hostile(each)).uri for each in company]
        dead = f"ipp://127.0.0.1:{unused_port()}/ipp/print/infra"
        known = [dead, *bad, good.uri]
        options = ("--jobs", "6")
        printer = stack.enter_context(Emulate(known, tmp_path, *options, runtime=runtime))
        all_ready(printer, [good.uri])
        for n in range(6):
            submitted = time.monotonic()
            job = client.print(raster(dots(n)), PWG)
            begun = printer.wait("engine-begin", job=job)
            assert begun["at"] - submitted < 2.5, n  # one slow look of another at most, see proxy/turns.py
            printer.wait("job-end", job=job, state="completed")
            assert_printed(printer, job, [dots(n)], folder_of(good.uri, known))
        assert printer.ended() == 0
        assert printer.all("service", service=dead, state="lost")
    for uri in known[:-1]:
        assert not printer.all("service", service=uri, state="waiting")


@pytest.mark.slow
@pytest.mark.system
@serving(2)
@pytest.mark.parametrize("runtime", [*RUNTIMES, "micropython-32"])
def test_the_packaged_server_and_both_profiles_of_the_built_in_one(
    runtime: str, services: list[Service], tmp_path: Path
) -> None:
    usable, reason = available()
    if not usable:
        absent(reason)
    options = ["--jobs", "7", "--speed", "2000", *small(runtime, 2)]
    document = tmp_path / "page.pwg"
    document.write_bytes(raster(dots(5)))
    with ExitStack() as stack:
        packaged = stack.enter_context(IppServer())
        infra, mobile = services
        known = [packaged.uri, infra.uri, mobile.uri]
        named = [packaged.uri, f"infra={infra.uri}", f"mobile={mobile.uri}"]
        clients = [Printer(infra.uri), Printer(mobile.uri)]
        printer = stack.enter_context(Emulate(named, tmp_path, *options, runtime=runtime, server=packaged))
        all_ready(printer, known)
        first = clients[0].print(raster(dots(99, 2000)), PWG)
        printer.wait("progress", job=first)
        theirs = [submit(packaged, document, PWG) for _ in range(2)]
        ours = [[client.print(raster(dots(n)), PWG) for n in range(2)] for client in clients]
        assert printer.ended(60) == 0
        order = [known.index(event["service"]) for event in printer.all("engine-begin")][1:]
        assert sorted(order[:3]) == [0, 1, 2] and sorted(order[3:]) == [0, 1, 2], order
        for uri, jobs in zip(known, (theirs, [first, *ours[0]], ours[1]), strict=True):
            # each once; the 2010 profile's service puts an offer that was not taken behind the others
            assert sorted(e["job-id"] for e in printer.all("engine-begin", service=uri)) == jobs
        for job in theirs:
            assert_printed(printer, job, [dots(5)], folder_of(packaged.uri, known))
            wait_until(lambda n=job: "job-completed-successfully" in told(packaged, n), 5, "the end")
        for client, uri, jobs in zip(clients, known[1:], ours, strict=True):
            for n, job in enumerate(jobs):
                assert_printed(printer, job, [dots(n)], folder_of(uri, known))
                state(client, job, JobState.COMPLETED)


def test_folders_of_services_differ() -> None:
    several = ["ipp://h/q", "ipp://h:631/q", "ipp://h:631/q/", "http://h:631/q", "ipp://[::1]/../.."]
    names = list(job_output.folders([{"uri": uri} for uri in several]).values())
    assert len(set(names)) == len(several) and names[0] == "h-q" and names[1] == "h-631-q"
    assert all("/" not in name and not name.startswith(".") for name in names)
    assert job_output.folders([{"uri": several[0]}]) == {several[0]: "."}
