"""A new printer registers itself: by INFRA with a one-time code, with a certificate request, and where
the service asks for no code; then what is kept serves after a restart."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from e2e import PWG, RUNTIMES, Emulate, assert_printed, submit
from e2e_service import configured, dots, raster
from fetchprint_tools.ippserver import IppServer
from registration_kit import WRONG, code, strict
from service_kit import Printer, Service

SYSTEM = "ipp/system"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with strict(tmp_path_factory.mktemp("registration")) as running:
        yield running


def printer(folder: Path, uri: str, *options: str, runtime: str = "cpython", **more: Any) -> Emulate:
    """The emulation with what a configuration file says of the service."""
    return configured(folder, *options, services=[{"uri": uri, **more}], runtime=runtime)


def prints(run: Emulate, uri: str, seed: int) -> None:
    """One job, to the pixel."""
    job = Printer(uri).print(raster(dots(seed)), PWG)
    run.wait("job-end", job=job, state="completed")
    assert_printed(run, job, [dots(seed)])


def record(folder: Path, name: str) -> bytes:
    (path,) = (folder / "state").glob(f"*-{name}")
    assert path.stat().st_mode & 0o077 == 0
    return path.read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_code_gives_credentials_that_are_kept(runtime: str, service: Service, tmp_path: Path) -> None:
    shown = code(service)
    with printer(tmp_path, service.uri, "--jobs", "1", runtime=runtime, code=shown) as run:
        run.wait("registration", state="done")
        run.ready()
        prints(run, service.uri, 1)
        assert run.ended() == 0
        said = json.dumps(run.events) + "".join(run.said)
    identity = json.loads(record(tmp_path, "identity.json"))
    assert identity["authorization"].startswith("Bearer ")
    for secret in (identity["authorization"], identity["authorization"][7:], shown):
        assert secret not in said
    # The code is spent, and is not needed any more.
    with printer(tmp_path, service.uri, "--jobs", "1", runtime=runtime, code=shown) as run:
        run.ready()
        prints(run, service.uri, 2)
        assert run.ended() == 0
        assert not run.all("registration")
    assert json.loads(record(tmp_path, "identity.json")) == identity


@pytest.mark.slow
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_code_in_the_2010_profile(runtime: str, service: Service, tmp_path: Path) -> None:
    more = {"profile": "mobile", "code": code(service)}
    for attempt in range(2):
        with printer(tmp_path, service.uri, "--jobs", "1", runtime=runtime, **more) as run:
            run.ready()
            prints(run, service.uri, attempt)
            assert run.ended() == 0
            states = [event["state"] for event in run.all("registration")]
            assert states == ([] if attempt else ["registering", "done"])
    assert json.loads(record(tmp_path, "identity.json"))["authorization"].startswith("Bearer ")


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "profile"), [("micropython", "mobile"), ("cpython", "infra")])
def test_a_code_that_the_printer_makes(runtime: str, profile: str, service: Service, tmp_path: Path) -> None:
    more = {"profile": profile, "register": "own-code"}
    with printer(tmp_path, service.uri, "--jobs", "1", runtime=runtime, **more) as run:
        shown = run.wait("registration", state="code")["code"]
        run.wait("registration", state="refused")  # nobody has entered it
        (slip,) = run.pages(0)
        assert slip.width == 576 and slip.getextrema() == (0, 255)
        done = subprocess.run(
            [sys.executable, "-m", "fetchprint_tools", "admit", "--data", service.data, shown.lower()],
            capture_output=True,
            check=True,
            timeout=30,
        )
        assert shown.encode() in done.stdout
        run.wait("registration", 60, state="done")
        run.ready()
        prints(run, service.uri, 6)
        assert run.ended() == 0
    # What came for the code is kept.
    with printer(tmp_path, service.uri, "--jobs", "1", runtime=runtime, **more) as run:
        run.ready()
        prints(run, service.uri, 7)
        assert run.ended() == 0 and not run.all("registration")


@pytest.mark.slow
def test_a_certificate_comes_back_for_a_request(service: Service, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "till")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    csr = tmp_path / "till.csr"
    csr.write_bytes(request.public_bytes(serialization.Encoding.PEM))
    more = {"code": code(service), "csr": str(csr)}
    with printer(tmp_path, service.uri, runtime="micropython", **more) as run:
        run.wait("registration", state="done")
        run.ready()
        assert run.stop() == 0
    certificate = x509.load_pem_x509_certificates(record(tmp_path, "certificate.pem"))[0]
    assert certificate.public_key() == key.public_key()


@pytest.mark.slow
@pytest.mark.parametrize(("runtime", "profile"), [("micropython", "infra"), ("cpython", "mobile")])
def test_a_token_that_has_ended_is_read_again(
    runtime: str, profile: str, service: Service, tmp_path: Path
) -> None:
    with printer(tmp_path, service.uri, code=code(service), profile=profile) as run:
        run.ready()
        assert run.stop() == 0
    identity = json.loads(record(tmp_path, "identity.json"))
    token = tmp_path / "token"
    token.write_text("Bearer ended\n")
    other = tmp_path / "other"
    other.mkdir()
    more = {"authorization-file": str(token), "uuid": identity["uuid"], "profile": profile}
    with printer(other, service.uri, "--jobs", "1", runtime=runtime, **more) as run:
        lost = run.wait("service", state="lost", message=lambda text: "HTTP status 401" in text)
        assert "next attempt in" in lost["message"]  # the file still says the same
        token.write_text(identity["authorization"])
        run.wait("service", state="lost", message=lambda text: "new ones, which are tried now" in text)
        run.ready()
        prints(run, service.uri, 4)
        assert run.ended() == 0
        assert identity["authorization"][7:] not in json.dumps(run.events) + "".join(run.said)


@pytest.mark.slow
def test_a_wrong_code_says_what_to_do_and_waits(service: Service, tmp_path: Path) -> None:
    with printer(tmp_path, service.uri, code=WRONG) as run:
        refused = run.wait("registration", state="refused")
        assert "put a new one-time code into the configuration" in refused["message"]
        assert "next attempt in 60" in refused["message"]
        assert WRONG not in json.dumps(run.events)
        assert run.stop() == 0
    assert not list((tmp_path / "state").glob("*identity*"))


@pytest.mark.slow
def test_no_credentials_at_all_says_so(service: Service, tmp_path: Path) -> None:
    with printer(tmp_path, service.uri) as run:
        lost = run.wait("service", state="lost")
        assert "HTTP status 401 (the service wants credentials" in lost["message"]
        assert run.stop() == 0


@pytest.mark.slow
@pytest.mark.system
def test_the_packaged_server_is_asked_once(tmp_path: Path) -> None:
    document = tmp_path / "page.pwg"
    document.write_bytes(raster(dots(5)))
    with IppServer() as server:
        for attempt in range(2):
            options = ("--jobs", "1")
            with printer(tmp_path, server.uri, *options, runtime="micropython", register=True) as run:
                run.ready()
                assert len(run.all("registration", state="registering")) == 1 - attempt
                assert len(run.all("registration", state="done")) == 1 - attempt
                job = submit(server, document, PWG)
                assert run.ended() == 0
                assert_printed(run, job, [dots(5)])
