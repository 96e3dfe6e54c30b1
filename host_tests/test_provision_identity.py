"""``fetchprint provision`` brings keys and certificates to a board: whole, or nothing of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from fetchprint_tools import new_identity, pki
from fetchprint_tools.boards import data, settings
from fetchprint_tools.commands import provision
from fetchprint_tools.errors import UserError
from service_kit import Service
from test_e2e_tls import printer, prints
from tls_kit import make

PLAIN = "ipp://print.example/ipp/print/x"
URI = "ipps://print.example/ipp/print/x"


class PowerCut(Exception):
    """At a moment that the test chooses."""


class Board:
    """The files of a board; after ``changes`` of them the power is cut."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.files = {"/config.json": json.dumps(config).encode()}
        self.files["/board.json"] = json.dumps({"board": "RPI_PICO_W"}).encode()
        self.changes = -1

    def _change(self) -> None:
        if self.changes == 0:
            raise PowerCut
        self.changes -= 1

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def table(self, path: str) -> Any:
        return json.loads(self.files[path])

    def write(self, path: str, content: bytes) -> None:
        self._change()
        self.files[path] = content

    def remove(self, path: str) -> None:
        self._change()
        del self.files[path]

    def hashes(self, folder: str) -> dict[str, str]:
        return {
            path: hashlib.sha256(content).hexdigest()
            for path, content in self.files.items()
            if path.startswith(f"{folder}/")
        }

    @property
    def service(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.files["/config.json"])["services"][0]
        return found

    def complete(self) -> None:
        """Everything that the configuration names is there."""
        table = self.service
        for name in [*table.get("tls", {}).values(), table.get("csr", "/config.json")]:
            for path in name if isinstance(name, list) else [name]:
                assert path.startswith("sha256//") or path in self.files, path


@pytest.fixture
def ca(tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    path.write_bytes(make(ca=True).certificate.public_bytes(pki.serialization.Encoding.PEM))
    return str(path)


def board(ca: str, **more: Any) -> Board:
    """With the firmware that a service over TLS needs."""
    pico = data.load("RPI_PICO_W")
    made = Board(settings.make(pico, None, URI, "escpos", None, {"tls": {"ca": [ca]}, **more}))
    provision.set_service(made, None, {"tls": {"ca": [ca]}})
    return made


def test_a_key_certified_by_an_authority_of_ones_own(ca: str, tmp_path: Path) -> None:
    there = board(ca)
    provision.set_service(there, None, {}, tmp_path / "till", tmp_path / "authority")
    there.complete()
    tls = there.service["tls"]
    certificate = x509.load_der_x509_certificate(there.files[tls["cert"]])
    key = pki.serialization.load_der_private_key(there.files[tls["key"]], None)
    assert certificate.public_key() == key.public_key()
    certificate.verify_directly_issued_by(pki.read_certificate(tmp_path / "authority" / "ca.pem"))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [there.service["uuid"]]
    assert (tmp_path / "till" / "key.der").stat().st_mode & 0o077 == 0
    # Another one: the printer stays who it is, and the old key is gone from the board.
    before = set(there.files)
    provision.set_service(there, None, {}, tmp_path / "again", tmp_path / "authority")
    there.complete()
    assert not {tls["key"], tls["cert"]} & set(there.files) and len(there.files) == len(before)
    again = x509.load_der_x509_certificate(there.files[there.service["tls"]["cert"]])
    assert again.subject == certificate.subject
    with pytest.raises(UserError, match="there is a key already"):
        provision.set_service(there, None, {}, tmp_path / "again", tmp_path / "authority")


def test_a_request_is_certified_when_the_printer_registers(ca: str, tmp_path: Path) -> None:
    there = board(ca, register=True)
    provision.set_service(there, None, {"code": "SECRET2345"}, tmp_path / "till")
    there.complete()
    assert there.service["code"] == "SECRET2345" and "register" not in there.service
    assert x509.load_pem_x509_csr(there.files[there.service["csr"]]).is_signature_valid
    with pytest.raises(UserError, match="the code that the board has is spent"):
        provision.set_service(there, None, {}, tmp_path / "other")
    assert not (tmp_path / "other").exists()
    provision.set_service(there, None, {"code": "SECRET6789"}, tmp_path / "other")
    there.complete()


def test_power_is_cut_at_every_change_of_the_board(ca: str, tmp_path: Path) -> None:
    """The configuration is the old one with all its files or the new one with all of its."""
    old = board(ca)
    provision.set_service(old, None, {}, tmp_path / "old", tmp_path / "authority")
    for changes in range(20):
        there = Board({})
        there.files = dict(old.files)
        there.changes = changes
        try:
            provision.set_service(there, None, {}, tmp_path / f"new{changes}", tmp_path / "authority")
        except PowerCut:
            there.complete()
            same = there.service == old.service
            assert same or there.service["tls"]["key"] != old.service["tls"]["key"]
            continue
        assert changes == 5  # two files, the configuration, and two files that are not needed any more
        break


def test_what_a_board_cannot_use_changes_nothing(ca: str, tmp_path: Path) -> None:
    plain = Board(settings.make(data.load("RPI_PICO_W"), None, PLAIN, "escpos", None))
    before = dict(plain.files)
    with pytest.raises(UserError, match="put together without") as raised:
        provision.set_service(plain, URI, {"tls": {"ca": [ca]}})
    assert "fetchprint deploy --board RPI_PICO_W" in str(raised.value.hint)
    (tmp_path / "key.der").write_bytes(b"no key")
    secured = board(ca)
    kept = dict(secured.files)
    for more, words in (
        ({"tls": {"key": str(tmp_path / "key.der"), "cert": ca}}, "expected a private key"),
        ({"tls": {"key": str(tmp_path / "absent"), "cert": ca}}, "cannot be read"),
        ({"tls": {"key": str(tmp_path / "key.der")}}, "cert: is missing"),
    ):
        with pytest.raises(UserError, match=words):
            provision.set_service(secured, None, more)
    assert plain.files == before and secured.files == kept


@pytest.mark.slow
def test_the_service_knows_its_printer_by_what_provision_made(tmp_path: Path) -> None:
    authority = tmp_path / "authority"
    new_identity.make(tmp_path / "another", authority)
    with Service(tmp_path / "data", "--tls", "--client-ca", str(authority / "ca.pem")) as service:
        there = board(str(service.data / "ca" / "ca.pem"))
        pin = service.said("tls")[0]["pin"]
        provision.set_service(there, service.uri, {"tls": {"pin": [pin]}}, tmp_path / "till", authority)
        table = json.loads(json.dumps(there.service).replace('"/tls/', f'"{tmp_path}/tls/'))
        for path, content in there.files.items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(content)
        with printer(tmp_path, [table], "--jobs", "1", runtime="micropython") as run:
            run.ready(60)
            prints(run, service, 1)
            assert run.ended() == 0
        del table["tls"]["cert"], table["tls"]["key"]
        with printer(tmp_path, [table], runtime="micropython") as run:
            lost = run.wait("service", state="lost")
            assert "client certificate" in lost["message"]
