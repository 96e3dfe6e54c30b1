"""Whom a service must be over TLS, what is refused, and what is said then, on both interpreters."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization

from fetchprint_tools import pki
from tls_kit import CLIENT, Answering, Pair, make, run

RUNTIMES = ("cpython", "micropython")
CA = make(ca=True, subject="the CA")


def meet(
    runtime: str,
    folder: Path,
    port: int,
    host: str = "localhost",
    clock: float | None = None,
    **settings: Any,
) -> str:
    """What the device says of the service at ``port``."""
    more = () if clock is None else (int(clock),)
    return run(runtime, "tls_client.py", folder, host, port, settings, *more)


@pytest.fixture
def ca(tmp_path: Path) -> Path:
    path = tmp_path / "ca.der"
    path.write_bytes(CA.der)
    return path


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_service_is_known_by_its_ca(runtime: str, host: str, tmp_path: Path, ca: Path) -> None:
    with Answering(tmp_path, make(CA)) as service:
        assert meet(runtime, tmp_path, service.port, host, ca=ca).startswith("ok 3000 of 3000")
        pem = tmp_path / "several.pem"
        other = make(ca=True).certificate.public_bytes(serialization.Encoding.PEM)
        pem.write_bytes(other + CA.certificate.public_bytes(serialization.Encoding.PEM))
        assert meet(runtime, tmp_path, service.port, host, ca=pem).startswith("ok 3000 of 3000")


OLD = make(ca=True, subject="the CA")  # of the same name, with another key
REFUSED: dict[str, tuple[Pair, str]] = {
    "name": (make(CA, names=("other.example",)), "wrong name"),
    "common-name": (make(CA, names=(), subject="localhost"), "wrong name"),
    "unknown-ca": (make(make(ca=True, subject="another")), "unknown CA"),
    "same-name-ca": (make(OLD), "unknown CA"),
    "self-signed": (make(), "unknown CA"),
    "expired": (make(CA, days=(-20, -10)), "expired"),
    "not-yet-valid": (make(CA, days=(10, 20)), "not valid"),
    "client-only": (make(CA, purpose=CLIENT), "wrong key usage"),
    "key-encipherment": (make(CA, signs=False), ""),  # OpenSSL's server sees it, too
    "expired-intermediate": (make(make(CA, ca=True, days=(-20, -10), subject="between")), "expired"),
    "no-ca-between": (make(make(CA, subject="between")), ""),
}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_and_why(runtime: str, case: str, tmp_path: Path, ca: Path) -> None:
    pair, why = REFUSED[case]
    with Answering(tmp_path, pair) as service:
        said = meet(runtime, tmp_path, service.port, ca=ca)
        assert said.startswith("refused TLS: ") and why in said, said
        assert not service.received


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_pinned_key(runtime: str, tmp_path: Path, ca: Path) -> None:
    """With a CA or without; it replaces none of the other checks."""
    pair, alone = make(CA), make()
    with Answering(tmp_path, pair) as service, Answering(tmp_path, alone) as other:
        right, own, wrong = (pki.pin_of(one.certificate) for one in (pair, alone, CA))
        assert meet(runtime, tmp_path, service.port, ca=ca, pin=right).startswith("ok 3000")
        assert meet(runtime, tmp_path, service.port, pin=[wrong, right]).startswith("ok 3000")
        assert meet(runtime, tmp_path, other.port, pin=own).startswith("ok 3000")
        assert "not the pinned one" in meet(runtime, tmp_path, service.port, ca=ca, pin=wrong)
        assert "not the pinned one" in meet(runtime, tmp_path, other.port, pin=wrong)
        assert "unknown CA" in meet(runtime, tmp_path, other.port, ca=ca, pin=own)
    for bad, why in ((make(names=("x.example",)), "wrong name"), (make(days=(-9, -3)), "expired")):
        with Answering(tmp_path, bad) as service:
            assert why in meet(runtime, tmp_path, service.port, pin=pki.pin_of(bad.certificate))
            assert not service.received


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_there_is_no_way_down(runtime: str, tmp_path: Path, ca: Path) -> None:
    """Neither to plain text nor to a version or a cipher that is broken."""
    with Answering(tmp_path, make(CA), plain=True) as service:
        said = meet(runtime, tmp_path, service.port, ca=ca)
        assert said.startswith("refused") and "does not speak TLS" in said, said
    old = Answering(tmp_path, make(CA))
    old.context.set_ciphers("ALL:@SECLEVEL=0")
    old.context.minimum_version = ssl.TLSVersion.TLSv1
    old.context.maximum_version = ssl.TLSVersion.TLSv1_1
    weak = Answering(tmp_path, make(CA))
    weak.context.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.context.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
    with old as service, weak as other:
        for port in (service.port, other.port):
            assert meet(runtime, tmp_path, port, ca=ca).startswith("refused TLS: ")
        assert not service.received and not other.received


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_service_demands_a_client_certificate(runtime: str, tmp_path: Path, ca: Path) -> None:
    device = make(CA, purpose=CLIENT)
    (tmp_path / "device.der").write_bytes(device.der)
    (tmp_path / "key.der").write_bytes(pki.key_der(device.key))
    (tmp_path / "sec1.pem").write_bytes(
        device.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        if runtime == "micropython" and version == ssl.TLSVersion.TLSv1_3:
            continue
        demanding = Answering(tmp_path, make(CA))
        demanding.context.minimum_version = demanding.context.maximum_version = version
        demanding.context.load_verify_locations(cadata=CA.der)
        demanding.context.verify_mode = ssl.CERT_REQUIRED
        with demanding as service:
            said = meet(runtime, tmp_path, service.port, ca=ca)
            assert "it may demand a client certificate: give tls.cert and tls.key" in said, said
            for key in ("key.der", "sec1.pem"):
                said = meet(runtime, tmp_path, service.port, ca=ca, cert="device.der", key=key)
                assert said.startswith("ok 3000"), said
    stranger = make(make(ca=True), purpose=CLIENT)
    (tmp_path / "stranger.pem").write_bytes(stranger.pem)
    with demanding as service:
        said = meet(runtime, tmp_path, service.port, ca=ca, cert="stranger.pem", key="stranger.pem")
        assert "it may not know this device's certificate" in said, said
    said = meet(runtime, tmp_path, 9, ca=ca, cert="device.der", key="stranger.pem")
    assert "not for the key in tls.key" in said


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_clock_that_is_not_set(runtime: str, tmp_path: Path, ca: Path) -> None:
    """It is judged by the day of the release, below which no time is believed."""
    factory = datetime(2021, 1, 1, tzinfo=UTC).timestamp()
    with Answering(tmp_path, make(CA)) as service:
        said = meet(runtime, tmp_path, service.port, ca=ca, clock=factory)
        assert said.startswith("ok 3000"), said
    long_past = make(days=(-3000, -700))
    with Answering(tmp_path, long_past) as service:
        said = meet(runtime, tmp_path, service.port, pin=pki.pin_of(long_past.certificate), clock=factory)
        assert "expired" in said


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_long_chains_and_long_records(runtime: str, tmp_path: Path, ca: Path) -> None:
    between = CA
    for number in range(5):
        between = make(between, ca=True, subject=f"between {number}", filler=1000)
    with Answering(tmp_path, make(between), times=30) as service:
        assert meet(runtime, tmp_path, service.port, ca=ca).startswith("ok 90000 of 3000")
    with Answering(tmp_path, make(CA, filler=70_000)) as service:
        said = meet(runtime, tmp_path, service.port, ca=ca)
        if runtime == "micropython":  # OpenSSL takes up to 100 kB
            assert said.startswith("refused TLS: ") and "longer than 16 kB" in said, said
            assert not service.received


def test_an_open_connection_allocates_nothing(tmp_path: Path, ca: Path) -> None:
    """On MicroPython with the heap locked: 400 kB each way, in records of many lengths."""
    with Answering(tmp_path, make(CA), echo=True) as service:
        said = run("micropython", "tls_heap.py", tmp_path, "localhost", service.port, {"ca": str(ca)}, 100)
    assert said == "locked 404000 sent 404000 got, 0 less"
