"""``fetchprint pki``: what it makes is what services and printers take, and OpenSSL agrees."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from fetchprint_tools import pki
from fetchprint_tools.commands.pki import command
from test_tls_verification import RUNTIMES, meet
from tls_kit import Answering, Pair


def run(*arguments: str | Path, fails: bool = False) -> str:
    done = CliRunner().invoke(command, [str(one) for one in arguments])
    assert (done.exit_code != 0) == fails, done.output
    return done.output if fails else done.stdout.strip()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_service_and_a_printer(runtime: str, tmp_path: Path) -> None:
    ca = tmp_path / "ca"
    pin = run("service", ca, "localhost", "10.0.0.9")
    assert run("pin", ca / "server.pem") == pin
    uuid = run("printer", tmp_path / "till", "--ca", ca)
    certificate = pki.read_certificate(ca / "server.pem")
    key = pki.serialization.load_pem_private_key((ca / "server-key.pem").read_bytes(), None)
    assert isinstance(key, pki.ec.EllipticCurvePrivateKey)
    service = Answering(tmp_path, Pair(certificate, key))
    service.context.load_verify_locations(ca / "ca.pem")
    service.context.verify_mode = service.context.verify_mode.CERT_REQUIRED
    with service as running:
        # Short paths: MicroPython takes no argument of more than 255 characters.
        more = {"cert": "till/device.der", "key": "till/key.der"}
        said = meet(runtime, tmp_path, running.port, ca="ca/ca.pem", pin=pin, **more)
        assert said.startswith("ok 3000"), said
    shown = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in", tmp_path / "till" / "device.der", "-noout", "-text"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert f"URI:{uuid}" in shown and "TLS Web Client Authentication" in shown
    assert (tmp_path / "till" / "key.der").stat().st_mode & 0o777 == 0o600


def test_keys_are_not_written_over(tmp_path: Path) -> None:
    run("printer", tmp_path / "till")
    assert "there is a key already" in run("printer", tmp_path / "till", fails=True)
    assert "expected urn:uuid:" in run("printer", tmp_path / "x", "--uuid", "till", fails=True)
