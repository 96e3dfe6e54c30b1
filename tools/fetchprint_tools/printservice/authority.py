"""The service's own certification authority: it signs the certificate requests of registered devices, and
the certificate that the service itself shows.

DATA/ca/ holds its key (P-256) and its certificate; both are made when they are first needed.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from fetchprint_tools import pki
from fetchprint_tools.errors import UserError

_AUTHORITY_DAYS = 3650
_DEVICE_DAYS = 825
_RENEWED = timedelta(days=30)  # before its end
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
    """Signs with the key in ``folder``, which other programs may have made: it is an ordinary CA in PEM."""

    def __init__(self, folder: Path, name: str) -> None:
        """``name``: of the queue, for the subject of the CA."""
        self._folder = folder
        self._name = name
        self._lock = threading.Lock()  # certificates are signed beside the event loop

    @property
    def certificate(self) -> Path:
        """Where the CA's own certificate is, once it has been made."""
        return self._folder / _CERTIFICATE

    def issue(self, request: x509.CertificateSigningRequest, uuid: str) -> str:
        """A certificate for the device ``uuid``, in PEM. Of the request only the key counts: who the
        device is says the service. Raises ``UserError`` when the CA's files cannot be used."""
        with self._lock:
            key, own = self.own()
        public = request.public_key()
        assert isinstance(public, (ec.EllipticCurvePublicKey, rsa.RSAPublicKey))  # see read_request
        certificate = pki.certify_device(key, own, public, uuid, _DEVICE_DAYS)
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def server(self, names: list[str]) -> tuple[Path, Path]:
        """Certificate and key, in PEM, of a service that is reached by ``names``: those of the last time
        while they are good for these names, and for a month."""
        key, own = self.own()
        paths = self._folder / "server.pem", self._folder / "server-key.pem"
        if not all(path.exists() for path in paths) or not self._serves(paths[0], names, own):
            secret = pki.new_key() if not paths[1].exists() else _read_key(paths[1])
            made = pki.certify_server(key, own, secret.public_key(), names, _DEVICE_DAYS)
            pki.write(paths[1], pki.key_pem(secret), 0o600)  # the same: pins of it stay right
            pki.write(paths[0], made.public_bytes(serialization.Encoding.PEM), 0o644)
        return paths

    def _serves(self, path: Path, names: list[str], own: x509.Certificate) -> bool:
        known = pki.read_certificate(path)
        try:
            known.verify_directly_issued_by(own)
            found = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
            return False
        fresh = known.not_valid_after_utc > datetime.now(UTC) + _RENEWED
        return fresh and {*found} == {pki.general_name(name) for name in names}

    def own(self) -> tuple[pki.Key, x509.Certificate]:
        """The CA's key and certificate, made if there are none. Raises ``UserError``."""
        try:
            if not self.certificate.exists():
                self._make()
            key = _read_key(self._folder / _KEY)
            own = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        except (OSError, ValueError, TypeError) as error:
            raise UserError(
                f"the certification authority cannot be used: {error}",
                where=str(self._folder),
                hint=_HINT,
            ) from error
        if key.public_key() != own.public_key():
            raise UserError(
                "the key of the certification authority is not that of its certificate",
                where=str(self._folder),
                hint=_HINT,
            )
        return key, own

    def _make(self) -> None:
        """The key, then the certificate: a crash between them leaves a key that signed nothing."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = pki.new_key()
        pki.write(self._folder / _KEY, pki.key_pem(key), 0o600)
        own = pki.make_authority(f"fetchprint {self._name}", key, _AUTHORITY_DAYS)
        pki.write(self.certificate, own.public_bytes(serialization.Encoding.PEM), 0o644)


def _read_key(path: Path) -> pki.Key:
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name}: expected a key on an elliptic curve")
    return key
