"""The service's own certification authority: it signs the certificate requests of registered devices.

DATA/ca/ holds its key (P-256) and its certificate; both are made when the first device asks.
"""

from __future__ import annotations

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fetchprint_tools.errors import UserError
from fetchprint_tools.printservice.spool import sync_folder

_AUTHORITY_DAYS = 3650
_DEVICE_DAYS = 825
_BACKDATED = timedelta(days=1)  # for devices whose clock is behind
_CURVES = ("secp256r1", "secp384r1")
_RSA_BITS = range(2048, 4097)
_HINT = "restore its files; if they are lost, remove the directory and register all devices anew"
_KEY = "ca-key.pem"
_CERTIFICATE = "ca.pem"


class BadRequest(Exception):
    """The certificate request cannot be read, or its signature is wrong."""


class KeyNotSupported(Exception):
    """No certificates are issued for this kind of key."""


def read_request(pem: str) -> x509.CertificateSigningRequest:
    """A PKCS #10 request whose signature is right. Raises ``BadRequest``, ``KeyNotSupported``."""
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        key = request.public_key()
    except UnsupportedAlgorithm as error:
        raise KeyNotSupported(str(error)) from error
    except ValueError as error:
        raise BadRequest(f"the certificate request cannot be read: {error}") from error
    known = isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES
    if not known and not (isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS):
        raise KeyNotSupported("keys of P-256, P-384 and RSA of 2048 to 4096 bits are supported")
    try:
        valid = request.is_signature_valid
    except (UnsupportedAlgorithm, InvalidSignature, ValueError) as error:
        raise BadRequest(f"the signature of the certificate request cannot be checked: {error}") from error
    if not valid:
        raise BadRequest("the signature of the certificate request is wrong")
    return request


class Authority:
    """Signs with the key in ``folder``."""

    def __init__(self, folder: Path, name: str) -> None:
        """``name``: of the queue, for the subject of the CA."""
        self._folder = folder
        self._name = name
        self._lock = threading.Lock()  # certificates are signed beside the event loop

    def issue(self, request: x509.CertificateSigningRequest, uuid: str) -> str:
        """A certificate for the device ``uuid``, in PEM. Of the request only the key counts: who the
        device is says the service. Raises ``UserError`` when the CA's files cannot be used."""
        with self._lock:
            key, own = self._own()
        now = datetime.now(UTC)
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, uuid)]))
            .issuer_name(own.subject)
            .public_key(request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(min(now + timedelta(days=_DEVICE_DAYS), own.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(usage, True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uuid)]), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def _own(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
        try:
            if not (self._folder / _CERTIFICATE).exists():
                self._make()
            key = serialization.load_pem_private_key((self._folder / _KEY).read_bytes(), None)
            own = x509.load_pem_x509_certificate((self._folder / _CERTIFICATE).read_bytes())
        except (OSError, ValueError) as error:
            raise UserError(
                f"the certification authority cannot be used: {error}",
                where=str(self._folder),
                hint=_HINT,
            ) from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != own.public_key():
            raise UserError(
                "the key of the certification authority is not that of its certificate",
                where=str(self._folder),
                hint=_HINT,
            )
        return key, own

    def _make(self) -> None:
        """The key, then the certificate: a crash between them leaves a key that signed nothing."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _write(self._folder / _KEY, secret, 0o600)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"fetchprint {self._name}"[:64])])
        now = datetime.now(UTC)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        own = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _BACKDATED)
            .not_valid_after(now + timedelta(days=_AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(True, 0), True)
            .add_extension(usage, True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .sign(key, hashes.SHA256())
        )
        _write(self._folder / _CERTIFICATE, own.public_bytes(serialization.Encoding.PEM), 0o644)


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and on the disk."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    sync_folder(path.parent)
