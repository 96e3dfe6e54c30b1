"""The whole path over TLS: also for a printer that gets its certificate when it registers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e import PWG, Emulate, assert_printed
from e2e_service import configured, dots, raster
from fetchprint_tools import pki
from fetchprint_tools.client import IppClient, trusting
from registration_kit import code
from service_kit import Printer, Service


def client(service: Service) -> Printer:
    """An ordinary client, which shows no certificate."""
    printer = Printer(service.uri)
    printer.client = IppClient(service.uri, context=trusting(service.data / "ca" / "ca.pem"))
    return printer


def printer(folder: Path, services: list[dict[str, Any]], *options: str, runtime: str) -> Emulate:
    return configured(folder, *options, services=services, runtime=runtime)


def prints(run: Emulate, service: Service, seed: int, folder: str = "") -> None:
    job = client(service).print(raster(dots(seed)), PWG)
    run.wait("job-end", job=job, state="completed", service=service.uri)
    assert_printed(run, job, [dots(seed)], folder)


@pytest.fixture(scope="module")
def demanding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Serves printers only that were registered and certified here."""
    data = tmp_path_factory.mktemp("demanding")
    with Service(data, "--tls", "--require-registration", "--client-ca", "own") as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "profile"), [("micropython", "infra"), ("cpython", "mobile")])
def test_registration_ends_in_a_certificate_that_is_demanded(
    runtime: str, profile: str, demanding: Service, tmp_path: Path
) -> None:
    key = pki.new_key()
    (tmp_path / "key.der").write_bytes(pki.key_der(key))
    (tmp_path / "till.csr").write_bytes(pki.make_request(key, "till"))
    ca = str(demanding.data / "ca" / "ca.pem")
    shown = code(demanding)
    service = {
        "uri": demanding.uri,
        "profile": profile,
        "code": shown,
        "csr": str(tmp_path / "till.csr"),
        "tls": {"ca": ca, "key": str(tmp_path / "key.der")},
    }
    for attempt in range(2):  # what was kept serves after a restart
        with printer(tmp_path, [service], "--jobs", "1", runtime=runtime) as run:
            run.ready()
            assert len(run.all("registration", state="done")) == 1 - attempt
            prints(run, demanding, attempt)
            assert run.ended() == 0
            said = json.dumps(run.events) + "".join(run.said)
    assert shown not in said and "PRIVATE" not in said
    # Its credentials alone are not enough, and another's certificate is none.
    (kept,) = (tmp_path / "state").glob("*-certificate.pem")
    kept.unlink()
    with printer(tmp_path, [service], runtime=runtime) as run:
        lost = run.wait("service", state="lost")
        assert "HTTP status 403" in lost["message"] and "client certificate" in lost["message"]
        assert run.stop() == 0


@pytest.mark.slow
def test_two_services_at_once(tmp_path: Path) -> None:
    """Each with a CA of its own, which the other's certificate is not of; one by pin."""
    runtime = "micropython"
    with Service(tmp_path / "one", "--tls") as one, Service(tmp_path / "two", "--tls") as two:
        services = [
            {"uri": one.uri, "tls": {"ca": str(one.data / "ca" / "ca.pem")}},
            {"uri": two.uri, "profile": "mobile", "tls": {"pin": two.said("tls")[0]["pin"]}},
        ]
        with printer(tmp_path, services, "--jobs", "2", runtime=runtime) as run:
            for service in (one, two):
                run.wait("service", state="waiting", service=service.uri)
            for seed, service in enumerate((one, two)):
                job = client(service).print(raster(dots(seed)), PWG)
                run.wait("job-end", job=job, state="completed", service=service.uri)
            assert run.ended() == 0
        services[0]["tls"] = {"ca": str(two.data / "ca" / "ca.pem")}
        with printer(tmp_path, services, runtime=runtime) as run:
            lost = run.wait("service", state="lost", service=one.uri)
            assert "unknown CA" in lost["message"] and "give the CA of this service" in lost["message"]
            run.wait("service", state="waiting", service=two.uri)
            assert run.stop() == 0


@pytest.mark.slow
def test_the_other_transport(tmp_path: Path) -> None:
    """adafruit_requests over the same streams."""
    with Service(tmp_path / "data", "--tls") as service:
        more = ("--ca", str(service.data / "ca" / "ca.pem"), "--jobs", "1", "--heap", "256k")
        with Emulate((service.uri,), tmp_path, *more, transport="adafruit") as run:
            run.ready()
            prints(run, service, 3)
            assert run.ended() == 0
