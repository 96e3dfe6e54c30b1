"""How a new device gets its identity and credentials: docs/mobile-operations.md section 7, PWG 5100.22."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fetchprint.ipp.decoder import END, Decoder
from fetchprint.service.registration import Registration
from fetchprint_tools import processes
from fetchprint_tools.client import NotIpp
from fetchprint_tools.codes import JobState, Status
from registration_kit import WRONG, code, strict
from service_device import Device
from service_kit import Printer, Service
from service_mobile import ESCPOS, MobileDevice
from support import wait_until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with strict(tmp_path_factory.mktemp("registration")) as running:
        yield running


def unauthenticated(device: MobileDevice) -> bool:
    """Whether HTTP 401 is the answer to all that it asks."""
    for ask in (device.declare, device.fetch, lambda: device.report_job(device.uuid, 3)):
        with pytest.raises(NotIpp) as refused:
            ask()  # type: ignore[operator]
        assert refused.value.status == 401
    return True


def test_a_device_gets_its_credentials_by_a_code(service: Service) -> None:
    device = MobileDevice(service.uri)
    assert unauthenticated(device)
    assert device.register().code == Status.NOT_AUTHENTICATED
    assert device.register(WRONG).code == Status.NOT_AUTHORIZED
    proposed = device.uuid
    shown = code(service)
    reply = device.register(shown)
    assert reply.code == Status.OK and device.uuid == proposed
    assert list(reply.groups[0].attributes)[2:] == ["printer-uuid", "http-credentials"]
    judged = Registration()
    decoder = Decoder(1023)
    data = reply.encode()
    decoder.feed(data, 0, len(data))
    while True:
        event = decoder.next()
        judged.on_event(decoder, event)
        if event == END:
            break
    assert judged.usable and bytes(judged.uuid) == device.uuid.encode()
    assert judged.credentials() == device.client.authorization.encode()
    assert len(device.client.authorization) > 22 + len("Bearer ")  # 128 bits and more
    assert device.declare().code == Status.OK
    printer = Printer(service.uri)
    number = printer.print(b"paper", ESCPOS)  # who prints needs no credentials
    offer = device.fetch()
    assert device.accept(offer).code == Status.OK
    assert device.report_job(offer.uuid, 9).code == Status.OK
    assert printer.state(number) == JobState.COMPLETED
    # Nothing of it lies about, neither in the files nor in the log.
    secret = device.client.authorization.removeprefix("Bearer ").encode()
    used = shown.encode()
    for path in service.data.rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes() and used not in path.read_bytes()
    assert secret.decode() not in str(service.lines)


def test_a_code_registers_one_device(service: Service) -> None:
    first, second = MobileDevice(service.uri), MobileDevice(service.uri)
    shown = code(service)
    assert first.register(shown).code == Status.OK
    assert second.register(shown).code == Status.NOT_AUTHORIZED
    # The very device may ask again: the answer may have been lost. The earlier credentials are void.
    earlier = first.client.authorization
    identity = first.uuid
    assert first.register(f" {shown[:5].lower()}-{shown[5:]} ").code == Status.OK
    assert first.uuid == identity and first.client.authorization != earlier
    assert first.declare().code == Status.OK
    first.client.authorization = earlier
    assert unauthenticated(first)
    # Another code is on display by then.
    assert second.register(code(service)).code == Status.OK
    assert second.declare().code == Status.OK


def test_an_identity_that_is_taken(service: Service) -> None:
    first = MobileDevice(service.uri)
    first.register(code(service))
    second = MobileDevice(service.uri, identity=first.uuid)
    assert second.register(code(service)).code == Status.OK
    assert second.uuid != first.uuid
    assert first.declare().code == second.declare().code == Status.OK
    # Each has its own: neither may speak for the other.
    second.uuid = first.uuid
    assert second.declare().code == second.fetch().reply.code == Status.NOT_AUTHORIZED
    assert second.register().code == Status.NOT_AUTHORIZED
    # INFRA cannot tell a device another identity.
    taken = Device(service.uri)
    taken.uuid = first.uuid
    spare = code(service)
    assert taken.register(spare).code == Status.NOT_AUTHORIZED
    assert MobileDevice(service.uri).register(spare).code == Status.OK  # it is not used up


def test_renewal(service: Service) -> None:
    device = MobileDevice(service.uri)
    device.register(code(service))
    first = device.client.authorization
    assert device.register().code == Status.OK
    second = device.client.authorization
    assert second != first
    device.client.authorization = first  # the answer was lost: it goes on with what it has
    assert device.declare().code == Status.OK
    device.client.authorization = second
    assert device.declare().code == Status.OK
    device.client.authorization = first  # the new were used: the old are void
    assert unauthenticated(device)
    assert device.register().code == Status.NOT_AUTHENTICATED


def test_one_code_for_many_at_once_and_too_many_wrong_ones(tmp_path: Path) -> None:
    with strict(tmp_path) as service:
        devices = [MobileDevice(service.uri) for _ in range(8)]
        shown = code(service)
        with ThreadPoolExecutor(8) as pool:
            codes = list(pool.map(lambda device: device.register(shown).code, devices))
        assert sorted(codes) == [Status.OK, *[Status.NOT_AUTHORIZED] * 7]
        device = MobileDevice(service.uri)
        for _ in range(3):
            assert device.register(WRONG).code == Status.NOT_AUTHORIZED
        assert device.register(WRONG).code == Status.BUSY
        assert device.register(code(service)).code == Status.BUSY


@pytest.mark.parametrize("malformed", ["SHORT", "X" * 64])
def test_a_malformed_code(service: Service, malformed: str) -> None:
    assert MobileDevice(service.uri).register(malformed).code == Status.BAD_REQUEST


def test_codes_and_credentials_outlive_a_crash(tmp_path: Path) -> None:
    with strict(tmp_path) as first:
        early, late, later = (MobileDevice(first.uri) for _ in range(3))
        early.register(code(first))
        shown = code(first)
        processes.kill(first.process)
    with strict(tmp_path, "--port", str(first.port)) as second:
        assert early.declare().code == Status.OK
        assert late.register(shown).code == Status.OK
        assert late.declare().code == Status.OK
        shown = code(second)
    with sqlite3.connect(tmp_path / "service.sqlite3") as database:
        database.execute("UPDATE codes SET expires = expires - 86401")
    database.close()
    with strict(tmp_path, "--port", str(first.port)) as third:
        assert later.register(shown).code == Status.NOT_AUTHORIZED  # too old
        assert code(third) != shown
        assert early.declare().code == Status.OK


def test_a_stolen_device_is_forgotten(tmp_path: Path) -> None:
    with strict(tmp_path) as first:
        stolen, kept = MobileDevice(first.uri), MobileDevice(first.uri)
        stolen.register(code(first))
        kept.register(code(first))
        stolen.declare()
        number = Printer(first.uri).print(b"paper", ESCPOS)
        assert stolen.accept(stolen.fetch()).code == Status.OK
    with strict(tmp_path, "--port", str(first.port), "--forget", stolen.uuid):
        assert unauthenticated(stolen)
        assert stolen.register().code == Status.NOT_AUTHENTICATED
        assert kept.declare().code == Status.OK
        assert Printer(first.uri).state(number) == JobState.ABORTED
    command = [sys.executable, "-m", "fetchprint_tools", "serve", "--port", "0", "--data", str(tmp_path)]
    done = subprocess.run([*command, "--forget", stolen.uuid], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1 and stolen.uuid in done.stderr and kept.uuid in done.stderr


def test_a_registered_device_needs_its_credentials_everywhere(tmp_path: Path) -> None:
    """Also where others need none."""
    with strict(tmp_path) as first:
        device = MobileDevice(first.uri)
        device.register(code(first))
    with Service(tmp_path, "--port", str(first.port)) as second:
        assert not second.said("registration-code")
        assert MobileDevice(second.uri).declare().code == Status.OK
        assert device.declare().code == Status.OK
        device.client.authorization = ""
        assert unauthenticated(device)


def test_who_is_not_known_is_no_sign_of_life(tmp_path: Path) -> None:
    with strict(tmp_path, "--silence", "1") as service:
        device = MobileDevice(service.uri)
        device.register(code(service))
        device.declare()
        number = Printer(service.uri).print(b"paper", ESCPOS)
        device.accept(device.fetch())
        liar = MobileDevice(service.uri, identity=device.uuid)

        def stopped() -> bool:
            assert unauthenticated(liar)
            return Printer(service.uri).state(number) == JobState.PROCESSING_STOPPED

        wait_until(stopped, 10, "the silence to be noticed")


def admit(data: Path, code: str) -> subprocess.CompletedProcess[str]:
    """``fetchprint admit``."""
    command = [sys.executable, "-m", "fetchprint_tools", "admit", "--data", str(data), code]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_a_code_that_a_printer_has_made(service: Service, tmp_path: Path) -> None:
    made = "K7QF2MXWPA"
    device = MobileDevice(service.uri)
    assert device.register(made).code == Status.NOT_AUTHORIZED
    assert admit(service.data, "k7qf2 mxwpa").returncode == 0
    wait_until(lambda: service.said("code-entered"), 10, "the code to be taken")
    assert not list((service.data / "entered-codes").iterdir()) and made not in str(service.lines)
    assert device.register(made).code == Status.OK
    assert device.declare().code == Status.OK
    assert MobileDevice(service.uri).register(made).code == Status.NOT_AUTHORIZED  # it is spent
    assert admit(service.data, made).returncode == 0  # by mistake
    wait_until(lambda: len(service.said("code-entered")) == 2, 10, "the code to be taken")
    assert MobileDevice(service.uri).register(made).code == Status.NOT_AUTHORIZED
    for data, wrong in ((service.data, "SHORT"), (service.data, "../../../../etc"), (tmp_path, made)):
        refused = admit(data, wrong)
        assert refused.returncode == 1 and "what to do: give the" in refused.stderr
